// Tasks that the same workers may take: of one kind, with the same needs. A class keeps its ready tasks by the swarm that
// asked (fair between swarms, by priority within) and the groups of workers that wait for such a task.
import { type Entry, goesBefore } from './entry.ts'
import { Heap, type Placed } from './heap.ts'
import type { Turns } from './turns.ts'

/** The ready tasks of one swarm in one class. */
class SwarmQueue implements Placed {
  place = -1
  readonly swarm: string
  readonly tasks = new Heap<Entry>(goesBefore)
  /** The swarm's virtual time when it was last looked at; the true one is never less. */
  time: number

  constructor(swarm: string, time: number) {
    this.swarm = swarm
    this.time = time
  }
}

export class TaskClass<Group> {
  readonly key: string
  readonly kind: string
  readonly capabilities: readonly string[]
  /** Groups with a worker that waits, who waits longest first. */
  readonly waiting = new Set<Group>()
  /** Open tasks, ready or not. */
  members = 0
  readonly #turns: Turns
  readonly #bySwarm = new Map<string, SwarmQueue>()
  readonly #queues = new Heap<SwarmQueue>((a, b) => a.time < b.time)

  constructor(key: string, kind: string, capabilities: readonly string[], turns: Turns) {
    this.key = key
    this.kind = kind
    this.capabilities = capabilities
    this.#turns = turns
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  add(entry: Entry): void {
    let queue = this.#bySwarm.get(entry.swarm)
    if (!queue) {
      queue = new SwarmQueue(entry.swarm, this.#turns.start(entry.swarm))
      this.#bySwarm.set(entry.swarm, queue)
      this.#queues.add(queue)
    }
    queue.tasks.add(entry)
  }

  remove(entry: Entry): void {
    const queue = this.#bySwarm.get(entry.swarm)
    if (!queue) return
    queue.tasks.remove(entry)
    if (queue.tasks.size > 0) return
    this.#bySwarm.delete(entry.swarm)
    this.#queues.remove(queue)
  }

  /** The task whose turn it is, among those of the given swarms or of all, with its swarm's time. */
  next(swarms?: readonly string[]): Candidate | undefined {
    const queue = swarms ? this.#firstOf(swarms) : this.#first()
    const entry = queue?.tasks.first
    return queue && entry && { entry, time: this.#timeOf(queue) }
  }

  #first(): SwarmQueue | undefined {
    for (;;) {
      const queue = this.#queues.first
      const time = queue ? this.#turns.of(queue.swarm) : 0
      if (!queue || time <= queue.time) return queue
      // Times only grow, so that a first one that is behind is all that can be wrong.
      queue.time = time
      this.#queues.settleFirst()
    }
  }

  #firstOf(swarms: readonly string[]): SwarmQueue | undefined {
    let best: SwarmQueue | undefined
    for (const swarm of swarms) {
      const queue = this.#bySwarm.get(swarm)
      if (queue && (!best || this.#timeOf(queue) < this.#timeOf(best))) best = queue
    }
    return best
  }

  #timeOf(queue: SwarmQueue): number {
    return Math.max(queue.time, this.#turns.of(queue.swarm))
  }
}

/** A task that could be handed out next. */
export interface Candidate {
  readonly entry: Entry
  readonly time: number
}

/** Which of two candidates of different classes goes first. */
export const isBetter = (a: Candidate, b: Candidate): boolean =>
  a.time === b.time ? goesBefore(a.entry, b.entry) : a.time < b.time
