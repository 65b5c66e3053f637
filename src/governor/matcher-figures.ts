// The figures of one candidate, and how candidates are ordered: who may do it alone, then who covers too little, then who
// may not help at all; in each group by score.
import type { MicroUsd } from '../foundation/index.ts'
import { popcount } from './bit-set.ts'
import type { IndexedSwarm, Refusal } from './capability-index.ts'
import type { HelpRequest, HelpSources } from './help.ts'
import type { SwarmProfile } from './profiles.ts'

/** What holds for all candidates of one question. */
export interface Measure extends HelpSources, Pick<HelpRequest, 'blockedSwarm' | 'hours'> {
  needs: number
  exclude: ReadonlySet<string> | undefined
  /** Fewer needs than this are no match. */
  minCovered: number
  /** Infinity where costs refuse nobody. */
  maxCostMicroUsd: number
  enforceBudgets: boolean
  scoreReputation: boolean
}

/** Writes the figures of a swarm whose mask is known. */
export function measureSwarm(swarm: IndexedSwarm, measure: Measure): void {
  const { profile, mask } = swarm
  const { costPerHourMicroUsd } = profile
  const covered = popcount(mask)
  const reputation = measure.scoreReputation ? (measure.reputationOf?.(profile.swarm) ?? profile.reputation) : 1
  const worth = (covered / measure.needs) * reputation
  const costMicroUsd = costOf(costPerHourMicroUsd, measure.hours)
  const refusal = refusalOf(profile, costMicroUsd, measure)
  swarm.covered = covered
  swarm.reputation = reputation
  swarm.costMicroUsd = costMicroUsd
  swarm.value = costPerHourMicroUsd === 0 ? worth : worth / costPerHourMicroUsd
  swarm.refusal = refusal
  swarm.group = refusal ? 2 : covered >= measure.minCovered ? 0 : 1
}

/** Negative where the first is better. Ties: higher reputation, longest idle, name. */
export function betterFirst(a: IndexedSwarm, b: IndexedSwarm): number {
  if (a.group !== b.group) return a.group - b.group
  const isFree = a.profile.costPerHourMicroUsd === 0
  if (isFree !== (b.profile.costPerHourMicroUsd === 0)) return isFree ? -1 : 1
  return b.value - a.value || byStanding(a, b)
}

/** Who goes first among equals. */
export const byStanding = (a: IndexedSwarm, b: IndexedSwarm): number =>
  b.reputation - a.reputation ||
  a.idleSinceMs - b.idleSinceMs ||
  (a.profile.swarm < b.profile.swarm ? -1 : a.profile.swarm > b.profile.swarm ? 1 : 0)

/** Rounded up, but not for what a binary fraction makes of 0.1. */
const costOf = (costPerHourMicroUsd: MicroUsd, hours: number): MicroUsd =>
  Math.ceil(Math.round(costPerHourMicroUsd * hours * 1000) / 1000)

function refusalOf(
  { swarm, load, budgetMicroUsd }: SwarmProfile,
  costMicroUsd: MicroUsd,
  measure: Measure,
): Refusal | undefined {
  if (swarm === measure.blockedSwarm) return 'blocked'
  if (measure.exclude?.has(swarm)) return 'excluded'
  if (measure.refusalOf?.(swarm) !== undefined) return 'refused'
  if (load.limit !== undefined && load.running >= load.limit) return 'busy'
  if (!measure.enforceBudgets) return undefined
  if (costMicroUsd > measure.maxCostMicroUsd) return 'too-dear'
  if (budgetMicroUsd !== null && (budgetMicroUsd === 0 || budgetMicroUsd < costMicroUsd)) return 'no-budget'
  return undefined
}
