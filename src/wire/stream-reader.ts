// Items of a stream that the other end sends: read one after the other, more asked for as they are taken. Who stops reading
// is sent no more than a window of them.
import type { FabricError } from '../foundation/index.ts'
import { LIMITS } from './protocol.ts'

interface Taker {
  resolve(result: IteratorResult<unknown>): void
  reject(error: FabricError): void
}

export interface StreamEnds {
  /** Lets the other end send so many more. */
  more(count: number): void
  /** Nobody reads any longer. */
  leave(): void
}

export class StreamReader implements AsyncIterableIterator<unknown> {
  readonly #ends: StreamEnds
  readonly #waiting: unknown[] = []
  #takers: Taker[] = []
  #taken = 0
  #isOver = false
  #failure: FabricError | undefined

  constructor(ends: StreamEnds) {
    this.#ends = ends
  }

  item(value: unknown): void {
    if (this.#isOver) return
    const taker = this.#takers.shift()
    if (taker) taker.resolve({ done: false, value: this.#take(value) })
    else this.#waiting.push(value)
  }

  /** What is waiting can still be read. */
  end(failure?: FabricError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    for (const taker of this.#takers.splice(0)) this.#finish().then(taker.resolve, taker.reject)
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#waiting.length > 0) {
      return Promise.resolve({ done: false, value: this.#take(this.#waiting.shift()) })
    }
    if (this.#isOver) return this.#finish()
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }))
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#waiting.length = 0
    if (!this.#isOver) {
      this.end()
      this.#ends.leave()
    }
    this.#failure = undefined
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The failure is told once; whoever asks again has been told. */
  #finish(): Promise<IteratorResult<unknown>> {
    const failure = this.#failure
    this.#failure = undefined
    return failure ? Promise.reject(failure) : Promise.resolve({ done: true, value: undefined })
  }

  #take(value: unknown): unknown {
    this.#taken++
    if (this.#taken >= LIMITS.streamItems / 2 && !this.#isOver) {
      this.#ends.more(this.#taken)
      this.#taken = 0
    }
    return value
  }
}
