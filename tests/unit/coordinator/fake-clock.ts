// A clock that stands until it is told to go on; its wall can be set.
import type { Clock } from '../../../src/foundation/index.ts'

/** Lets everything that needs no time happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
}

interface Sleeper {
  at: number
  wake(): void
}

export class FakeClock implements Clock {
  #wall = Date.parse('2026-03-01T12:00:00.000Z')
  #monotonic = 1_000
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  /** How many wait for time. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        at: this.#monotonic + ms,
        wake: () => {
          signal?.removeEventListener('abort', stop)
          this.#sleepers.delete(sleeper)
          resolve()
        },
      }
      signal?.addEventListener('abort', stop, { once: true })
      this.#sleepers.add(sleeper)
      if (ms <= 0) setImmediate(() => this.#sleepers.has(sleeper) && sleeper.wake())
    })
  }

  /** Both clocks go on by so much; whoever sleeps wakes in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#go(Math.max(next.at, this.#monotonic))
      next.wake()
      await settle()
    }
    this.#go(end)
    await settle()
  }

  /** The wall clock jumps, as when somebody sets it. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** RFC 3339 text of the time in so many milliseconds. */
  in(ms: number): string {
    return new Date(this.#wall + ms).toISOString()
  }

  #go(to: number): void {
    this.#wall += to - this.#monotonic
    this.#monotonic = to
  }

  #next(end: number): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) if (sleeper.at <= end && (!first || sleeper.at < first.at)) first = sleeper
    return first
  }
}
