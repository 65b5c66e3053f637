// What happens to tasks, as those who look on hear it: each move once, in order, wherever it was made.
import type { JsonValue } from '../foundation/index.ts'
import type { Blocker, HistoryMove, TaskRecord } from './record.ts'
import type { Move, TaskState } from './states.ts'

export interface TaskEvent {
  readonly task: string
  readonly kind: string
  readonly swarm: string
  /** RFC 3339. */
  readonly at: string
  readonly move: Move
  readonly by: string | null
  readonly token: number
  readonly note: string | null
  /** The state after the last move that is known. */
  readonly state: TaskState
}

export type BlockerType =
  | 'heartbeat-missed'
  | 'attempts-exhausted'
  | 'dependency-circle'
  | 'dependency-missing'
  | 'deadline-at-risk'

/** Something stops a task: said by its holder, or detected. */
export interface BlockerEvent {
  readonly task: string
  readonly kind: string
  readonly swarm: string
  readonly at: string
  /** Detected ones have a BlockerType as their type. */
  readonly isDetected: boolean
  readonly blocker: Blocker
  readonly token: number
  /** Who held the task, as `swarm/worker`. */
  readonly by: string | null
  readonly context: JsonValue
}

/** Events of moves that weren't seen before. */
export function eventsOf(record: TaskRecord, known: number): TaskEvent[] {
  const fresh = Math.min(record.moves - known, record.history.length)
  const events: TaskEvent[] = []
  for (let at = record.history.length - Math.max(0, fresh); at < record.history.length; at++) {
    events.push(eventOf(record, record.history[at] as HistoryMove)) // at < length
  }
  return events
}

const eventOf = ({ spec, standing }: TaskRecord, { at, move, by, token, note }: HistoryMove): TaskEvent => ({
  task: spec.id,
  kind: spec.kind,
  swarm: spec.swarm,
  at,
  move,
  by: by ?? null,
  token,
  note: note ?? null,
  state: standing.state,
})

/** What of a move stops the task; undefined for most moves. */
export function blockerOf(record: TaskRecord, move: HistoryMove): BlockerEvent | undefined {
  const { standing } = record
  switch (move.move) {
    case 'block':
    case 'park':
      return standing.state === 'blocked'
        ? blockerEvent(record, move, standing.blocker, move.move === 'park')
        : undefined
    case 'expire':
      return blockerEvent(record, move, detected('heartbeat-missed', `no sign of ${move.by} for a whole lease`), true)
    case 'die': {
      const description = standing.state === 'dead' ? standing.error.message : (move.note ?? 'given up')
      return blockerEvent(record, move, detected('attempts-exhausted', description), true)
    }
    default:
      return undefined
  }
}

export function blockerEvent(
  { spec, standing, token }: TaskRecord,
  { at, by }: { at: string; by?: string },
  blocker: Blocker,
  isDetected: boolean,
): BlockerEvent {
  const context = 'context' in standing ? (standing.context ?? null) : null
  return { task: spec.id, kind: spec.kind, swarm: spec.swarm, at, isDetected, blocker, token, by: by ?? null, context }
}

const SEVERITY_OF: Record<BlockerType, Blocker['severity']> = {
  'heartbeat-missed': 'medium',
  'attempts-exhausted': 'high',
  'dependency-circle': 'high',
  'dependency-missing': 'high',
  'deadline-at-risk': 'medium',
}

export const detected = (type: BlockerType, description: string): Blocker => ({
  type,
  description,
  severity: SEVERITY_OF[type],
  requiredCapabilities: [],
})
