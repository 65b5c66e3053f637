// Removes done and failed tasks after their time, or when there are too many. Dead ones stay until a person has seen to
// them, and so does whatever an unfinished task waits for.
import type { Clock, Logger } from '../foundation/index.ts'
import { isFabricError } from '../foundation/index.ts'
import type { Store, Write } from '../store/index.ts'
import type { Board } from './board.ts'
import type { Entry } from './entry.ts'
import { isConflict } from './ledger.ts'
import { payloadKey, type TaskRecord, TOKEN_FLOOR_KEY, taskKey } from './record.ts'

export interface RetentionOptions {
  /** Milliseconds that done and failed tasks are kept. */
  keepMs: number
  /** How many of them at most. */
  keepCount: number
}

const REMOVED_AT_ONCE = 100
/** So many over the limit make a sweep worth its while. */
const SLACK = 100
const BETWEEN_SWEEPS_MS = 1_000

export class Retention {
  readonly #store: Store
  readonly #board: Board
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #options: RetentionOptions
  #sweeping: Promise<void> | undefined
  #sweptAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(parts: { store: Store; board: Board; clock: Clock; logger: Logger }, options: RetentionOptions) {
    this.#store = parts.store
    this.#board = parts.board
    this.#clock = parts.clock
    this.#logger = parts.logger
    this.#options = options
  }

  /** When the oldest one has had its time; a sweep that is on its way, or failed, is not repeated at once. */
  get nextAt(): number {
    const oldest = this.#board.ended.first
    if (!oldest) return Number.POSITIVE_INFINITY
    return Math.max(oldest.at + this.#options.keepMs, this.#sweptAt + BETWEEN_SWEEPS_MS)
  }

  /** A task has ended; there may be too many now. */
  ended(): void {
    if (this.#board.ended.size > this.#options.keepCount + SLACK) this.sweepSoon()
  }

  sweepSoon(): void {
    if (this.#sweeping || this.#isClosed) return
    if (this.nextAt > this.#clock.monotonic() && this.#board.ended.size <= this.#options.keepCount) return
    this.#sweptAt = this.#clock.monotonic()
    this.#sweeping = this.#sweep()
      .catch((thrown) => this.#logger.warn('ended tasks were not removed', { error: String(thrown) }))
      .finally(() => {
        this.#sweeping = undefined
      })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#sweeping
  }

  /** The token that a new task of a chosen name begins with. */
  async tokenFloor(): Promise<number> {
    return (await this.#store.get<number>(TOKEN_FLOOR_KEY))?.value ?? 0
  }

  async #sweep(): Promise<void> {
    for (let due = this.#due(); due.length > 0 && !this.#isClosed; due = this.#due()) {
      await this.#remove(due)
      // The same ones again would be the same ones for ever.
      if (due.every((entry) => entry.endedPlace?.line)) return
    }
  }

  #due(): Entry[] {
    const { keepMs, keepCount } = this.#options
    const now = this.#clock.monotonic()
    const due: Entry[] = []
    let over = this.#board.ended.size - keepCount
    for (let place = this.#board.ended.first; place; place = place.after) {
      if (due.length === REMOVED_AT_ONCE || (over <= 0 && place.at + keepMs > now)) break
      over--
      due.push(place.item)
    }
    // What is still needed gets its time again.
    const needed = due.filter(({ id }) => this.#board.isNeeded(id))
    for (const { endedPlace } of needed) if (endedPlace) this.#board.ended.append(endedPlace, now)
    return needed.length === 0 ? due : due.filter(({ id }) => !this.#board.isNeeded(id))
  }

  async #remove(entries: Entry[]): Promise<void> {
    const writes: Write[] = []
    let token = 0
    for (const { id, revision, payloadKey: name, isNamed, token: last } of entries) {
      writes.push({ key: taskKey(id), value: undefined, expect: revision })
      if (name !== undefined) writes.push({ key: payloadKey(name), value: undefined, expect: 'any' })
      // Ids that nobody chose don't come again.
      if (isNamed) token = Math.max(token, last)
    }
    await this.#raiseFloor(token)
    try {
      await this.#store.commit(writes, [], { by: this.#board })
      for (const { id } of entries) this.#board.apply(id, undefined, Number.POSITIVE_INFINITY)
    } catch (thrown) {
      // Another process removes the same ones, or somebody retried one: look again.
      if (!isConflict(thrown)) throw thrown
      for (const { id } of entries) {
        const now = await this.#store.get<TaskRecord>(taskKey(id))
        this.#board.apply(id, now?.value, now?.revision ?? Number.POSITIVE_INFINITY)
      }
    }
  }

  /** Before the removal: whoever adds a task of a removed name must not meet tokens that were given before. */
  async #raiseFloor(token: number): Promise<void> {
    for (;;) {
      const floor = await this.#store.get<number>(TOKEN_FLOOR_KEY)
      if (token <= (floor?.value ?? 0)) return
      try {
        await this.#store.commit([{ key: TOKEN_FLOOR_KEY, value: token, expect: floor?.revision ?? 'absent' }])
        return
      } catch (thrown) {
        if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
      }
    }
  }
}
