// What one holder has claimed, all at once: kept alive by a sign of life, given back when it leaves.
import type { Clock } from '../foundation/index.ts'
import type { Beats } from './beats.ts'
import type { Board } from './board.ts'
import { extendFor, releaseWith } from './decisions.ts'
import type { Entry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { type Holder, isSameHolder, type TaskRecord } from './record.ts'
import { RENEW_SHARE } from './upkeep.ts'

export class Holdings {
  readonly #board: Board
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #at: () => string
  readonly #beats: Beats

  constructor(parts: { board: Board; ledger: Ledger; clock: Clock; at: () => string; beats: Beats }) {
    this.#board = parts.board
    this.#ledger = parts.ledger
    this.#clock = parts.clock
    this.#at = parts.at
    this.#beats = parts.beats
  }

  /** Keeps the claims that need it; returns those that still stand. */
  async heartbeat(holder: Holder): Promise<{ task: string; token: number }[]> {
    const due: Promise<unknown>[] = []
    const now = this.#clock.monotonic()
    for (const { entry, record } of this.#of(holder)) {
      const leaseMs = record.standing.state === 'claimed' ? record.standing.leaseMs : 0
      const seenAt = this.#board.leases.seenAt(entry) ?? 0
      // A beat a second would rewrite every record each second; the lease needs it only now and then.
      if (seenAt + leaseMs * RENEW_SHARE <= now)
        due.push(this.#ledger.change(entry, extendFor(record.token, undefined, this.#beats.stamp())))
    }
    await Promise.allSettled(due)
    return this.#of(holder).map(({ entry, record }) => ({ task: entry.id, token: record.token }))
  }

  /** How many claims were given back; others were lost before. */
  async handBack(holder: Holder): Promise<number> {
    const released = await Promise.allSettled(
      this.#of(holder).map(({ entry, record }) =>
        this.#ledger.change(entry, releaseWith(record.token, this.#at(), 'the holder left')),
      ),
    )
    return released.filter(({ status }) => status === 'fulfilled').length
  }

  #of(holder: Holder): { entry: Entry; record: TaskRecord }[] {
    const held: { entry: Entry; record: TaskRecord }[] = []
    for (const entry of this.#board.held.get(holder.worker) ?? []) {
      const { record } = entry
      if (record?.standing.state === 'claimed' && isSameHolder(record.standing.holder, holder))
        held.push({ entry, record })
    }
    return held
  }
}
