// Who waits for the turn of one name in this process, first come first served, and the places in the shared line that
// were taken for them. Places are not of anybody: who gives up leaves his to the one behind him, and the last one goes
// back. A process that is busy takes a few places ahead, so that most calls cost no commit; what it doesn't use in the
// time that the bucket needs to fill up again is worth nothing any more, so that holding back never adds to a burst.
import type { Clock } from '../foundation/index.ts'
import {
  MOST_PAUSE_MS,
  type RateLimit,
  type RatePlace,
  type RateRecord,
  reserve,
  standing,
} from './rate-limit-record.ts'

export interface Turn {
  timeoutMs: number
  /** Called once, when the call may go out. */
  go(): void
  /** `waitMs`: what the wait would have been. */
  refuse(waitMs: number): void
  /** The place could not be taken. */
  fail(thrown: unknown): void
}

/** Changes the shared record by compare-and-swap; `decide` may be called several times. */
export type ChangeRate = (decide: (current: RateRecord | undefined) => RateRecord | undefined) => Promise<void>

interface Waiting {
  turn: Turn
  /** As all times of a line but those of a place: monotonic. */
  deadlineMs: number
}

interface Place {
  dueMs: number
  /** Until then it can be used. */
  lapsesMs: number
  /** As the shared record has it. */
  shared: RatePlace
}

/** Reservations that follow within this time double what is taken ahead. */
const BUSY_WITHIN_MS = 1_000
/** A process that slept past its turn for longer has to ask again. */
const LATE_MS = 1_000

export class RateLine {
  readonly #clock: Clock
  readonly #change: ChangeRate
  #limit: RateLimit
  #waiting: Waiting[] = []
  #places: Place[] = []
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #pausedMs: number
  #ahead = 0
  #reservedAtMs = Number.NEGATIVE_INFINITY
  #reserving: Promise<void> | undefined
  /** One who had a place has left since the last reservation. */
  #hasLeaver = false
  #alarm: { atMs: number; stop: AbortController } | undefined

  constructor(parts: { clock: Clock; change: ChangeRate; limit: RateLimit; record: RateRecord | undefined }) {
    this.#clock = parts.clock
    this.#change = parts.change
    this.#limit = parts.limit
    this.#pausedMs = parts.record?.pausedMs ?? 0
    this.heard(parts.record)
  }

  /** Whether it can be forgotten. */
  get isIdle(): boolean {
    const now = this.#clock.monotonic()
    const isOver = this.#places.every(({ lapsesMs }) => lapsesMs < now)
    return isOver && this.#waiting.length === 0 && !this.#reserving && this.#pausedUntilMs < now
  }

  /** Places that could be used at once. */
  get ready(): number {
    const now = this.#clock.monotonic()
    if (this.#waiting.length > 0 || now < this.#pausedUntilMs) return 0
    return this.#places.filter(({ dueMs, lapsesMs }) => dueMs <= now && now <= lapsesMs).length
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Takes a place that this process holds already. */
  takeReady(limit: RateLimit): boolean {
    this.#limit = limit
    if (this.#waiting.length > 0 || this.#nextPlace() === undefined) return false
    this.#places.shift()
    if (this.#places.length < this.#ahead >> 1) this.#reserve()
    return true
  }

  /** Puts a turn at the end of the line; what it returns takes it out again. */
  join(limit: RateLimit, turn: Turn): () => void {
    this.#limit = limit
    const waiting: Waiting = { turn, deadlineMs: this.#clock.monotonic() + turn.timeoutMs }
    this.#waiting.push(waiting)
    this.#reserve()
    return () => this.#leave(waiting)
  }

  /** What the shared record says now. */
  heard(kept: RateRecord | undefined): void {
    if (!kept) {
      this.#pausedMs = 0
      return
    }
    const record = standing(kept, this.#clock.now())
    const movedMs = record.pausedMs - this.#pausedMs
    this.#pausedMs = record.pausedMs
    if (movedMs > 0) this.#move(movedMs)
    const leftMs = record.untilMs - this.#clock.now()
    if (leftMs > 0) this.pause(leftMs)
    else if (movedMs > 0) this.#serve()
  }

  /** Nobody goes before that. */
  pause(ms: number): void {
    const untilMs = this.#clock.monotonic() + Math.min(ms, MOST_PAUSE_MS)
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs)
    this.#places.length = Math.min(this.#places.length, this.#waiting.length)
    this.#refuseLate()
    this.#serve()
  }

  /** Ends the wait of everybody; resolves when nothing is under way any more. */
  async end(thrown: unknown): Promise<void> {
    for (const { turn } of this.#waiting.splice(0)) turn.fail(thrown)
    this.#alarm?.stop.abort()
    await this.#reserving
    this.#places = []
  }

  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    if (at >= this.#places.length) return
    for (const place of this.#places.slice(this.#waiting.length)) {
      place.lapsesMs = Math.min(place.lapsesMs, place.dueMs + place.shared.endMs - place.shared.dueMs)
    }
    this.#hasLeaver = true
    this.#reserve()
  }

  #move(byMs: number): void {
    for (const place of this.#places) {
      const { startMs, dueMs, endMs } = place.shared
      place.shared = { startMs: startMs + byMs, dueMs: dueMs + byMs, endMs: endMs + byMs }
      place.dueMs += byMs
      place.lapsesMs += byMs
    }
  }

  /** Whose turn comes too late through a pause is told at once. */
  #refuseLate(): void {
    const now = this.#clock.monotonic()
    for (let at = 0; at < this.#waiting.length; ) {
      const waiting = this.#waiting[at]
      const dueMs = Math.max(this.#pausedUntilMs, this.#places[at]?.dueMs ?? 0)
      if (!waiting || dueMs <= waiting.deadlineMs) at++
      else {
        this.#leave(waiting)
        waiting.turn.refuse(dueMs - now)
      }
    }
  }

  /** The first place that may be used now; those that lapsed are gone. */
  #nextPlace(): Place | undefined {
    const now = this.#clock.monotonic()
    while (this.#places[0] && this.#places[0].lapsesMs < now) this.#places.shift()
    const [place] = this.#places
    return place && place.dueMs <= now && this.#pausedUntilMs <= now ? place : undefined
  }

  /** Lets go whose turn it is, and wakes up for the next. */
  #serve(): void {
    while (this.#waiting.length > 0 && this.#nextPlace()) {
      this.#places.shift()
      this.#waiting.shift()?.turn.go()
    }
    if (this.#waiting.length > this.#places.length) this.#reserve()
    const [place] = this.#places
    if (place && this.#waiting.length > 0) this.#wakeAt(Math.max(place.dueMs, this.#pausedUntilMs))
  }

  #wakeAt(atMs: number): void {
    if (this.#alarm && this.#alarm.atMs <= atMs) return
    this.#alarm?.stop.abort()
    const alarm = { atMs, stop: new AbortController() }
    this.#alarm = alarm
    const waitMs = Math.max(0, Math.ceil(atMs - this.#clock.monotonic()))
    const rung = () => {
      if (this.#alarm !== alarm) return
      this.#alarm = undefined
      this.#serve()
    }
    // Rejects only when another alarm, or none, took its place.
    this.#clock.sleep(waitMs, alarm.stop.signal).then(rung, () => undefined)
  }

  /** One reservation at a time: who comes meanwhile goes with the next. */
  #reserve(): void {
    this.#reserving ??= this.#reserveAll()
  }

  async #reserveAll(): Promise<void> {
    try {
      do await this.#reserveOnce()
      while (this.#waiting.length > this.#places.length || this.#hasLeaver)
    } catch (thrown) {
      for (const { turn } of this.#waiting.splice(this.#places.length)) turn.fail(thrown)
    }
    this.#reserving = undefined
    this.#serve()
  }

  async #reserveOnce(): Promise<void> {
    const surplus = this.#takeSurplus()
    const back = surplus[0] && { startMs: surplus[0].shared.startMs, endMs: surplus.at(-1)?.shared.endMs ?? 0 }
    const ahead = back ? 0 : this.#aheadNow()
    let taken: Place[] = []
    let refused: [Waiting, number][] = []
    let isBack = false
    await this.#change((current) => {
      const [now, mono] = [this.#clock.now(), this.#clock.monotonic()]
      const asking = this.#waiting.slice(this.#places.length)
      const waitsMs = asking.map(({ deadlineMs }) => Math.max(0, deadlineMs - mono))
      const reserved = reserve(current, this.#limit, { waitsMs, ahead, back }, now)
      refused = []
      for (const [at, waitMs] of reserved.refusedMs.entries()) {
        const waiting = asking[at]
        if (waiting && waitMs !== undefined) refused.push([waiting, waitMs])
      }
      const asked = asking.length - refused.length
      const monotonic = (ms: number) => mono + Math.round((ms - now) * 1_000) / 1_000
      taken = reserved.places.map((shared, at) => {
        const [dueMs, endMs] = [monotonic(shared.dueMs), monotonic(shared.endMs)]
        return { dueMs, lapsesMs: at < asked ? Math.max(endMs, dueMs + LATE_MS) : endMs, shared }
      })
      isBack = reserved.isBack
      return taken.length > 0 || isBack ? reserved.record : undefined
    })
    this.#places.push(...(isBack ? [] : surplus), ...taken)
    for (const [waiting, waitMs] of refused) {
      const at = this.#waiting.indexOf(waiting)
      if (at < 0) continue
      this.#waiting.splice(at, 1)
      waiting.turn.refuse(waitMs)
    }
    this.#serve()
  }

  /** Places that nobody here waits for and that no other process came after, as far as this one knows. */
  #takeSurplus(): Place[] {
    if (!this.#hasLeaver) return []
    this.#hasLeaver = false
    const now = this.#clock.monotonic()
    let from = this.#places.length
    while (from > this.#waiting.length) {
      const [place, behind] = [this.#places[from - 1], this.#places[from]]
      const isJoined = !behind || Math.abs(behind.shared.startMs - (place?.shared.endMs ?? 0)) < 0.01
      if (!place || place.dueMs <= now || !isJoined) break
      from--
    }
    return this.#places.splice(from)
  }

  /** Who reserves once in a while takes what he needs; who comes back soon takes twice as much ahead each time. */
  #aheadNow(): number {
    const now = this.#clock.monotonic()
    const most = Math.floor(this.#limit.burst / 4)
    const isBusy = now - this.#reservedAtMs < BUSY_WITHIN_MS
    this.#reservedAtMs = now
    this.#ahead = isBusy ? Math.min(most, Math.max(1, this.#ahead * 2)) : 0
    return Math.max(0, this.#ahead - Math.max(0, this.#places.length - this.#waiting.length))
  }
}
