// The body of an answer on its way from the connection to its reader: at most one reader, bounded. A slow reader pauses
// the connection; a silent connection is cut off while the reader waits.
import type { Dispatcher } from 'undici'

/** Bytes that wait for the reader before the connection is paused, and before it goes on. */
const HIGH_BYTES = 64 * 1024
const LOW_BYTES = 16 * 1024

export class Flow {
  /** Resolves when the connection has no more part in it. */
  readonly closed: Promise<void>
  readonly #connection: Dispatcher.DispatchController
  #close: () => void = () => {}
  #wake: (() => void) | undefined
  #waiting: Buffer[] = []
  #size = 0
  #state: { name: 'open' } | { name: 'ended' } | { name: 'failed'; thrown: unknown } = { name: 'open' }

  constructor(connection: Dispatcher.DispatchController) {
    this.#connection = connection
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  push(chunk: Buffer): void {
    if (this.#state.name !== 'open') return
    this.#waiting.push(chunk)
    this.#size += chunk.length
    if (this.#size >= HIGH_BYTES && !this.#connection.paused) this.#connection.pause()
    this.#wake?.()
  }

  end(): void {
    this.#settle({ name: 'ended' })
  }

  /** What came before it is still read. */
  fail(thrown: unknown): void {
    this.#settle({ name: 'failed', thrown })
  }

  /** Closes the connection; nothing more is read. */
  cut(thrown: unknown): void {
    this.#waiting = []
    this.#size = 0
    const wasOpen = this.#state.name === 'open'
    this.fail(thrown)
    if (wasOpen && !this.#connection.aborted) this.#connection.abort(new Error('given up'))
  }

  /** The next bytes, undefined at the end. Throws what it failed with, and `silence()` when nothing comes for so long. */
  async take(silenceMs: number, silence: () => unknown): Promise<Buffer | undefined> {
    const chunk = this.#waiting.shift()
    if (chunk) {
      this.#size -= chunk.length
      if (this.#size <= LOW_BYTES && this.#connection.paused && this.#state.name === 'open') this.#connection.resume()
      return chunk
    }
    if (this.#state.name === 'ended') return undefined
    if (this.#state.name === 'failed') throw this.#state.thrown
    const timer = setTimeout(() => this.cut(silence()), silenceMs)
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    clearTimeout(timer)
    this.#wake = undefined
    return this.take(silenceMs, silence)
  }

  #settle(state: { name: 'ended' } | { name: 'failed'; thrown: unknown }): void {
    if (this.#state.name !== 'open') return
    this.#state = state
    this.#close()
    this.#wake?.()
  }
}
