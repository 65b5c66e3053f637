// One record changed by compare-and-swap: read, decide, commit, and again where somebody else was quicker. What is put on
// record goes into the same commit. Bounded, so that a fault that looks like a conflict for ever ends as one.
import { isFabricError, type JsonValue } from '../foundation/index.ts'
import type { Store, Write } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import type { WatchedRecords } from './watched-records.ts'

export interface Kept<T> {
  store: Store
  /** Hears of the change at once. */
  records: WatchedRecords<T>
}

export interface RecordChange<T> {
  /** Undefined deletes. */
  value: T | undefined
  log: WitnessEntry[]
}

/** Each round has a winner, so with this many tries only a store that never lets anybody win gives up. */
const MOST_TRIES = 100

/**
 * @param decide what becomes of the record; undefined leaves it as it is. Called again after a conflict.
 * @returns the record as it stands afterwards
 */
export async function changeRecord<T extends JsonValue>(
  { store, records }: Kept<T>,
  key: string,
  decide: (current: T | undefined) => RecordChange<T> | undefined,
): Promise<T | undefined> {
  for (let tries = 1; ; tries++) {
    const current = await store.get<T>(key)
    const change = decide(current?.value)
    if (!change) return current?.value
    const write: Write = { key, value: change.value, expect: current?.revision ?? 'absent' }
    try {
      const { revisions } = await store.commit([write], change.log)
      records.wrote(write, revisions[0] ?? 0)
      return change.value
    } catch (thrown) {
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT' || tries === MOST_TRIES) throw thrown
    }
  }
}
