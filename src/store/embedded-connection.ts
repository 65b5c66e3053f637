// One SQLite connection. Its lock is never waited for synchronously: a busy file is tried again after a short random
// pause, so the event loop goes on. Transaction control goes through `exec`, because the binding leaves a prepared
// statement that failed busy in progress, which then keeps the next COMMIT from happening. `execLater` runs a statement
// on a thread of the binding; nothing else may use the connection meanwhile, it would stop the event loop until then.
import Database from 'libsql'
import { type Clock, FabricError } from '../foundation/index.ts'
import { isBusy, storeError } from './embedded-errors.ts'

export interface ConnectionOptions {
  path: string
  /** Never writes, and needs a file that is there. */
  readOnly: boolean
  /** Needs a file that is there. Default false: it is made. */
  mustExist?: boolean
  /** How long a lock is tried for, milliseconds. */
  busyTimeoutMs: number
  clock: Clock
}

/** A prepared statement whose rows are arrays of columns. */
export interface Statement {
  run(...parameters: unknown[]): void
  rows(...parameters: unknown[]): unknown[][]
}

type ExecLater = (this: InstanceType<typeof Database>, sql: string) => Promise<void>

const LONGEST_PAUSE_MS = 20

export class Connection {
  readonly path: string
  readonly #options: ConnectionOptions
  #database: InstanceType<typeof Database> | undefined
  #dataVersion: Statement | undefined
  #execLater: ExecLater | undefined
  #underWay: Promise<void> | undefined
  /** The write lock is held, from the moment it was taken to the end of its transaction. */
  isTaken = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.path = options.path
    try {
      this.#database = new Database(addressOf(options))
    } catch (thrown) {
      throw storeError(options.path, thrown)
    }
  }

  exec(sql: string): void {
    this.#open.exec(sql)
  }

  /** Makes `execLater` work; costs a moment, which a process that ends at once needn't pay. */
  async allowLater(): Promise<void> {
    this.#execLater ??= (await import('libsql/promise')).default.prototype.exec as ExecLater
  }

  get canLater(): boolean {
    return this.#execLater !== undefined
  }

  /** Runs SQL on another thread; the connection is nobody else's until it is done. */
  async execLater(sql: string): Promise<void> {
    if (!this.#execLater) throw new FabricError('IF_ERR_INTERNAL', 'allowLater was not called')
    // Both flavours of the binding are one native object, so that the method of one takes the other.
    const running = this.#execLater.call(this.#open, sql)
    this.#underWay = running
    try {
      await running
    } finally {
      this.#underWay = undefined
    }
  }

  prepare(sql: string): Statement {
    const write = this.#open.prepare(sql)
    // `raw` refuses statements without columns, so it waits for the first read.
    let read: typeof write | undefined
    return {
      run: (...parameters) => {
        void write.run(parameters)
      },
      rows: (...parameters) => {
        read ??= this.#open.prepare(sql).raw()
        return read.all(parameters) as unknown[][]
      },
    }
  }

  /** Changes when another connection has committed, and only then. */
  dataVersion(): unknown {
    this.#dataVersion ??= this.prepare('PRAGMA data_version')
    return this.#dataVersion.rows()[0]?.[0]
  }

  /** Runs synchronous work, again while the file is busy; what SQLite throws becomes a FabricError. */
  async patiently<T>(work: () => T): Promise<T> {
    const { clock, busyTimeoutMs, path } = this.#options
    const deadline = clock.monotonic() + busyTimeoutMs
    for (let attempt = 0; ; attempt++) {
      // Whoever started it hears of its failure.
      while (this.#underWay) await this.#underWay.catch(() => undefined)
      try {
        return work()
      } catch (thrown) {
        if (!isBusy(thrown) || thrown instanceof FabricError) throw storeError(path, thrown)
        if (clock.monotonic() >= deadline) throw storeError(path, thrown)
      }
      await clock.sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 1 + attempt))
    }
  }

  /** Takes the write lock. */
  begin(): Promise<void> {
    return this.patiently(() => {
      this.exec('BEGIN IMMEDIATE')
      this.isTaken = true
    })
  }

  commit(): void {
    this.exec('COMMIT')
    this.isTaken = false
  }

  /** Commits on another thread, where that is possible, after one more statement: the event loop needn't wait for the disk. */
  async commitLater(last = ''): Promise<void> {
    const sql = `${last}${last && ';'} COMMIT`
    if (this.canLater) await this.execLater(sql)
    else this.exec(sql)
    this.isTaken = false
  }

  /** Safe to call in any state: after most failures SQLite has rolled back by itself. */
  rollback(): void {
    this.isTaken = false
    if (this.#database?.inTransaction) this.exec('ROLLBACK')
  }

  /** Runs work on one consistent state of the file. */
  reading<T>(work: () => T): T {
    this.exec('BEGIN')
    try {
      return work()
    } finally {
      this.rollback()
    }
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
    this.#dataVersion = undefined
  }

  get #open(): InstanceType<typeof Database> {
    if (this.#database) return this.#database
    throw new FabricError('IF_ERR_STORE_UNAVAILABLE', `${this.path}: the store is closed`)
  }
}

function addressOf({ path, readOnly, mustExist = false }: ConnectionOptions): string {
  if (!readOnly && !mustExist) return path
  return `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?mode=${readOnly ? 'ro' : 'rw'}`
}
