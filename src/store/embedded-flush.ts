// The flushes of a relaxed store: a commit is answered when the system has it, which a killed process survives, and is
// forced to the disk within a stated window, which is what a power failure may take.
import { type FileHandle, open } from 'node:fs/promises'
import type { FabricError } from '../foundation/index.ts'
import { storeError } from './embedded-errors.ts'

export class RelaxedFlush {
  readonly #path: string
  readonly #windowMs: number
  #file: FileHandle | undefined
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  #isDirty = false
  /** A flush failed: nobody knows what of the last window is on the disk, so nothing more is accepted. */
  failure: FabricError | undefined

  /** @param path the write-ahead log of the database */
  constructor(path: string, windowMs: number) {
    this.#path = path
    this.#windowMs = windowMs
  }

  /** Something was committed. */
  note(): void {
    this.#isDirty = true
    if (this.#timer || this.#flushing) return
    // Half of the window is left to the flush itself.
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#flushing = this.#flush()
    }, this.#windowMs / 2)
  }

  /** Everything that was noted is on the disk afterwards. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flushing
    if (this.#isDirty) await this.#flush()
    clearTimeout(this.#timer)
    await this.#file?.close()
    this.#file = undefined
  }

  async #flush(): Promise<void> {
    this.#isDirty = false
    try {
      this.#file ??= await open(this.#path, 'r+')
      await this.#file.datasync()
    } catch (thrown) {
      this.failure = storeError(this.#path, thrown)
    }
    this.#flushing = undefined
    if (this.#isDirty) this.note()
  }
}
