// The workers of this process: made from what callers say, counted, closed together.
import { type Clock, checkCapability, FabricError, type Logger, ulid } from '../foundation/index.ts'
import type { Board } from './board.ts'
import type { Claims } from './claims.ts'
import type { Desk } from './desk.ts'
import type { Matching } from './matching.ts'
import { checkFilter, checkHolder, checkLease } from './requests.ts'
import type { Upkeep } from './upkeep.ts'
import {
  CoordinatorWorker,
  type DrainOptions,
  type HolderRequests,
  type TaskHandler,
  type Worker,
  type WorkerOptions,
} from './worker.ts'

export interface WorkersParts {
  readonly ends: HolderRequests
  readonly board: Board
  readonly desk: Desk
  readonly matching: Matching
  readonly claims: Claims
  readonly upkeep: Upkeep
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds. */
  readonly leaseMs: number
  /** Of a claim that a worker takes over. */
  payloadOf: ConstructorParameters<typeof CoordinatorWorker>[0]['payloadOf']
}

export class Workers implements Iterable<CoordinatorWorker> {
  readonly #parts: WorkersParts
  readonly #open = new Set<CoordinatorWorker>()

  constructor(parts: WorkersParts) {
    this.#parts = parts
  }

  [Symbol.iterator](): Iterator<CoordinatorWorker> {
    return this.#open.values()
  }

  start(options: WorkerOptions, handler: TaskHandler): Worker {
    const { ends, board, desk, matching, claims, upkeep, clock, logger } = this.#parts
    const holder = checkHolder({ swarm: options.swarm, worker: options.worker ?? ulid() })
    for (const capability of options.capabilities ?? []) checkCapability(capability, { owned: true })
    const { concurrency = 1, capabilities, kinds, swarms } = options
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new FabricError('IF_ERR_INVALID_INPUT', `concurrency: expected a whole number ≥ 1, got ${concurrency}`)
    }
    const filter = checkFilter({
      ...(kinds ? { kinds } : {}),
      ...(capabilities ? { capabilities } : {}),
      ...(swarms ? { swarms } : {}),
    })
    const worker = new CoordinatorWorker(
      {
        ends,
        desk,
        matching,
        clock,
        logger,
        claimOf: (record, payload) => claims.claimOf(record, payload),
        payloadOf: this.#parts.payloadOf,
        keep: (entry, leaseMs) => upkeep.keep(entry, leaseMs),
        stopKeeping: (entry) => upkeep.stopKeeping(entry),
        closed: (closed) => this.#open.delete(closed),
      },
      {
        holder,
        leaseMs: checkLease(options.leaseMs ?? this.#parts.leaseMs),
        group: matching.group(holder.swarm, filter),
        options,
        handler,
      },
    )
    this.#open.add(worker)
    if (options.adopts) worker.adopt([...(board.held.get(holder.worker) ?? [])])
    worker.start()
    return worker
  }

  async close(options: DrainOptions): Promise<void> {
    await Promise.all([...this.#open].map((worker) => worker.close(options)))
  }
}
