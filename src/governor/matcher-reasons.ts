// Why a candidate was taken or not, in words with the figures that decided.
import { formatUsd, timestamp } from '../foundation/index.ts'
import { namesIn } from './bit-set.ts'
import type { IndexedSwarm, Refusal } from './capability-index.ts'
import type { HelpCandidate } from './help.ts'
import type { Measure } from './matcher-figures.ts'

export interface Look {
  needs: readonly string[]
  measure: Measure
  /** How many may do it alone. */
  eligible: number
  inTeam: boolean
  /** The first of the order. */
  best: IndexedSwarm | undefined
}

export function candidateOf(figures: IndexedSwarm, look: Look): HelpCandidate {
  const { profile, mask, covered, reputation, costMicroUsd, idleSinceMs } = figures
  const standing = standingOf(figures, look)
  const why = whyOf(figures, look)
  return {
    swarm: profile.swarm,
    covers: namesIn(mask, look.needs),
    match: covered / look.needs.length,
    reputation,
    costPerHourMicroUsd: profile.costPerHourMicroUsd,
    costMicroUsd,
    score: scoreOf(figures),
    load: profile.load,
    idleSince: timestamp(idleSinceMs),
    standing,
    inTeam: look.inTeam,
    why: look.inTeam && standing !== 'assignee' ? `${why}; in the team of least cost` : why,
  }
}

function standingOf(figures: IndexedSwarm, { best }: Look): HelpCandidate['standing'] {
  if (figures.refusal) return figures.refusal
  if (figures.group === 1) return 'below-match'
  return figures === best ? 'assignee' : 'outscored'
}

function whyOf(figures: IndexedSwarm, { needs, measure, eligible, best }: Look): string {
  const { covered, refusal } = figures
  if (refusal) return refusedBecause(refusal, figures, measure)
  if (figures.group === 1)
    return `covers ${covered} of ${needs.length}, fewer than the ${measure.minCovered} that are asked of one alone`
  if (figures === best || !best)
    return eligible === 1
      ? 'the only one who covers enough alone'
      : `the best score of ${eligible} who cover enough alone`
  return outscored(figures, best)
}

function refusedBecause(refusal: Refusal, { profile, costMicroUsd }: IndexedSwarm, measure: Measure): string {
  const { running, limit } = profile.load
  switch (refusal) {
    case 'blocked':
      return 'is the swarm that is blocked'
    case 'excluded':
      return 'is left out of this question'
    case 'refused':
      return measure.refusalOf?.(profile.swarm) ?? 'may not help now'
    case 'busy':
      return `works on ${running} tasks and takes on ${limit}`
    case 'too-dear':
      return `costs ${formatUsd(costMicroUsd)} for ${measure.hours} h, the task may cost ${formatUsd(measure.maxCostMicroUsd)}`
    case 'no-budget':
      return `costs ${formatUsd(costMicroUsd)} for ${measure.hours} h and has ${formatUsd(profile.budgetMicroUsd ?? 0)} left`
  }
}

function outscored(figures: IndexedSwarm, best: IndexedSwarm): string {
  const { swarm } = best.profile
  const own = scoreOf(figures)
  const theirs = scoreOf(best)
  if (own !== null && theirs === null) return `costs money, ${swarm} is free`
  if (figures.value !== best.value)
    return own === null || theirs === null
      ? `match × reputation is ${round(figures.value)}, that of ${swarm} ${round(best.value)}`
      : `scores ${round(own)}, ${swarm} ${round(theirs)}`
  if (figures.reputation !== best.reputation) return `scores as ${swarm}, whose reputation is higher`
  if (figures.idleSinceMs !== best.idleSinceMs) return `scores as ${swarm}, who has been idle for longer`
  return `scores as ${swarm}, whose name comes first`
}

/** By the dollar, as people reckon; null of a free one. */
const scoreOf = ({ value, profile }: IndexedSwarm): number | null =>
  profile.costPerHourMicroUsd === 0 ? null : value * 1_000_000

const round = (value: number): string => String(Number(value.toPrecision(3)))
