// Copies the write-ahead log into the database beside the commits, on a connection and a thread of its own: SQLite would do
// it inside some commit, which then takes many times as long as the others. While commits go on there is always a rest that
// is not copied; the last piece is done between two of them, so that the log begins anew and doesn't grow without limit.
import type { Logger } from '../foundation/index.ts'
import { Connection, type ConnectionOptions } from './embedded-connection.ts'

/** Characters that make a checkpoint worth its while. */
const CHECKPOINT_AFTER = 12 * 1024 * 1024
/** If checkpoints fail, commits do them again from so many pages on. */
const SAFETY_PAGES = 8_192
const CHECKPOINT = 'PRAGMA wal_checkpoint(PASSIVE)'

export class Checkpoints {
  readonly #writer: Connection
  readonly #own: Connection
  readonly #logger: Logger
  /** Runs work between two commits. */
  readonly #chore: (work: () => Promise<void>) => void
  #uncopied = 0
  #running: Promise<void> | undefined

  /** @param writer makes no more checkpoints of its own from now on */
  constructor(parts: {
    writer: Connection
    connection: ConnectionOptions
    logger: Logger
    chore(work: () => Promise<void>): void
  }) {
    this.#writer = parts.writer
    this.#logger = parts.logger
    this.#chore = parts.chore
    this.#own = new Connection(parts.connection)
    this.#own.exec('PRAGMA busy_timeout = 0; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0')
    this.#writer.exec(`PRAGMA wal_autocheckpoint = ${SAFETY_PAGES}`)
  }

  /** So many characters were committed. */
  note(size: number): void {
    this.#uncopied += size
    if (this.#uncopied < CHECKPOINT_AFTER || this.#running) return
    this.#uncopied = 0
    this.#running = this.#reported(() => this.#copy()).finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    await this.#running
    this.#own.close()
  }

  async #copy(): Promise<void> {
    await this.#own.allowLater()
    await this.#own.execLater(CHECKPOINT)
    // What came meanwhile is much less.
    await this.#own.execLater(CHECKPOINT)
    this.#chore(() => this.#reported(() => this.#writer.execLater(CHECKPOINT)))
  }

  async #reported(checkpoint: () => Promise<void>): Promise<void> {
    try {
      await checkpoint()
    } catch (thrown) {
      this.#logger.warn('a checkpoint of the store failed', { error: String(thrown) })
    }
  }
}
