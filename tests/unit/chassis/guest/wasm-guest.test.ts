import { beforeAll, describe, expect, it } from 'vitest'
import { GuestDesk, SEEDED } from './guest-desk.ts'
import { answering, core, running, watString } from './wasm-rig.ts'

const IMPORTS = `
  (import "infrafabric" "log" (func $log (param i32 i32 i32)))
  (import "infrafabric" "now" (func $now (result f64)))
  (import "infrafabric" "random" (func $random (param i32 i32)))`

const ECHO = running('(call $answer (local.get 0) (local.get 1))')

let desk: GuestDesk
beforeAll(async () => {
  desk = await GuestDesk.open()
})

it('answers with what its export points at', async () => {
  const source = core(ECHO)

  for (const input of [{ a: 'ü€😀\u0000' }, null, [1, 2, 3]]) {
    expect((await desk.run({ source, input })).output).toEqual(input)
  }
})

it('says which export is missing', async () => {
  expect((await desk.run({ source: core(ECHO), export: 'plan' })).failure).toEqual({
    kind: 'failed',
    message: 'exports no function plan',
  })
})

it('runs its start function once, before its first call', async () => {
  const source = core(`
    (global $n (mut i32) (i32.const 48))
    (func $bump (global.set $n (i32.add (global.get $n) (i32.const 1))))
    (start $bump)
    ${running('(i32.store8 (i32.const 1024) (global.get $n)) (call $answer (i32.const 1024) (i32.const 1))')}`)

  expect((await desk.run({ source })).output).toBe(1)
  expect((await desk.run({ source })).output).toBe(1)
})

it('keeps its memory between calls, unless a fresh instance is asked for', async () => {
  const source = core(`
    (data (i32.const 1024) "0")
    ${running(`(i32.store8 (i32.const 1024) (i32.add (i32.load8_u (i32.const 1024)) (i32.const 1)))
      (call $answer (i32.const 1024) (i32.const 1))`)}`)

  expect((await desk.run({ source })).output).toBe(1)
  expect((await desk.run({ source })).output).toBe(2)
  expect((await desk.run({ source, fresh: true })).output).toBe(1)
  expect((await desk.run({ source })).output).toBe(3)
})

it('uses the same fuel on fresh instances, and tells it', async () => {
  const source = core(
    running(`(local $n i32)
      (loop $next (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000))))
      (call $answer (local.get 0) (local.get 1))`),
  )

  const runs = [1, 2, 3].map(() => desk.run({ source, fresh: true }))
  const used = (await Promise.all(runs)).map(({ usage }) => usage.fuel)

  expect(new Set(used).size).toBe(1)
  expect(used[0]).toBeGreaterThan(500_000)
})

describe('the host', () => {
  it('hears its log lines by level', async () => {
    const source = core(
      `(data (i32.const 512) "hello")
       ${running(`(call $log (i32.const 0) (i32.const 512) (i32.const 5)) (call $log (i32.const 2) (i32.const 512) (i32.const 4))
         (call $log (i32.const 99) (i32.const 512) (i32.const 3))
         (call $answer (local.get 0) (local.get 1))`)}`,
      IMPORTS,
    )

    expect((await desk.run({ source })).log).toEqual(['debug hello', 'warn hell', 'info hel'])
  })

  it('gives clock and chance that follow from the seed', async () => {
    const source = core(
      running(`(call $random (i32.const 1024) (i32.const 8))
        (i64.store (i32.const 1024) (i64.rem_u (i64.load (i32.const 1024)) (i64.const 9)))
        (i32.store8 (i32.const 1024) (i32.add (i32.load8_u (i32.const 1024)) (i32.const 48)))
        (if (f64.ne (call $now) (f64.const 946684800000)) (then (unreachable)))
        (call $answer (i32.const 1024) (i32.const 1))`),
      IMPORTS,
    )

    const [one, other] = [
      await desk.run({ source, time: SEEDED, fresh: true }),
      await desk.run({ source, time: SEEDED, fresh: true }),
    ]

    expect(one.failure).toBeUndefined()
    expect(one.output).toBe(other.output)
    expect((await desk.run({ source })).failure?.message).toMatch('unreachable')
  })

  it('answers what it pends, and gives its state back', async () => {
    const source = core(pendingOnce('{"pending":{"kv":{"get":"k"}},"state":{"at":7}}'))
    const { output, wants } = await desk.run({ source, input: 1 })

    expect(wants).toEqual([{ kind: 'kv.get', key: 'k' }])
    expect(output).toEqual({ resume: { state: { at: 7 }, ok: 'k' } })
  })

  it('tells it errors too', async () => {
    const source = core(pendingOnce('{"pending":{"call":{"operation":"x"}}}'))
    const error = { code: 'IF_ERR_NOT_FOUND', message: 'no such', retryable: false }
    const { output } = await desk.run({ source, host: () => ({ error }) })

    expect(output).toEqual({ resume: { state: null, error } })
  })

  it('counts what it asks for', async () => {
    const { failure, wants } = await desk.run({ source: core(answering('{"pending":{"call":1}}')) })

    expect(failure).toMatchObject({ kind: 'limit', limit: 'host-calls' })
    expect(wants).toHaveLength(20)
  })

  it('keeps no large state for it', async () => {
    const { failure } = await desk.run({ source: core(largeState()), limits: { outputBytes: 1_048_576 } })

    expect(failure?.message).toMatch('its state has more than')
  })

  it('refuses what it cannot ask for', async () => {
    const { failure } = await desk.run({ source: core(answering('{"pending":{"http":"https://example.com"}}')) })

    expect(failure?.message).toMatch('`pending` is neither')
  })
})

/** Pends with a state of 70 KB, which it writes itself. */
function largeState(): string {
  const [head, tail] = ['{"pending":{"call":1},"state":"', '"}']
  const from = 1024 + head.length
  return `
    (data (i32.const 1024) ${watString(head)})
    ${running(`
      (drop (memory.grow (i32.const 1)))
      (memory.fill (i32.const ${from}) (i32.const 120) (i32.const 70000))
      (i32.store16 (i32.const ${from + 70_000}) (i32.const ${Buffer.from(tail).readUInt16LE()}))
      (call $answer (i32.const 1024) (i32.const ${head.length + 70_000 + tail.length}))`)}`
}

/** Pends in its first call, and answers the second with what it was given. */
function pendingOnce(text: string): string {
  return `
    (global $asked (mut i32) (i32.const 0))
    (data (i32.const 1024) ${watString(text)})
    ${running(`
      (if (global.get $asked) (then (return (call $answer (local.get 0) (local.get 1)))))
      (global.set $asked (i32.const 1))
      (call $answer (i32.const 1024) (i32.const ${Buffer.byteLength(text)}))`)}`
}
