// Group commit: whatever arrives in one turn of the event loop is flushed together, one flush at a time. Callers who were
// together in the last batch are waited for a moment, at most half of what a flush takes: a commit saved is worth more.
// Who says whose commit it is puts its commits together itself, and is neither waited for nor made to wait.
// Chores (slices of a snapshot) take turns with the flushes, so that neither ever runs inside the other's transaction.
import { FabricError } from '../foundation/index.ts'
import type { PreparedCommit } from './commit.ts'
import type { CommitResult } from './port.ts'

export interface QueuedCommit extends PreparedCommit {
  resolve(result: CommitResult): void
  reject(reason: unknown): void
}

/** A row is read and written as one text; this keeps it at a size that every engine takes in its stride. */
const MAX_BATCH_SIZE = 4 * 1024 * 1024

const MAX_PATIENCE_MS = 2

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export class CommitQueue {
  readonly #flush: (queue: CommitQueue) => Promise<void>
  #waiting: QueuedCommit[] = []
  #chores: (() => Promise<void>)[] = []
  #draining: Promise<void> | undefined
  #closed = false
  /** Commits in the last batch that may be waited for, and how long its flush took. */
  #lastCount = 0
  #lastFlushMs = 0

  /** @param flush takes a batch and settles each of its commits; it must not reject. */
  constructor(flush: (queue: CommitQueue) => Promise<void>) {
    this.#flush = flush
  }

  add(commit: PreparedCommit): Promise<CommitResult> {
    if (this.#closed) return Promise.reject(closedError())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...commit, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  /** Runs work between two flushes; it is dropped when the queue closes first. */
  chore(work: () => Promise<void>): void {
    if (this.#closed) return
    this.#chores.push(work)
    this.#draining ??= this.#drain()
  }

  /** The commits to flush now, oldest first. Called late, it also gathers what came while a lock was waited for. */
  take(): QueuedCommit[] {
    let size = 0
    let count = 0
    for (const commit of this.#waiting) {
      size += commit.size
      if (count > 0 && size > MAX_BATCH_SIZE) break
      count++
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting
      this.#waiting = []
      return all
    }
    return this.#waiting.splice(0, count)
  }

  /** Refuses new commits and waits until those under way are settled. */
  async close(): Promise<void> {
    this.#closed = true
    this.#chores = []
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#chores.length > 0) {
      await nextTurn()
      await this.#gather()
      if (this.#waiting.length > 0) {
        const started = performance.now()
        this.#lastCount = loners(this.#waiting)
        await this.#flush(this)
        this.#lastFlushMs = performance.now() - started
      }
      await this.#chores.shift()?.()
    }
    this.#draining = undefined
  }

  /** Lets those who were in the last batch come in; one who works alone never waits. */
  async #gather(): Promise<void> {
    if (this.#closed || this.#lastCount < 2 || loners(this.#waiting) < this.#waiting.length) return
    const until = performance.now() + Math.min(this.#lastFlushMs / 2, MAX_PATIENCE_MS)
    while (this.#waiting.length < this.#lastCount && performance.now() < until) await nextTurn()
  }
}

function loners(commits: readonly PreparedCommit[]): number {
  let count = 0
  for (const { by } of commits) if (by === undefined) count++
  return count
}

/** What every use of a closed store gets. */
export const closedError = (): FabricError => new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the store is closed')
