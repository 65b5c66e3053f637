// The embedded engine: SQLite in one file, for one or several processes. A batch of commits is one transaction with one
// fsync: take the write lock, catch up with the other processes, judge every commit, append one journal row, commit.
// The records in memory change only after that, so a failed batch leaves nothing behind. Under load the commit itself, and
// all checkpoints, run on other threads. It refuses what it cannot promise: a commit that is answered has reached the disk,
// or does so within the window that a relaxed store states.
import { FabricError, type JsonValue, silentLogger, systemClock, timestamp } from '../foundation/index.ts'
import { type Judged, judgeBatch, prepareCommit } from './commit.ts'
import { CommitQueue, closedError, type QueuedCommit } from './commit-queue.ts'
import { Checkpoints } from './embedded-checkpoints.ts'
import { Connection, type Statement } from './embedded-connection.ts'
import { storeError } from './embedded-errors.ts'
import { RelaxedFlush } from './embedded-flush.ts'
import type { EmbeddedStoreOptions } from './embedded-options.ts'
import { prepareFile } from './embedded-schema.ts'
import { writeSnapshot } from './embedded-snapshot.ts'
import { EmbeddedState } from './embedded-state.ts'
import { type JournalLoss, JournalMark, LOSSES } from './journal-mark.ts'
import { journalText } from './journal-text.ts'
import type {
  Change,
  CommitOptions,
  CommitResult,
  Entry,
  LogBatch,
  LogEntry,
  RangeOptions,
  Store,
  StoreCapabilities,
  WatchOptions,
  Write,
} from './port.ts'
import { answersOf, type SealedBatch, sealBatch } from './seal-batch.ts'
import { Watchers } from './watchers.ts'

/** Opens or creates the store in a file. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const {
    path,
    readOnly = false,
    writtenBy = 'unknown',
    busyTimeoutMs = BUSY_TIMEOUT_MS,
    clock = systemClock,
  } = options
  const connection = new Connection({ path, readOnly, busyTimeoutMs, clock })
  const mark = new JournalMark(path, { logger: options.logger, clock })
  try {
    const expected = await mark.read()
    await prepareFile(connection, { readOnly, writtenBy, durability: options.durability ?? 'fsync' })
    const state = new EmbeddedState(connection)
    const version = await connection.patiently(() =>
      connection.reading(() => {
        state.load()
        return connection.dataVersion()
      }),
    )
    const store = new EmbeddedStore(options, { connection, state, mark }, version)
    if (state.seq < expected) await store.reportLoss({ at: timestamp(clock.now()), found: state.seq, expected })
    return store
  } catch (thrown) {
    connection.close()
    throw storeError(path, thrown)
  }
}

const BUSY_TIMEOUT_MS = 10_000
/** Other processes' commits are looked for this often while somebody watches. */
const POLL_MS = 20
const RELAXED_WINDOW_MS = 50
const THREADS_AFTER = 256 * 1024
/** So many writes are worth the way to another thread and back; fewer are on the disk sooner without. */
const WORTH_A_THREAD = 32
const SNAPSHOT_AFTER = 16 * 1024 * 1024
/** At close a smaller journal is already worth it: the next start would replay it. */
const CLOSING_SHARE = 1 / 16

class EmbeddedStore implements Store {
  readonly capabilities: StoreCapabilities
  readonly #options: EmbeddedStoreOptions
  readonly #connection: Connection
  readonly #state: EmbeddedState
  readonly #watchers = new Watchers()
  readonly #queue = new CommitQueue((queue) => this.#flush(queue))
  readonly #insertJournal: Statement
  readonly #insertLog: Statement
  readonly #putLogHead: Statement
  readonly #snapshotAfter: number
  readonly #relaxed: RelaxedFlush | undefined
  readonly #mark: JournalMark
  /** Characters until other threads are used. */
  #untilThreads: number
  #checkpoints: Checkpoints | undefined
  #dataVersion: unknown
  /** A batch is on its way: nobody else can commit before it is known. */
  #isCommitting = false
  #isFresh = false
  #poll: NodeJS.Timeout | undefined
  #snapshot: AsyncGenerator<void> | undefined
  #closing: Promise<void> | undefined

  constructor(
    options: EmbeddedStoreOptions,
    { connection, state, mark }: { connection: Connection; state: EmbeddedState; mark: JournalMark },
    dataVersion: unknown,
  ) {
    const { durability = 'fsync', relaxedWindowMs: windowMs = RELAXED_WINDOW_MS } = options
    this.capabilities = {
      engine: 'embedded',
      atomic: true,
      durability,
      ...(durability === 'relaxed' ? { windowMs } : {}),
    }
    this.#relaxed = durability === 'relaxed' ? new RelaxedFlush(`${options.path}-wal`, windowMs) : undefined
    this.#mark = mark
    this.#options = options
    this.#connection = connection
    this.#state = state
    this.#dataVersion = dataVersion
    this.#untilThreads = options.threadsAfter ?? THREADS_AFTER
    this.#insertJournal = connection.prepare('INSERT INTO journal VALUES (?, ?)')
    this.#insertLog = connection.prepare('INSERT INTO log VALUES (?, ?, ?, ?)')
    this.#putLogHead = connection.prepare("INSERT OR REPLACE INTO meta VALUES ('log.head', ?)")
    // Several processes on one file reach the limit at different moments, so that one of them does the work.
    this.#snapshotAfter = (options.snapshotAfter ?? SNAPSHOT_AFTER) * (1 + Math.random() / 2)
  }

  async get<T = JsonValue>(key: string): Promise<Entry<T> | undefined> {
    await this.#refresh()
    return this.#state.records.entry<T>(key)
  }

  async range<T = JsonValue>(prefix: string, options: RangeOptions = {}): Promise<Entry<T>[]> {
    await this.#refresh()
    return this.#state.records.range<T>(prefix, options)
  }

  async commit(writes: Write[], log: LogEntry[] = [], { by }: CommitOptions = {}): Promise<CommitResult> {
    this.#checkOpen()
    if (this.#options.readOnly) {
      throw new FabricError('IF_ERR_STORE_UNAVAILABLE', `${this.#options.path}: the store was opened for reading only`)
    }
    if (this.#relaxed?.failure) throw this.#relaxed.failure
    return this.#queue.add(prepareCommit(writes, log, this.#options.sequencer, by))
  }

  watch(prefix: string, options: WatchOptions = {}): AsyncIterable<Change> {
    this.#checkOpen()
    this.#pollSoon()
    return this.#watchers.watch(prefix, options)
  }

  async *readLog(from = 0): AsyncIterable<LogBatch> {
    this.#checkOpen()
    const connection = this.#connection
    let next = await connection.patiently(() => {
      const holding = connection.prepare('SELECT max(first) FROM log WHERE first <= ?')
      return Number(holding.rows(from)[0]?.[0] ?? 0)
    })
    const page = await connection.patiently(() =>
      connection.prepare('SELECT first, count, lines, seal FROM log WHERE first >= ? ORDER BY first LIMIT 16'),
    )
    for (;;) {
      this.#checkOpen()
      const rows = await connection.patiently(() => page.rows(next))
      if (rows.length === 0) return
      for (const [first, count, lines, seal] of rows) {
        next = Number(first) + 1
        if (Number(first) + Number(count) > from) {
          yield { first: Number(first), lines: String(lines).split('\n'), seal: String(seal) }
        }
      }
    }
  }

  async logHead(): Promise<JsonValue | undefined> {
    await this.#refresh()
    return this.#connection.patiently(() => this.#state.log.head)
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    clearTimeout(this.#poll)
    await this.#queue.close()
    this.#watchers.close()
    try {
      this.#snapshot ??= this.#isSnapshotDue(CLOSING_SHARE) ? this.#newSnapshot() : undefined
      for await (const _ of this.#snapshot ?? []);
    } catch (thrown) {
      this.#reportSnapshot(thrown)
    }
    await this.#relaxed?.close()
    await this.#checkpoints?.close()
    await this.#mark.close()
    this.#connection.close()
  }

  /** Batches that were answered are not there: says so, and keeps it on record where that can be. */
  async reportLoss(loss: JournalLoss): Promise<void> {
    const { path, readOnly, logger = silentLogger } = this.#options
    logger.error('the database has lost the end of its journal', { path, ...loss })
    if (readOnly) return
    await this.#mark.reset()
    await this.commit([{ key: `${LOSSES}${loss.expected}`, value: loss, expect: 'any' }])
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError()
  }

  /** Settles every commit of one batch. */
  async #flush(queue: CommitQueue): Promise<void> {
    let commits: QueuedCommit[] = []
    let answers: (CommitResult | FabricError)[]
    try {
      await this.#connection.begin()
      this.#isCommitting = true
      commits = queue.take()
      answers = await this.#applyBatch(commits)
    } catch (thrown) {
      this.#rollback()
      if (commits.length === 0) commits = queue.take()
      const reason = storeError(this.#connection.path, thrown)
      for (const commit of commits) commit.reject(reason)
      return
    } finally {
      this.#isCommitting = false
    }
    commits.forEach((commit, at) => {
      const answer = answers[at]
      if (answer && !(answer instanceof FabricError)) commit.resolve(answer)
      else commit.reject(answer)
    })
    if (this.#isSnapshotDue()) this.#snapshotStep()
  }

  /** The whole transaction, from the taken lock to the changed memory. */
  async #applyBatch(commits: QueuedCommit[]): Promise<(CommitResult | FabricError)[]> {
    const state = this.#state
    this.#watchers.publish(state.catchUp())
    const judged = judgeBatch(state.records, commits, state.revision)
    const { log } = state
    const answers = answersOf(commits, judged, log.size)
    const sealed = sealBatch(commits, judged, log, this.#options.sequencer)
    if (judged.changes.length === 0 && !sealed) {
      this.#rollback()
      return answers
    }
    await this.#write(commits, judged, sealed)
    return answers
  }

  async #write(commits: QueuedCommit[], judged: Judged, sealed: SealedBatch | undefined): Promise<void> {
    const state = this.#state
    const ops = journalText(judged.changes, judged.revision)
    this.#insertJournal.run(state.seq + 1, ops)
    let size = ops.length
    if (sealed) {
      const { first, lines, seal } = sealed.batch
      const text = lines.join('\n')
      size += text.length
      this.#insertLog.run(first, lines.length, text, seal)
      this.#putLogHead.run(JSON.stringify(sealed.head))
    }
    if (judged.changes.length < WORTH_A_THREAD || this.#relaxed) this.#connection.commit()
    else await this.#connection.commitLater()
    this.#relaxed?.note()
    this.#noteSize(size)
    state.seq++
    this.#mark.note(state.seq)
    state.revision = judged.revision
    state.journalSize += ops.length
    state.records.apply(judged.changes)
    if (sealed) {
      state.log = sealed
      this.#options.sequencer?.sealed(sealed.batch.seal, sealed.size)
    }
    this.#watchers.publishBatch(commits, judged)
  }

  #noteSize(size: number): void {
    this.#checkpoints?.note(size)
    if (this.#untilThreads <= 0) return
    this.#untilThreads -= size
    if (this.#untilThreads <= 0) this.#queue.chore(() => this.#useThreads())
  }

  /** Commits and checkpoints leave this thread from now on. */
  async #useThreads(): Promise<void> {
    const { path, busyTimeoutMs = BUSY_TIMEOUT_MS, clock = systemClock, logger = silentLogger } = this.#options
    try {
      await this.#connection.allowLater()
      this.#checkpoints = new Checkpoints({
        writer: this.#connection,
        connection: { path, readOnly: false, mustExist: true, busyTimeoutMs, clock },
        logger,
        chore: (work) => this.#queue.chore(work),
      })
    } catch (thrown) {
      logger.warn('the store goes on without other threads', { error: String(thrown) })
    }
  }

  #rollback(): void {
    try {
      this.#connection.rollback()
    } catch (thrown) {
      // The failure that led here is the one to report; the next BEGIN would name this one.
      this.#options.logger?.warn('a rollback failed', { error: String(thrown) })
    }
  }

  /** Takes over what other processes committed: one look at a counter, at most once a turn of the event loop. */
  async #refresh(): Promise<void> {
    this.#checkOpen()
    if (this.#isFresh || this.#isCommitting) return
    await this.#connection.patiently(() => {
      // Whoever holds the write lock has caught up, or is about to.
      if (this.#isCommitting || this.#connection.isTaken) return
      const version = this.#connection.dataVersion()
      if (version === this.#dataVersion) return
      const changes = this.#connection.reading(() => this.#state.catchUp())
      this.#dataVersion = version
      this.#watchers.publish(changes)
    })
    if (this.#isFresh) return
    this.#isFresh = true
    setImmediate(() => {
      this.#isFresh = false
    })
  }

  #pollSoon(): void {
    if (this.#poll || this.#closing) return
    this.#poll = setTimeout(() => {
      this.#poll = undefined
      if (!this.#watchers.any) return
      this.#refresh().then(
        () => this.#pollSoon(),
        (thrown) => {
          if (this.#closing) return
          this.#options.logger?.warn('cannot read what other processes committed', { error: String(thrown) })
          this.#pollSoon()
        },
      )
    }, POLL_MS)
    this.#poll.unref()
  }

  /** Whether a start would replay so much that a snapshot pays off; `share` of what makes it due while running. */
  #isSnapshotDue(share = 1): boolean {
    if (this.#options.readOnly || this.#snapshot) return false
    const { journalSize, snapshot } = this.#state
    return journalSize > Math.max(this.#snapshotAfter, snapshot?.size ?? 0) * share
  }

  #newSnapshot(): AsyncGenerator<void> {
    return writeSnapshot(this.#connection, this.#state)
  }

  /** One slice between two batches, until there is no more. */
  #snapshotStep(): void {
    this.#snapshot ??= this.#newSnapshot()
    const snapshot = this.#snapshot
    this.#queue.chore(async () => {
      try {
        const { done } = await snapshot.next()
        if (done) this.#snapshot = undefined
        else this.#snapshotStep()
      } catch (thrown) {
        this.#snapshot = undefined
        this.#state.journalSize = 0 // else every batch would try again
        this.#reportSnapshot(thrown)
      }
    })
  }

  #reportSnapshot(thrown: unknown): void {
    const logger = this.#options.logger ?? silentLogger
    logger.warn('the snapshot of the store was not written; it will be tried again', { error: String(thrown) })
  }
}
