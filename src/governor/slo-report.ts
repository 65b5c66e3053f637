// What the windows of one name say: how many calls, how many of them did well, how long they took, and what is left of the
// error budget. Pure.

import { countsOf, inWindow, type SloBucket, type SloWindowName } from './slo-buckets.ts'
import {
  alertsOf,
  type BurnAlert,
  type BurnRate,
  budgetOf,
  burnRates,
  type SloTargets,
  type StandingBurns,
} from './slo-burn.ts'
import type { Histograms } from './slo-latencies.ts'

export interface SloWindow {
  window: SloWindowName
  calls: number
  /** 0–1; null without calls, as are all that follow. */
  successRate: number | null
  /** Share of the calls that the provider, or module, neither failed by its own fault nor left without an answer. */
  availability: number | null
  p50LatencyMs: number | null
  p95LatencyMs: number | null
  p99LatencyMs: number | null
  /** Of the tighter of both budgets: 1 is all of it, below 0 more was used than there was. */
  budgetLeft: number | null
}

export interface SloReport {
  targets: SloTargets
  windows: SloWindow[]
  /** How fast both error budgets burn, by each rule. */
  burn: BurnRate[]
  /** Alarms that stand. */
  burning: BurnAlert[]
}

const REPORTED: readonly SloWindowName[] = ['5m', '1h', '24h', '28d']

export interface ReportOptions {
  targets: SloTargets
  standing: StandingBurns
  nowMs: number
  histograms: Histograms
}

export function reportOf(
  buckets: readonly SloBucket[],
  { targets, standing, nowMs, histograms }: ReportOptions,
): SloReport {
  const burn = burnRates(buckets, targets, nowMs)
  const windows = REPORTED.map((window): SloWindow => {
    const within = inWindow(buckets, window, nowMs)
    const { calls, ok, available } = countsOf(within)
    if (calls === 0) return { window, ...NOTHING }
    const latencies = within.flatMap((bucket) => bucket.latencies)
    const [p50LatencyMs = null, p95LatencyMs = null, p99LatencyMs = null] = histograms.within(latencies, [50, 95, 99])
    const used = Math.max(
      (calls - ok) / budgetOf(targets.successRate),
      (calls - available) / budgetOf(targets.availability),
    )
    return {
      window,
      calls,
      successRate: ok / calls,
      availability: available / calls,
      p50LatencyMs,
      p95LatencyMs,
      p99LatencyMs,
      budgetLeft: 1 - used / calls,
    }
  })
  return { targets, windows, burn, burning: alertsOf(burn, standing) }
}

const NOTHING = {
  calls: 0,
  successRate: null,
  availability: null,
  p50LatencyMs: null,
  p95LatencyMs: null,
  p99LatencyMs: null,
  budgetLeft: null,
} as const
