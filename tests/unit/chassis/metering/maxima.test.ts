import { describe, expect, it } from 'vitest'
import { FuelUsedUp, refusalOf, runMetered, wat } from './rig.ts'

const sizeOf = (memory: WebAssembly.ExportValue | undefined): number => (memory as WebAssembly.Memory).buffer.byteLength
const lengthOf = (table: WebAssembly.ExportValue | undefined): number => (table as WebAssembly.Table).length

const GROW_MEMORY = `(func (export "bomb") (result i32)
  (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size))`

describe('the greatest size of memory', () => {
  it.each([
    ['none declared', '(memory (export "m") 1)', 16],
    ['a larger one declared', '(memory (export "m") 1 60000)', 16],
    ['a smaller one declared', '(memory (export "m") 1 5)', 5],
  ])('stops a bomb there, with %s', (_name, memory, pages) => {
    const running = runMetered(wat(`${memory} ${GROW_MEMORY}`), { memory: { maxPages: 16 } })

    expect(running.call('bomb')).toBe(pages)
    expect(sizeOf(running.exports.m)).toBe(pages * 65_536)
  })

  it('also holds for the host that grows it', () => {
    const { exports } = runMetered(wat('(memory (export "m") 1)'), { memory: { maxPages: 2 } })

    expect(() => (exports.m as WebAssembly.Memory).grow(2)).toThrow(RangeError)
  })

  it('refuses a module that begins above it', () => {
    expect(refusalOf(wat('(memory 17)'), { memory: { maxPages: 16 } })?.message).toContain(
      'memory of 17 pages, allowed are 16',
    )
  })

  it('is what the module declares where none is given', () => {
    const running = runMetered(wat(`(memory (export "m") 1 3) ${GROW_MEMORY}`))

    expect(running.call('bomb')).toBe(3)
  })

  it('is the host’s own for an imported memory', () => {
    const bytes = wat(`(import "env" "memory" (memory 1)) ${GROW_MEMORY}`)
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })

    const running = runMetered(bytes, { importedMemory: true, imports: { env: { memory } } })

    expect(running.call('bomb')).toBe(4)
    expect(refusalOf(bytes)?.message).toContain('"env"."memory" is a memory')
  })
})

describe('the greatest size of tables', () => {
  const grow = (table: string) => `(func (export "bomb${table}")
    (loop $l (br_if $l (i32.ne (table.grow $${table} (ref.null func) (i32.const 1)) (i32.const -1)))))`

  it('stops a bomb there', () => {
    const running = runMetered(wat(`(table $a (export "a") 1 funcref) ${grow('a')}`), { tableElements: 50 })

    running.call('bomba')

    expect(lengthOf(running.exports.a)).toBe(50)
  })

  it('holds for all tables together', () => {
    const running = runMetered(
      wat(`(table $a (export "a") 5 20 funcref) (table $b (export "b") 5 funcref) ${grow('a')} ${grow('b')}`),
      { tableElements: 50 },
    )

    running.call('bombb')
    running.call('bomba')

    expect(lengthOf(running.exports.a)).toBe(20)
    expect(lengthOf(running.exports.b)).toBe(30)
  })

  it('refuses tables that begin above it, however they are split', () => {
    const bytes = wat('(table 30 funcref) (table 30 externref)')

    expect(refusalOf(bytes, { tableElements: 50 })?.message).toContain('tables of 60 elements, allowed are 50')
    expect(refusalOf(bytes, { tableElements: 60 })).toBeUndefined()
  })

  it('costs fuel by what is asked for, even where it is refused', () => {
    const bytes = wat(`(table $a 1 funcref)
      (func (export "f") (drop (table.grow $a (ref.null func) (i32.const -1))))`)

    expect(() => runMetered(bytes, { tableElements: 50 }).call('f')).toThrow(FuelUsedUp)
  })
})

describe('a flood of bytes', () => {
  it('is bounded by fuel although it is one instruction', () => {
    const bytes = wat(`(memory 160) (func (export "f")
      (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 10000000)) (br $l)))`)

    const running = runMetered(bytes, { fuel: 10_000_000 })

    expect(() => running.call('f')).toThrow(FuelUsedUp)
    expect(running.used()).toBeLessThan(13_000_000)
  })

  it('costs by an unsigned size', () => {
    const bytes = wat('(memory 1) (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const -1)))')

    expect(() => runMetered(bytes, { fuel: 500_000_000 }).call('f')).toThrow(FuelUsedUp)
    expect(() => runMetered(bytes, { fuel: 600_000_000 }).call('f')).toThrow('memory access out of bounds')
  })
})
