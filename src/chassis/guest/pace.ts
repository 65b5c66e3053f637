// Keeps a guest that runs on and on to its share of a core, by pausing its thread between slices: others then find the core
// free, not only the worker. A turn may first run for its share of one second, which is more than most ever need.

/** Runs so long at a time; short, so that who wakes up beside it hardly waits. */
const RUN_MS = 2

export class Pace {
  readonly #flag: Int32Array | undefined
  #percent = 100
  #startedAt = 0
  /** When it last began to run. */
  #ranFrom = 0
  /** Of the turn. */
  #pausedMs = 0

  /** `flag`: shared with the pool, which wakes who must stop. */
  constructor(flag: Int32Array | undefined) {
    this.#flag = flag
  }

  start(percent = 100): void {
    this.#percent = Math.max(1, percent)
    this.restart()
  }

  /** A turn begins. */
  restart(): void {
    this.#startedAt = performance.now()
    this.#ranFrom = this.#startedAt
    this.#pausedMs = 0
  }

  /** Milliseconds of the turn in which it did not run. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  /** Pauses where it is due; at most until `deadline`, by the clock of `performance`. */
  keep(deadline: number): void {
    const flag = this.#flag
    if (!flag || this.#percent >= 100) return
    const now = performance.now()
    const ranMs = now - this.#ranFrom
    const isBeyond = now - this.#startedAt - this.#pausedMs > this.#percent * 10
    if (!isBeyond || ranMs < RUN_MS) return
    const restMs = Math.min(RUN_MS * 50, ranMs) * (100 / this.#percent - 1)
    Atomics.wait(flag, 0, Atomics.load(flag, 0), Math.max(0, Math.min(restMs, deadline - now)))
    this.#ranFrom = performance.now()
    this.#pausedMs += this.#ranFrom - now
  }
}
