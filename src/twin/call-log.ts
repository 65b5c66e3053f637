// What was asked of a twin and what really happened there. The log keeps the latest calls; effects are kept all, each
// once, so that a test can count them after any number of repeats and crashes.
import type { JsonObject, Redactor } from '../foundation/index.ts'

export interface CallRecord {
  /** Wall clock, milliseconds. */
  at: number
  /** Undefined where no route matched. */
  operation: string | undefined
  /** `MESSAGE` for one that came over the websocket. */
  method: string
  /** Path with query. */
  target: string
  body: JsonObject
  /** Undefined where the connection was cut instead of answered, and for websocket messages. */
  status: number | undefined
  /** The injected fault that struck. */
  fault?: string
  /** Answered from the memory of idempotency keys. */
  replayed?: true
}

/** One effect that really happened at the twin. */
export interface TwinEffect {
  operation: string
  /** The idempotency key, where the request had one. */
  key: string | undefined
  at: number
  /** Of the thing that was made or changed. */
  id: string | undefined
}

export interface TwinCalls {
  /** All calls since the start. */
  readonly count: number
  /** The latest 1,000, oldest first, secrets redacted. */
  readonly log: readonly CallRecord[]
}

const KEPT = 1_000

export class CallLog implements TwinCalls {
  readonly #redactor: Redactor
  #records: CallRecord[] = []
  #count = 0

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  get count(): number {
    return this.#count
  }

  /** Redacted when it is read, so that a call costs nothing for a log that nobody reads. */
  get log(): readonly CallRecord[] {
    return this.#records.slice(-KEPT).map((record) => this.#redactor.value(record) as CallRecord)
  }

  add(record: CallRecord): void {
    this.#count += 1
    this.#records.push(record)
    if (this.#records.length >= 2 * KEPT) this.#records = this.#records.slice(-KEPT)
  }
}
