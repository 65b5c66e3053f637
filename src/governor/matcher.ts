// Who can help best: one alone by score (match × reputation / cost), or several together by least cost. Asks the index
// for those that have any needed capability, measures each once, and says of everybody why it was taken or not. Pure; a
// question to ten thousand profiles is answered well within a millisecond, as texts are made for those only who are shown.
import { type MicroUsd, nearest } from '../foundation/index.ts'
import { namesIn, popcount } from './bit-set.ts'
import type { CapabilityIndex, IndexedSwarm } from './capability-index.ts'
import { leastCover } from './cover.ts'
import { checkHelpRequest, type Help, type HelpRequest, type HelpSources, type HelpTeam } from './help.ts'
import { betterFirst, byStanding, type Measure, measureSwarm } from './matcher-figures.ts'
import { candidateOf } from './matcher-reasons.ts'

const SHOWN = 10

/** IF_ERR_INVALID_INPUT for a question that is none; an answer without assignee and team where nobody can help. */
export function searchHelp(index: CapabilityIndex, request: HelpRequest, sources: HelpSources = {}): Help {
  const needs = checkHelpRequest(request)
  const { policy, hours, explain = false, max = SHOWN } = request
  const measure = measureOf(request, needs.length, sources)
  const all = index.coverersOf(needs)
  for (const swarm of all) measureSwarm(swarm, measure)
  const shown = explain ? all.sort(betterFirst) : bestOf(all, max)
  const team = teamOf(all, needs, { maxMembers: policy.maxSwarmsPerTask, measure })
  const inTeam = new Set(team?.members.map(({ swarm }) => swarm))
  const [best] = shown
  const eligible = all.reduce((count, { group }) => (group === 0 ? count + 1 : count), 0)
  const candidates = shown.map((figures) =>
    candidateOf(figures, { needs, measure, eligible, inTeam: inTeam.has(figures.profile.swarm), best }),
  )
  const found = best?.group === 0 ? candidates[0] : undefined
  const isLost = !found && !team
  return {
    needs,
    limits: {
      minMatch: policy.minCapabilityMatch,
      maxMembers: policy.maxSwarmsPerTask,
      maxCostMicroUsd: measure.enforceBudgets ? measure.maxCostMicroUsd : null,
      hours,
    },
    assignee: found,
    team,
    candidates,
    counted: { candidates: all.length, others: index.size - all.length },
    unknown: unknownOf(all, needs, index, explain || isLost),
  }
}

function measureOf(request: HelpRequest, needs: number, sources: HelpSources): Measure {
  const { policy, hours, blockedSwarm, exclude, maxCostMicroUsd = Number.POSITIVE_INFINITY } = request
  const { enableBudgetEnforcement: enforceBudgets, enableReputationScoring: scoreReputation } = policy
  return {
    ...sources,
    hours,
    ...(blockedSwarm === undefined ? {} : { blockedSwarm }),
    needs,
    exclude: exclude && exclude.length > 0 ? new Set(exclude) : undefined,
    // The share is inclusive: 0.7 of 10 are 7, whatever binary fractions make of it.
    minCovered: Math.max(1, Math.ceil(policy.minCapabilityMatch * needs - 1e-9)),
    maxCostMicroUsd: enforceBudgets
      ? Math.min(policy.maxCostPerTaskMicroUsd, maxCostMicroUsd)
      : Number.POSITIVE_INFINITY,
    enforceBudgets,
    scoreReputation,
  }
}

/** The first of the order without ordering the rest. */
function bestOf(all: readonly IndexedSwarm[], max: number): IndexedSwarm[] {
  const best: IndexedSwarm[] = []
  for (const figures of all) {
    const last = best[best.length - 1]
    if (best.length >= max && last && betterFirst(last, figures) <= 0) continue
    let at = best.length
    for (; at > 0; at--) {
      const before = best[at - 1]
      if (!before || betterFirst(before, figures) <= 0) break
    }
    best.splice(at, 0, figures)
    if (best.length > max) best.pop()
  }
  return best
}

function teamOf(
  all: readonly IndexedSwarm[],
  needs: readonly string[],
  { maxMembers, measure }: { maxMembers: number; measure: Measure },
): HelpTeam | undefined {
  const usable = cheapestByMask(all)
  const cover = leastCover(
    usable.map(({ mask, costMicroUsd, reputation }) => ({
      mask,
      cost: costMicroUsd,
      penalty: Math.round((1 - reputation) * 1e6),
    })),
    { minCovered: measure.minCovered, maxMembers, maxCost: measure.maxCostMicroUsd },
  )
  if (cover.members.length === 0) return undefined
  const chosen = cover.members.flatMap((at) => usable[at] ?? []).sort(betterFirst)
  let taken = 0
  const members = chosen.map(({ profile, mask, costMicroUsd }) => {
    const takes = namesIn(mask & ~taken, needs)
    taken |= mask
    return { swarm: profile.swarm, takes, costMicroUsd }
  })
  return {
    members,
    match: popcount(cover.mask) / needs.length,
    missing: namesIn(~cover.mask, needs),
    costMicroUsd: members.reduce((sum: MicroUsd, member) => sum + member.costMicroUsd, 0),
    isProven: cover.isProven,
  }
}

/** Of those who cover the same the cheapest that may help; no other of them is ever in a least-cost team. */
function cheapestByMask(all: readonly IndexedSwarm[]): IndexedSwarm[] {
  const cheapest = new Map<number, IndexedSwarm>()
  for (const figures of all) {
    if (figures.refusal) continue
    const other = cheapest.get(figures.mask)
    if (!other || (figures.costMicroUsd - other.costMicroUsd || byStanding(figures, other)) < 0)
      cheapest.set(figures.mask, figures)
  }
  return [...cheapest.values()].sort(betterFirst)
}

/** What nobody covers; what was meant by it takes a look at everything that anybody can do. */
function unknownOf(
  all: readonly IndexedSwarm[],
  needs: readonly string[],
  index: CapabilityIndex,
  isSuggesting: boolean,
): Help['unknown'] {
  const known = all.reduce((mask, figures) => mask | figures.mask, 0)
  return namesIn(~known, needs).map((need) => ({ need, near: isSuggesting ? nearest(need, index.capabilities()) : [] }))
}
