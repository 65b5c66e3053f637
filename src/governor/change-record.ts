// One record changed by compare-and-swap: read, decide, commit, and again where somebody else was quicker. What is put on
// record goes into the same commit.
import type { JsonValue } from '../foundation/index.ts'
import { retryConflict, type Store, type Write } from '../store/index.ts'
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

/**
 * @param decide what becomes of the record; undefined leaves it as it is. Called again after a conflict.
 * @returns the record as it stands afterwards
 */
export function changeRecord<T extends JsonValue>(
  { store, records }: Kept<T>,
  key: string,
  decide: (current: T | undefined) => RecordChange<T> | undefined,
): Promise<T | undefined> {
  return retryConflict(async () => {
    const current = await store.get<T>(key)
    const change = decide(current?.value)
    if (!change) return current?.value
    const write: Write = { key, value: change.value, expect: current?.revision ?? 'absent' }
    const { revisions } = await store.commit([write], change.log)
    records.wrote(write, revisions[0] ?? 0)
    return change.value
  })
}
