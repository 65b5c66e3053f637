// A small file that keeps the largest of what it was told, replaced as a whole and only by something larger: beside a
// database it tells whether the database has lost its tail. Nobody waits for it: what comes while a write is under way is
// coalesced, and a failure is logged. The draft of the next file, created exclusively, is also the lock between processes;
// one that a dead process left is taken away after a few seconds.
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { type Clock, type Logger, silentLogger, systemClock } from '../foundation/index.ts'

export interface HighWaterFileOptions {
  path: string
  /** How large the thing in a text is; undefined when it is none. */
  sizeOf: (text: string) => number | undefined
  /** Whether the file is forced to the disk each time. Default true; without, a power failure may leave an older one. */
  sync?: boolean
  logger?: Logger
  clock?: Clock
}

/** Between two writes, so that a busy database costs the disk little. */
const REST_MS = 100
const RETRY_MS = 5
const DRAFT_OUTLIVES_MS = 5_000

export class HighWaterFile {
  readonly #options: HighWaterFileOptions
  readonly #clock: Clock
  readonly #hurry = new AbortController()
  #latest: { text: string; size: number } | undefined
  #writing: Promise<void> | undefined

  constructor(options: HighWaterFileOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Takes note of something durable; it reaches the file soon. */
  note(text: string, size: number): void {
    if (this.#latest && this.#latest.size >= size) return
    this.#latest = { text, size }
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
      const { text, size } = this.#latest
      try {
        await this.#write(text, size)
      } catch (thrown) {
        const { logger = silentLogger, path } = this.#options
        logger.warn('a file beside the database was not written', { path, error: String(thrown) })
      }
      written = size
      // Who closes doesn't rest.
      await this.#clock.sleep(REST_MS, this.#hurry.signal).catch(() => undefined)
    }
    this.#writing = undefined
  }

  async #write(text: string, size: number): Promise<void> {
    const draft = `${this.#options.path}.next`
    const file = await this.#openDraft(draft)
    try {
      const current = await this.read()
      const isNewer = size > ((current && this.#options.sizeOf(current)) || 0)
      if (isNewer) {
        await file.writeFile(text)
        if (this.#options.sync ?? true) await file.sync()
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
