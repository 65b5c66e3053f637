// Which instance does an operation first: the cheapest for its reputation among those that can act now, then those that
// may have to wait, then those whose price nobody knows. Who can't act at all is out, with the reason.
import { formatUsd, type MicroUsd } from '../foundation/index.ts'

/** An instance that has the operation, with what is known of it now. */
export interface InstanceCandidate {
  instance: string
  provider: string
  operation: string
  tags: Readonly<Record<string, string>>
  /** null: unknown. */
  priceEstimateMicroUsd: MicroUsd | null
  priceMaxMicroUsd: MicroUsd | null
  breaker: 'closed' | 'half-open' | 'open'
  /** 0–1. */
  reputation: number
  /** What its rate limit leaves, 0–1. */
  headroom: number
  healthy: boolean
}

export interface RankedInstance extends InstanceCandidate {
  /** From 1; null: it can't act now. */
  rank: number | null
  /** reputation / USD a call; null: free, or the price is unknown. */
  score: number | null
  /** Why it stands there, in words. */
  why: string
}

/** Best first, those that are out last. Ties: higher reputation, more headroom, lower greatest price, name. */
export function rankInstances(candidates: readonly InstanceCandidate[]): RankedInstance[] {
  const sorted = candidates.map((candidate) => ({ candidate, tier: tierOf(candidate) })).sort(betterFirst)
  let rank = 0
  return sorted.map(({ candidate, tier }) => ({
    ...candidate,
    rank: tier === 'out' ? null : ++rank,
    score: scoreOf(candidate),
    why: whyOf(candidate, tier),
  }))
}

const TIERS = ['ready', 'waiting', 'unpriced', 'out'] as const
type Tier = (typeof TIERS)[number]

interface Tiered {
  candidate: InstanceCandidate
  tier: Tier
}

function tierOf({ breaker, healthy, headroom, priceMaxMicroUsd, priceEstimateMicroUsd }: InstanceCandidate): Tier {
  if (breaker === 'open' || !healthy) return 'out'
  if (priceMaxMicroUsd === null || priceEstimateMicroUsd === null) return 'unpriced'
  return breaker === 'half-open' || headroom <= 0 ? 'waiting' : 'ready'
}

function betterFirst(one: Tiered, other: Tiered): number {
  const [a, b] = [one.candidate, other.candidate]
  return (
    TIERS.indexOf(one.tier) - TIERS.indexOf(other.tier) ||
    worthOf(b) - worthOf(a) ||
    b.reputation - a.reputation ||
    b.headroom - a.headroom ||
    priceOf(a.priceMaxMicroUsd) - priceOf(b.priceMaxMicroUsd) ||
    (a.instance < b.instance ? -1 : 1)
  )
}

/** Free ones before all others, by their reputation, as far as they have any. */
function worthOf({ reputation, priceEstimateMicroUsd }: InstanceCandidate): number {
  if (priceEstimateMicroUsd === null) return 0
  if (priceEstimateMicroUsd === 0) return FREE * (1 + reputation)
  return reputation / priceEstimateMicroUsd
}

/** Above what any price gives: a reputation is 1 at most, a price one micro-USD at least. */
const FREE = 2

const priceOf = (micro: MicroUsd | null): number => micro ?? Number.MAX_SAFE_INTEGER

const scoreOf = ({ reputation, priceEstimateMicroUsd }: InstanceCandidate): number | null =>
  priceEstimateMicroUsd === null || priceEstimateMicroUsd === 0
    ? null
    : reputation / (priceEstimateMicroUsd / 1_000_000)

function whyOf(candidate: InstanceCandidate, tier: Tier): string {
  const { breaker, reputation, headroom, priceEstimateMicroUsd } = candidate
  if (tier === 'out') return breaker === 'open' ? 'its circuit breaker is open' : 'it is not healthy'
  if (tier === 'unpriced') return `nobody knows its price; reputation ${reputation}`
  const price = priceEstimateMicroUsd === 0 ? 'free' : `${formatUsd(priceEstimateMicroUsd ?? 0)} a call`
  const figures = `${price}, reputation ${reputation}`
  if (breaker === 'half-open') return `${figures}; its breaker was open and waits for a call that shows that it works`
  return headroom <= 0 ? `${figures}; its rate limit is used up for the moment` : figures
}
