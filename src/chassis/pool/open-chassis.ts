// Opens the pool in which guests run. Nothing is started before the first call.
import { availableParallelism } from 'node:os'
import type { Clock, Logger } from '../../foundation/index.ts'
import type { Chassis } from '../port.ts'
import { localRate, type TakeRate } from './local-rate.ts'
import { Pool } from './pool.ts'
import { findWorkerFile } from './worker-file.ts'

export interface ChassisOptions {
  clock: Clock
  logger: Logger
  /** The metered engine of scripts, compiled. */
  quickJs: () => Promise<WebAssembly.Module>
  /** At most; default a worker for each processor, at least 2 and at most 4. */
  workers?: number
  /** Code of the workers; default `dist/worker/guest-worker.cjs` of the package. */
  workerFile?: string | URL
  /** Calls of all modules that may wait for a worker, default 4096; a quarter of it for one module. */
  queueLimit?: number
  /** Takes a host call's place in its module's rate; default one bucket a module in this process alone. */
  rate?: TakeRate
  /** What a guest may see of the words of errors, and a log of the words of a guest; default all. */
  redact?: (text: string) => string
}

export async function openChassis(options: ChassisOptions): Promise<Chassis> {
  const { clock, logger, quickJs, workerFile } = options
  return new Pool({
    clock,
    logger,
    quickJs,
    workers: Math.max(1, options.workers ?? Math.max(2, Math.min(4, availableParallelism()))),
    queueLimit: options.queueLimit ?? 4_096,
    file: () => workerFile ?? findWorkerFile(),
    rate: options.rate ?? localRate(clock),
    redact: options.redact ?? ((text) => text),
  })
}
