import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeForm, findSentinels, sentinelFor, sentinelNumber } from '../../../src/adapter/index.ts'

describe('sentinels', () => {
  it('are found in text, in order, whatever stands beside them', () => {
    const [one, two] = [sentinelFor('string', 1), sentinelFor('number', 20)]

    const text = `Refunded ${one}2024 {"amount":${two}} ${one.toUpperCase()}`

    expect(findSentinels(text).map(({ n, text: found }) => [n, found])).toEqual([
      [1, one],
      [20, String(two)],
      [1, one.toUpperCase()],
    ])
    expect(findSentinels(text).every(({ at, text: found }) => text.startsWith(found, at))).toBe(true)
  })

  it('survive every encoding, so each is found again where it was put', () => {
    fc.assert(
      fc.property(
        fc.nat(40_991),
        fc.constantFrom('string', 'number') as fc.Arbitrary<'string' | 'number'>,
        (n, kind) => {
          const sentinel = sentinelFor(kind, n)

          for (const text of [encodeForm({ a: sentinel }), JSON.stringify({ a: sentinel })]) {
            expect(findSentinels(text).map((found) => found.n)).toEqual([n])
          }
          expect(sentinelNumber(sentinel)).toBe(n)
        },
      ),
    )
  })

  it('are not seen in ordinary values', () => {
    expect(
      findSentinels('190071992547000000 9007199254700000.5 0.9007199254700000 9007199254741999 ifab-ref-1'),
    ).toEqual([])
    expect([2500, 1.5, 'x', null, undefined, `${sentinelFor('string', 1)} `].map(sentinelNumber)).toEqual(
      Array(6).fill(undefined),
    )
  })

  it('refuses a number that has no sentinel', () => {
    expect(() => sentinelFor('number', 40_992)).toThrow(/out of range/)
    expect(() => sentinelFor('string', -1)).toThrow(/out of range/)
  })
})
