// When holders last wrote their records, as moments of this process's monotonic clock: a claim is stamped before it is
// handed to the store, so that whoever holds it knows until when nobody can have taken it back, and a process that opens
// later on the same machine counts from there instead of from its own start.
import { type Clock, type HostClock, type HostTime, ulid } from '../foundation/index.ts'
import type { TaskRecord } from './record.ts'

export class Beats {
  readonly #clock: Clock
  readonly #host: HostClock

  /** Without a clock of the machine, only this process can read its stamps. */
  constructor(clock: Clock, host: HostClock | undefined) {
    this.#clock = clock
    const own = `own-${ulid()}`
    this.#host = host ?? (() => ({ clock: own, ms: Math.floor(clock.monotonic()) }))
  }

  stamp(): HostTime {
    return this.#host()
  }

  /** The moment of a stamp, never one to come; undefined when it was made by a clock of elsewhere. */
  momentOf(stamp: HostTime | undefined): number | undefined {
    const now = this.#host()
    if (stamp?.clock !== now.clock) return undefined
    return this.#clock.monotonic() - Math.max(0, now.ms - stamp.ms)
  }

  /** Until when a claim certainly stands unless its holder ends it; the past when nobody here can tell. */
  heldUntil({ standing }: TaskRecord): number {
    if (standing.state !== 'claimed') return Number.NEGATIVE_INFINITY
    const beatAt = this.momentOf(standing.beatAt)
    return beatAt === undefined ? Number.NEGATIVE_INFINITY : beatAt + standing.leaseMs
  }
}
