// Opens the governor's rooms of one home: budgets, breakers, reputations, rate limits, the kill switch, the registry of
// swarms, and what ranks the instances that could do the same.
import { join } from 'node:path'
import { type Clock, type Config, isMadeOf, type Logger, microUsd, optional } from '../foundation/index.ts'
import {
  type Breakers,
  type BudgetLedger,
  type BudgetRule,
  type BurnNews,
  budgetsFor,
  costBudget,
  type Freezes,
  heldIn,
  type Loops,
  openBreakers,
  openBudgetLedger,
  openFreezes,
  openLoops,
  openRateLimits,
  openRegistry,
  openReputations,
  openSlo,
  type RateLimit,
  type RateLimits,
  type Registry,
  type Reputations,
  type ResourcePolicy,
  rankInstances,
  type Slo,
  type SloOptions,
  type SwarmProfile,
} from '../governor/index.ts'
import type { PlannerParts } from '../runs/index.ts'
import type { Store } from '../store/index.ts'
import type { FollowedFile } from './follow-file.ts'
import { openResourcePolicy, SESSION_SPENT } from './rules.ts'

export interface GovernorParts {
  ledger: BudgetLedger
  breakers: Breakers
  reputations: Reputations
  rateLimits: RateLimits
  swarmRate: (swarm: string) => RateLimit | undefined
  slo: Slo
  /** Who hears that an error budget burns, or has stopped burning; set by who can tell people. */
  burns: { heard: (news: BurnNews) => void }
  freezes: Freezes
  registry: Registry
  loops: Loops
  resourcePolicy: FollowedFile<ResourcePolicy>
  rank: PlannerParts['rank']
}

export interface GovernorOptions {
  home: string
  store: Store
  clock: Clock
  logger: Logger
  /** As it says now. */
  config: () => Config
  /** What a module promises, where it is known. */
  targetsOf: SloOptions['targetsOf'] & {}
}

export async function openGovernor(options: GovernorOptions): Promise<GovernorParts & { close(): Promise<void> }> {
  const { home, store, clock, logger, config } = options
  const path = join(home, 'policies', 'resource-policy.yaml')
  const resourcePolicy = await openResourcePolicy(path, config().governor.profile)
  resourcePolicy.follow(logger)
  const settings = {
    get failures() {
      return config().breaker.failures
    },
    get openMs() {
      return config().breaker.open
    },
    get swarmFailures() {
      return resourcePolicy.current.circuitBreakerFailureThreshold
    },
  }
  const [freezes, breakers, reputations, rateLimits] = await Promise.all([
    openFreezes({ store, clock, logger }),
    openBreakers({
      store,
      clock,
      logger,
      settings,
      onChange: ({ kind, name, before, after, record }) => {
        if (after === 'open') logger.warn(`the breaker of ${kind} ${name} opened`, { why: record?.why ?? '' })
        else logger.info(`the breaker of ${kind} ${name} is ${after}`, { before })
      },
    }),
    openReputations({
      store,
      clock,
      logger,
      targetsOf: (kind, name) => {
        const promised = kind === 'module' ? options.targetsOf({ kind, name }) : undefined
        return promised && { successRate: promised.successRate, p99Ms: promised.p99LatencyMs }
      },
    }),
    openRateLimits({ store, clock, logger }),
  ])
  const registry = await openRegistry({
    store,
    clock,
    logger,
    reputationOf: (swarm) => {
      const { runs, score } = reputations.of('swarm', swarm)
      return runs === 0 ? undefined : score
    },
    refusalOf: (swarm) =>
      freezes.isFrozen({ instance: '', swarm })
        ? 'it is frozen'
        : breakers.state('swarm', swarm) === 'closed'
          ? undefined
          : 'its breaker is open',
  })
  const burns = { heard: (_news: BurnNews): void => undefined }
  const slo = openSlo({ store, clock, logger, targetsOf: options.targetsOf, onBurn: (news) => burns.heard(news) })
  const rule = {
    get same() {
      return config().loops.same
    },
    get withinMs() {
      return config().loops.within
    },
  }
  return {
    ledger: openBudgetLedger({ store, clock }),
    breakers,
    reputations,
    rateLimits,
    swarmRate: (swarm) => config().rateLimits.find((rule) => isMadeOf(swarm, rule.swarm.split('*'))),
    slo,
    burns,
    freezes,
    registry,
    loops: openLoops({ store, clock, rule }),
    resourcePolicy,
    rank: async (candidates) => rankBy({ breakers, reputations, rateLimits, freezes }, candidates),
    async close() {
      resourcePolicy.close()
      await rateLimits.close()
      await slo.close()
      await reputations.close()
      registry.close()
      breakers.close()
      freezes.close()
    },
  }
}

/** By price, breaker, reputation and what the rate leaves; a twin has no limits. */
function rankBy(
  {
    breakers,
    reputations,
    rateLimits,
    freezes,
  }: Pick<GovernorParts, 'breakers' | 'reputations' | 'rateLimits' | 'freezes'>,
  candidates: Parameters<PlannerParts['rank']>[0],
): Awaited<ReturnType<PlannerParts['rank']>> {
  const priced = (usd: number | null) => (usd === null ? null : microUsd(usd))
  const ranked = rankInstances(
    candidates.map(({ instance: { name, tags, twin }, provider, operation, estimateUsd, maxUsd }) => ({
      instance: name,
      provider: provider.definition.id,
      operation,
      tags,
      priceEstimateMicroUsd: priced(estimateUsd),
      priceMaxMicroUsd: priced(maxUsd),
      breaker: breakers.state('instance', name),
      reputation: reputations.of('instance', name).score,
      headroom: twin === undefined ? rateLimits.headroom({ kind: 'instance', name }, provider.manifest.limits) : 1,
      healthy: freezes.isFrozen({ instance: name }) === undefined,
    })),
  )
  return ranked.map(({ instance, rank, why }) => ({
    instance,
    note: why,
    ...optional('isOut', rank === null || undefined),
  }))
}

/** What a session's actions have cost so far, held ones included; micro-USD. */
export async function spentBy(ledger: BudgetLedger, session: string): Promise<number> {
  const [budget] = budgetsFor([SESSION_SPENT], { session, actor: '', provider: '', instance: '', operation: '' })
  const record = budget && (await ledger.view(budget))
  return record ? record.settled + heldIn(record) : 0
}

/** What a swarm may cost in all by its own profile; undefined where that says nothing. */
export function swarmBudget(profile: SwarmProfile | undefined): BudgetRule | undefined {
  if (profile?.budgetMicroUsd == null) return undefined
  const limits = costBudget({ name: SWARM_BUDGET, limitMicroUsd: profile.budgetMicroUsd, per: 'total' })
  return { ...limits, warnAt: [75, 90], of: { swarm: profile.swarm }, each: ['swarm'] }
}

/** No name that config.yaml can have. */
const SWARM_BUDGET = '.swarm'
