// Core modules that attack their sandbox. Each is stopped for the reason named, and after each the same house answers the
// next guest as if nothing had been.
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSource } from '../../../../src/chassis/guest-protocol.ts'
import { GuestDesk, LIMITS, script } from './guest-desk.ts'
import { answering, core, MEMORY_PAGES, running, wasmSource } from './wasm-rig.ts'

const LIMITED = { fuel: 3e6, wallMs: 60_000, memoryBytes: MEMORY_PAGES * 65_536 }

let desk: GuestDesk
beforeAll(async () => {
  desk = await GuestDesk.open()
})

const neighbours = [core(running('(call $answer (local.get 0) (local.get 1))')), script('return input')]

afterEach(async () => {
  for (const source of neighbours) expect((await desk.run({ source, input: ['fine'] })).output).toEqual(['fine'])
})

const attack = (source: GuestSource) => desk.run({ source, limits: LIMITED })

describe('points where it has nothing and is refused', () => {
  it.each([
    ['an answer beyond its memory', '(call $answer (i32.const 65536) (i32.const 1))'],
    ['an answer that begins inside and ends outside', '(call $answer (i32.const 65000) (i32.const 1000))'],
    ['a pointer that is negative', '(call $answer (i32.const -8) (i32.const 4))'],
    ['a pointer and a length whose sum wraps', '(call $answer (i32.const -1) (i32.const 2))'],
  ])('%s', async (_, code) => {
    expect((await attack(core(running(code)))).failure?.message).toMatch('outside of its memory')
  })

  it.each([
    ['a length that is negative', '(call $answer (i32.const 0) (i32.const -1))'],
    ['a huge length', '(call $answer (i32.const 0) (i32.const 0x7fffffff))'],
    ['every bit set', '(i64.const -1)'],
  ])('%s', async (_, code) => {
    expect((await attack(core(running(code)))).failure).toMatchObject({ kind: 'limit', limit: 'output' })
  })

  it.each(['-1', '65536', '0x7fffffff', '-2147483648'])('alloc that returns %s', async (pointer) => {
    const source = wasmSource(`(memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (i32.const ${pointer}))
      (func (export "execute") (param i32 i32) (result i64) (i64.const 0))`)

    expect((await attack(source)).failure?.message).toMatch('what alloc returned')
  })

  it.each([
    ['log', '(call $log (i32.const 1) (i32.const 65530) (i32.const 100))'],
    ['log', '(call $log (i32.const 1) (i32.const -1) (i32.const -1))'],
    ['random', '(call $random (i32.const 65530) (i32.const 100))'],
    ['random', '(call $random (i32.const 0) (i32.const -1))'],
    ['random', '(call $random (i32.const 0) (i32.const 65537))'],
  ])('%s: %s', async (_, code) => {
    const imports = `(import "infrafabric" "log" (func $log (param i32 i32 i32)))
      (import "infrafabric" "random" (func $random (param i32 i32)))`

    const { failure, log } = await attack(core(running(`${code} (i64.const 0)`), imports))

    expect(failure?.message).toMatch(/outside of its memory|at most 65536/)
    expect(log).toEqual([])
  })
})

describe('answers with what is no answer and is refused', () => {
  it.each([
    ['nothing', '', 'not JSON'],
    ['text', 'hello', 'not JSON'],
    ['half of JSON', '{"a":', 'not JSON'],
    ['two values', '1 2', 'not JSON'],
    ['a byte order mark', '\ufeff1', 'not JSON'],
    ['deep JSON', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'nested more than'],
  ])('%s', async (_, text, message) => {
    expect((await attack(core(answering(text)))).failure?.message).toMatch(message)
  })

  it('bytes that are no UTF-8', async () => {
    const source = core(`(data (i32.const 512) "\\22\\ff\\22")
      ${running('(call $answer (i32.const 512) (i32.const 3))')}`)

    expect((await attack(source)).failure?.message).toMatch('is not UTF-8')
  })

  it('more than it may', async () => {
    const source = core(running(`(call $answer (i32.const 0) (i32.const ${LIMITS.outputBytes + 1}))`))

    expect((await attack(source)).failure).toMatchObject({ kind: 'limit', limit: 'output' })
  })
})

describe('is not the module that it should be and is refused', () => {
  const memory = '(memory (export "memory") 1)'
  const alloc = '(func (export "alloc") (param i32) (result i32) (i32.const 0))'
  const execute = '(func (export "execute") (param i32 i32) (result i64) (i64.const 0))'

  it.each([
    ['without memory', `${alloc} ${execute}`, 'exports no memory'],
    ['without alloc', `${memory} ${execute}`, 'exports no function alloc'],
    ['without the export', `${memory} ${alloc}`, 'exports no function execute'],
    [
      'with a global as export',
      `${memory} ${alloc} (global (export "execute") i32 (i32.const 0))`,
      'no function execute',
    ],
    [
      'that returns an i32',
      `${memory} ${alloc} (func (export "execute") (param i32 i32) (result i32) (i32.const 0))`,
      'must return an i64',
    ],
    ['that returns nothing', `${memory} ${alloc} (func (export "execute") (param i32 i32))`, 'must return an i64'],
    [
      'that returns a float',
      `${memory} ${alloc} (func (export "execute") (param i32 i32) (result f64) (f64.const nan))`,
      'must return an i64',
    ],
    [
      'that takes an i64',
      `${memory} ${alloc} (func (export "execute") (param i64) (result i64) (i64.const 0))`,
      'trapped',
    ],
    ['whose alloc returns nothing', `${memory} (func (export "alloc") (param i32)) ${execute}`, 'is not JSON'],
    ['with data outside of its memory', `${memory} ${alloc} ${execute} (data (i32.const 65536) "x")`, 'trapped'],
    [
      'that imports a file',
      `(import "wasi_snapshot_preview1" "fd_write" (func)) ${memory} ${alloc} ${execute}`,
      'trapped',
    ],
    [
      'that imports what does not exist',
      `(import "infrafabric" "http" (func)) ${memory} ${alloc} ${execute}`,
      'trapped',
    ],
  ])('%s', async (_, text, message) => {
    expect((await attack(wasmSource(text))).failure?.message).toMatch(message)
  })

  it('not metered', async () => {
    const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))

    expect((await attack({ kind: 'wasm', module })).failure?.message).toBe('was not metered')
  })
})

describe('runs for ever and is stopped by its fuel', () => {
  it.each([
    ['a loop', core(running('(loop $l (br $l)) (i64.const 0)'))],
    [
      'alloc',
      wasmSource(`(memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (loop $l (br $l)) (i32.const 0))
      (func (export "execute") (param i32 i32) (result i64) (i64.const 0))`),
    ],
    ['its start function', core(`(func $s (loop $l (br $l))) (start $s) ${running('(i64.const 0)')}`)],
    [
      'filling memory',
      core(running('(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) (i64.const 0)')),
    ],
    [
      'asking for chance',
      core(
        running('(loop $l (call $random (i32.const 0) (i32.const 65536)) (br $l)) (i64.const 0)'),
        '(import "infrafabric" "random" (func $random (param i32 i32)))',
      ),
    ],
    [
      'logging',
      core(
        running('(loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 65536)) (br $l)) (i64.const 0)'),
        '(import "infrafabric" "log" (func $log (param i32 i32 i32)))',
      ),
    ],
    [
      'looking at the clock',
      core(
        running('(loop $l (drop (call $now)) (br $l)) (i64.const 0)'),
        '(import "infrafabric" "now" (func $now (result f64)))',
      ),
    ],
  ])('%s', async (_, source) => {
    const { failure, usage, log } = await attack(source)

    expect(failure).toMatchObject({ kind: 'limit', limit: 'fuel' })
    expect(usage.fuel).toBe(LIMITED.fuel)
    expect(log.length).toBeLessThanOrEqual(101)
  })

  it('or by its time, or from outside', async () => {
    const source = core(running('(loop $l (br $l)) (i64.const 0)'))

    expect((await desk.run({ source, limits: { fuel: 1e15, wallMs: 50 } })).failure).toMatchObject({ limit: 'time' })
    desk.stop[0] = desk.nextId()
    expect((await desk.run({ source, limits: { fuel: 1e15 } })).failure?.message).toBe('was stopped from outside')
    desk.stop[0] = 0
  })
})

describe('takes what it may not and is stopped', () => {
  it('by memory that it grows until there is no more', async () => {
    const { failure, usage } = await attack(
      core(running('(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable')),
    )

    expect(failure).toMatchObject({ kind: 'limit', limit: 'memory' })
    expect(usage.memoryBytes).toBe(MEMORY_PAGES * 65_536)
  })

  it('by calls within calls', async () => {
    expect((await attack(core(running('(call $execute (i32.const 0) (i32.const 0))')))).failure).toMatchObject({
      kind: 'limit',
      limit: 'recursion',
    })
  })

  it.each([
    ['unreachable', 'unreachable'],
    ['a division by zero', '(drop (i32.div_u (i32.const 1) (i32.const 0))) (i64.const 0)'],
    ['a read outside of its memory', '(drop (i32.load (i32.const -4))) (i64.const 0)'],
    ['a conversion that cannot be', '(drop (i32.trunc_f32_s (f32.const nan))) (i64.const 0)'],
  ])('by a trap: %s', async (_, code) => {
    const { failure } = await attack(core(running(code)))

    expect(failure).toMatchObject({ kind: 'failed', message: expect.stringMatching(/^trapped: /) })
  })

  it('and is never entered again after a trap', async () => {
    const source = core(`(data (i32.const 1024) "1")
      ${running(`(if (i32.ne (i32.load8_u (i32.const 1024)) (i32.const 49)) (then (return (call $answer (local.get 0) (local.get 1)))))
        (i32.store8 (i32.const 1024) (i32.const 50))
        unreachable`)}`)

    for (const _ of [1, 2]) expect((await attack(source)).failure?.message).toMatch('unreachable')
  })
})
