// The coordinator: tasks of swarms, each claimed by one worker at a time. On any store, in one process or several on the
// same one. Every answer is durable as the store says; every word of a holder carries its fencing token, and an older one is
// refused. It trusts no other process's clock, and every wait has an end.
import {
  type Clock,
  FabricError,
  type JsonValue,
  type Logger,
  silentLogger,
  systemClock,
  systemHostClock,
} from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import { Adding } from './adding.ts'
import { backoffOf } from './backoff.ts'
import { Beats } from './beats.ts'
import { Board } from './board.ts'
import { Claims } from './claims.ts'
import {
  askerOf,
  blockWith,
  cancelBy,
  completeWith,
  extendFor,
  failWith,
  releaseWith,
  retryBy,
  unblockBy,
} from './decisions.ts'
import { Desk } from './desk.ts'
import type { Entry } from './entry.ts'
import type { BlockerEvent, TaskEvent } from './events.ts'
import { type Fence, Fences } from './fences.ts'
import { type CoordinatorStats, statsOf } from './health.ts'
import { Holdings } from './holdings.ts'
import { jsonCopy } from './json-copy.ts'
import { type Decision, Ledger } from './ledger.ts'
import { Matching } from './matching.ts'
import { Obstacles } from './obstacles.ts'
import { Onlookers } from './onlookers.ts'
import type { ActorOptions, ClaimOptions, CoordinatorOptions, ListOptions } from './options.ts'
import type { CoordinatorPort } from './port.ts'
import { type Holder, type TaskError, type TaskRecord, taskKey } from './record.ts'
import {
  type BlockInput,
  type Claim,
  checkBlock,
  checkError,
  checkFilter,
  checkHolder,
  checkLease,
} from './requests.ts'
import { Retention } from './retention.ts'
import { Room } from './room.ts'
import { stampOf } from './stamp.ts'
import { type Task, taskOf } from './task.ts'
import { checkResult, type TaskInput } from './task-input.ts'
import { Upkeep } from './upkeep.ts'
import { witnessEntries } from './witness-entries.ts'
import type { DrainOptions, HolderRequests, TaskHandler, Worker, WorkerOptions } from './worker.ts'
import type { ClaimFilter } from './worker-group.ts'
import { Workers } from './workers.ts'

/** Reads all tasks and goes on from there. */
export async function openCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const coordinator = new Coordinator(options)
  await coordinator.open()
  return coordinator
}

export class Coordinator implements CoordinatorPort {
  readonly #store: Store
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #random: () => number
  /** RFC 3339. */
  readonly #at: () => string
  readonly #leaseMs: number
  readonly #claimWaitMs: number
  readonly #matching: Matching
  readonly #board: Board
  readonly #ledger: Ledger
  readonly #desk: Desk
  readonly #retention: Retention
  readonly #upkeep: Upkeep
  readonly #adding: Adding
  readonly #room: Room
  readonly #onlookers: Onlookers
  readonly #claims: Claims
  readonly #holdings: Holdings
  readonly #obstacles: Obstacles
  readonly #beats: Beats
  readonly #fences: Fences
  readonly #workers: Workers
  /** What workers say of their claims: most don't look at the answer, so that no task is laid out for it. */
  readonly #ends: HolderRequests = {
    isCurrent: (task, token) => this.isCurrent(task, token),
    complete: (entry, token, result, ended) =>
      this.#ledger.move(entry, completeWith(token, checkResult(result), this.#at()), ended),
    fail: (task, token, error, options) => this.fail(task, token, error, options),
    block: (task, token, blocker) => this.block(task, token, blocker),
    release: (task, token, options) => this.release(task, token, options),
  }
  #closing: Promise<void> | undefined
  /** Until then holders may still say how their tasks ended. */
  #isOver = false

  constructor(options: CoordinatorOptions) {
    const { store, clock = systemClock, logger = silentLogger, witness = 'ends' } = options
    this.#store = store
    this.#clock = clock
    this.#logger = logger
    this.#random = options.random ?? Math.random
    this.#leaseMs = checkLease(options.leaseMs ?? 30_000)
    this.#claimWaitMs = options.claimWaitMs ?? 5_000
    this.#at = stampOf(clock)
    const at = this.#at
    this.#onlookers = new Onlookers(logger)
    this.#beats = new Beats(clock, options.hostClock ?? (clock === systemClock ? systemHostClock() : undefined))
    const beats = this.#beats
    this.#matching = new Matching(options.minMatch ?? 0.7)
    const times = { now: () => clock.now(), monotonic: () => clock.monotonic(), momentOf: beats.momentOf.bind(beats) }
    this.#board = new Board(this.#matching, times, {
      ready: (entry) => this.#desk.offer(entry),
      changed: (entry, record, known) => this.#changed(entry, record, known),
      stranded: (entry) =>
        void this.#obstacles.strand(entry).catch((thrown) => this.#warn('a stranded task was not parked', thrown)),
      pressed: (entry) =>
        void this.#obstacles.press(entry).catch((thrown) => this.#warn('a late task was not given up', thrown)),
      due: (moment) => this.#upkeep.due(moment),
    })
    const board = this.#board
    const ledger = new Ledger(store, board, (record, count, why) => witnessEntries(record, count, witness, why))
    this.#ledger = ledger
    this.#desk = new Desk(this.#matching, ledger, at, beats)
    this.#fences = new Fences(store, ledger, beats)
    this.#claims = new Claims({ board, ledger, desk: this.#desk, matching: this.#matching, clock, at, beats, logger })
    this.#holdings = new Holdings({ board, ledger, clock, at, beats })
    this.#obstacles = new Obstacles({ board, ledger, onlookers: this.#onlookers, clock, at })
    this.#retention = new Retention(
      { store, board, clock, logger },
      { keepMs: options.keepEndedMs ?? 24 * 3_600_000, keepCount: options.keepEnded ?? 100_000 },
    )
    this.#upkeep = new Upkeep({ board, ledger, retention: this.#retention, clock, logger, beats, at })
    this.#room = new Room(board, clock, options.maxUnfinished ?? 1_000_000, options.pushWaitMs ?? 10_000)
    this.#adding = new Adding({
      room: this.#room,
      board,
      ledger,
      matching: this.#matching,
      retention: this.#retention,
      desk: this.#desk,
      clock,
      at,
      circle: (path) => this.#onlookers.circle(path, this.#at()),
    })
    this.#workers = new Workers({
      ends: this.#ends,
      board,
      desk: this.#desk,
      matching: this.#matching,
      claims: this.#claims,
      upkeep: this.#upkeep,
      clock,
      logger,
      leaseMs: this.#leaseMs,
      payloadOf: (record) => ledger.payload(record),
    })
  }

  async open(): Promise<void> {
    await this.#ledger.open((thrown) => this.#warn('tasks of other processes can no longer be followed', thrown))
    this.#retention.sweepSoon()
    this.#upkeep.due(this.#retention.nextAt)
  }

  /** Adds a task. Waits while there are too many unfinished ones, IF_ERR_TIMEOUT after that. */
  add(input: TaskInput, options?: { signal?: AbortSignal }): Promise<Task>
  /** Adds several, which may wait for each other; one that is wrong refuses all. */
  add(inputs: readonly TaskInput[], options?: { signal?: AbortSignal }): Promise<Task[]>
  add(input: TaskInput | readonly TaskInput[], { signal }: { signal?: AbortSignal } = {}): Promise<Task | Task[]> {
    if (this.#closing) return Promise.reject(closedError())
    return isMany(input) ? this.#adding.many(input, signal) : this.#adding.one(input, signal)
  }

  /** One task; IF_ERR_NOT_FOUND. */
  async get(id: string): Promise<Task> {
    this.#checkOpen()
    const entry = await this.#ledger.find(id)
    await this.#ledger.refresh(entry)
    return taskOf(await this.#ledger.read(entry), this.#board)
  }

  /** What a task was given; null where there is nothing. */
  async payload(id: string): Promise<JsonValue> {
    this.#checkOpen()
    return jsonCopy((await this.#ledger.payload(await this.#ledger.read(await this.#ledger.find(id)))) ?? null)
  }

  /** Tasks in the order of their ids. */
  async list({ limit = 100, ...wanted }: ListOptions = {}): Promise<Task[]> {
    this.#checkOpen()
    const found = this.#board.select(wanted, limit)
    const records = await Promise.all(
      found.map((entry) => entry.record ?? this.#store.get<TaskRecord>(taskKey(entry.id)).then((kept) => kept?.value)),
    )
    return records.flatMap((record) => (record ? [taskOf(record, this.#board)] : []))
  }

  /** Claims one task; a second claim by the same holder returns the first. IF_ERR_CLAIM_LOST when another holds it. */
  claim(holder: Holder, task: string, options?: ClaimOptions): Promise<Claim>
  /** Claims the task whose turn it is; undefined when none came in time. */
  claim(holder: Holder, filter?: ClaimFilter, options?: ClaimOptions): Promise<Claim | undefined>
  async claim(holder: Holder, what: string | ClaimFilter = {}, options: ClaimOptions = {}): Promise<Claim | undefined> {
    this.#checkOpen()
    const claimant = checkHolder(holder)
    const leaseMs = checkLease(options.leaseMs ?? this.#leaseMs)
    if (typeof what === 'string') return this.#claims.one(claimant, what, leaseMs)
    return this.#claims.next(claimant, checkFilter(what), {
      leaseMs,
      waitMs: options.waitMs ?? this.#claimWaitMs,
      signal: options.signal,
    })
  }

  /** Keeps a claim for another lease, of a new length where one is given. */
  async extend(task: string, token: number, { leaseMs }: { leaseMs?: number } = {}): Promise<Task> {
    return this.#change(
      task,
      extendFor(token, leaseMs === undefined ? undefined : checkLease(leaseMs), this.#beats.stamp()),
    )
  }

  /** A sign of life of a holder: its claims are kept for another lease. Returns those that still stand. */
  async heartbeat(holder: Holder): Promise<{ task: string; token: number }[]> {
    this.#checkOpen()
    return this.#holdings.heartbeat(holder)
  }

  /** Ends a task with its result. Saying so again with the same token is no error. */
  async complete(task: string, token: number, result?: unknown): Promise<Task> {
    return this.#change(task, completeWith(token, checkResult(result), this.#at()))
  }

  /** Ends an attempt: another follows after the backoff, or the task is dead; without `mayRetry` it has failed for good. */
  async fail(
    task: string,
    token: number,
    error: TaskError | string,
    options: { mayRetry?: boolean } = {},
  ): Promise<Task> {
    const { mayRetry = true } = options
    const failing = { error: checkError(error), mayRetry, now: this.#clock.now(), at: this.#at() }
    return this.#change(task, failWith(token, { ...failing, delayOf: (record) => backoffOf(record, this.#random) }))
  }

  /** Gives a claim back; the attempt doesn't count. */
  async release(task: string, token: number, { note }: { note?: string } = {}): Promise<Task> {
    return this.#change(task, releaseWith(token, this.#at(), note))
  }

  /** Gives back all claims of a holder that leaves; returns how many. */
  async handBack(holder: Holder): Promise<number> {
    this.#checkOpen()
    return this.#holdings.handBack(holder)
  }

  /** Parks a task that its holder can't go on with, and tells the onlookers at once. */
  async block(task: string, token: number, input: BlockInput): Promise<Task> {
    const { blocker, context } = checkBlock(input)
    return this.#change(task, blockWith(token, blocker, context, this.#at()))
  }

  /** Lets a blocked task go on, first in line; `context` replaces what its holder left. */
  async unblock(task: string, options: ActorOptions & { context?: JsonValue } = {}): Promise<Task> {
    const context = options.context === undefined ? undefined : checkResult(options.context)
    return this.#change(task, unblockBy(askerOf(options, this.#at()), context), options.why)
  }

  /** Tries a failed or dead task again, with all its attempts. */
  async retry(task: string, options: ActorOptions = {}): Promise<Task> {
    return this.#change(task, retryBy(askerOf(options, this.#at())), options.why)
  }

  /** Ends an unfinished task as failed; its holder loses the claim. */
  async cancel(task: string, options: ActorOptions = {}): Promise<Task> {
    return this.#change(task, cancelBy(askerOf(options, this.#at())), options.why)
  }

  /** Whether a claim still stands in the store; asked before an effect that carries no token of its own. */
  isCurrent(task: string, token: number): Promise<boolean> {
    return this.#isOver ? Promise.reject(closedError()) : this.#fences.isCurrent(task, token)
  }

  /** Proves that the store takes a commit, and says how long one took. */
  probe(): Promise<{ commitMs: number }> {
    return this.#isOver ? Promise.reject(closedError()) : this.#fences.probe(this.#clock)
  }

  /** Part of the commit with which an act for this task begins; IF_ERR_CLAIM_LOST when the claim has ended. */
  fence(task: string, token: number): Promise<Fence> {
    return this.#isOver ? Promise.reject(closedError()) : this.#fences.fence(task, token)
  }

  /** Takes tasks as they come and gives each to the handler, until it is closed. */
  worker(options: WorkerOptions, handler: TaskHandler): Worker {
    this.#checkOpen()
    return this.#workers.start(options, handler)
  }

  /** Hears of everything that stops a task, in this process or another; returns what ends it. */
  onBlocker(listener: (event: BlockerEvent) => void): () => void {
    return this.#onlookers.onBlocker(listener)
  }

  /** Every move of every task from now on. */
  watch({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<TaskEvent> {
    this.#checkOpen()
    return this.#onlookers.watch(signal)
  }

  /** Everything that stops a task from now on, said by its holder or detected. */
  blockers({ signal }: { signal?: AbortSignal } = {}): AsyncIterableIterator<BlockerEvent> {
    this.#checkOpen()
    return this.#onlookers.blockers(signal)
  }

  async stats(): Promise<CoordinatorStats> {
    return statsOf(this.#board, this.#workers, this.#clock.now())
  }

  /** Ends the workers, then everything. Claims made by `claim` stay until their leases end. */
  close(options: DrainOptions = {}): Promise<void> {
    this.#closing ??= this.#shutDown(options)
    return this.#closing
  }

  async #shutDown(options: DrainOptions): Promise<void> {
    this.#claims.close()
    await this.#workers.close(options)
    await this.#desk.settle()
    this.#isOver = true
    this.#upkeep.close()
    this.#room.close()
    await this.#retention.close()
    await this.#ledger.close()
    this.#onlookers.close()
  }

  async #change(id: string, decide: Decision, why?: string): Promise<Task> {
    return taskOf(await this.#move(id, decide, why), this.#board)
  }

  #move(id: string, decide: Decision, why?: string): Promise<TaskRecord> {
    if (this.#isOver) return Promise.reject(closedError())
    const entry = this.#board.entries.get(id)
    if (entry) return this.#ledger.change(entry, decide, why)
    return this.#ledger.find(id).then((found) => this.#ledger.change(found, decide, why))
  }

  #changed(entry: Entry, record: TaskRecord | undefined, known: number): void {
    if (record) this.#onlookers.changed(record, known)
    if (entry.state === 'done' || entry.state === 'failed') {
      this.#retention.ended()
      if (this.#board.ended.size === 1) this.#upkeep.due(this.#retention.nextAt)
    }
    this.#room.changed()
  }

  #warn(what: string, thrown: unknown): void {
    if (!this.#closing) this.#logger.warn(what, { error: String(thrown) })
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError()
  }
}

const closedError = (): FabricError => new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the coordinator is closed')

const isMany = (input: TaskInput | readonly TaskInput[]): input is readonly TaskInput[] => Array.isArray(input)
