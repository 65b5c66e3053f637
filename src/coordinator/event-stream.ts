// One reader's events. A reader that doesn't keep up is ended with an error rather than fed from an endless queue.
import { FabricError } from '../foundation/index.ts'

const MOST_WAITING = 10_000

export class EventStream<E extends object> implements AsyncIterableIterator<E> {
  #waiting: E[] = []
  #taker: { resolve(result: IteratorResult<E>): void; reject(thrown: unknown): void } | undefined
  #failure: FabricError | undefined
  #isOver = false
  readonly #onEnd: (stream: EventStream<E>) => void

  constructor(onEnd: (stream: EventStream<E>) => void) {
    this.#onEnd = onEnd
  }

  offer(event: E): void {
    if (this.#isOver) return
    if (this.#taker) {
      this.#taker.resolve({ done: false, value: event })
      this.#taker = undefined
      return
    }
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(event)
      return
    }
    this.#failure = new FabricError('IF_ERR_TIMEOUT', `a watcher of tasks is ${MOST_WAITING} events behind`, {
      hint: 'Watch again, and list the tasks to see where they stand now.',
    })
    this.#waiting = []
    this.end()
  }

  next(): Promise<IteratorResult<E>> {
    const event = this.#waiting.shift()
    if (event) return Promise.resolve({ done: false, value: event })
    const failure = this.#failure
    this.#failure = undefined
    if (failure) return Promise.reject(failure)
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<E>> {
    this.#waiting = []
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** What is waiting can still be read. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
    this.#taker?.resolve({ done: true, value: undefined })
    this.#taker = undefined
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
