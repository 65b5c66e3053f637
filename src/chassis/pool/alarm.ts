// One timer for everything in the pool that waits for time: it sleeps until the earliest moment that anybody asked for,
// then rings. While `hold` is in force it keeps the process alive, because the workers themselves never do.
import type { Clock } from '../../foundation/index.ts'

/** Timers of the system don't take any length. */
const LONGEST_MS = 3_600_000

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #isHeld = false

  /** @param ring asks for the next moment by `at` */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings no later than at this monotonic moment. */
  at(moment: number): void {
    if (moment >= this.#at) return
    clearTimeout(this.#timer)
    this.#at = moment
    // Rounded up: a timer that fires a fraction early would find nothing due, and be set again and again.
    const ms = Math.min(LONGEST_MS, Math.max(0, Math.ceil(moment - this.#clock.monotonic())))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }, ms)
    if (!this.#isHeld) this.#timer.unref()
  }

  /** Whether somebody waits for what the alarm guards. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#timer?.ref()
    else this.#timer?.unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#at = Number.NEGATIVE_INFINITY
  }
}
