// The current values in memory, as JSON text: a reader gets its own copy, a snapshot needs no encoding, and text costs
// a fraction of the parsed value's memory.
import type { JsonValue } from '../foundation/index.ts'
import type { Entry, RangeOptions, Revision } from './port.ts'
import { SortedKeys } from './sorted-keys.ts'

export interface StoredRecord {
  /** The value as JSON. */
  readonly text: string
  readonly revision: Revision
}

/** A write that was given its revision; `text` undefined deletes. */
export interface RecordChange {
  readonly key: string
  readonly text: string | undefined
  readonly revision: Revision
}

/** What is changed in place, so that a write of a known key costs no look-up more. */
class Kept implements StoredRecord {
  text: string
  revision: Revision

  constructor(text: string, revision: Revision) {
    this.text = text
    this.revision = revision
  }
}

export class Records {
  #byKey = new Map<string, Kept>()
  #keys = new SortedKeys()

  /** Takes over records that are already in key order and distinct. */
  static ofSorted(changes: readonly (RecordChange & { text: string })[]): Records {
    const records = new Records()
    for (const { key, text, revision } of changes) records.#byKey.set(key, new Kept(text, revision))
    records.#keys = SortedKeys.ofSorted(changes.map((change) => change.key))
    return records
  }

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): StoredRecord | undefined {
    return this.#byKey.get(key)
  }

  apply(changes: Iterable<RecordChange>): void {
    for (const { key, text, revision } of changes) {
      const known = this.#byKey.get(key)
      if (text === undefined) {
        if (!known) continue
        this.#byKey.delete(key)
        this.#keys.delete(key)
        // What is old and gone would keep what is young from the cheap half of the garbage collection.
        known.text = ''
      } else if (known) {
        known.text = text
        known.revision = revision
      } else {
        this.#byKey.set(key, new Kept(text, revision))
        this.#keys.add(key)
      }
    }
  }

  entry<T = JsonValue>(key: string): Entry<T> | undefined {
    const record = this.#byKey.get(key)
    return record && { key, value: JSON.parse(record.text) as T, revision: record.revision }
  }

  range<T = JsonValue>(prefix: string, options: RangeOptions = {}): Entry<T>[] {
    const { limit = Number.POSITIVE_INFINITY, reverse = false } = options
    // Every key of the sorted list has a record.
    return this.#keys.withPrefix(prefix, { limit, reverse }).map((key) => this.entry<T>(key) as Entry<T>)
  }

  /** The next records in key order after a key, for a snapshot written in slices. */
  after(key: string | undefined, count: number): (RecordChange & { text: string })[] {
    return this.#keys.after(key, count).map((next) => {
      const { text, revision } = this.#byKey.get(next) as StoredRecord // every key of the sorted list has one
      return { key: next, text, revision }
    })
  }

  /** What turns `older` into this, for watchers when the steps in between are gone. A deletion gets `revision`. */
  changesSince(older: Records, revision: Revision): RecordChange[] {
    const changes: RecordChange[] = []
    for (const [key, record] of this.#byKey) {
      if (older.#byKey.get(key)?.revision !== record.revision)
        changes.push({ key, text: record.text, revision: record.revision })
    }
    for (const key of older.#byKey.keys()) {
      if (!this.#byKey.has(key)) changes.push({ key, text: undefined, revision })
    }
    return changes
  }
}
