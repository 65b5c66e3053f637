// Least cost cover: which few of many together bring what is needed, for the least money. Exact: greedy gives a first
// answer, branch and bound proves it or finds a cheaper one; where that takes too many steps the answer says that it is
// not proven. Pure; what is needed is a set of bits, 32 at most.
import { popcount } from './bit-set.ts'
import { type CoverLimits, type CoverOption, CoverSearch } from './cover-search.ts'

export interface Cover {
  /** Places of the options, in their order; none where there is no cover. */
  members: number[]
  mask: number
  cost: number
  penalty: number
  /** Whether it is known that nothing better exists, or, without members, that there is no cover. */
  isProven: boolean
}

const MOST_LOOKS = 2_000_000

/**
 * The cover of most bits that the limits allow; of those the cheapest, then the one of least penalty, then of fewest
 * members.
 */
export function leastCover(options: readonly CoverOption[], limits: CoverLimits): Cover {
  const kept = undominated(options, limits.maxCost)
  const reachable = kept.reduce((all, { option }) => all | option.mask, 0)
  const most = popcount(reachable)
  const search = new CoverSearch(
    kept.map(({ option }) => option),
    { ...limits, maxLooks: limits.maxLooks ?? MOST_LOOKS },
  )
  let isProven = true
  for (let skips = 0; most - skips >= Math.max(1, limits.minCovered); skips++) {
    const found = search.best(reachable, skips)
    isProven &&= !search.isCut
    if (!found) continue
    const members = found.members.map((at) => kept[at]?.place ?? -1).sort((a, b) => a - b)
    return { ...found, members, isProven }
  }
  return { members: [], mask: 0, cost: 0, penalty: 0, isProven }
}

interface Kept {
  option: CoverOption
  place: number
}

/** Without those for which another brings as much and is no worse: it could take their place in any cover. */
function undominated(options: readonly CoverOption[], maxCost: number): Kept[] {
  const best = new Map<number, Kept>()
  options.forEach((option, place) => {
    if (option.mask === 0 || option.cost > maxCost) return
    const other = best.get(option.mask)
    if (!other || order(option, other.option) < 0) best.set(option.mask, { option, place })
  })
  const kept: Kept[] = []
  const candidates = [...best.values()].sort(
    (a, b) => order(a.option, b.option) || popcount(b.option.mask) - popcount(a.option.mask),
  )
  for (const candidate of candidates) {
    // Sorted, so whoever stands before is no dearer.
    if (!kept.some(({ option }) => (candidate.option.mask & ~option.mask) === 0)) kept.push(candidate)
  }
  return kept.sort((a, b) => a.place - b.place)
}

const order = (a: CoverOption, b: CoverOption): number => a.cost - b.cost || a.penalty - b.penalty
