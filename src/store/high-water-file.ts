// The last checkpoint, kept outside the database too: without it nobody could tell that the log's tail was cut off.
// The file is replaced as a whole and only by a larger checkpoint. Commits never wait for it: what comes while a write
// is under way is coalesced, and a failure is logged. The draft of the next file, created exclusively, is also the lock
// between processes; one that a dead process left is taken away after a few seconds.
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { type Clock, type Logger, silentLogger, systemClock } from '../foundation/index.ts'

export interface OutsideCheckpointOptions {
  path: string
  /** Size of the checkpoint in a text, undefined when it isn't one of this log's. */
  sizeOf: (checkpoint: string) => number | undefined
  logger?: Logger
  clock?: Clock
}

/** Between two writes, so that a busy log costs the disk little. */
const REST_MS = 100
const RETRY_MS = 5
const DRAFT_OUTLIVES_MS = 5_000

export class OutsideCheckpoint {
  readonly #options: OutsideCheckpointOptions
  readonly #clock: Clock
  readonly #hurry = new AbortController()
  #latest: { checkpoint: string; size: number } | undefined
  #writing: Promise<void> | undefined

  constructor(options: OutsideCheckpointOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Takes note of a durable checkpoint; it reaches the file soon. */
  note(checkpoint: string, size: number): void {
    if (this.#latest && this.#latest.size >= size) return
    this.#latest = { checkpoint, size }
    this.#writing ??= this.#writeAll()
  }

  /** The text in the file, undefined where there is none. */
  async read(): Promise<string | undefined> {
    return readFile(this.#options.path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return undefined
      throw thrown
    })
  }

  /** Writes what was noted and ends. */
  async close(): Promise<void> {
    this.#hurry.abort()
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    let written = 0
    while (this.#latest && this.#latest.size > written) {
      const { checkpoint, size } = this.#latest
      try {
        await this.#write(checkpoint, size)
      } catch (thrown) {
        const { logger = silentLogger, path } = this.#options
        logger.warn('the checkpoint outside the database was not written', { path, error: String(thrown) })
      }
      written = size
      // A closing log doesn't rest.
      await this.#clock.sleep(REST_MS, this.#hurry.signal).catch(() => undefined)
    }
    this.#writing = undefined
  }

  async #write(checkpoint: string, size: number): Promise<void> {
    const draft = `${this.#options.path}.next`
    const file = await this.#openDraft(draft)
    try {
      const current = await this.read()
      const isNewer = size > ((current && this.#options.sizeOf(current)) || 0)
      if (isNewer) {
        await file.writeFile(checkpoint)
        await file.sync()
        await rename(draft, this.#options.path)
      } else await rm(draft, { force: true })
    } catch (thrown) {
      await rm(draft, { force: true })
      throw thrown
    } finally {
      await file.close()
    }
  }

  async #openDraft(draft: string): ReturnType<typeof open> {
    for (;;) {
      try {
        return await open(draft, 'wx', 0o600)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
      }
      const age = this.#clock.now() - ((await stat(draft).catch(() => undefined))?.mtimeMs ?? this.#clock.now())
      if (age > DRAFT_OUTLIVES_MS) await rm(draft, { force: true })
      else await this.#clock.sleep(RETRY_MS)
    }
  }
}
