import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openTimeAndChance } from '../../../../src/chassis/guest/time-and-chance.ts'

const seeded = (seed: string) => openTimeAndChance({ kind: 'seeded', seed, nowMs: 1_000 })

it('gives the same clock and the same chance for the same seed', () => {
  const [one, other] = [seeded('s'), seeded('s')]

  expect([one.nowMs(), one.random(), one.random()]).toEqual([other.nowMs(), other.random(), other.random()])
  expect(one.nowMs()).toBe(1_000)
})

it('gives another chance for another seed', () => {
  expect(seeded('s').random()).not.toBe(seeded('t').random())
})

it('is SHA-256 over seed and counter, so that others can repeat it', () => {
  const bytes = new Uint8Array(40)
  seeded('abc').fill(bytes)

  // printf 'abc\0\0\0\0\0\0\0\0' | sha256sum, and with a last byte of 1.
  expect(Buffer.from(bytes).toString('hex')).toBe(
    '4b5c6fd314d0d83d29a1e129033092289834a2b50da22f2c0f74177dc3e7525e4902dec96bf400e2',
  )
})

it('gives the same bytes in whatever pieces they are asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 10 }), (sizes) => {
      const whole = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
      seeded('s').fill(whole)

      const inPieces = seeded('s')
      const pieces = sizes.map((size) => {
        const piece = new Uint8Array(size)
        inPieces.fill(piece)
        return piece
      })

      expect(Buffer.concat(pieces)).toEqual(Buffer.from(whole))
    }),
  )
})

it('draws live numbers from 0 to below 1 that are not all alike, and tells the time of the machine', () => {
  const live = openTimeAndChance({ kind: 'live' })
  const drawn = Array.from({ length: 1_000 }, () => live.random())

  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(new Set(drawn).size).toBe(1_000)
  expect(live.nowMs()).toBeGreaterThan(Date.UTC(2020, 0, 1))
})
