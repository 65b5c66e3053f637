// A worker whose handler runs at the other end of a connection. Claims are told to it, its words about them come as calls. When
// the connection is lost the claims stand for the same worker until their leases end; when it comes back, here or at the
// daemon's next start, it says what it knows and is told the rest.
import type { Claim, CoordinatorPort, Work, Worker } from '../coordinator/index.ts'
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { LostClaim, Served, WorkerOpening } from '../wire/index.ts'

/** As long as a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1

/** That the daemon ends, and how long what runs may take then. */
export interface Ending {
  readonly signal: AbortSignal
  withinMs(): number
}

const REMOTE = { heartbeat: 'caller', ends: 'caller' } as const

/** Most work is done sooner than that, and needs nobody who watches over its claim. */
const WATCHED_AFTER_MS = 100

interface Job {
  readonly task: string
  readonly token: number
  readonly work: Work
  isWatched: boolean
  /** Lets the coordinator hand over another claim in its place. */
  readonly free: () => void
}

export class WorkerDesk {
  readonly #coordinator: CoordinatorPort
  readonly #request: Served
  readonly #opening: WorkerOpening
  readonly #known: Set<string>
  readonly #jobs = new Map<string, Job>()
  #timer: NodeJS.Timeout | undefined
  #isGone = false

  constructor(coordinator: CoordinatorPort, request: Served, opening: WorkerOpening) {
    this.#coordinator = coordinator
    this.#request = request
    this.#opening = opening
    this.#known = new Set(opening.known.map(({ task, token }) => keyOf(task, token)))
  }

  /** Claims that are worked on at the other end. */
  get running(): number {
    return this.#jobs.size
  }

  /** Serves until the worker stops, the daemon ends (IF_ERR_DAEMON_UNAVAILABLE) or the connection is lost. */
  async serve(ending: Ending): Promise<void> {
    const { known, ...options } = this.#opening
    const standing = await this.#coordinator.heartbeat({ swarm: options.swarm, worker: options.worker })
    const stands = new Set(standing.map(({ task, token }) => keyOf(task, token)))
    this.#request.tell('opened')
    for (const { task, token } of known) if (!stands.has(keyOf(task, token))) this.#tellLost(task, token)
    const worker = this.#coordinator.worker({ ...options, ...REMOTE }, (claim, work) => this.#handOver(claim, work))
    const { gone } = this.#request
    await oneOf(this.#request.signal('stop'), gone, ending.signal)
    this.#watch()
    if (!gone.aborted) {
      // A worker that stops takes its time, a daemon that ends doesn't.
      const stopped = ending.signal.aborted ? undefined : worker.close({ drain: 'finish', withinMs: FOR_EVER_MS })
      await Promise.race([stopped, oneOf(gone, ending.signal)])
    }
    if (gone.aborted) await this.#leave(worker)
    else if (ending.signal.aborted) {
      await worker.close({ drain: 'finish', withinMs: ending.withinMs() })
      throw endsError()
    }
  }

  /** The other end has said how a claim of this worker ends; the word itself is under way. */
  ended(task: string, token: number): void {
    const job = this.#jobs.get(task)
    if (job?.token !== token) return
    this.#jobs.delete(task)
    job.free()
  }

  /** The claims stand for who comes back. */
  #leave(worker: Worker): Promise<void> {
    this.#isGone = true
    return worker.close({ drain: 'keep' })
  }

  #handOver(claim: Claim, work: Work): Promise<void> {
    const { task, token } = claim
    // Lost and claimed anew before anybody watched.
    const before = this.#jobs.get(task.id)
    if (before) this.#over(before)
    if (!this.#known.delete(keyOf(task.id, token))) this.#request.tell('claim', claim)
    return new Promise((free) => {
      this.#jobs.set(task.id, { task: task.id, token, work, free, isWatched: false })
      this.#timer ??= setTimeout(() => this.#watch(), WATCHED_AFTER_MS).unref()
    })
  }

  /** From now on the loss of a claim is told at once. */
  #watch(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const job of this.#jobs.values()) {
      if (job.isWatched) continue
      job.isWatched = true
      const { signal } = job.work
      if (signal.aborted) this.#over(job)
      else signal.addEventListener('abort', () => this.#over(job), { once: true })
    }
  }

  #over(job: Job): void {
    job.free()
    // Whoever was told of the end by the worker itself needn't tell it.
    if (this.#jobs.get(job.task) !== job) return
    this.#jobs.delete(job.task)
    if (!this.#isGone) this.#tellLost(job.task, job.token, job.work.signal.reason)
  }

  #tellLost(task: string, token: number, reason?: unknown): void {
    const code = isFabricError(reason) && reason.code === 'IF_ERR_CANCELLED' ? reason.code : 'IF_ERR_CLAIM_LOST'
    this.#request.tell('lost', { task, token, code } satisfies LostClaim)
  }
}

const keyOf = (task: string, token: number): string => `${task} ${token}`

/** Resolves when one of them is aborted. */
function oneOf(...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const any = AbortSignal.any(signals)
    if (any.aborted) resolve()
    else any.addEventListener('abort', () => resolve(), { once: true })
  })
}

export const endsError = (): FabricError =>
  new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the daemon is ending', {
    hint: 'Try again when it has started anew.',
  })
