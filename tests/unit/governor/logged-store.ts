// A memory store with a witness log of its own, so that what a commit puts on record is checked and kept.
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { createSequencer } from '../../../src/witness/sequencer.ts'
import { batchesOf, newKey } from '../witness/log.ts'

export const openLoggedStore = (): Promise<Store> =>
  openMemoryStore({ sequencer: createSequencer({ ...newKey(), onSealed: () => undefined }) })

/** The entries, without their places. */
export async function entriesIn(store: Store): Promise<Record<string, unknown>[]> {
  const lines = (await batchesOf(store)).flatMap((batch) => batch.lines)
  return lines.map((line) => {
    const { v, seq, prev, ...entry } = JSON.parse(line) as Record<string, unknown>
    return entry
  })
}
