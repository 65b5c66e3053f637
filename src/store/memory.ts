// The memory engine: the whole contract but durability, for tests and for rehearsals that leave nothing behind.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import { judgeBatch, prepareCommit } from './commit.ts'
import { CommitQueue, closedError } from './commit-queue.ts'
import type {
  Change,
  CommitOptions,
  CommitResult,
  Entry,
  LogBatch,
  LogEntry,
  RangeOptions,
  Sequencer,
  Store,
  StoreCapabilities,
  WatchOptions,
  Write,
} from './port.ts'
import { Records } from './records.ts'
import { answersOf, type LogState, sealBatch } from './seal-batch.ts'
import { Watchers } from './watchers.ts'

export interface MemoryStoreOptions {
  /** Without one, commits with log entries are refused. */
  sequencer?: Sequencer
}

/** A store that lives as long as this object. */
export const openMemoryStore = async (options: MemoryStoreOptions = {}): Promise<Store> => new MemoryStore(options)

class MemoryStore implements Store {
  readonly capabilities: StoreCapabilities = { engine: 'memory', atomic: true, durability: 'memory' }
  readonly #sequencer: Sequencer | undefined
  readonly #records = new Records()
  readonly #watchers = new Watchers()
  readonly #queue = new CommitQueue(async (queue) => this.#flush(queue))
  readonly #batches: LogBatch[] = []
  #log: LogState = { head: undefined, size: 0 }
  #revision = 0
  #closed = false

  constructor(options: MemoryStoreOptions) {
    this.#sequencer = options.sequencer
  }

  async get<T = JsonValue>(key: string): Promise<Entry<T> | undefined> {
    this.#checkOpen()
    return this.#records.entry<T>(key)
  }

  async range<T = JsonValue>(prefix: string, options: RangeOptions = {}): Promise<Entry<T>[]> {
    this.#checkOpen()
    return this.#records.range<T>(prefix, options)
  }

  async commit(writes: Write[], log: LogEntry[] = [], { by }: CommitOptions = {}): Promise<CommitResult> {
    this.#checkOpen()
    return this.#queue.add(prepareCommit(writes, log, this.#sequencer, by))
  }

  watch(prefix: string, options: WatchOptions = {}): AsyncIterable<Change> {
    this.#checkOpen()
    return this.#watchers.watch(prefix, options)
  }

  async *readLog(from = 0): AsyncIterable<LogBatch> {
    this.#checkOpen()
    for (const batch of this.#batches) if (batch.first + batch.lines.length > from) yield batch
  }

  async logHead(): Promise<JsonValue | undefined> {
    this.#checkOpen()
    return this.#log.head
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#queue.close()
    this.#watchers.close()
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }

  #flush(queue: CommitQueue): void {
    const commits = queue.take()
    try {
      const judged = judgeBatch(this.#records, commits, this.#revision)
      const sealed = sealBatch(commits, judged, this.#log, this.#sequencer)
      const answers = answersOf(commits, judged, this.#log.size)
      this.#records.apply(judged.changes)
      this.#revision = judged.revision
      if (sealed) {
        this.#log = sealed
        this.#batches.push(sealed.batch)
        this.#sequencer?.sealed(sealed.batch.seal, sealed.size)
      }
      this.#watchers.publishBatch(commits, judged)
      commits.forEach((commit, at) => {
        const answer = answers[at]
        if (answer && !(answer instanceof FabricError)) commit.resolve(answer)
        else commit.reject(answer)
      })
    } catch (thrown) {
      for (const commit of commits) commit.reject(thrown)
    }
  }
}
