// A worker of a coordinator at the other end of a connection: claims are pushed to it, its handlers run here, it beats for them.
// When the connection is lost it connects again, to the same daemon or the next, says what it has and what it has to say. While
// it is alone it works as long as its leases certainly stand by its own clock, and then counts its claims as lost.
import type { Claim, DrainOptions, Holder, TaskHandler, Worker, WorkerOptions } from '../coordinator/index.ts'
import { checkCapability, checkName, FabricError, isFabricError, systemClock, ulid } from '../foundation/index.ts'
import { CLOSE, isLost, LIMIT_MS, type LostClaim, type Peer } from '../wire/index.ts'
import { backoff } from './backoff.ts'
import { RemoteJob } from './remote-job.ts'

export interface RemoteWorkerParts {
  connect(signal: AbortSignal): Promise<Peer>
  options: WorkerOptions
  handler: TaskHandler
}

const FINISH_WITHIN_MS = 30_000
/** For the last words of a worker that is closed; after that the leases decide. */
const LAST_WORDS_MS = 5_000
/** Before an end is said again that the store could not take. */
const AGAIN_MS = 1_000
const LONGEST_BEAT_MS = 1_000
const USUAL_LEASE_MS = 30_000
/** A beat rewrites a lease only when a third of it has passed, so that so much of it is left at least after each. */
const SURE_SHARE = 2 / 3

export class RemoteWorker implements Worker {
  readonly holder: Holder
  /** Resolves when it has ended. */
  readonly over: Promise<void>
  readonly #parts: RemoteWorkerParts
  readonly #jobs = new Map<string, RemoteJob>()
  readonly #stopping = new AbortController()
  readonly #ended = new AbortController()
  #peer: Peer | undefined
  /** Monotonic moment at which all claims that we know stood. */
  #confirmedAt = performance.now()
  #leaseMs: number
  #timer: NodeJS.Timeout | undefined
  #hasOpened = false
  #failure: unknown
  #idle: (() => void)[] = []

  constructor(parts: RemoteWorkerParts) {
    const { options } = parts
    this.#parts = parts
    this.holder = { swarm: checkName('swarm', options.swarm), worker: checkName('worker', options.worker ?? ulid()) }
    for (const capability of options.capabilities ?? []) checkCapability(capability, { owned: true })
    const { concurrency = 1 } = options
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new FabricError('IF_ERR_INVALID_INPUT', `concurrency: expected a whole number ≥ 1, got ${concurrency}`)
    }
    if (options.ends === 'caller') {
      throw new FabricError('IF_ERR_UNSUPPORTED', 'over a connection a handler always says how its task ends')
    }
    this.#leaseMs = options.leaseMs ?? USUAL_LEASE_MS
    this.over = this.#run()
    this.#beatSoon()
  }

  get running(): number {
    let count = 0
    for (const job of this.#jobs.values()) if (job.isRunning) count++
    return count
  }

  /** Rejects with what kept the worker from working, where the daemon refused it for good. */
  async close({ drain = 'hand-back', withinMs = FINISH_WITHIN_MS }: DrainOptions = {}): Promise<void> {
    this.#stopping.abort()
    if (drain === 'finish') await this.#quiet(withinMs)
    for (const job of this.#jobs.values()) if (job.isRunning) this.#leave(job, drain)
    await this.#quiet(LAST_WORDS_MS)
    this.#ended.abort()
    this.#peer?.close(CLOSE.done)
    clearTimeout(this.#timer)
    await this.over
    if (this.#failure) throw this.#failure
  }

  #leave(job: RemoteJob, drain: DrainOptions['drain']): void {
    if (drain === 'keep') {
      job.over(new FabricError('IF_ERR_CANCELLED', 'the worker was closed; its claim stands until the lease ends'))
      this.#drop(job)
    } else void job.release('the worker was closed').catch(() => undefined) // lost at the same moment
  }

  /** Waits until no job is left, or for so long. */
  async #quiet(withinMs: number): Promise<void> {
    if (this.#jobs.size === 0) return
    const quiet = new AbortController()
    this.#idle.push(() => quiet.abort())
    await systemClock.sleep(withinMs, quiet.signal).catch(() => undefined) // quiet
  }

  /** Connects again and again, until it is closed or refused for good. */
  async #run(): Promise<void> {
    const { signal } = this.#ended
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const peer = await this.#parts.connect(signal)
        failures = 0
        await this.#serve(peer)
        if (this.#stopping.signal.aborted) return
      } catch (thrown) {
        if (signal.aborted) return
        if (isForGood(thrown)) {
          this.#fail(thrown)
          return
        }
      }
      this.#peer = undefined
      await backoff(failures, signal).catch(() => undefined) // ended: the loop does too
    }
  }

  /** Over one connection, until it is lost or the worker has stopped. */
  async #serve(peer: Peer): Promise<void> {
    const { worker: _worker, heartbeat: _heartbeat, ends: _ends, adopts = false, ...options } = this.#parts.options
    const askedAt = performance.now()
    const known = [...this.#jobs.values()].map(({ claim }) => ({ task: claim.task.id, token: claim.token }))
    const serving = peer.ask({
      call: 'coordinator.worker',
      args: [{ ...options, ...this.holder, adopts: adopts || this.#hasOpened, known }],
      aborts: { stop: this.#stopping.signal },
      callbacks: {
        opened: () => this.#opened(peer, askedAt),
        claim: (claim) => this.#begin(claim as Claim), // a daemon of this protocol sends one
        lost: (lost) => this.#lost(lost as LostClaim),
      },
    })
    try {
      await serving
    } catch (thrown) {
      // A daemon that ends answers what was said before it closes the connection.
      if (isEnding(thrown)) await peer.closed
      throw thrown
    } finally {
      // A stopped worker has last words to say over it.
      if (!this.#stopping.signal.aborted) peer.close(CLOSE.done)
    }
  }

  #opened(peer: Peer, askedAt: number): void {
    this.#peer = peer
    this.#hasOpened = true
    this.#confirmedAt = askedAt
    for (const job of this.#jobs.values()) if (job.ending) void this.#say(job)
  }

  #begin(claim: Claim): void {
    const job = new RemoteJob(claim, {
      end: (ending, call, args) => this.#end(ending, call, args),
      isCurrent: async (task, token) =>
        (await this.#connected().ask({
          call: 'coordinator.isCurrent',
          args: [task, token],
          limitMs: LIMIT_MS,
        })) as boolean,
    })
    this.#jobs.set(keyOf(claim.task.id, claim.token), job)
    if (claim.leaseMs < this.#leaseMs) {
      this.#leaseMs = claim.leaseMs
      this.#beatSoon()
    }
    if (this.#stopping.signal.aborted) this.#leave(job, 'hand-back')
    else void job.run(this.#parts.handler)
  }

  #lost({ task, token, code }: LostClaim): void {
    const job = this.#jobs.get(keyOf(task, token))
    if (!job) return
    // It may have ended by our own word, whose answer was lost: saying it again tells.
    if (job.ending) return
    if (code === 'IF_ERR_CANCELLED') job.over(new FabricError(code, 'the daemon ends and has handed the claim back'))
    else job.lose()
    this.#drop(job)
  }

  #end(job: RemoteJob, call: string, args: readonly unknown[]): Promise<void> {
    return new Promise((resolve, reject) => {
      job.ending = { call, args, wasSaid: false, resolve, reject }
      void this.#say(job)
    })
  }

  /** Until it is answered: over the next connection too, and again where the store was out of order. */
  async #say(job: RemoteJob): Promise<void> {
    const { ending } = job
    const peer = this.#peer
    if (!ending || !peer || peer.isOver) return
    const { call, args } = ending
    try {
      await peer.ask({ call, args, limitMs: LIMIT_MS, quiet: true })
      this.#drop(job)
      ending.resolve()
    } catch (thrown) {
      if (isLost(thrown)) {
        ending.wasSaid ||= thrown.details.wasSent === true
        return
      }
      if (isFabricError(thrown) && thrown.retryable && !this.#ended.signal.aborted) {
        ending.wasSaid = true
        // Our beats keep the claim, so that nobody else would end it.
        this.#sayLater(job)
        return
      }
      const isDone = ending.wasSaid && isFabricError(thrown) && thrown.code === 'IF_ERR_CLAIM_LOST'
      const goesOn = isFabricError(thrown) && thrown.code === 'IF_ERR_INVALID_INPUT' && call !== 'coordinator.fail'
      if (goesOn) job.ending = undefined
      else this.#drop(job)
      if (isDone) ending.resolve()
      else ending.reject(thrown)
    }
  }

  #sayLater(job: RemoteJob): void {
    systemClock.sleep(AGAIN_MS, this.#ended.signal).then(
      () => this.#say(job),
      () => undefined, // closed meanwhile: the lease decides
    )
  }

  #drop(job: RemoteJob): void {
    this.#jobs.delete(keyOf(job.claim.task.id, job.claim.token))
    if (this.#jobs.size === 0) for (const tell of this.#idle.splice(0)) tell()
  }

  /** A sign of life for all claims; the answer says which of them stand. */
  async #beat(): Promise<void> {
    this.#expire()
    const peer = this.#peer
    if (!peer || peer.isOver || this.#parts.options.heartbeat === 'caller') return
    const asked = [...this.#jobs]
    const askedAt = performance.now()
    try {
      const standing = (await peer.ask({ call: 'coordinator.heartbeat', args: [this.holder], limitMs: LIMIT_MS })) as {
        task: string
        token: number
      }[] // of the port's types
      this.#confirmedAt = Math.max(this.#confirmedAt, askedAt)
      const stands = new Set(standing.map(({ task, token }) => keyOf(task, token)))
      for (const [key, job] of asked) {
        if (!job.isRunning || stands.has(key)) continue
        job.lose()
        this.#drop(job)
      }
    } catch {
      // No sign was confirmed: the clock decides.
    }
  }

  /** Nobody has confirmed the claims for so long that they may be another's. */
  #expire(): void {
    if (this.#parts.options.heartbeat === 'caller') return
    for (const job of this.#jobs.values()) {
      if (!job.isRunning || performance.now() < this.#confirmedAt + job.claim.leaseMs * SURE_SHARE) continue
      job.lose()
      // If it still stands after all, it is given back rather than begun again.
      job.ending = {
        call: 'coordinator.release',
        args: [job.claim.task.id, job.claim.token, { note: 'the worker lost its connection for too long' }],
        wasSaid: true,
        resolve: () => undefined,
        reject: () => undefined,
      }
      void this.#say(job)
    }
  }

  #beatSoon(): void {
    clearTimeout(this.#timer)
    const beat = () => {
      void this.#beat()
      this.#timer = setTimeout(beat, Math.max(20, Math.min(LONGEST_BEAT_MS, this.#leaseMs / 5)))
    }
    this.#timer = setTimeout(beat, Math.max(20, Math.min(LONGEST_BEAT_MS, this.#leaseMs / 5)))
  }

  #connected(): Peer {
    if (this.#peer && !this.#peer.isOver) return this.#peer
    throw new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the worker is not connected to the daemon', {
      hint: 'It connects again by itself; ask again then.',
    })
  }

  /** Whoever closes it is told; until then at least the process's warnings say it. */
  #fail(thrown: unknown): void {
    this.#failure = thrown
    for (const job of this.#jobs.values()) job.lose()
    this.#jobs.clear()
    clearTimeout(this.#timer)
    process.emitWarning(`a worker of ${this.holder.swarm} takes no tasks any more: ${String(thrown)}`, 'IfabWarning')
  }
}

const keyOf = (task: string, token: number): string => `${task} ${token}`

const isEnding = (thrown: unknown): boolean =>
  isFabricError(thrown) && thrown.code === 'IF_ERR_DAEMON_UNAVAILABLE' && !isLost(thrown)

/** Refusals that another try won't change. */
const isForGood = (thrown: unknown): boolean =>
  isFabricError(thrown) &&
  [
    'IF_ERR_INVALID_TOKEN',
    'IF_ERR_SCOPE_MISSING',
    'IF_ERR_INVALID_INPUT',
    'IF_ERR_VERSION_MISMATCH',
    'IF_ERR_UNSUPPORTED',
  ].includes(thrown.code)
