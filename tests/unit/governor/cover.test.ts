import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { popcount } from '../../../src/governor/bit-set.ts'
import { leastCover } from '../../../src/governor/cover.ts'
import type { CoverLimits, CoverOption } from '../../../src/governor/cover-search.ts'
import { seededChance } from '../../support/chance.ts'

const option = (mask: number, cost: number, penalty = 0): CoverOption => ({ mask, cost, penalty })
const LIMITS: CoverLimits = { minCovered: 1, maxMembers: 5, maxCost: 1_000_000 }

interface Best {
  covered: number
  cost: number
  penalty: number
  members: number
}

/** Another way to the same answer: the cheapest for each set of bits and number of members, option by option. */
function byTable(options: readonly CoverOption[], { minCovered, maxMembers, maxCost }: CoverLimits): Best | undefined {
  const table: Map<number, { cost: number; penalty: number }>[] = [new Map([[0, { cost: 0, penalty: 0 }]])]
  for (let members = 1; members <= maxMembers; members++) table.push(new Map())
  for (const { mask, cost, penalty } of options) {
    for (let members = maxMembers; members >= 1; members--) {
      for (const [before, paid] of table[members - 1] ?? []) {
        const next = { cost: paid.cost + cost, penalty: paid.penalty + penalty }
        const known = table[members]?.get(before | mask)
        const isBetter = !known || next.cost < known.cost || (next.cost === known.cost && next.penalty < known.penalty)
        if (next.cost <= maxCost && isBetter) table[members]?.set(before | mask, next)
      }
    }
  }
  const all = table.flatMap((level, members) =>
    [...level].map(([mask, paid]) => ({ covered: popcount(mask), ...paid, members })),
  )
  return all
    .filter(({ covered }) => covered >= Math.max(1, minCovered))
    .sort((a, b) => b.covered - a.covered || a.cost - b.cost || a.penalty - b.penalty || a.members - b.members)[0]
}

const bestOf = (options: readonly CoverOption[], limits: CoverLimits): Best | undefined => {
  const { members, mask, cost, penalty } = leastCover(options, limits)
  return members.length === 0 ? undefined : { covered: popcount(mask), cost, penalty, members: members.length }
}

describe('a cover', () => {
  it('costs less than what greed takes, where two that look dear together are cheaper', () => {
    // Greed begins with the third, which brings most for its price, and then needs one more.
    const options = [
      option(0b000111, 9),
      option(0b111000, 9),
      option(0b011110, 8),
      option(0b000001, 6),
      option(0b100000, 6),
    ]

    const cover = leastCover(options, LIMITS)

    expect(cover).toEqual({ members: [0, 1], mask: 0b111111, cost: 18, penalty: 0, isProven: true })
  })

  it('leaves out what can be had by nobody, or for too much', () => {
    const options = [option(0b0011, 5), option(0b0100, 500)]

    expect(leastCover(options, { ...LIMITS, maxCost: 100 })).toMatchObject({ members: [0], mask: 0b0011, cost: 5 })
  })

  it('is none where too little can be covered, and says that this is known', () => {
    const none = { members: [], mask: 0, cost: 0, penalty: 0, isProven: true }

    expect(leastCover([option(0b01, 1)], { ...LIMITS, minCovered: 2 })).toEqual(none)
    expect(leastCover([], LIMITS)).toEqual(none)
    expect(leastCover([option(0, 1)], LIMITS)).toEqual(none)
    expect(leastCover([option(0b1, 1)], { ...LIMITS, maxMembers: 0 })).toEqual(none)
  })

  it('of one cost is the one of least penalty, then of fewest members', () => {
    expect(leastCover([option(0b11, 2, 5), option(0b01, 1, 1), option(0b10, 1, 1)], LIMITS).members).toEqual([1, 2])
    expect(leastCover([option(0b11, 2, 2), option(0b01, 1, 1), option(0b10, 1, 1)], LIMITS).members).toEqual([0])
  })

  it('takes members who cost nothing', () => {
    expect(leastCover([option(0b01, 0), option(0b10, 0), option(0b11, 1)], LIMITS)).toMatchObject({
      members: [0, 1],
      cost: 0,
    })
  })

  it('uses all of 32 bits', () => {
    const halves = [option(0xffff, 3), option(0xffff0000 | 0, 3), option(-1, 7)]

    expect(leastCover(halves, { ...LIMITS, minCovered: 32 })).toMatchObject({ members: [0, 1], mask: -1, cost: 6 })
  })

  it('adds up costs near the largest whole numbers without losing one', () => {
    const large = 4_000_000_000_000_000
    const options = [option(0b01, large), option(0b10, large + 1), option(0b11, 2 * large + 2)]

    expect(leastCover(options, { ...LIMITS, maxCost: Number.MAX_SAFE_INTEGER })).toMatchObject({ cost: 2 * large + 1 })
  })

  it('is as good as the one a full table finds, whatever the options and limits', () => {
    const options = fc.array(
      fc.record({ mask: fc.integer({ min: 0, max: 255 }), cost: fc.nat(20), penalty: fc.nat(3) }),
      { maxLength: 16 },
    )
    const limits = fc.record({
      minCovered: fc.integer({ min: 0, max: 8 }),
      maxMembers: fc.integer({ min: 1, max: 5 }),
      maxCost: fc.nat(60),
    })
    fc.assert(
      fc.property(options, limits, (some, within) => {
        expect(bestOf(some, within)).toEqual(byTable(some, within))
        expect(leastCover(some, within).isProven).toBe(true)
      }),
      { numRuns: 500, seed: 4 },
    )
  })

  it.each([24, 60, 200])('of %i candidates is exact and proven', (count) => {
    const random = seededChance(count)
    const options = Array.from({ length: count }, () =>
      option(
        (1 << random.between(0, 11)) | (1 << random.between(0, 11)) | (1 << random.between(0, 11)),
        1 + random.between(0, 999),
      ),
    )
    const limits = { ...LIMITS, maxMembers: 6 }

    expect(leastCover(options, limits).isProven).toBe(true)
    expect(bestOf(options, limits)).toEqual(byTable(options, limits))
  })

  it('that took too many looks is still a cover within the limits, and says that it is not proven', () => {
    const random = seededChance(7)
    const options = Array.from({ length: 200 }, () => {
      let mask = 0
      for (let at = 0; at < 3; at++) mask |= 1 << random.between(0, 31)
      return option(mask, 1_000 + random.between(0, 4))
    })

    const cover = leastCover(options, { minCovered: 20, maxMembers: 32, maxCost: 100_000, maxLooks: 10_000 })

    expect(cover.isProven).toBe(false)
    expect(popcount(cover.mask)).toBeGreaterThanOrEqual(20)
    expect(cover.cost).toBe(cover.members.reduce((sum, at) => sum + (options[at]?.cost ?? 0), 0))
    expect(cover.mask).toBe(cover.members.reduce((mask, at) => mask | (options[at]?.mask ?? 0), 0))
  })
})
