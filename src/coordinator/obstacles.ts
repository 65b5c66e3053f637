// What stops a task without anybody saying so: dependencies that can't be met, and a deadline that comes near or passes.
import type { Clock } from '../foundation/index.ts'
import type { Board } from './board.ts'
import { giveUpLate, park } from './decisions.ts'
import type { Entry } from './entry.ts'
import { blockerEvent, detected } from './events.ts'
import type { Ledger } from './ledger.ts'
import type { Onlookers } from './onlookers.ts'

export class Obstacles {
  readonly #board: Board
  readonly #ledger: Ledger
  readonly #onlookers: Onlookers
  readonly #clock: Clock
  readonly #at: () => string

  constructor(parts: { board: Board; ledger: Ledger; onlookers: Onlookers; clock: Clock; at: () => string }) {
    this.#board = parts.board
    this.#ledger = parts.ledger
    this.#onlookers = parts.onlookers
    this.#clock = parts.clock
    this.#at = parts.at
  }

  /** A dependency may only not have been seen yet, so the store is asked before a task is parked. */
  async strand(entry: Entry): Promise<void> {
    const missing: string[] = []
    for (const id of this.#board.unmet(entry)) {
      if (!this.#board.entries.has(id) && !(await this.#ledger.exists(id))) missing.push(id)
    }
    const circle = this.#board.circleOf(entry)
    if (missing.length > 0) {
      await this.#ledger.change(
        entry,
        park(detected('dependency-missing', `waits for ${missing.join(', ')}, which is not there`), this.#at()),
      )
    } else if (circle) {
      await this.#ledger.change(
        entry,
        park(detected('dependency-circle', `waits for itself: ${circle.join(' → ')}`), this.#at()),
      )
    } else if (entry.waitsFor > 0) {
      for (const id of this.#board.unmet(entry)) await this.#ledger.find(id)
    }
  }

  /** A deadline is near, or over. */
  async press(entry: Entry): Promise<void> {
    const { record } = entry
    const { deadline } = record?.spec ?? {}
    if (!record || deadline === undefined) return
    if (Date.parse(deadline) > this.#clock.now()) {
      const blocker = detected(
        'deadline-at-risk',
        `the deadline ${deadline} is near, and it is ${record.standing.state}`,
      )
      this.#onlookers.blocked(blockerEvent(record, { at: this.#at() }, blocker, true))
    } else if (record.standing.state === 'open') await this.#ledger.change(entry, giveUpLate(this.#at()))
  }
}
