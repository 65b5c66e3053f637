// What a breaker remembers, and how it moves: closed → open → half-open → closed. Pure; no record is a closed breaker
// that counts nothing. An instance's breaker is tried again after a time, by one probe that has a time of its own, so
// that a prober that died blocks nobody. A swarm's breaker is closed by a person only.
import { FabricError, timestamp } from '../foundation/index.ts'

export type BreakerKind = 'instance' | 'swarm'

export type BreakerRecord = {
  kind: BreakerKind
  name: string
  /** In a row. */
  failures: number
  /** What the last failure was, in one line. */
  why: string
  /** Of the last move. */
  at: string
} & (
  | { state: 'closed' }
  | {
      state: 'open'
      openedAt: string
      cause: BreakerCause /** null: when a person resets it. */
      retryAtMs: number | null
    }
  | { state: 'half-open'; openedAt: string; probe: string; probeUntilMs: number }
)

export type BreakerCause = 'failures' | 'budget'

export interface BreakerSettings {
  /** Of an instance, in a row. Default 5. */
  failures: number
  /** How long an instance is left alone. Default 60,000. */
  openMs: number
  /** Of a swarm, in a row: the policy's circuit_breaker_failure_threshold. Default 3. */
  swarmFailures: number
}

export const BREAKER_DEFAULTS: BreakerSettings = { failures: 5, openMs: 60_000, swarmFailures: 3 }

/** A failure of the subject; undefined where the breaker is open already. */
export function afterFailure(
  current: BreakerRecord | undefined,
  failure: { kind: BreakerKind; name: string; why: string; nowMs: number; settings: BreakerSettings },
): BreakerRecord | undefined {
  if (current && current.state !== 'closed') return undefined
  const { kind, name, why, nowMs, settings } = failure
  const at = timestamp(nowMs)
  const failures = (current?.failures ?? 0) + 1
  const counted = { kind, name, failures, why, at }
  if (failures < (kind === 'swarm' ? settings.swarmFailures : settings.failures)) return { ...counted, state: 'closed' }
  const retryAtMs = kind === 'swarm' ? null : nowMs + settings.openMs
  return { ...counted, state: 'open', openedAt: at, cause: 'failures', retryAtMs }
}

/** The probe goes out: half-open for as long as it may take. */
export const probing = (
  { kind, name, failures, why, openedAt }: BreakerRecord & { state: 'open' | 'half-open' },
  { probe, nowMs, forMs }: { probe: string; nowMs: number; forMs: number },
): BreakerRecord => ({
  kind,
  name,
  failures,
  why,
  at: timestamp(nowMs),
  state: 'half-open',
  openedAt,
  probe,
  probeUntilMs: nowMs + forMs,
})

/** The probe failed, or came to nothing: open again, until `retryAtMs`. */
export const reopened = (
  { kind, name, failures, why, openedAt }: BreakerRecord & { state: 'half-open' },
  { retryAtMs, nowMs, failure }: { retryAtMs: number; nowMs: number; failure: string | undefined },
): BreakerRecord => ({
  kind,
  name,
  failures: failures + (failure === undefined ? 0 : 1),
  why: failure ?? why,
  at: timestamp(nowMs),
  state: 'open',
  openedAt,
  cause: 'failures',
  retryAtMs,
})

/** Whether everybody is refused, or one may try. */
export function isShut(record: BreakerRecord | undefined, nowMs: number): boolean {
  switch (record?.state) {
    case 'open':
      return record.retryAtMs === null || record.retryAtMs > nowMs
    case 'half-open':
      return record.probeUntilMs > nowMs
    default:
      return false
  }
}

/** What a caller is told while the breaker is shut. */
export function breakerOpen(record: BreakerRecord): FabricError {
  const { kind, name, failures, why } = record
  const times = failures === 1 ? '1 failure' : `${failures} failures in a row`
  const because = record.state === 'open' && record.cause === 'budget' ? 'its budget is used up' : times
  const next = `ifab governor reset-breaker ${kind} ${name} --why "…"`
  const retryAtMs = retryAtOf(record)
  const details = {
    kind,
    name,
    state: record.state,
    failures,
    retryAt: retryAtMs === null ? null : timestamp(retryAtMs),
    outcome: 'not-done',
  }
  const message = `the breaker of ${kind} ${name} is open: ${because} (${why})`
  if (retryAtMs === null) {
    const hint = 'Only a person closes it, who says why.'
    return new FabricError('IF_ERR_BREAKER_OPEN', message, { hint, next, retryable: false, details })
  }
  const hint =
    record.state === 'half-open'
      ? 'One call is out to see whether it works again.'
      : `It is tried again, by one call first, from ${timestamp(retryAtMs)} on.`
  return new FabricError('IF_ERR_BREAKER_OPEN', message, { hint, next, details })
}

function retryAtOf(record: BreakerRecord): number | null {
  if (record.state === 'open') return record.retryAtMs
  return record.state === 'half-open' ? record.probeUntilMs : null
}
