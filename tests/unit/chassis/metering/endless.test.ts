import { describe, expect, it } from 'vitest'
import { meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { FuelUsedUp, runMetered, wat } from './rig.ts'

/** Every way of never coming back. Each exports `f`. */
const ENDLESS: Record<string, string> = {
  'a loop': '(func (export "f") (loop $l br $l))',
  'a loop by br_if': '(func (export "f") (loop $l (br_if $l (i32.const 1))))',
  'a loop by br_table': '(func (export "f") (loop $l (br_table $l $l (i32.const 0))))',
  'a loop left and entered again': `(func (export "f")
    (loop $outer (block $b (loop $inner (br $b))) (br $outer)))`,
  'a loop in the arm of an if': '(func (export "f") (if (i32.const 1) (then (loop $l (br $l)))))',
  'a loop with a result': '(func (export "f") (drop (loop $l (result i32) (br_if $l (i32.const 1)) (i32.const 0))))',
  'a loop with parameters': `(type $two (func (param i32 i32) (result i32 i32)))
    (func (export "f") (i32.const 1) (i32.const 2) (loop $l (type $two) (br $l)) drop drop)`,
  'a loop around a call': '(func $g nop) (func (export "f") (loop $l (call $g) (br $l)))',
  'a loop that is empty but for its turn': '(func (export "f") (loop br 0))',
  'a loop behind dead code': '(func (export "f") (block $b (br $b) (loop $d (br $d))) (loop $l (br $l)))',
  'tail calls of itself': '(func $f (export "f") return_call $f)',
  'tail calls of each other': '(func $f (export "f") return_call $g) (func $g return_call $f)',
  'tail calls through a table': `(table 1 funcref) (elem (i32.const 0) $f)
    (func $f (export "f") (return_call_indirect (i32.const 0)))`,
  'growing nothing for ever': '(memory 1) (func (export "f") (loop $l (drop (memory.grow (i32.const 0))) (br $l)))',
  'filling nothing for ever': `(memory 1) (func (export "f")
    (loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (br $l)))`,
  'calls that double at each step, to depth 60': `(func $f (export "f") (call $g (i32.const 60)))
    (func $g (param i32) (if (local.get 0) (then
      (call $g (i32.sub (local.get 0) (i32.const 1))) (call $g (i32.sub (local.get 0) (i32.const 1))))))`,
}

const RECURSIONS: Record<string, string> = {
  'calls of itself': '(func $f (export "f") call $f)',
  'calls of each other': '(func $f (export "f") call $g) (func $g call $f)',
  'calls through a table': `(table 2 funcref) (elem (i32.const 0) $f $g)
    (func $f (export "f") (call_indirect (i32.const 1))) (func $g (call_indirect (i32.const 0)))`,
  'calls by way of the host': `(import "host" "again" (func $again))
    (func $f (export "f") call $again)`,
}

describe.each(['exact', 'loops'] as const)('by the charge %s', (charge) => {
  it.each(Object.entries(ENDLESS))('stops %s', (_name, text) => {
    const running = runMetered(wat(text), { charge, fuel: 200_000 })

    expect(() => running.call('f')).toThrow(FuelUsedUp)
  })

  it.each(Object.entries(RECURSIONS))(
    'stops %s where calls are counted, at the depth that the host set',
    (_name, text) => {
      let depthReached = 0
      const again = (): void => {
        depthReached += 1
        running.call('f')
      }
      const running = runMetered(wat(text), { charge, callDepth: 100, imports: { host: { again } } })

      expect(() => running.call('f')).toThrow(WebAssembly.RuntimeError)
      expect(running.depth()).toBe(-1)
      expect(depthReached).toBeLessThanOrEqual(100)
    },
  )
})

describe('the depth of calls', () => {
  const CHAIN = `(func $f (export "f") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))`

  it('lets through as many nested calls as it says, and one more is a trap', () => {
    const running = runMetered(wat(CHAIN), { callDepth: 10 })

    expect(running.call('f', 10)).toBe(10)
    expect(() => running.call('f', 11)).toThrow('unreachable')
  })

  it('is back where it was after each call', () => {
    const running = runMetered(wat(CHAIN), { callDepth: 10 })

    for (let times = 0; times < 50; times++) running.call('f', 9)

    expect(running.depth()).toBe(10)
  })

  it('does not count tail calls, which take no stack', () => {
    const running = runMetered(
      wat(`(func $f (export "f") (param i32) (result i32)
        (if (local.get 0) (then (return_call $f (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))`),
      { callDepth: 3 },
    )

    expect(running.call('f', 5000)).toBe(7)
    expect(running.depth()).toBe(3)
  })

  it('can be set by the host before a call', () => {
    const running = runMetered(wat(CHAIN), { callDepth: 10 })

    running.setDepth(3)

    expect(() => running.call('f', 4)).toThrow('unreachable')
  })
})

describe('a start function', () => {
  it('runs only when the host calls it, under fuel', () => {
    const bytes = wat('(start $s) (func $s (loop $l br $l))')

    const running = runMetered(bytes, { fuel: 50_000 })

    expect(meterModule(bytes, { charge: 'exact' }).hasStart).toBe(true)
    expect(running.used()).toBe(0)
    expect(() => running.call('__start')).toThrow(FuelUsedUp)
  })

  it('does what it did before', () => {
    const running = runMetered(
      wat(`(global $g (mut i32) (i32.const 0)) (start $s) (func $s (global.set $g (i32.const 5)))
        (func (export "f") (result i32) (global.get $g))`),
    )

    expect(running.call('f')).toBe(0)
    running.call('__start')
    expect(running.call('f')).toBe(5)
  })
})
