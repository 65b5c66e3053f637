// One timer for everything that waits for time: it sleeps until the earliest moment that anybody asked for, then rings.
import type { Clock } from '../foundation/index.ts'

/** Timers of the system don't take any length. */
const LONGEST_MS = 3_600_000

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #sleeping: AbortController | undefined
  #isClosed = false

  /** @param ring asks for the next moment by `at` */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings no later than at this monotonic moment. */
  at(moment: number): void {
    if (moment >= this.#at || this.#isClosed) return
    this.#sleeping?.abort()
    const sleeping = new AbortController()
    this.#at = moment
    this.#sleeping = sleeping
    const ms = Math.min(LONGEST_MS, Math.max(0, moment - this.#clock.monotonic()))
    this.#clock.sleep(ms, sleeping.signal).then(
      () => {
        if (this.#sleeping !== sleeping || this.#isClosed) return
        this.#sleeping = undefined
        this.#at = Number.POSITIVE_INFINITY
        this.#ring()
      },
      () => undefined, // aborted: an earlier moment was asked for, or it is over
    )
  }

  close(): void {
    this.#isClosed = true
    this.#sleeping?.abort()
  }
}
