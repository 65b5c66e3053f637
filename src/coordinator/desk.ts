// Hands tasks to those who wait for them. A task is promised first (nobody else here gets it), then claimed by one
// compare-and-swap, and only then handed over; where the promise can't be kept, both go back into their lines.
import { isFabricError, type JsonValue } from '../foundation/index.ts'
import type { Beats } from './beats.ts'
import { claimFor } from './decisions.ts'
import type { Entry } from './entry.ts'
import type { Decision, Ledger } from './ledger.ts'
import type { Matching } from './matching.ts'
import type { TaskRecord } from './record.ts'
import type { Waiter } from './worker-group.ts'

export class Desk {
  readonly #matching: Matching
  readonly #ledger: Ledger
  readonly #at: () => string
  readonly #beats: Beats
  /** Claims on their way. */
  #granting = 0
  #whenSettled: (() => void)[] = []

  constructor(matching: Matching, ledger: Ledger, at: () => string, beats: Beats) {
    this.#matching = matching
    this.#ledger = ledger
    this.#at = at
    this.#beats = beats
  }

  /** A task can be claimed: it goes to whoever waits, else into the line. */
  offer(entry: Entry): void {
    const waiter = this.#matching.offer(entry)
    if (waiter) this.#grant(entry, waiter)
  }

  /** Gives a waiter what is ready, and puts it in line for what it still wants. */
  seek(waiter: Waiter): void {
    while (waiter.wants > 0) {
      const entry = this.#matching.next(waiter.group)
      if (!entry) break
      waiter.wants--
      this.#grant(entry, waiter)
    }
    this.#matching.wait(waiter)
  }

  /** What makes a waiter's claim of a record. */
  claimOf({ holder, leaseMs }: Waiter): Decision {
    return claimFor(holder, leaseMs, this.#at(), this.#beats.stamp())
  }

  /** Waits until every claim on its way is known. */
  async settle(): Promise<void> {
    while (this.#granting > 0) await new Promise<void>((resolve) => this.#whenSettled.push(resolve))
  }

  #grant(entry: Entry, waiter: Waiter): void {
    this.#granting++
    const { record: open } = entry
    // A large payload never changes, so that it may be read while the claim is on its way.
    const reading = open?.spec.payloadKey === undefined ? undefined : this.#ledger.payload(open)
    reading?.catch(() => undefined) // said when the claim is known
    this.#ledger.move(entry, this.claimOf(waiter), (record, thrown) => {
      if (!record) this.#refused(entry, waiter, thrown)
      else if (reading) this.#grantWith(entry, waiter, record, reading)
      else {
        waiter.granted(entry, record, record.spec.payload)
        this.#settled()
      }
    })
  }

  #grantWith(entry: Entry, waiter: Waiter, record: TaskRecord, reading: Promise<JsonValue | undefined>): void {
    reading.then(
      (payload) => {
        waiter.granted(entry, record, payload)
        this.#settled()
      },
      (thrown: unknown) => this.#refused(entry, waiter, thrown),
    )
  }

  #refused(entry: Entry, waiter: Waiter, thrown: unknown): void {
    this.#offerAgain(entry)
    waiter.wants++
    waiter.refused(isOutrun(thrown) ? undefined : thrown)
    this.#settled()
  }

  #settled(): void {
    if (--this.#granting > 0) return
    for (const go of this.#whenSettled.splice(0)) go()
  }

  /** A task whose claim failed for a reason of the store is still there for the next. */
  #offerAgain(entry: Entry): void {
    if (entry.state === 'open' && entry.class !== undefined && entry.place < 0 && entry.waitsFor === 0 && !entry.delay)
      this.offer(entry)
  }
}

/** Somebody else was faster, which is no failure. */
export const isOutrun = (thrown: unknown): boolean =>
  isFabricError(thrown) && ['IF_ERR_CLAIM_LOST', 'IF_ERR_CONFLICT', 'IF_ERR_NOT_FOUND'].includes(thrown.code)
