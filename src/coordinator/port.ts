// The coordinator as its callers see it, wherever it runs: in this process or behind a daemon's connection.
import type { JsonValue } from '../foundation/index.ts'
import type { BlockerEvent, TaskEvent } from './events.ts'
import type { CoordinatorStats } from './health.ts'
import type { ActorOptions, ClaimOptions, ListOptions } from './options.ts'
import type { Holder, TaskError } from './record.ts'
import type { BlockInput, Claim } from './requests.ts'
import type { Task } from './task.ts'
import type { TaskInput } from './task-input.ts'
import type { TaskHandler, Worker, WorkerOptions } from './worker.ts'
import type { ClaimFilter } from './worker-group.ts'

export interface CoordinatorPort {
  /** Adds a task. Waits while there are too many unfinished ones, IF_ERR_TIMEOUT after that. */
  add(input: TaskInput, options?: { signal?: AbortSignal }): Promise<Task>
  /** Adds several, which may wait for each other; one that is wrong refuses all. */
  add(inputs: readonly TaskInput[], options?: { signal?: AbortSignal }): Promise<Task[]>
  /** One task; IF_ERR_NOT_FOUND. */
  get(id: string): Promise<Task>
  /** What a task was given; null where there is nothing. */
  payload(id: string): Promise<JsonValue>
  /** Tasks in the order of their ids. */
  list(options?: ListOptions): Promise<Task[]>
  /** Claims one task; a second claim by the same holder returns the first. IF_ERR_CLAIM_LOST when another holds it. */
  claim(holder: Holder, task: string, options?: ClaimOptions): Promise<Claim>
  /** Claims the task whose turn it is; undefined when none came in time. */
  claim(holder: Holder, filter?: ClaimFilter, options?: ClaimOptions): Promise<Claim | undefined>
  /** Keeps a claim for another lease, of a new length where one is given. */
  extend(task: string, token: number, options?: { leaseMs?: number }): Promise<Task>
  /** A sign of life of a holder: its claims are kept for another lease. Returns those that still stand. */
  heartbeat(holder: Holder): Promise<{ task: string; token: number }[]>
  /** Ends a task with its result. Saying so again with the same token is no error. */
  complete(task: string, token: number, result?: unknown): Promise<Task>
  /** Ends an attempt: another follows after the backoff, or the task is dead; without `mayRetry` it has failed for good. */
  fail(task: string, token: number, error: TaskError | string, options?: { mayRetry?: boolean }): Promise<Task>
  /** Gives a claim back; the attempt doesn't count. */
  release(task: string, token: number, options?: { note?: string }): Promise<Task>
  /** Gives back all claims of a holder that leaves; returns how many. */
  handBack(holder: Holder): Promise<number>
  /** Parks a task that its holder can't go on with, and tells the onlookers at once. */
  block(task: string, token: number, input: BlockInput): Promise<Task>
  /** Lets a blocked task go on, first in line; `context` replaces what its holder left. */
  unblock(task: string, options?: ActorOptions & { context?: JsonValue }): Promise<Task>
  /** Tries a failed or dead task again, with all its attempts. */
  retry(task: string, options?: ActorOptions): Promise<Task>
  /** Ends an unfinished task as failed; its holder loses the claim. */
  cancel(task: string, options?: ActorOptions): Promise<Task>
  /** Whether a claim still stands in the store; asked before an effect that carries no token of its own. */
  isCurrent(task: string, token: number): Promise<boolean>
  /** Takes tasks as they come and gives each to the handler, until it is closed. */
  worker(options: WorkerOptions, handler: TaskHandler): Worker
  /** Every move of every task from now on. */
  watch(options?: { signal?: AbortSignal }): AsyncIterableIterator<TaskEvent>
  /** Everything that stops a task from now on, said by its holder or detected. */
  blockers(options?: { signal?: AbortSignal }): AsyncIterableIterator<BlockerEvent>
  stats(): Promise<CoordinatorStats>
  /** Proves that the store takes a commit, and says how long one took. IF_ERR_STORE_UNAVAILABLE. */
  probe(): Promise<{ commitMs: number }>
}
