// What time does to tasks: leases are kept for one's own workers and run out for everybody else's, backoffs and dates come,
// what ended long ago is removed. One alarm for all of it.
import type { Clock, Logger } from '../foundation/index.ts'
import { Ages } from './ages.ts'
import { Alarm } from './alarm.ts'
import type { Beats } from './beats.ts'
import { type Board, DATES_EVERY_MS } from './board.ts'
import { expire, extendFor } from './decisions.ts'
import { isOutrun } from './desk.ts'
import type { Entry, Timer } from './entry.ts'
import type { Heap } from './heap.ts'
import type { Ledger } from './ledger.ts'
import type { Retention } from './retention.ts'

export interface UpkeepParts {
  readonly board: Board
  readonly ledger: Ledger
  readonly retention: Retention
  readonly clock: Clock
  readonly logger: Logger
  readonly beats: Beats
  /** RFC 3339. */
  at(): string
}

/** A lease is renewed when this part of it has passed. */
export const RENEW_SHARE = 1 / 3

export class Upkeep {
  readonly #parts: UpkeepParts
  readonly #alarm: Alarm
  /** Tasks of this process's workers, by when they were renewed. */
  readonly #kept = new Ages('keptPlace')

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.clock, () => this.#ring())
  }

  /** Something is due at this monotonic moment. */
  due(moment: number): void {
    this.#alarm.at(moment)
  }

  keep(entry: Entry, leaseMs: number): void {
    const now = this.#parts.clock.monotonic()
    const renewAfterMs = Math.floor(leaseMs * RENEW_SHARE)
    this.#kept.see(entry, now, renewAfterMs)
    this.#alarm.at(now + renewAfterMs)
  }

  stopKeeping(entry: Entry): void {
    this.#kept.forget(entry)
  }

  close(): void {
    this.#alarm.close()
  }

  #ring(): void {
    const { board, clock, retention } = this.#parts
    const now = clock.monotonic()
    for (const entry of this.#kept.due(now)) void this.#renew(entry, now)
    for (const entry of board.leases.due(now)) void this.#expire(entry, now)
    ringDue(board.delays, now)
    ringDue(board.dates, clock.now())
    retention.sweepSoon()
    this.#alarm.at(this.#nextAt())
  }

  #nextAt(): number {
    const { board, clock, retention } = this.#parts
    const dates = board.dates.first
      ? clock.monotonic() + Math.min(DATES_EVERY_MS, Math.max(0, board.dates.first.at - clock.now()))
      : Number.POSITIVE_INFINITY
    const delays = board.delays.first?.at ?? Number.POSITIVE_INFINITY
    return Math.min(this.#kept.nextAt, board.leases.nextAt, delays, dates, retention.nextAt)
  }

  async #renew(entry: Entry, now: number): Promise<void> {
    const { record } = entry
    if (record?.standing.state !== 'claimed') return this.#kept.forget(entry)
    this.#kept.see(entry, now, Math.floor(record.standing.leaseMs * RENEW_SHARE))
    await this.#attempt('a lease was not renewed', entry, () =>
      this.#parts.ledger.change(entry, extendFor(record.token, undefined, this.#parts.beats.stamp())),
    )
  }

  /** Nobody's wall clock is trusted: the record was the same for a whole lease by our own monotonic clock. */
  async #expire(entry: Entry, now: number): Promise<void> {
    const { record } = entry
    if (record?.standing.state !== 'claimed') return
    // If taking back fails, the next attempt is a lease away.
    this.#parts.board.leases.see(entry, now, record.standing.leaseMs)
    // One's own stalled process renews instead; whether it was outrun the compare-and-swap tells.
    if (this.#kept.seenAt(entry) !== undefined) return
    await this.#attempt('a lease that ran out was not taken back', entry, () =>
      this.#parts.ledger.change(entry, expire(record, this.#parts.at())),
    )
  }

  async #attempt(what: string, entry: Entry, change: () => Promise<unknown>): Promise<void> {
    try {
      await change()
    } catch (thrown) {
      if (!isOutrun(thrown)) this.#parts.logger.warn(what, { task: entry.id, error: String(thrown) })
    }
  }
}

function ringDue(timers: Heap<Timer>, now: number): void {
  for (let timer = timers.first; timer && timer.at <= now; timer = timers.first) {
    timers.remove(timer)
    timer.ring()
  }
}
