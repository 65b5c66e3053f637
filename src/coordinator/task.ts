// A task as callers see it: the record laid out flat, with what this process knows of its waiting.
import type { JsonValue } from '../foundation/index.ts'
import type { Board } from './board.ts'
import {
  attemptsOf,
  type Blocker,
  dependenciesOf,
  type HistoryMove,
  type Holder,
  needsOf,
  type TaskError,
  type TaskRecord,
} from './record.ts'
import type { TaskState } from './states.ts'

export interface Task {
  readonly id: string
  readonly kind: string
  /** The swarm that asked. */
  readonly swarm: string
  readonly state: TaskState
  readonly priority: number
  readonly capabilities: readonly string[]
  readonly after: readonly string[]
  /** Those of `after` that aren't done yet. */
  readonly waitsFor: readonly string[]
  /** RFC 3339, as all times here. */
  readonly enqueuedAt: string
  readonly notBefore: string | null
  readonly deadline: string | null
  /** When the next attempt may begin, after one that failed. */
  readonly readyAt: string | null
  /** Attempts begun, and how many there may be. */
  readonly attempt: number
  readonly attempts: number
  /** The fencing token of the last claim. */
  readonly token: number
  readonly holder: Holder | null
  readonly leaseMs: number | null
  readonly blocker: Blocker | null
  /** What a blocked holder left for whoever goes on. */
  readonly context: JsonValue
  readonly result: JsonValue
  readonly error: TaskError | null
  /** The last 32 moves. */
  readonly history: readonly HistoryMove[]
}

export function taskOf(record: TaskRecord, board: Board): Task {
  const { spec, token, attempt, history, standing } = record
  const entry = board.entries.get(spec.id)
  return {
    id: spec.id,
    kind: spec.kind,
    swarm: spec.swarm,
    state: standing.state,
    priority: spec.priority ?? 0,
    capabilities: needsOf(spec),
    after: dependenciesOf(spec),
    waitsFor: entry && standing.state === 'open' ? board.unmet(entry) : [],
    enqueuedAt: spec.enqueuedAt,
    notBefore: spec.notBefore ?? null,
    deadline: spec.deadline ?? null,
    readyAt: standing.state === 'open' ? (standing.readyAt ?? null) : null,
    attempt,
    attempts: attemptsOf(spec),
    token,
    holder: 'holder' in standing ? (standing.holder ?? null) : null,
    leaseMs: standing.state === 'claimed' ? standing.leaseMs : null,
    blocker: standing.state === 'blocked' ? standing.blocker : null,
    context: 'context' in standing ? (standing.context ?? null) : null,
    result: standing.state === 'done' ? standing.result : null,
    error: 'error' in standing ? standing.error : null,
    history,
  }
}
