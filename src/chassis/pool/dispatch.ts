// Who runs next, and where. Answers for parked calls come before new calls; modules take turns; a module over its share
// of a core waits until the window lets it. One worker is kept from modules whose turns are long, so that they never hold
// all of them; and where somebody waits all the same, the running guest that is most over its share is stopped.
import type { Clock } from '../../foundation/index.ts'
import type { ActiveCall } from './active-call.ts'
import type { Alarm } from './alarm.ts'
import type { Crew } from './crew.ts'
import type { ModuleRecord } from './module-record.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { Workplace } from './workplace.ts'

/** What a call may wait for an instance rather than have a new one made. */
const SHORT_WAIT_MS = 5

export interface DispatchParts {
  readonly clock: Clock
  readonly alarm: Alarm
  readonly crew: Crew
  readonly line: WaitingLine
  /** Stops a running guest because others wait. */
  stop(place: Workplace, call: ActiveCall): void
}

export class Dispatch {
  readonly #parts: DispatchParts
  /** Workers that modules with long turns may hold together. */
  readonly #slowRoom: number

  constructor(parts: DispatchParts) {
    this.#parts = parts
    this.#slowRoom = Math.max(1, parts.crew.size - 1)
  }

  /** Gives every free worker something to do, as far as anything may run. */
  run(): void {
    const { clock, crew } = this.#parts
    const now = clock.monotonic()
    for (const place of crew.places) this.#goOn(place, now)
    this.#begin(now)
  }

  /** One answer for a parked call, or, where a hog holds the worker, an end to that. */
  #goOn(place: Workplace, now: number): void {
    if (place.answers.length === 0) return
    const ready = place.answers.filter(({ call }) => this.#hasShare(call.record, now))
    if (ready.length === 0) return
    const next = place.isFree ? ready.find(({ call }) => this.#hasRoom(call.record, now)) : undefined
    if (next) {
      place.answers.splice(place.answers.indexOf(next), 1)
      place.goOn(next, now)
      this.#parts.alarm.at(next.call.asksAt)
    } else this.#relieve(place.isFree ? this.#parts.crew.places : [place], now)
  }

  #begin(now: number): void {
    const { alarm, crew, line } = this.#parts
    for (;;) {
      const free = crew.places.filter((place) => place.isFree)
      const may = (record: ModuleRecord) => this.#mayBegin(record, now) && !this.#waitsForInstance(record, free, now)
      const mayHere = (record: ModuleRecord) => may(record) && this.#hasRoom(record, now)
      const call =
        free.length === 0
          ? undefined
          : (line.take((record) => mayHere(record) && !isAtHomeElsewhere(record, crew.places)) ?? line.take(mayHere))
      if (!call) {
        if (line.some(may) && !crew.grow(now)) this.#relieve(crew.places, now)
        return
      }
      bestFor(call, free).begin(call, now)
      alarm.at(call.asksAt)
    }
  }

  /** As far as the module itself is concerned. */
  #mayBegin(record: ModuleRecord, now: number): boolean {
    if (record.begun >= record.requirements.max_instances) return false
    if (record.isUnknown && record.running.size >= this.#slowRoom) return false
    return this.#hasShare(record, now)
  }

  #hasShare(record: ModuleRecord, now: number): boolean {
    if (record.shareTaken(now) <= 1) return true
    this.#parts.alarm.at(record.shareChangesAt(now))
    return false
  }

  /** Whether a worker would still be left for modules with short turns. */
  #hasRoom(record: ModuleRecord, now: number): boolean {
    if (!record.isSlow(now)) return true
    const slow = this.#parts.crew.places.filter((place) => place.turn?.record.isSlow(now))
    return slow.length < this.#slowRoom
  }

  /**
   * Whether an instance waits for the module in a worker that is busy, but will not be for long: to make another in a
   * free worker would take longer, and push other modules' instances out.
   */
  #waitsForInstance({ digest }: ModuleRecord, free: Workplace[], now: number): boolean {
    if (free.some((place) => place.warm(digest) > 0)) return false
    const elsewhere = this.#parts.crew.places.some((place) => place.warm(digest) > 0 && isSoonFree(place, now))
    if (elsewhere) this.#parts.alarm.at(now + SHORT_WAIT_MS)
    return elsewhere
  }

  /** Stops the guest there that is most over its share; where none is yet, looks again when one will be. */
  #relieve(places: readonly Workplace[], now: number): void {
    let most: { place: Workplace; call: ActiveCall; taken: number } | undefined
    for (const place of places) {
      const call = place.turn
      if (!call) continue
      if (call.stopping) return
      const taken = call.record.shareTaken(now)
      if (taken <= 1) this.#parts.alarm.at(call.record.shareChangesAt(now))
      else if (taken > (most?.taken ?? 0)) most = { place, call, taken }
    }
    if (most) this.#parts.stop(most.place, most.call)
  }
}

const isSoonFree = ({ turn }: Workplace, now: number): boolean => turn !== undefined && turn.turnMs(now) < SHORT_WAIT_MS

/** Whether all instances of the module are in workers that are busy: others are better served in a free one first. */
const isAtHomeElsewhere = ({ digest, running }: ModuleRecord, all: readonly Workplace[]): boolean =>
  !all.some((place) => place.isFree && place.warm(digest) > 0) &&
  (running.size > 0 || all.some((place) => place.warm(digest) > 0))

/** Where an instance of the module waits already; else where there are the fewest instances. */
function bestFor(call: ActiveCall, free: Workplace[]): Workplace {
  const { digest } = call.record
  const rank = (place: Workplace) => (place.warm(digest) > 0 ? -1 : place.instances)
  return free.reduce((best, place) => (rank(place) < rank(best) ? place : best))
}
