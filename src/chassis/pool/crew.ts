// The workers of a pool: none before the first call, never more than were asked for, those beyond the first gone after a
// minute without work. A worker that ends by itself is told once; one that does not start is not tried again at once.
import { type Clock, FabricError } from '../../foundation/index.ts'
import type { FromWorker } from '../guest-protocol.ts'
import type { Alarm } from './alarm.ts'
import type { ThreadEnd } from './guest-thread.ts'
import { Workplace } from './workplace.ts'

const START_WITHIN_MS = 10_000
const START_AGAIN_AFTER_MS = 1_000
const IDLE_MS = 60_000

export interface CrewParts {
  readonly clock: Clock
  readonly alarm: Alarm
  /** How many workers there may be. */
  readonly size: number
  readonly file: () => string | URL
  readonly quickJs: () => Promise<WebAssembly.Module>
  onMessage(place: Workplace, message: FromWorker): void
  /** A worker can take calls, or could be started now. */
  onRoom(): void
  /** A worker ended with what was in it; it is no longer of the crew. */
  onLost(place: Workplace, end: ThreadEnd): void
  onNoStart(error: FabricError): void
}

export class Crew {
  readonly size: number
  readonly #parts: CrewParts
  #places: Workplace[] = []
  #quickJs: WebAssembly.Module | undefined
  #isLoading = false
  #startsAgainAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(parts: CrewParts) {
    this.#parts = parts
    this.size = parts.size
  }

  get places(): readonly Workplace[] {
    return this.#places
  }

  /** How many workers can take calls. */
  get ready(): number {
    return this.#places.filter((place) => place.isReady).length
  }

  /** Starts one more worker, unless there are enough or one is starting; whether one is on its way. */
  grow(now: number): boolean {
    if (this.#isLoading || this.ready < this.#places.length) return true
    if (this.#isClosed || this.#places.length >= this.size) return false
    if (now < this.#startsAgainAt) this.#parts.alarm.at(this.#startsAgainAt)
    else if (this.#quickJs) this.#start(this.#quickJs, now)
    else void this.#load()
    return now >= this.#startsAgainAt
  }

  /** Ends a worker with all that is in it. */
  lose(place: Workplace, end: ThreadEnd): void {
    if (!this.#places.includes(place)) return
    this.#places = this.#places.filter((other) => other !== place)
    void place.thread.end()
    if (place.isReady) this.#parts.onLost(place, end)
    else this.#noStart('a worker of the sandbox does not start', end.reason)
  }

  /** Ends workers that did not start in time, or have had nothing to do for long. */
  check(now: number): void {
    for (const place of this.#places) {
      if (!place.isReady) this.#checkStart(place, now)
      else if (place !== this.#places[0] && place.calls.size === 0 && now >= place.idleSince + IDLE_MS)
        this.#dismiss(place)
    }
    if (this.#places.length > 1) this.#parts.alarm.at(now + IDLE_MS)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const places = this.#places
    this.#places = []
    await Promise.all(places.map((place) => place.thread.end()))
  }

  #start(quickJs: WebAssembly.Module, now: number): void {
    const { alarm, file, onMessage } = this.#parts
    try {
      const place: Workplace = new Workplace(
        {
          file: file(),
          quickJs,
          onEnd: (end) => this.lose(place, end),
          onMessage: (message) => (message.type === 'ready' ? this.#isReady(place) : onMessage(place, message)),
        },
        now,
      )
      this.#places.push(place)
      alarm.at(now + START_WITHIN_MS)
    } catch (thrown) {
      this.#noStart('a worker of the sandbox does not start', thrown)
    }
  }

  #isReady(place: Workplace): void {
    const now = this.#parts.clock.monotonic()
    place.isReady = true
    place.idleSince = now
    this.#parts.alarm.at(now + IDLE_MS)
    this.#parts.onRoom()
  }

  async #load(): Promise<void> {
    this.#isLoading = true
    try {
      this.#quickJs = await this.#parts.quickJs()
    } catch (thrown) {
      this.#noStart("the sandbox's engine cannot be loaded", thrown)
    } finally {
      this.#isLoading = false
    }
    this.#parts.onRoom()
  }

  #noStart(what: string, cause: unknown): void {
    this.#startsAgainAt = this.#parts.clock.monotonic() + START_AGAIN_AFTER_MS
    const why = cause instanceof Error ? cause.message : String(cause)
    this.#parts.onNoStart(new FabricError('IF_ERR_INTERNAL', `${what}: ${why}`, { cause }))
  }

  #checkStart(place: Workplace, now: number): void {
    const startsBy = place.startedAt + START_WITHIN_MS
    if (now < startsBy) this.#parts.alarm.at(startsBy)
    else this.lose(place, { reason: `not ready after ${START_WITHIN_MS} ms`, isMemory: false })
  }

  #dismiss(place: Workplace): void {
    this.#places = this.#places.filter((other) => other !== place)
    void place.thread.end()
  }
}
