// What a guest has used of its fuel and its time. Metered code calls `tick` when its slice is used up, wherever it is, native
// loops of an interpreter included; tick hands out the next slice or throws, and what was stopped once stays stopped.
// The counter is exact: granted minus left.
import type { GuestFailure } from '../guest-protocol.ts'
import { GuestStopped, limitReached } from './guest-stopped.ts'
import { Pace } from './pace.ts'

/** About 3 ms of an interpreter, 0.1 ms of compiled code: how late a deadline or a stop is noticed. */
const SLICE = 100_000

export interface MeterBounds {
  id: number
  fuel: number
  wallMs: number
  cpuPercent?: number
}

export class Meter {
  readonly #stop: Int32Array | undefined
  readonly #pace: Pace
  #counter: WebAssembly.Global | undefined
  /** Without bounds everything is granted: the host's own work while an instance is made. */
  #bounds: MeterBounds | undefined
  #deadline = Number.POSITIVE_INFINITY
  #granted = 0
  #ended: GuestFailure | undefined
  #hostDepth = 0
  /** A slice was given to the host's own work, without a look at the bounds. */
  #lookIsDue = false

  /** `stop`: shared with the pool, holds the id of the call to stop. */
  constructor(stop?: Int32Array) {
    this.#stop = stop
    this.#pace = new Pace(stop)
  }

  /** The exported `__fuel` of the metered code. */
  attach(counter: WebAssembly.Global): void {
    this.#counter = counter
    if (this.#bounds) this.#left = this.#granted
  }

  begin(bounds: MeterBounds): void {
    this.#bounds = bounds
    this.#ended = undefined
    this.#granted = Math.min(bounds.fuel, SLICE)
    this.#left = this.#granted
    this.#pace.start(bounds.cpuPercent)
    this.restart(bounds.wallMs)
  }

  /** After waiting, which costs the guest nothing. */
  restart(wallMs: number): void {
    this.#deadline = performance.now() + wallMs
    this.#pace.restart()
  }

  readonly tick = (): void => {
    const isHost = this.#hostDepth > 0
    if (isHost) this.#lookIsDue = true
    const failure = isHost ? undefined : this.failure()
    if (failure) throw new GuestStopped(failure)
    if (!isHost) this.#pace.keep(this.#deadline)
    const debt = Math.max(0, -this.#left)
    const rest = this.#bounds && !isHost ? this.#bounds.fuel - this.#granted : Number.POSITIVE_INFINITY
    const grant = Math.min(SLICE + debt, rest)
    if (grant < debt || grant <= 0) throw new GuestStopped(this.end(limitReached('fuel', this.#fuelMessage())))
    this.#granted += grant
    this.#left += grant
  }

  /** Why the guest must not run on: asked where it is not running. */
  failure(): GuestFailure | undefined {
    if (this.#ended || !this.#bounds) return this.#ended
    if (this.#stop && Atomics.load(this.#stop, 0) === this.#bounds.id)
      return this.end(limitReached('time', 'was stopped from outside'))
    if (performance.now() > this.#deadline)
      return this.end(limitReached('time', 'ran longer than its time limit allows'))
    return undefined
  }

  /** Why it was ended already, without a look at the clock. */
  get ended(): GuestFailure | undefined {
    return this.#ended
  }

  /** Ends the call where the metered code next looks; the first reason stays. */
  end(failure: GuestFailure): GuestFailure {
    this.#ended ??= failure
    this.#lookNext()
    return this.#ended
  }

  /** What the host does for the guest costs it too; noticed where the metered code next looks. */
  charge(units: number): void {
    this.#left -= Math.ceil(units)
  }

  /** Work of a host function inside the guest's frames: it is counted and not cut. */
  asHost<T>(work: () => T): T {
    this.#hostDepth += 1
    try {
      return work()
    } finally {
      this.#hostDepth -= 1
      if (this.#hostDepth === 0 && (this.#lookIsDue || this.#ended)) {
        this.#lookIsDue = false
        this.#lookNext()
      }
    }
  }

  /** Milliseconds of this turn in which it was held to its share. */
  get pausedMs(): number {
    return this.#pace.pausedMs
  }

  get used(): number {
    const used = this.#granted - this.#left
    return this.#bounds ? Math.min(used, this.#bounds.fuel) : used
  }

  /** Takes the rest of the slice back, so that the metered code ticks at its next charge. */
  #lookNext(): void {
    if (this.#left < 0) return
    this.#granted -= this.#left + 1
    this.#left = -1
  }

  get #left(): number {
    return Number(this.#counter?.value ?? 0)
  }

  set #left(units: number) {
    if (this.#counter) this.#counter.value = BigInt(units)
  }

  #fuelMessage(): string {
    return `used all of its ${this.#bounds?.fuel ?? 0} units of fuel`
  }
}
