import { describe, expect, it } from 'vitest'
import { PRIMES, runMetered, wat } from './rig.ts'

/** Units that one call of `f` costs. */
function costOf(
  body: string,
  { before = '', args = [] as number[], charge = 'exact' as 'exact' | 'loops' } = {},
): number {
  const running = runMetered(wat(`(memory 1 2) (table $t 4 8 funcref) ${before} (func (export "f") ${body})`), {
    charge,
  })
  running.call('f', ...args)
  return running.used()
}

describe('the exact charge', () => {
  it('is one unit for each instruction of a straight line, its end included', () => {
    expect(costOf('')).toBe(1)
    expect(costOf('nop nop nop')).toBe(4)
    expect(costOf('(drop (i32.add (i32.const 1) (i32.const 2)))')).toBe(5)
  })

  it('counts only the arm that is taken', () => {
    const body = '(param i32) (if (local.get 0) (then nop nop nop) (else nop)) nop'

    // local.get, if, nop × 3, else, nop, end; the end of the block is counted with the second arm, which runs into it.
    expect(costOf(body, { args: [1] })).toBe(2 + 3 + 1 + 2)
    expect(costOf(body, { args: [0] })).toBe(2 + 1 + 1 + 2)
  })

  it('counts each turn of a loop', () => {
    const body = '(param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))'

    expect(costOf(body, { args: [10] })).toBe(1 + 10 * 5 + 2)
    expect(costOf(body, { args: [1000] })).toBe(1 + 1000 * 5 + 2)
  })

  it('does not count what a branch jumps over', () => {
    expect(costOf('(block $b (br $b) nop nop nop nop) nop')).toBe(2 + 2)
    expect(costOf('(block $b (br_if $b (i32.const 1)) nop nop nop) nop')).toBe(3 + 2)
    expect(costOf('nop return nop nop')).toBe(2)
  })

  it('counts the way that br_table takes', () => {
    const body = '(param i32) (block $a (block $b (br_table $a $b (local.get 0))) nop nop nop) nop'

    expect(costOf(body, { args: [0] })).toBe(4 + 2)
    expect(costOf(body, { args: [1] })).toBe(4 + 4 + 2)
  })

  it('counts in the function that is called', () => {
    expect(costOf('call $g call $g', { before: '(func $g nop)' })).toBe(3 + 2 * 2)
    expect(costOf('(call_indirect (i32.const 1))', { before: '(func $g nop) (elem (i32.const 1) $g)' })).toBe(3 + 2)
  })

  it('grows with the bytes that one instruction fills, copies and writes', () => {
    const bulk = (size: number) => ({
      fill: costOf(`(memory.fill (i32.const 0) (i32.const 7) (i32.const ${size}))`),
      copy: costOf(`(memory.copy (i32.const 0) (i32.const 1) (i32.const ${size}))`),
      init: costOf(`(memory.init $d (i32.const 0) (i32.const 0) (i32.const ${size}))`, {
        before: `(data $d "${'x'.repeat(4096)}")`,
      }),
    })

    expect(bulk(0)).toEqual({ fill: 21, copy: 21, init: 21 })
    expect(bulk(4096)).toEqual({ fill: 21 + 512, copy: 21 + 512, init: 21 + 512 })
  })

  it('grows with the elements of tables', () => {
    const before = '(elem $e func $g $g) (func $g)'

    expect(costOf('(table.fill (i32.const 0) (ref.null func) (i32.const 4))')).toBe(5 + 32 + 64)
    expect(costOf('(table.copy (i32.const 0) (i32.const 2) (i32.const 2))')).toBe(5 + 32 + 32)
    expect(costOf('(table.init $e (i32.const 0) (i32.const 0) (i32.const 2))', { before })).toBe(5 + 32 + 32)
    expect(costOf('(drop (table.grow (ref.null func) (i32.const 4)))')).toBe(5 + 32 + 64)
    expect(costOf('(table.set (i32.const 0) (ref.null func))')).toBe(4 + 16)
    expect(costOf('(drop (memory.grow (i32.const 1)))')).toBe(4 + 1000)
  })

  it('is the same in three fresh instances, whatever the slices', () => {
    const runs = [7, 1_000, 1_000_000].map((slice) => {
      const running = runMetered(wat(PRIMES), { fuel: 100_000_000, slice })
      const answer = running.call('f', 2_000)
      return { answer, used: running.used() }
    })

    expect(runs[0]?.answer).toBe(303)
    expect(runs[0]?.used).toBeGreaterThan(100_000)
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
  })

  it('asks for the first slice at the first instruction', () => {
    const running = runMetered(wat('(func (export "f"))'))

    running.call('f')

    expect(running.ticks()).toBe(1)
  })
})

describe('the charge by loops', () => {
  it('is one unit for each turn of a loop, and none for a straight line', () => {
    const body = '(param i32) nop nop (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))'

    expect(costOf(body, { args: [10], charge: 'loops' })).toBe(10)
  })

  it('is one unit for calls that may come back: indirect ones, of itself, of later functions', () => {
    const charge = 'loops'

    expect(costOf('call $g', { before: '(func $g)', charge })).toBe(0)
    expect(costOf('call $g) (func $g', { charge })).toBe(1)
    expect(costOf('return_call $g) (func $g', { charge })).toBe(1)
    expect(costOf('(call_indirect (i32.const 1))', { before: '(func $g) (elem (i32.const 1) $g)', charge })).toBe(1)
  })

  it('still charges for instructions that may take long by themselves', () => {
    expect(costOf('(memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))', { charge: 'loops' })).toBe(
      16 + 65536 / 8,
    )
  })
})
