// Workers that may take the same tasks: of one swarm, with the same capabilities and wishes.
import type { JsonValue } from '../foundation/index.ts'
import type { Entry } from './entry.ts'
import type { Holder, TaskRecord } from './record.ts'
import type { TaskClass } from './task-class.ts'

/** Which tasks a claim wants; what is left out is no restriction. */
export interface ClaimFilter {
  readonly kinds?: readonly string[]
  /** What the claimant can do. Default: nothing, so that only tasks without needs fit. */
  readonly capabilities?: readonly string[]
  /** Only tasks that these swarms asked for. */
  readonly swarms?: readonly string[]
}

/** Somebody who waits for tasks. */
export interface Waiter {
  readonly holder: Holder
  readonly leaseMs: number
  readonly group: WorkerGroup
  /** How many more tasks it wants now. */
  wants: number
  /** The claim of a task that was promised is durable. */
  granted(entry: Entry, record: TaskRecord, payload: JsonValue | undefined): void
  /** A promised task can't be had: somebody else was faster, or `reason` (an error of the store). */
  refused(reason: unknown): void
}

export class WorkerGroup {
  readonly key: string
  readonly swarm: string
  readonly filter: ClaimFilter
  /** Classes of tasks that fit. */
  readonly classes = new Set<TaskClass<WorkerGroup>>()
  /** Those who wait, who waits longest first. */
  readonly waiters = new Set<Waiter>()
  /** Registered workers, waiting or not; a group without any may be forgotten. */
  workers = 0

  constructor(key: string, swarm: string, filter: ClaimFilter) {
    this.key = key
    this.swarm = swarm
    this.filter = filter
  }

  takesFrom(swarm: string): boolean {
    return !this.filter.swarms || this.filter.swarms.includes(swarm)
  }
}
