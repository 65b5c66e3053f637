// Claims as callers ask for them: of one task by its id, or of whatever comes next for a filter.
import { type Clock, FabricError, type JsonValue, type Logger } from '../foundation/index.ts'
import type { Beats } from './beats.ts'
import type { Board } from './board.ts'
import { ClaimWaiter, type Granted } from './claim-waiter.ts'
import { claimFor, releaseWith } from './decisions.ts'
import type { Desk } from './desk.ts'
import { jsonCopy } from './json-copy.ts'
import type { Ledger } from './ledger.ts'
import type { Matching } from './matching.ts'
import type { Holder, TaskRecord } from './record.ts'
import type { Claim } from './requests.ts'
import { taskOf } from './task.ts'
import type { ClaimFilter } from './worker-group.ts'

export interface ClaimsParts {
  readonly board: Board
  readonly ledger: Ledger
  readonly desk: Desk
  readonly matching: Matching
  readonly clock: Clock
  readonly beats: Beats
  readonly logger: Logger
  /** RFC 3339. */
  readonly at: () => string
}

export class Claims {
  readonly #parts: ClaimsParts
  readonly #waiting = new Set<ClaimWaiter>()

  constructor(parts: ClaimsParts) {
    this.#parts = parts
  }

  /** IF_ERR_CLAIM_LOST when another holds it, IF_ERR_CONFLICT when it can't be claimed now. */
  async one(holder: Holder, id: string, leaseMs: number): Promise<Claim> {
    const { ledger, board, at, beats } = this.#parts
    const entry = await ledger.find(id)
    const record = await ledger.change(entry, (known) => {
      const isOpen = known.standing.state === 'open'
      if (isOpen && entry.waitsFor > 0) throw tooEarly(id, `waits for ${board.unmet(entry).join(', ')}`)
      if (isOpen && entry.delay) throw tooEarly(id, 'is not to be claimed yet')
      return claimFor(holder, leaseMs, at(), beats.stamp())(known)
    })
    return this.claimOf(record, await ledger.payload(record))
  }

  /** Undefined when nothing came in time. */
  async next(
    holder: Holder,
    filter: ClaimFilter,
    options: { leaseMs: number; waitMs: number; signal: AbortSignal | undefined },
  ): Promise<Claim | undefined> {
    const { desk, matching, clock } = this.#parts
    const parts = { desk, matching, clock, giveBack: (granted: Granted) => this.#giveBack(granted) }
    const waiter = new ClaimWaiter(parts, holder, options.leaseMs, matching.group(holder.swarm, filter))
    this.#waiting.add(waiter)
    try {
      const granted = await waiter.take(options.waitMs, options.signal)
      return granted && this.claimOf(granted.record, granted.payload)
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  claimOf(record: TaskRecord, payload: JsonValue | undefined): Claim {
    const { standing, token } = record
    if (standing.state !== 'claimed') throw new FabricError('IF_ERR_INTERNAL', `task ${record.spec.id} is not claimed`)
    const { holder, leaseMs } = standing
    return { task: taskOf(record, this.#parts.board), payload: jsonCopy(payload ?? null), token, holder, leaseMs }
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const waiter of this.#waiting) waiter.abort(new Error('the coordinator was closed'))
  }

  #giveBack({ entry, record }: Granted): void {
    const { ledger, logger, at } = this.#parts
    ledger.change(entry, releaseWith(record.token, at(), 'nobody waits for it any more')).catch((thrown) => {
      logger.warn('a claim was not given back; its lease will end', { task: entry.id, error: String(thrown) })
    })
  }
}

const tooEarly = (id: string, why: string): FabricError =>
  new FabricError('IF_ERR_CONFLICT', `task ${id} ${why}`, { next: `ifab task show ${id}`, details: { task: id } })
