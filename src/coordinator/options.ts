// What can be said when a coordinator is opened and asked; times are milliseconds.
import type { Clock, HostClock, Logger } from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import type { TaskState } from './states.ts'
import type { WitnessLevel } from './witness-entries.ts'

export interface CoordinatorOptions {
  /** Whoever opened it closes it, after the coordinator. */
  store: Store
  clock?: Clock
  /** Shared by the processes of this machine. Default: the system's, none beside a clock of one's own. */
  hostClock?: HostClock
  /** A number from 0 up to 1, for the jitter of backoffs. Default Math.random. */
  random?: () => number
  logger?: Logger
  /** How long a claim stands without a sign of its holder, milliseconds. Default 30,000. */
  leaseMs?: number
  /** How long `claim` waits for a task, milliseconds. Default 5,000. */
  claimWaitMs?: number
  /** How long `add` waits for room when there are too many unfinished tasks, milliseconds. Default 10,000. */
  pushWaitMs?: number
  /** Unfinished tasks at most. Default 1,000,000. */
  maxUnfinished?: number
  /** The share of a task's needs that a worker must cover. Default 0.7. */
  minMatch?: number
  /** What goes into the witness log; the store must have one, but for `none`. Default `ends`. */
  witness?: WitnessLevel
  /** How long done and failed tasks are kept, milliseconds. Default 24 h. */
  keepEndedMs?: number
  /** How many of them at most. Default 100,000. */
  keepEnded?: number
}

export interface ClaimOptions {
  /** Milliseconds. Default: the coordinator's. */
  leaseMs?: number
  /** How long to wait for a task, milliseconds; 0 takes what is ready. Default: the coordinator's. */
  waitMs?: number
  signal?: AbortSignal
}

/** Who does something to a task without holding it. */
export interface ActorOptions {
  /** Default `if://service/coordinator`. */
  actor?: string
  /** The reason, for the history and the witness. */
  why?: string
}

export interface ListOptions {
  state?: TaskState
  swarm?: string
  kind?: string
  /** Only ids that hold this piece, in capitals or not. */
  idPart?: string
  /** The newest first, by when they were added, instead of the order of ids. */
  newestFirst?: boolean
  /** Default 100. */
  limit?: number
}
