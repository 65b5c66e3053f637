// A worker: takes tasks as they come, as many at once as it was told, and gives each to its handler. The handler's result
// completes the task, what it throws fails it. While it works the lease is kept; when the claim is lost the handler's
// signal says so, and nothing that it does afterwards counts.
import { type Clock, FabricError, isFabricError, type JsonValue, type Logger } from '../foundation/index.ts'
import { Bag, type Bagged } from './bag.ts'
import type { Desk } from './desk.ts'
import type { Entry } from './entry.ts'
import type { Moved } from './ledger.ts'
import type { Matching } from './matching.ts'
import { type Holder, isSameHolder, type TaskError, type TaskRecord } from './record.ts'
import type { BlockInput, Claim } from './requests.ts'
import type { Waiter, WorkerGroup } from './worker-group.ts'

export interface WorkerOptions {
  readonly swarm: string
  /** Default: a new ULID. */
  readonly worker?: string
  /** What it can do. Default: nothing, so that only tasks without needs fit. */
  readonly capabilities?: readonly string[]
  /** Default: every kind. */
  readonly kinds?: readonly string[]
  /** Takes only what these swarms asked for. Default: every swarm's. */
  readonly swarms?: readonly string[]
  /** How many tasks at once. Default 1. */
  readonly concurrency?: number
  /** Milliseconds. Default: the coordinator's. */
  readonly leaseMs?: number
  /** `self`: this process keeps the leases while handlers run; `caller`: somebody calls `heartbeat`. Default `self`. */
  readonly heartbeat?: 'self' | 'caller'
  /**
   * Who says how a task ended: `handler` by what it returns or throws; `caller` by complete, fail, block or release with the
   * token, and the handler's return only makes room for the next task. Default `handler`.
   */
  readonly ends?: 'handler' | 'caller'
  /** Goes on with what this holder has claimed already, as after a connection that was lost. Default false. */
  readonly adopts?: boolean
}

/** What a handler can do with its claim besides returning and throwing. */
export interface Work {
  /** Aborted when the claim is lost (IF_ERR_CLAIM_LOST) or handed back (IF_ERR_CANCELLED). */
  readonly signal: AbortSignal
  /** Whether the claim still stands in the store; ask before an effect that carries no token. */
  isCurrent(): Promise<boolean>
  /** Parks the task and ends the work on it; the handler should return. */
  block(blocker: BlockInput): Promise<void>
  /** Gives the task back and ends the work on it; the handler should return. */
  release(note?: string): Promise<void>
}

export type TaskHandler = (claim: Claim, work: Work) => unknown

/**
 * `finish`: what was begun is worked through; `hand-back`: handlers are aborted and their claims given back; `keep`:
 * handlers are aborted, and their claims stand for the same holder until their leases end.
 */
export type Drain = 'finish' | 'hand-back' | 'keep'

export interface DrainOptions {
  /** Default `hand-back`. */
  readonly drain?: Drain
  /** `finish` hands back what isn't done after so many milliseconds. Default 30,000. */
  readonly withinMs?: number
}

export interface Worker {
  readonly holder: Holder
  /** Tasks that are being worked on. */
  readonly running: number
  /** Takes nothing more, and ends when nothing is running. */
  close(options?: DrainOptions): Promise<void>
}

/** What a holder may say of its task; the coordinator does it. */
export interface HolderRequests {
  isCurrent(task: string, token: number): Promise<boolean>
  /** Throws where the result has no JSON form; `ended` hears the rest. */
  complete(entry: Entry, token: number, result: unknown, ended: Moved): void
  fail(task: string, token: number, error: TaskError, options: { mayRetry: boolean }): Promise<unknown>
  block(task: string, token: number, blocker: BlockInput): Promise<unknown>
  release(task: string, token: number, options: { note?: string }): Promise<unknown>
}

export interface WorkerParts {
  readonly ends: HolderRequests
  readonly desk: Desk
  readonly matching: Matching
  readonly clock: Clock
  readonly logger: Logger
  claimOf(record: TaskRecord, payload: JsonValue | undefined): Claim
  payloadOf(record: TaskRecord): Promise<JsonValue | undefined>
  /** Keeps the lease of a task until `stop`. */
  keep(entry: Entry, leaseMs: number): void
  stopKeeping(entry: Entry): void
  closed(worker: CoordinatorWorker): void
}

const STORE_PAUSE_MS = 1_000
const FINISH_WITHIN_MS = 30_000

export class CoordinatorWorker implements Worker, Waiter {
  readonly holder: Holder
  readonly leaseMs: number
  readonly group: WorkerGroup
  wants: number
  readonly #parts: WorkerParts
  readonly #handler: TaskHandler
  readonly #keepsLease: boolean
  readonly #saysEnds: boolean
  readonly #jobs = new Bag<Job>()
  readonly #over = new AbortController()
  #isClosing = false
  #keepsClaims = false
  #idle: (() => void) | undefined

  constructor(
    parts: WorkerParts,
    {
      holder,
      leaseMs,
      group,
      options,
      handler,
    }: {
      holder: Holder
      leaseMs: number
      group: WorkerGroup
      options: WorkerOptions
      handler: TaskHandler
    },
  ) {
    this.#parts = parts
    this.#handler = handler
    this.holder = holder
    this.leaseMs = leaseMs
    this.group = group
    this.wants = options.concurrency ?? 1
    this.#keepsLease = options.heartbeat !== 'caller'
    this.#saysEnds = options.ends !== 'caller'
    group.workers++
  }

  get running(): number {
    return this.#jobs.size
  }

  start(): void {
    this.#parts.desk.seek(this)
  }

  /** Takes over claims of the same holder from before; together with new ones they may be more than it works on at once. */
  adopt(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { record } = entry
      if (record?.standing.state !== 'claimed' || !isSameHolder(record.standing.holder, this.holder)) continue
      this.wants--
      void this.#takeOver(entry, record)
    }
  }

  async #takeOver(entry: Entry, record: TaskRecord): Promise<void> {
    try {
      this.granted(entry, record, await this.#parts.payloadOf(record))
    } catch (thrown) {
      this.#parts.logger.warn('a claim was not taken over; it is given back', { task: entry.id, error: String(thrown) })
      this.wants++
      // The holder's signs of life would keep it for ever.
      const note = { note: 'its holder came back and could not go on' }
      await this.#parts.ends.release(entry.id, record.token, note).catch(() => undefined) // ended or lost meanwhile
    }
  }

  granted(entry: Entry, record: TaskRecord, payload: JsonValue | undefined): void {
    const claim = this.#parts.claimOf(record, payload)
    const job = new Job(this.#parts.ends, entry, claim)
    if (this.#isClosing) {
      if (this.#keepsClaims) return
      void job.release('the worker was closed').catch(() => undefined) // the lease gives it back
      return
    }
    this.#jobs.add(job)
    if (this.#keepsLease) this.#parts.keep(entry, this.leaseMs)
    this.#work(job)
  }

  refused(reason: unknown): void {
    if (this.#isClosing) return
    if (reason === undefined) {
      this.#parts.desk.seek(this)
      return
    }
    this.#parts.logger.warn('a worker cannot claim; it tries again', { error: String(reason), ...this.holder })
    this.#parts.clock.sleep(STORE_PAUSE_MS, this.#over.signal).then(
      () => this.#parts.desk.seek(this),
      () => undefined, // closed meanwhile
    )
  }

  async close({ drain = 'hand-back', withinMs = FINISH_WITHIN_MS }: DrainOptions = {}): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true
      this.#over.abort()
      this.#parts.matching.stopWaiting(this)
      this.group.workers--
      this.#parts.closed(this)
    }
    if (drain === 'keep') {
      // Also for one that is finishing: whoever works at the other end is gone.
      this.#keepsClaims = true
      this.#idle?.()
    } else if (drain === 'finish') await this.#untilIdle(withinMs)
    if (this.#keepsClaims) for (const job of this.#jobs) this.#leave(job)
    await Promise.all([...this.#jobs].map((job) => this.#handBack(job)))
  }

  /** The claim stands, but not for this worker any more. */
  #leave(job: Job): void {
    this.#drop(job)
    job.leave(new FabricError('IF_ERR_CANCELLED', 'the worker was closed; its claim stands until the lease ends'))
  }

  /** Waits until nothing is running, or for so long. */
  async #untilIdle(withinMs: number): Promise<void> {
    if (this.#jobs.size === 0) return
    const finished = new AbortController()
    this.#idle = () => finished.abort()
    await this.#parts.clock.sleep(withinMs, finished.signal).catch(() => undefined) // finished
  }

  async #handBack(job: Job): Promise<void> {
    this.#drop(job)
    try {
      await job.release('the worker was closed')
    } catch (thrown) {
      // Ended or lost at the same moment; if the store is gone, the lease gives it back.
      this.#parts.logger.debug('a claim was not handed back', { task: job.claim.task.id, error: String(thrown) })
    }
  }

  #work(job: Job): void {
    let result: unknown
    try {
      result = this.#handler(job.claim, job)
    } catch (thrown) {
      this.#giveUp(job, thrown)
      return
    }
    if (isThenable(result)) {
      result.then(
        (value) => this.#finish(job, value),
        (thrown: unknown) => this.#giveUp(job, thrown),
      )
    } else this.#finish(job, result)
  }

  /** The handler is done: says so, unless the claim has ended before. */
  #finish(job: Job, result: unknown): void {
    try {
      if (job.isOver || !this.#saysEnds) this.#ended(job)
      else job.complete(result, (record, thrown) => this.#ended(job, record ? undefined : thrown))
    } catch (thrown) {
      this.#giveUp(job, thrown) // a result without a JSON form
      return
    }
    this.#seekNext()
  }

  #giveUp(job: Job, reason: unknown): void {
    if (job.isOver || !this.#saysEnds) this.#ended(job)
    else {
      job.fail(reason).then(
        () => this.#ended(job),
        (thrown: unknown) => this.#ended(job, thrown),
      )
    }
    this.#seekNext()
  }

  /** The next claim shares the commit of the end; a handler never sees a task before its own claim is durable. */
  #seekNext(): void {
    this.wants++
    if (!this.#isClosing) this.#parts.desk.seek(this)
  }

  #ended(job: Job, thrown?: unknown): void {
    // Nobody knows whether the end is durable: whoever claims the task next decides.
    if (thrown !== undefined && !job.isOver) {
      const { id } = job.claim.task
      this.#parts.logger.warn('the end of a task was not recorded', { task: id, error: String(thrown) })
    }
    this.#drop(job)
    if (this.#jobs.size === 0) this.#idle?.()
  }

  #drop(job: Job): void {
    if (!this.#jobs.delete(job)) return
    this.#parts.stopKeeping(job.entry)
    job.entry.onChange = undefined
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** One claim that is worked on. */
class Job implements Work, Bagged {
  bagPlace = -1
  readonly entry: Entry
  readonly claim: Claim
  readonly #ends: HolderRequests
  /** The claim has ended, by us or without us. */
  isOver = false
  #reason: 'lost' | FabricError | undefined
  #abort: AbortController | undefined

  constructor(ends: HolderRequests, entry: Entry, claim: Claim) {
    this.#ends = ends
    this.entry = entry
    this.claim = claim
    entry.onChange = (record) => this.#look(record)
    this.#look(entry.record)
  }

  /** Most handlers never ask for it, so that it is made for those who do. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController()
      if (this.#reason) this.#abort.abort(this.#error())
    }
    return this.#abort.signal
  }

  isCurrent(): Promise<boolean> {
    if (this.isOver) return Promise.resolve(false)
    return this.#ends.isCurrent(this.claim.task.id, this.claim.token)
  }

  complete(result: unknown, ended: Moved): void {
    this.#ends.complete(this.entry, this.claim.token, result, ended)
  }

  fail(thrown: unknown): Promise<unknown> {
    const error = isFabricError(thrown)
      ? { code: thrown.code, message: thrown.message }
      : { code: 'IF_ERR_ACTION_FAILED', message: thrown instanceof Error ? thrown.message : String(thrown) }
    const mayRetry = !isFabricError(thrown) || thrown.retryable
    return this.#ends.fail(this.claim.task.id, this.claim.token, error, { mayRetry })
  }

  async block(blocker: BlockInput): Promise<void> {
    await this.#ends.block(this.claim.task.id, this.claim.token, blocker)
  }

  async release(note?: string): Promise<void> {
    if (!this.isOver) this.#end(new FabricError('IF_ERR_CANCELLED', note ?? 'the claim was given back'))
    await this.#ends.release(this.claim.task.id, this.claim.token, note === undefined ? {} : { note })
  }

  /** Ends the work without a word to the store. */
  leave(reason: FabricError): void {
    if (!this.isOver) this.#end(reason)
  }

  #look(record: TaskRecord | undefined): void {
    if (this.isOver) return
    if (record?.standing.state === 'claimed' && record.token === this.claim.token) return
    this.#end('lost')
  }

  #end(reason: 'lost' | FabricError): void {
    this.isOver = true
    this.#reason = reason
    this.#abort?.abort(this.#error())
  }

  /** Every claim ends once, and nearly always nobody wants to know why. */
  #error(): FabricError | undefined {
    if (this.#reason !== 'lost') return this.#reason
    const { task, token } = this.claim
    return new FabricError('IF_ERR_CLAIM_LOST', `the claim of task ${task.id} with token ${token} has ended`)
  }
}
