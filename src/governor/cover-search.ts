// Branch and bound over covers. At each step it takes the needed bit that fewest can bring and tries each of those that
// bring it, or, where bits may be left out, leaving it out. A branch is left when even the best that could come of it is
// no better than the best that is known: each missing bit costs at least the least share of it in any option.
import { lowest, popcount } from './bit-set.ts'

export interface CoverOption {
  /** What it brings, one bit each. */
  mask: number
  /** A whole number ≥ 0. */
  cost: number
  /** Decides between covers of one cost, the lowest sum first; a whole number ≥ 0. */
  penalty: number
}

export interface CoverLimits {
  /** Fewer covered bits than this are no cover. */
  minCovered: number
  maxMembers: number
  maxCost: number
  /** Looks at an option that the search may take for each number of bits left out. Default 2,000,000. */
  maxLooks?: number
}

export interface FoundCover {
  members: number[]
  mask: number
  cost: number
  penalty: number
}

/** What a branch has chosen so far. */
interface Branch extends FoundCover {
  /** Needed and neither brought nor left out. */
  open: number
  skipsLeft: number
}

interface Outlook {
  /** No way on costs less. */
  cost: number
  members: number
  /** The bit to decide next, and how many bring it. */
  bit: number
}

export class CoverSearch {
  readonly #options: readonly CoverOption[]
  readonly #masks: Int32Array
  readonly #costs: Float64Array
  readonly #limits: Required<CoverLimits>
  /** By option: on how many grounds it is out of the present branch. */
  readonly #banned: Uint8Array
  readonly #shares = new Float64Array(32)
  readonly #bringers = new Uint32Array(32)
  #looks = 0
  #best: FoundCover | undefined

  constructor(options: readonly CoverOption[], limits: Required<CoverLimits>) {
    this.#options = options
    this.#masks = Int32Array.from(options, ({ mask }) => mask)
    this.#costs = Float64Array.from(options, ({ cost }) => cost)
    this.#limits = limits
    this.#banned = new Uint8Array(options.length)
  }

  /** Whether the looks ran out, so that the last answer is not proven. */
  get isCut(): boolean {
    return this.#looks > this.#limits.maxLooks
  }

  /** The best cover of `needed` but for at most `skips` bits. */
  best(needed: number, skips: number): FoundCover | undefined {
    this.#best = undefined
    this.#looks = 0
    const root: Branch = { members: [], mask: 0, cost: 0, penalty: 0, open: needed, skipsLeft: skips }
    this.#descend(root, true)
    this.#looks = 0
    this.#descend(root, false)
    return this.#best
  }

  /** @param isGreedy takes the best looking way at each step and no other */
  #descend(branch: Branch, isGreedy: boolean): void {
    if (popcount(branch.open) <= branch.skipsLeft) {
      this.#take(branch)
      return
    }
    if (branch.members.length >= this.#limits.maxMembers || this.#looks > this.#limits.maxLooks) return
    this.#looks += this.#options.length
    const outlook = this.#outlook(branch)
    if (!outlook || this.#isHopeless(branch, outlook)) return
    const ways = this.#ways(branch, isGreedy ? branch.open : 1 << outlook.bit)
    if (isGreedy) {
      const [first] = ways
      if (first !== undefined) this.#descend(this.#with(branch, first), true)
      return
    }
    for (const way of ways) {
      this.#descend(this.#with(branch, way), false)
      this.#ban(way, 1) // every cover that holds it was seen
    }
    if (branch.skipsLeft > 0)
      this.#descend({ ...branch, open: branch.open & ~(1 << outlook.bit), skipsLeft: branch.skipsLeft - 1 }, false)
    for (const way of ways) this.#ban(way, -1)
  }

  #take({ members, mask, cost, penalty }: Branch): void {
    const best = this.#best
    const isBetter =
      !best ||
      cost < best.cost ||
      (cost === best.cost &&
        (penalty < best.penalty || (penalty === best.penalty && members.length < best.members.length)))
    if (isBetter) this.#best = { members, mask, cost, penalty }
  }

  /** Undefined where more bits can't be brought than may be left out, or not by so few. */
  #outlook({ open, skipsLeft, members, cost }: Branch): Outlook | undefined {
    const shares = this.#shares.fill(Number.POSITIVE_INFINITY)
    const bringers = this.#bringers.fill(0)
    let mostBrought = 0
    for (let at = 0; at < this.#masks.length; at++) {
      const brings = (this.#masks[at] ?? 0) & open
      if (brings === 0 || this.#banned[at]) continue
      const count = popcount(brings)
      const share = (this.#costs[at] ?? 0) / count
      if (count > mostBrought) mostBrought = count
      for (let left = brings; left !== 0; left &= left - 1) {
        const bit = lowest(left)
        bringers[bit] = (bringers[bit] ?? 0) + 1
        if (share < (shares[bit] ?? 0)) shares[bit] = share
      }
    }
    const owed = popcount(open) - skipsLeft
    const more = Math.ceil(owed / mostBrought)
    if (members.length + more > this.#limits.maxMembers) return undefined
    const least: number[] = []
    let bit = -1
    for (let left = open; left !== 0; left &= left - 1) {
      const at = lowest(left)
      least.push(shares[at] ?? 0)
      if (bit < 0 || (bringers[at] ?? 0) < (bringers[bit] ?? 0)) bit = at
    }
    if (skipsLeft > 0) least.sort((a, b) => a - b)
    let share = 0
    for (let at = 0; at < owed; at++) share += least[at] ?? 0
    // Costs are whole: what a sum of shares falls short of one by rounding must not count.
    return { cost: cost + Math.ceil(share * (1 - 1e-12) - 1e-6), members: members.length + more, bit }
  }

  #isHopeless(branch: Branch, outlook: Outlook): boolean {
    if (outlook.cost > this.#limits.maxCost) return true
    const best = this.#best
    if (!best || outlook.cost < best.cost) return false
    if (outlook.cost > best.cost || branch.penalty > best.penalty) return true
    return branch.penalty === best.penalty && outlook.members >= best.members.length
  }

  /** Who brings one of the bits and can be paid, the best value first. */
  #ways({ open, cost }: Branch, wanted: number): number[] {
    const ways: number[] = []
    for (let at = 0; at < this.#masks.length; at++) {
      const isWanted = ((this.#masks[at] ?? 0) & wanted) !== 0 && !this.#banned[at]
      if (isWanted && cost + (this.#costs[at] ?? 0) <= this.#limits.maxCost) ways.push(at)
    }
    const gain = (at: number): number => popcount((this.#masks[at] ?? 0) & open)
    const value = (at: number): number => (this.#costs[at] ?? 0) / gain(at)
    const penalty = (at: number): number => this.#options[at]?.penalty ?? 0
    return ways.sort((a, b) => value(a) - value(b) || gain(b) - gain(a) || penalty(a) - penalty(b) || a - b)
  }

  #with(branch: Branch, at: number): Branch {
    const { mask = 0, cost = 0, penalty = 0 } = this.#options[at] ?? {}
    return {
      members: [...branch.members, at],
      mask: branch.mask | mask,
      cost: branch.cost + cost,
      penalty: branch.penalty + penalty,
      open: branch.open & ~mask,
      skipsLeft: branch.skipsLeft,
    }
  }

  #ban(at: number, by: 1 | -1): void {
    this.#banned[at] = (this.#banned[at] ?? 0) + by
  }
}
