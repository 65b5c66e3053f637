// The records under one prefix of the store, kept in memory by a watch: what has to be answered at once (is it frozen, is
// the breaker open) is looked up here. Another process's change is seen as soon as the store tells of it; one's own at
// once, through `wrote`. It never goes back to an older record.
import { type Logger, silentLogger } from '../foundation/index.ts'
import type { Change, Entry, Store, Write } from '../store/index.ts'

export interface WatchedRecords<T> {
  readonly size: number
  get(key: string): Entry<T> | undefined
  values(): T[]
  /** Takes over a write of this process that was committed; `revision` is what its commit gave. */
  wrote(write: Write, revision: number): void
  close(): void
}

export interface WatchedRecordsOptions<T> {
  store: Store
  prefix: string
  logger?: Logger | undefined
  /** Told of each change since it was loaded, whichever process made it, once it can be looked up. */
  onChange?: (change: { key: string; before: T | undefined; after: T | undefined }) => void
}

const GONE_KEPT = 1_000

/** Resolves when everything that stands in the store is known. */
export async function watchRecords<T>(options: WatchedRecordsOptions<T>): Promise<WatchedRecords<T>> {
  const { store, prefix, logger = silentLogger, onChange } = options
  const known = new Map<string, Entry<T>>()
  /** When the last keys went, so that what the watch still says of their time before is known to be old. */
  const gone = new Map<string, number>()
  const ending = new AbortController()
  let isLoaded = false

  const take = (key: string, value: T | undefined, revision: number): void => {
    const before = known.get(key)
    if (revision <= (before?.revision ?? gone.get(key) ?? 0)) return
    if (value === undefined) {
      known.delete(key)
      gone.set(key, revision)
      if (gone.size > GONE_KEPT) gone.delete(gone.keys().next().value ?? key)
    } else {
      known.set(key, { key, value, revision })
      gone.delete(key)
    }
    if (isLoaded) onChange?.({ key, before: before?.value, after: value })
  }

  const follow = async (changes: AsyncIterable<Change>): Promise<void> => {
    // The store holds under this prefix only what this room has written.
    for await (const { key, value, revision } of changes) take(key, value as T | undefined, revision)
  }

  // The watch first, so that no change falls between the two.
  const following = follow(store.watch(prefix, { signal: ending.signal }))
  following.catch((thrown: unknown) =>
    logger.error('changes of other processes are not heard any more', { prefix, error: String(thrown) }),
  )
  try {
    for (const { key, value, revision } of await store.range<T>(prefix)) take(key, value, revision)
    isLoaded = true
  } catch (thrown) {
    ending.abort()
    throw thrown
  }

  return {
    get size() {
      return known.size
    },
    get: (key) => known.get(key),
    values: () => [...known.values()].map((entry) => entry.value),
    wrote({ key, value, expect }, revision) {
      if (value !== undefined) return take(key, value as T, revision)
      // A deletion is given no revision: it is newer than what it deleted, and older than anything that came after.
      if (typeof expect === 'number') take(key, undefined, expect + 0.5)
    },
    close: () => ending.abort(),
  }
}
