// What can be said when the embedded store is opened.
import type { Clock, Logger } from '../foundation/index.ts'
import type { Sequencer } from './port.ts'

export interface EmbeddedStoreOptions {
  /** The database file; its folder must exist. */
  path: string
  /** Without one, commits with log entries are refused. */
  sequencer?: Sequencer
  /** Opens a file that is there and refuses commits. Default false. */
  readOnly?: boolean
  /** Version of InfraFabric, kept in a new file for the error of an older one. Default `unknown`. */
  writtenBy?: string
  /** How long another process's lock is waited for, milliseconds. Default 10,000. */
  busyTimeoutMs?: number
  /** How much journal (characters) is worth a snapshot. Default 16 Mi, or the last snapshot's size if that is more. */
  snapshotAfter?: number
  /**
   * `fsync`: a commit is on the disk when it is answered; `relaxed`: it survives the process then, and reaches the disk
   * within `relaxedWindowMs`, which is what a power failure may take. Default `fsync`.
   */
  durability?: 'fsync' | 'relaxed'
  /** Milliseconds. Default 50. */
  relaxedWindowMs?: number
  /**
   * How much (characters) this process commits before it uses other threads for the disk: they cost one that ends at once
   * more than they save. Default 256 Ki.
   */
  threadsAfter?: number
  /** Hears of a snapshot or checkpoint that failed. Default silent. */
  logger?: Logger
  clock?: Clock
}
