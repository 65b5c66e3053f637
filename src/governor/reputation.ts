// The reputation of an instance, swarm or module: 0 to 1 from its last runs, how many succeeded and how slow the slowest were.
// Pure. Who has not run ten times has a clean name; who has been idle for days drifts slowly to the middle. It comes with
// its reasons, which add up to what is missing.

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

export interface ReputationReason {
  what: 'failures' | 'slowness' | 'few-runs' | 'idle'
  /** A sentence for people. */
  text: string
  /** What it takes from the score; below 0 where idleness lifts it. */
  minus: number
}

export interface Reputation {
  /** 0–1: 1 less what the reasons take. */
  score: number
  runs: number
  /** undefined as long as nothing has run. */
  successRate: number | undefined
  p99Ms: number | undefined
  reasons: ReputationReason[]
}

/** `idleMs`: since the last run. */
export function reputationOf(runs: readonly Run[], targets: ReputationTargets, idleMs: number): Reputation {
  if (runs.length === 0) {
    return { score: 1, runs: 0, successRate: undefined, p99Ms: undefined, reasons: [tooFew(0)] }
  }
  const successRate = runs.filter((run) => run >= 0).length / runs.length
  const p99Ms = ninetyNinth(runs)
  const isKnown = runs.length >= RUNS_NEEDED
  const reasons = isKnown ? reasonsOf({ successRate, p99Ms }, targets) : [tooFew(runs.length)]
  const earned = Math.min(1, Math.max(0, 1 - sumOf(reasons)))
  const score = drifted(earned, idleMs)
  if (score !== earned) reasons.push(idle(idleMs, earned - score))
  return { score, runs: runs.length, successRate, p99Ms, reasons }
}

const sumOf = (reasons: readonly ReputationReason[]): number => reasons.reduce((sum, { minus }) => sum + minus, 0)

/** The formula (1 − failures − slowness) × success rate, with what each takes in the end. */
function reasonsOf(seen: { successRate: number; p99Ms: number }, targets: ReputationTargets): ReputationReason[] {
  const forFailures = Math.min(2 * Math.max(0, targets.successRate - seen.successRate), 0.3)
  const forSlowness = Math.min(0.2 * Math.max(0, seen.p99Ms / targets.p99Ms - 1), 0.2)
  const reasons: ReputationReason[] = []
  if (seen.successRate < 1) {
    const promised =
      seen.successRate < targets.successRate ? `, where ${percent(targets.successRate)} are promised` : ''
    const text = `${percent(seen.successRate)} of the runs succeeded${promised}`
    reasons.push({ what: 'failures', text, minus: 1 - seen.successRate + forFailures * seen.successRate })
  }
  if (forSlowness > 0 && seen.successRate > 0) {
    const text = `99 of 100 runs take up to ${seen.p99Ms} ms, where ${targets.p99Ms} ms are promised`
    reasons.push({ what: 'slowness', text, minus: forSlowness * seen.successRate })
  }
  return reasons
}

const tooFew = (runs: number): ReputationReason => ({
  what: 'few-runs',
  text: `${runs === 0 ? 'nothing has' : runs === 1 ? '1 run has' : `${runs} runs have`} been seen; it counts from ${RUNS_NEEDED} on`,
  minus: 0,
})

const idle = (idleMs: number, minus: number): ReputationReason => ({
  what: 'idle',
  text: `nothing has run for ${Math.floor(idleMs / DAY_MS)} days, which brings it ${minus > 0 ? 'down' : 'up'} towards ${DRIFT_TARGET}`,
  minus,
})

/** Rounded down, so that less than all never reads as all. */
const percent = (share: number): string => `${Math.floor(share * 1_000 + 1e-9) / 10} %`

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
