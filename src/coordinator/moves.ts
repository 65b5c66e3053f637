// Moves as pure functions from record to record: what one makes becomes true by one compare-and-swap of that record.
import { FabricError, type HostTime } from '../foundation/index.ts'
import type { HistoryMove, StandingOf, TaskRecord, TaskSpec } from './record.ts'
import { canMove, MOVES, type Move } from './states.ts'

/** Where a move leads; the table decides which standing fits. */
type Target<M extends Move> = StandingOf<(typeof MOVES)[M]['to']>

export interface MoveFacts {
  /** RFC 3339. */
  at: string
  by?: string
  note?: string
  /** The new fencing token, where the move gives one. */
  token?: number
  /** Attempts begun, where the move changes it. */
  attempt?: number
}

const KEPT_MOVES = 32

/** The record after a move; IF_ERR_CONFLICT when the table doesn't allow it. */
export function moved<M extends Move>(record: TaskRecord, move: M, standing: Target<M>, facts: MoveFacts): TaskRecord {
  const { state } = record.standing
  if (!canMove(state, move)) throw illegal(record, move)
  const { token = record.token, attempt = record.attempt } = facts
  const history = record.history.length < KEPT_MOVES ? record.history.slice() : record.history.slice(1 - KEPT_MOVES)
  history.push(historyMove(move, token, facts))
  return { spec: record.spec, token, attempt, moves: record.moves + 1, history, standing }
}

/** The record of a new task. */
export function added(spec: TaskSpec, facts: MoveFacts): TaskRecord {
  const { token = 0 } = facts
  return { spec, token, attempt: 0, moves: 1, history: [historyMove('add', token, facts)], standing: { state: 'open' } }
}

/** The record with a newer beat; leaves the history alone. */
export function beaten(record: TaskRecord, leaseMs?: number, beatAt?: HostTime): TaskRecord {
  const { standing } = record
  if (standing.state !== 'claimed') throw illegal(record, 'extend')
  const { beatAt: _older, ...kept } = standing
  return {
    ...record,
    standing: {
      ...kept,
      leaseMs: leaseMs ?? standing.leaseMs,
      beat: standing.beat + 1,
      ...(beatAt === undefined ? {} : { beatAt }),
    },
  }
}

function historyMove(move: Move, token: number, { at, by, note }: MoveFacts): HistoryMove {
  if (note !== undefined) return by === undefined ? { at, move, token, note } : { at, move, by, token, note }
  return by === undefined ? { at, move, token } : { at, move, by, token }
}

const PAST: Record<Move, string> = {
  add: 'added',
  claim: 'claimed',
  extend: 'extended',
  complete: 'completed',
  again: 'tried again',
  fail: 'failed',
  die: 'given up',
  release: 'released',
  expire: 'taken back',
  block: 'blocked',
  park: 'blocked',
  unblock: 'unblocked',
  retry: 'retried',
  cancel: 'cancelled',
}

function illegal({ spec, standing }: TaskRecord, move: Move): FabricError {
  const from = MOVES[move].from.join(' or ')
  return new FabricError(
    'IF_ERR_CONFLICT',
    `task ${spec.id} is ${standing.state}; only one that is ${from} can be ${PAST[move]}`,
    {
      next: `ifab task show ${spec.id}`,
      details: { task: spec.id, state: standing.state, move },
      retryable: false,
    },
  )
}
