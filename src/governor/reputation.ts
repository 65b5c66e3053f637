// The reputation of an instance or swarm: 0 to 1 from its last runs, how many succeeded and how slow the slowest were.
// Pure. Who has not run ten times has a clean name; who has been idle for days drifts slowly to the middle.

/** Counted at most. */
export const RUNS_KEPT = 1_000
const RUNS_NEEDED = 10
const DAY_MS = 86_400_000
const DRIFT_A_DAY = 0.01
const DRIFT_TARGET = 0.7

export interface ReputationTargets {
  /** 0–1. Default 0.95. */
  successRate: number
  /** Default 500. */
  p99Ms: number
}

export const REPUTATION_DEFAULTS: ReputationTargets = { successRate: 0.95, p99Ms: 500 }

/** One run as it is kept: its latency in whole milliseconds, or −1 − latency where it failed. */
export type Run = number

export const runOf = ({ ok, latencyMs }: { ok: boolean; latencyMs: number }): Run => {
  const ms = Math.min(Math.max(0, Math.round(latencyMs)), Number.MAX_SAFE_INTEGER - 1)
  return ok ? ms : -1 - ms
}

export interface Reputation {
  /** 0–1. */
  score: number
  runs: number
  /** undefined as long as nothing has run. */
  successRate: number | undefined
  p99Ms: number | undefined
}

/** `idleMs`: since the last run. */
export function reputationOf(runs: readonly Run[], targets: ReputationTargets, idleMs: number): Reputation {
  if (runs.length === 0) return { score: 1, runs: 0, successRate: undefined, p99Ms: undefined }
  const successRate = runs.filter((run) => run >= 0).length / runs.length
  const p99Ms = ninetyNinth(runs)
  const earned = runs.length < RUNS_NEEDED ? 1 : scoreOf({ successRate, p99Ms }, targets)
  return { score: drifted(earned, idleMs), runs: runs.length, successRate, p99Ms }
}

function scoreOf(seen: { successRate: number; p99Ms: number }, targets: ReputationTargets): number {
  const forFailures = Math.min(2 * Math.max(0, targets.successRate - seen.successRate), 0.3)
  const forSlowness = Math.min(0.2 * Math.max(0, seen.p99Ms / targets.p99Ms - 1), 0.2)
  return Math.min(1, Math.max(0, (1 - forFailures - forSlowness) * seen.successRate))
}

/** Each whole day of idleness is a step towards the middle, never past it. */
function drifted(score: number, idleMs: number): number {
  const steps = DRIFT_A_DAY * Math.max(0, Math.floor(idleMs / DAY_MS))
  return score > DRIFT_TARGET ? Math.max(DRIFT_TARGET, score - steps) : Math.min(DRIFT_TARGET, score + steps)
}

/** The nearest rank: no run that was measured is slower for 99 of 100. */
function ninetyNinth(runs: readonly Run[]): number {
  const latencies = Float64Array.from(runs, (run) => (run >= 0 ? run : -1 - run)).sort()
  return latencies[Math.ceil(0.99 * latencies.length) - 1] ?? 0
}
