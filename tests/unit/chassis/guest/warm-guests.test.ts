import { expect, it } from 'vitest'
import type { Guest } from '../../../../src/chassis/guest/guest.ts'
import { openWarmGuests } from '../../../../src/chassis/guest/warm-guests.ts'
import { WasmGuest } from '../../../../src/chassis/guest/wasm-guest.ts'

const EMPTY_MODULE = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
const guest = (): Guest => new WasmGuest({ module: EMPTY_MODULE })

it('hands out an instance once, the one that was used last first', () => {
  const warm = openWarmGuests({ instances: 3, grownBytes: 0 })
  const [first, second] = [guest(), guest()]
  warm.put('a', first)
  warm.put('a', second)

  expect([warm.take('a'), warm.take('a'), warm.take('a'), warm.take('b')]).toEqual([
    second,
    first,
    undefined,
    undefined,
  ])
})

it('lets the one go that was used longest ago, and tells whose it was', () => {
  const warm = openWarmGuests({ instances: 2, grownBytes: 0 })
  const kept = guest()
  warm.put('a', kept)
  warm.put('b', guest())
  warm.put('a', warm.take('a') ?? guest())

  expect(warm.put('c', guest())).toEqual(['b'])
  expect(warm.take('b')).toBeUndefined()
  expect(warm.take('a')).toBe(kept)
})

it('forgets all of a module and nothing else', () => {
  const warm = openWarmGuests({ instances: 4, grownBytes: 0 })
  warm.put('a', guest())
  warm.put('a', guest())
  warm.put('b', guest())

  warm.forget('a')

  expect(warm.take('a')).toBeUndefined()
  expect(warm.take('b')).toBeDefined()
  // Their room is free again.
  for (const module of ['c', 'd', 'e', 'f']) expect(warm.put(module, guest())).toEqual([])
})

it('lets as many go as it takes where they have grown', () => {
  const MEBIBYTE = 1_048_576
  const warm = openWarmGuests({ instances: 10, grownBytes: 40 * MEBIBYTE })
  const grown = (mebibytes: number): Guest =>
    Object.defineProperty(guest(), 'memoryBytes', { value: mebibytes * MEBIBYTE })

  expect(warm.put('small', guest())).toEqual([])
  expect(warm.put('a', grown(16 + 20))).toEqual([])
  expect(warm.put('b', grown(16 + 20))).toEqual([])
  expect(warm.put('c', grown(16 + 30))).toEqual(['small', 'a', 'b'])
  expect(warm.take('c')).toBeDefined()
})
