// What happens to tasks, for those who look on: each move once, in order, wherever it was made. A reader that doesn't keep
// up is ended with an error rather than fed from an endless queue.
import { FabricError, type JsonValue } from '../foundation/index.ts'
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
  const { spec, standing } = record
  const fresh = Math.min(record.moves - known, record.history.length)
  if (fresh <= 0) return []
  return record.history.slice(-fresh).map(({ at, move, by, token, note }) => ({
    task: spec.id,
    kind: spec.kind,
    swarm: spec.swarm,
    at,
    move,
    by: by ?? null,
    token,
    note: note ?? null,
    state: standing.state,
  }))
}

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

const MOST_WAITING = 10_000

/** One reader's events. */
export class EventStream implements AsyncIterableIterator<TaskEvent> {
  #waiting: TaskEvent[] = []
  #taker: { resolve(result: IteratorResult<TaskEvent>): void; reject(thrown: unknown): void } | undefined
  #failure: FabricError | undefined
  #isOver = false
  readonly #onEnd: (stream: EventStream) => void

  constructor(onEnd: (stream: EventStream) => void) {
    this.#onEnd = onEnd
  }

  offer(event: TaskEvent): void {
    if (this.#isOver) return
    if (this.#taker) {
      this.#taker.resolve({ done: false, value: event })
      this.#taker = undefined
      return
    }
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(event)
      return
    }
    this.#failure = new FabricError('IF_ERR_TIMEOUT', `a watcher of tasks is ${MOST_WAITING} events behind`, {
      hint: 'Watch again, and list the tasks to see where they stand now.',
    })
    this.#waiting = []
    this.end()
  }

  next(): Promise<IteratorResult<TaskEvent>> {
    const event = this.#waiting.shift()
    if (event) return Promise.resolve({ done: false, value: event })
    const failure = this.#failure
    this.#failure = undefined
    if (failure) return Promise.reject(failure)
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<TaskEvent>> {
    this.#waiting = []
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** What is waiting can still be read. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
    this.#taker?.resolve({ done: true, value: undefined })
    this.#taker = undefined
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
