// Waiting for a person: until the plan is granted, denied or expired, or whoever waits has waited enough. A decision made
// in another process is seen as soon as the store's watch tells of it.
import { type Clock, FabricError, shortId } from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import { type ApprovalRecord, approvalDenied, planExpired } from './approvals-record.ts'

export interface WaitOptions {
  /** Ends the waiting with the signal's reason. */
  signal?: AbortSignal
  /** Then it ends with IF_ERR_APPROVAL_REQUIRED. Default: as long as the plan is valid. */
  timeoutMs?: number
}

/** Node fires a longer timer at once. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1

export async function waitForApproval(
  parts: { store: Store; clock: Clock },
  { plan, key }: { plan: string; key: string },
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions,
): Promise<ApprovalRecord> {
  const { store, clock } = parts
  const isStopped = (): boolean => signal?.aborted === true // asked anew after each wait
  const giveUpAt = clock.monotonic() + timeoutMs
  const ending = new AbortController()
  const ended = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal
  // Before the first look, so that no decision falls between.
  const changes = store.watch(key, { signal: ended })[Symbol.asyncIterator]()
  try {
    let change = changes.next()
    for (;;) {
      if (isStopped()) throw signal?.reason
      const record = (await store.get<ApprovalRecord>(key))?.value
      if (!record) throw new FabricError('IF_ERR_NOT_FOUND', `no approval is asked for plan ${shortId(plan)}`)
      if (record.state === 'granted' || record.state === 'used') return record
      if (record.state === 'denied') throw approvalDenied(record)
      const validMs = Date.parse(record.expiresAt) - clock.now()
      const patienceMs = giveUpAt - clock.monotonic()
      if (validMs <= 0) throw planExpired(record)
      if (patienceMs <= 0) throw stillWaiting(record)
      const pause = new AbortController()
      const slept = clock
        .sleep(Math.min(validMs, patienceMs, LONGEST_SLEEP_MS), AbortSignal.any([ended, pause.signal]))
        .then(
          () => 'time' as const,
          () => 'stopped' as const, // by who waits, or because there was a change
        )
      const first = await Promise.race([change, slept])
      pause.abort()
      if (typeof first === 'string') continue
      if (first.done && !isStopped())
        throw new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the store was closed while an approval was waited for')
      change = changes.next()
    }
  } finally {
    ending.abort()
  }
}

const stillWaiting = ({ plan }: ApprovalRecord): FabricError =>
  new FabricError('IF_ERR_APPROVAL_REQUIRED', `nobody has decided on plan ${shortId(plan)} yet`, {
    hint: 'It still waits: a person grants it, then the same plan is applied again.',
    next: `ifab approval grant ${shortId(plan)}`,
    details: { plan },
  })
