// How fast an error budget burns, and when that is worth an alarm: over a long window and a short one at once, so that an
// alarm is neither early nor stands long after all is well (Site Reliability Workbook, chapter 5). A rate of 1 uses up
// exactly the budget. Pure.
import { timestamp } from '../foundation/index.ts'
import { countsOf, inWindow, type SloBucket, type SloWindowName } from './slo-buckets.ts'

export interface SloTargets {
  /** Calls slower than this at the 99th percentile miss it. */
  p99LatencyMs: number
  /** 0–1. */
  successRate: number
  /** 0–1. */
  availability: number
}

export const SLO_DEFAULTS: SloTargets = { p99LatencyMs: 500, successRate: 0.95, availability: 0.99 }

export type SloObjective = 'successRate' | 'availability'
export type BurnSeverity = 'page' | 'ticket'

interface BurnRule {
  severity: BurnSeverity
  long: SloWindowName
  short: SloWindowName
  factor: number
}

const RULES: readonly BurnRule[] = [
  { severity: 'page', long: '1h', short: '5m', factor: 14.4 },
  { severity: 'page', long: '6h', short: '30m', factor: 6 },
  { severity: 'ticket', long: '3d', short: '6h', factor: 1 },
]
const OBJECTIVES: readonly SloObjective[] = ['successRate', 'availability']

/** Fewer calls in the long window are no reason to wake anybody. */
const LEAST_CALLS = 10
/** A rule whose factor a target can't reach goes off when nearly all calls are bad. */
const NEARLY_ALL = 0.9
/** An alarm ends when the short window burns at less than this share of the factor. */
const COOLED = 0.5

export interface BurnRate extends BurnRule {
  objective: SloObjective
  /** How fast the budget burns in each window. */
  longRate: number
  shortRate: number
  shortCalls: number
  isBurning: boolean
}

/** Alarms that stand, by `<objective>/<severity>`: since when, and which rule set them off. */
export type StandingBurns = { [id: string]: { since: string; long: SloWindowName } }

export interface BurnAlert extends BurnRate {
  since: string
}

/** What a budget is when nothing may fail. */
const LEAST_BUDGET = 1e-6

export const budgetOf = (target: number): number => Math.max(LEAST_BUDGET, 1 - target)

/** The rate of each rule and objective. */
export function burnRates(buckets: readonly SloBucket[], targets: SloTargets, nowMs: number): BurnRate[] {
  return OBJECTIVES.flatMap((objective) =>
    RULES.map((rule): BurnRate => {
      const factor = Math.min(rule.factor, NEARLY_ALL / budgetOf(targets[objective]))
      const long = rateIn(rule.long, objective)
      const short = rateIn(rule.short, objective)
      const isBurning = long.calls >= LEAST_CALLS && long.rate >= factor && short.rate >= factor
      const rates = { longRate: long.rate, shortRate: short.rate, shortCalls: short.calls }
      return { ...rule, factor, objective, ...rates, isBurning }
    }),
  )

  function rateIn(window: SloWindowName, objective: SloObjective): { calls: number; rate: number } {
    const { calls, ok, available } = countsOf(inWindow(buckets, window, nowMs))
    if (calls === 0) return { calls, rate: 0 }
    const bad = calls - (objective === 'successRate' ? ok : available)
    return { calls, rate: bad / calls / budgetOf(targets[objective]) }
  }
}

/** Which alarms begin and end. While a page stands, no ticket is opened for the same. */
export function moveBurns(rates: readonly BurnRate[], before: StandingBurns, nowMs: number) {
  const standing: StandingBurns = {}
  const began: BurnAlert[] = []
  const ended: BurnAlert[] = []
  for (const objective of OBJECTIVES) {
    for (const severity of ['page', 'ticket'] as const) {
      const id = burnId(objective, severity)
      const of = rates.filter((rate) => rate.objective === objective && rate.severity === severity)
      const known = before[id]
      const burning = of.find(({ isBurning }) => isBurning)
      const [rate] = known ? of.filter(({ long }) => long === known.long) : [burning]
      if (known && rate && (burning || !hasCooled(rate))) standing[id] = known
      else if (known && rate) ended.push({ ...rate, since: known.since })
      else if (rate && !(severity === 'ticket' && standing[burnId(objective, 'page')])) {
        const since = timestamp(nowMs)
        standing[id] = { since, long: rate.long }
        began.push({ ...rate, since })
      }
    }
  }
  return { standing, began, ended }
}

/** The alarms that stand, with their rates of now. */
export function alertsOf(rates: readonly BurnRate[], standing: StandingBurns): BurnAlert[] {
  return rates.flatMap((rate) => {
    const known = standing[burnId(rate.objective, rate.severity)]
    return known?.long === rate.long ? [{ ...rate, since: known.since }] : []
  })
}

const burnId = (objective: SloObjective, severity: BurnSeverity): string => `${objective}/${severity}`

/** Silence in the short window ends nothing as long as the long one remembers. */
const hasCooled = ({ factor, longRate, shortRate, shortCalls }: BurnRate): boolean =>
  shortRate < factor * COOLED && (shortCalls > 0 || longRate < factor)
