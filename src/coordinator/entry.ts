// What this process knows of one task: the record as it saw it last, and where the task stands in the indexes.
import type { Bagged } from './bag.ts'
import { Heap, type Placed } from './heap.ts'
import type { Place } from './line.ts'
import type { TaskRecord } from './record.ts'
import type { TaskState } from './states.ts'
import { isEnded } from './states.ts'

export class Entry implements Placed, Bagged {
  readonly id: string
  readonly isNamed: boolean
  readonly kind: string
  readonly swarm: string
  readonly priority: number
  readonly enqueuedAt: string
  /** Name of the key of a large payload. */
  readonly payloadKey: string | undefined
  token: number
  state: TaskState
  revision: number
  /** Undefined once the task has ended: the store has it, memory needn't. */
  record: TaskRecord | undefined
  place = -1
  isFirst = false
  /** Key of the class that it waits in for a worker, as long as it is open. */
  class: string | undefined
  /** How many of its dependencies aren't done yet. */
  waitsFor = 0
  /** A commit of this process for this task is on its way. */
  isMoving = false
  #whenStill: (() => void)[] | undefined
  /** What the store said meanwhile: applied when the commit is known. */
  meanwhile: { record: TaskRecord | undefined; revision: number } | undefined
  /** Moves that were seen. */
  moves: number
  /** The backoff of the present standing is over. */
  hasWaited = false
  delay: Timer | undefined
  /** Its places among the leases, among those that this process keeps, and among the ended ones. */
  leasePlace: Place<Entry> | undefined
  keptPlace: Place<Entry> | undefined
  endedPlace: Place<Entry> | undefined
  /** Its place among the tasks of its holder. */
  bagPlace = -1
  /** The beginning of the record's text, where this process wrote it and the task is claimed: each move writes it again. */
  head: string | undefined
  warning: Timer | undefined
  /** Hears of each new record; set by the worker that holds the task. */
  onChange: ((record: TaskRecord | undefined) => void) | undefined

  constructor(record: TaskRecord, revision: number) {
    const { id, kind, swarm, priority = 0, enqueuedAt, payloadKey } = record.spec
    this.id = id
    this.isNamed = record.spec.isNamed === true
    this.kind = kind
    this.swarm = swarm
    this.priority = priority
    this.enqueuedAt = enqueuedAt
    this.payloadKey = payloadKey
    this.token = record.token
    this.state = record.standing.state
    this.revision = revision
    this.moves = record.moves
    this.record = isEnded(this.state) ? undefined : record
  }

  /** Waits until the commit that is on its way is known. */
  still(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isMoving) return resolve()
      this.#whenStill ??= []
      this.#whenStill.push(resolve)
    })
  }

  /** The commit is known. */
  stand(): void {
    this.isMoving = false
    const waiting = this.#whenStill
    this.#whenStill = undefined
    for (const go of waiting ?? []) go()
  }

  see(record: TaskRecord, revision: number): void {
    this.revision = revision
    this.state = record.standing.state
    this.moves = record.moves
    this.token = record.token
    this.hasWaited = false
    this.head = undefined
    this.record = isEnded(this.state) ? undefined : record
  }
}

/** Who is claimed first among the tasks of a swarm: unblocked ones, then by priority, then who came first. */
export function goesBefore(a: Entry, b: Entry): boolean {
  if (a.isFirst !== b.isFirst) return a.isFirst
  if (a.priority !== b.priority) return a.priority > b.priority
  if (a.enqueuedAt !== b.enqueuedAt) return a.enqueuedAt < b.enqueuedAt
  return a.id < b.id
}

export interface Timer extends Placed {
  /** Milliseconds, of the wall or the monotonic clock: a heap holds timers of one clock. */
  at: number
  readonly entry: Entry
  readonly ring: () => void
}

export const newTimerHeap = (): Heap<Timer> => new Heap<Timer>((a, b) => a.at < b.at)
