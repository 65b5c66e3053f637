// What each request makes of a record, or why it is refused. Pure: the ledger asks again when the record has changed.
import { FabricError, type HostTime, type JsonValue } from '../foundation/index.ts'
import type { Decision } from './ledger.ts'
import { beaten, type MoveFacts, moved } from './moves.ts'
import {
  attemptsOf,
  type Blocker,
  type Holder,
  holderName,
  isSameHolder,
  type Standing,
  type StandingOf,
  type TaskError,
  type TaskRecord,
} from './record.ts'

/** Who asks, and when; `by` is an actor. */
export interface Asker {
  /** RFC 3339. */
  readonly at: string
  readonly by: string
  readonly note?: string
}

/** Who does something without holding the task; the coordinator itself where nobody is named. */
export const askerOf = ({ actor, why }: { actor?: string; why?: string }, at: string): Asker => ({
  at,
  by: actor ?? 'if://service/coordinator',
  ...(why === undefined ? {} : { note: why }),
})

export const claimFor =
  (holder: Holder, leaseMs: number, at: string, beatAt?: HostTime): Decision =>
  (record) => {
    const { standing } = record
    if (standing.state === 'claimed') {
      if (isSameHolder(standing.holder, holder)) return record
      throw lost(record, `${holderName(standing.holder)} holds it`)
    }
    if (standing.state !== 'open') return moved(record, 'claim', claimed(holder, leaseMs), { at }) // refuses
    const facts = { at, by: holderName(holder), token: record.token + 1, attempt: record.attempt + 1 }
    return moved(record, 'claim', { ...claimed(holder, leaseMs, beatAt), ...carried(standing) }, facts)
  }

const claimed = (holder: Holder, leaseMs: number, beatAt?: HostTime): StandingOf<'claimed'> => ({
  state: 'claimed',
  holder: { swarm: holder.swarm, worker: holder.worker },
  leaseMs,
  beat: 0,
  ...(beatAt === undefined ? {} : { beatAt }),
})

export const extendFor =
  (token: number, leaseMs: number | undefined, beatAt?: HostTime): Decision =>
  (record) => {
    held(record, token)
    return beaten(record, leaseMs, beatAt)
  }

/** Completing again with the same token is no error: the first answer may have been lost. */
export const completeWith =
  (token: number, result: JsonValue, at: string): Decision =>
  (record) => {
    if (record.standing.state === 'done' && record.token === token) return record
    const by = held(record, token)
    return moved(record, 'complete', { state: 'done', result }, { at, by })
  }

export interface Failing {
  error: TaskError
  /** Whether another attempt may help. */
  mayRetry: boolean
  /** How long until the next attempt. */
  delayOf(record: TaskRecord): number
  /** Wall clock, milliseconds. */
  now: number
  at: string
}

export const failWith =
  (token: number, { error, mayRetry, delayOf, now, at }: Failing): Decision =>
  (record) => {
    const { state } = record.standing
    if ((state === 'failed' || state === 'dead') && record.token === token) return record
    const by = held(record, token)
    const facts = { at, by, note: `${error.code}: ${error.message}` }
    if (!mayRetry) return moved(record, 'fail', { state: 'failed', error }, facts)
    if (record.attempt >= attemptsOf(record.spec)) return moved(record, 'die', { state: 'dead', error }, facts)
    const delayMs = delayOf(record)
    const readyAt = new Date(now + delayMs).toISOString()
    return moved(record, 'again', { state: 'open', delayMs, readyAt, ...carried(record.standing) }, facts)
  }

export const releaseWith =
  (token: number, at: string, note?: string): Decision =>
  (record) => {
    const by = held(record, token)
    const facts = { at, by, attempt: record.attempt - 1, ...(note === undefined ? {} : { note }) }
    return moved(record, 'release', { state: 'open', ...carried(record.standing) }, facts)
  }

/** Takes a task back whose record was the same for a whole lease; does nothing when it has moved. */
export const expire =
  (seen: TaskRecord, at: string): Decision =>
  (record) => {
    const { standing } = record
    if (standing.state !== 'claimed' || seen.standing.state !== 'claimed') return record
    if (record.token !== seen.token || standing.beat !== seen.standing.beat) return record
    const facts = { at, by: holderName(standing.holder) }
    if (record.attempt < attemptsOf(record.spec)) {
      return moved(record, 'expire', { state: 'open', ...carried(standing) }, facts)
    }
    const message = `no sign of ${holderName(standing.holder)} for ${standing.leaseMs} ms at attempt ${record.attempt}`
    return moved(
      record,
      'die',
      { state: 'dead', error: { code: 'IF_ERR_TIMEOUT', message } },
      { ...facts, note: message },
    )
  }

/** Gives up an open task whose deadline has passed; does nothing when it isn't open any more. */
export const giveUpLate =
  (at: string): Decision =>
  (record) => {
    if (record.standing.state !== 'open') return record
    const message = `the deadline ${record.spec.deadline} passed before it was done`
    return moved(record, 'die', { state: 'dead', error: { code: 'IF_ERR_TIMEOUT', message } }, { at, note: message })
  }

export const blockWith =
  (token: number, blocker: Blocker, context: JsonValue | undefined, at: string): Decision =>
  (record) => {
    const by = held(record, token)
    const { standing } = record
    const holder = standing.state === 'claimed' ? { holder: standing.holder } : {}
    const left = context === undefined ? carried(standing) : { ...carried(standing), context }
    return moved(record, 'block', { state: 'blocked', blocker, ...holder, ...left }, { at, by, note: blocker.type })
  }

/** Parks an open task that could never begin; does nothing when it isn't open any more. */
export const park =
  (blocker: Blocker, at: string): Decision =>
  (record) => {
    if (record.standing.state !== 'open') return record
    return moved(record, 'park', { state: 'blocked', blocker, ...carried(record.standing) }, { at, note: blocker.type })
  }

/** First in line from now on; the attempt that was blocked doesn't count. Dependencies that hold nothing back are dropped. */
export const unblockBy =
  (asker: Asker, context: JsonValue | undefined): Decision =>
  (record) => {
    const { standing } = record
    const wasHeld = standing.state === 'blocked' && standing.holder !== undefined
    const next: StandingOf<'open'> = {
      state: 'open',
      isFirst: true,
      ...carried(standing),
      ...(wasHeld ? {} : { ignoresAfter: true }),
      ...(context === undefined ? {} : { context }),
    }
    return moved(record, 'unblock', next, { ...asker, attempt: Math.max(0, record.attempt - (wasHeld ? 1 : 0)) })
  }

/** With all its attempts, and without a deadline that has passed: it would be given up again at once. */
export const retryBy =
  (asker: Asker): Decision =>
  (record) => {
    const { deadline, ...timeless } = record.spec
    const isLate = deadline !== undefined && deadline <= asker.at
    const known = isLate ? { ...record, spec: timeless } : record
    const dropped = isLate ? { note: `${asker.note ?? 'tried again'} (the deadline ${deadline} no longer holds)` } : {}
    return moved(known, 'retry', { state: 'open' }, { ...asker, ...dropped, attempt: 0 })
  }

export const cancelBy =
  (asker: Asker): Decision =>
  (record) => {
    const message = `cancelled by ${asker.by}`
    const facts: MoveFacts = { ...asker }
    return moved(record, 'cancel', { state: 'failed', error: { code: 'IF_ERR_CANCELLED', message } }, facts)
  }

/** Name of the holder; IF_ERR_CLAIM_LOST when the token is not the one of a claim that stands. */
export function held(record: TaskRecord, token: number): string {
  const { standing } = record
  if (standing.state === 'claimed' && record.token === token) return holderName(standing.holder)
  if (standing.state !== 'claimed') throw lost(record, `it is ${standing.state}`, token)
  throw lost(record, `${holderName(standing.holder)} holds it with token ${record.token}`, token)
}

function lost(record: TaskRecord, why: string, token?: number): FabricError {
  const which =
    token === undefined
      ? `task ${record.spec.id} can't be claimed`
      : `token ${token} of task ${record.spec.id} doesn't hold`
  return new FabricError('IF_ERR_CLAIM_LOST', `${which}: ${why}`, {
    hint:
      token === undefined
        ? 'Claim another: leave out the id to get the task whose turn it is.'
        : 'Stop working on it: whatever was not yet done belongs to its next holder.',
    next: `ifab task show ${record.spec.id}`,
    details: { task: record.spec.id, state: record.standing.state, token: record.token },
  })
}

/** What goes from one standing to the next. */
function carried(standing: Standing): { ignoresAfter?: true; context?: JsonValue } {
  if (!('context' in standing || 'ignoresAfter' in standing)) return {}
  const { ignoresAfter, context } = standing
  return { ...(ignoresAfter ? { ignoresAfter } : {}), ...(context === undefined ? {} : { context }) }
}
