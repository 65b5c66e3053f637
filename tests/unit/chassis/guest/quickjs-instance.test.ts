import { expect, it } from 'vitest'
import { Meter } from '../../../../src/chassis/guest/meter.ts'
import { makeQuickJs } from '../../../../src/chassis/guest/quickjs-instance.ts'
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'

const MEBIBYTE = 1_048_576
const PAGES_A_MEBIBYTE = 16

const make = async (maximumMb: number) =>
  makeQuickJs({
    module: await quickJsModule(),
    meter: new Meter(),
    nowMs: () => 0,
    maximumBytes: maximumMb * MEBIBYTE,
  })

it('compiles its interpreter once in a process', async () => {
  expect(await quickJsModule()).toBe(await quickJsModule())
})

it('shares nothing with another instance', async () => {
  const [one, other] = [await make(32), await make(32)]

  one.context.unwrapResult(one.context.evalCode('globalThis.a = 1; Object.prototype.b = 2')).dispose()
  const seen = other.context.unwrapResult(other.context.evalCode('typeof a + typeof {}.b'))

  expect(other.context.getString(seen)).toBe('undefinedundefined')
  expect(one.memory.buffer).not.toBe(other.memory.buffer)
})

it('grows to the limit of the call and not beyond, and tells that it was refused', async () => {
  const js = await make(300)
  js.limit({ memoryBytes: 280 * MEBIBYTE, stackBytes: 65_536 })

  js.memory.grow(264 * PAGES_A_MEBIBYTE)
  expect(js.isFull()).toBe(false)
  expect(() => js.memory.grow(1)).toThrow(RangeError)

  expect(js.isFull()).toBe(true)
  expect(js.memory.buffer.byteLength).toBe(280 * MEBIBYTE)
})

it('can never grow beyond its own maximum, whatever the limit of the call', async () => {
  const js = await make(20)
  js.limit({ memoryBytes: 500 * MEBIBYTE, stackBytes: 65_536 })

  expect(() => js.memory.grow(5 * PAGES_A_MEBIBYTE)).toThrow(RangeError)
})

it('copies strings of any characters both ways', async () => {
  const { context } = await make(16)

  for (const text of ['', 'abc', 'ü€😀', 'x'.repeat(100_000)])
    expect(context.getString(context.newString(text))).toBe(text)
})
