import { describe, expect, it, vi } from 'vitest'
import type { Logger } from '../../../src/foundation/index.ts'
import { type WatchedRecords, watchRecords } from '../../../src/governor/watched-records.ts'
import { type Change, openMemoryStore, type Store } from '../../../src/store/index.ts'

/** A store that tells of changes when the test says so. */
async function openToldStore(): Promise<{ store: Store; tell(change: Change): void; fail(reason: Error): void }> {
  const store = await openMemoryStore()
  const told: ((outcome: Change | Error) => void)[] = []
  async function* changes(): AsyncGenerator<Change> {
    for (;;) {
      const next = await new Promise<Change | Error>((resolve) => told.push(resolve))
      if (next instanceof Error) throw next
      yield next
    }
  }
  vi.spyOn(store, 'watch').mockImplementation(() => changes())
  const say = (outcome: Change | Error) => told.shift()?.(outcome)
  return { store, tell: say, fail: say }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const kept = (records: WatchedRecords<number>) => records.get('n/a')?.value

describe('records that are watched', () => {
  it('never go back to what an older change says, after a deletion of this process neither', async () => {
    const { store, tell } = await openToldStore()
    const records = await watchRecords<number>({ store, prefix: 'n/' })
    const seen: unknown[] = []

    records.wrote({ key: 'n/a', value: 5, expect: 'absent' }, 5)
    tell({ key: 'n/a', value: 4, revision: 4 })
    await settle()
    seen.push(kept(records))
    records.wrote({ key: 'n/a', value: undefined, expect: 5 }, 0)
    tell({ key: 'n/a', value: 5, revision: 5 })
    await settle()
    seen.push(kept(records))
    tell({ key: 'n/a', value: 7, revision: 7 })
    await settle()
    seen.push(kept(records))
    records.wrote({ key: 'n/a', value: undefined, expect: 5 }, 0)
    seen.push(kept(records))

    expect(seen).toEqual([5, undefined, 7, 7])
    records.close()
  })

  it('tell of changes since they were loaded, not of what stood there', async () => {
    const store = await openMemoryStore()
    await store.commit([{ key: 'n/a', value: 1, expect: 'absent' }])
    const told: unknown[] = []
    const records = await watchRecords<number>({ store, prefix: 'n/', onChange: (change) => told.push(change) })

    await store.commit([{ key: 'n/a', value: 2, expect: 'any' }])
    await store.commit([{ key: 'n/a', value: undefined, expect: 'any' }])
    await settle()

    expect(told).toEqual([
      { key: 'n/a', before: 1, after: 2 },
      { key: 'n/a', before: 2, after: undefined },
    ])
    expect(records.size).toBe(0)
    records.close()
  })

  it('remember when names went, but not for ever', async () => {
    const store = await openMemoryStore()
    const records = await watchRecords<number>({ store, prefix: 'n/' })

    for (let at = 1; at <= 2_000; at++) {
      records.wrote({ key: `n/${at}`, value: at, expect: 'absent' }, at * 2)
      records.wrote({ key: `n/${at}`, value: undefined, expect: at * 2 }, 0)
    }

    expect(records.values()).toEqual([])
    records.close()
  })

  it('are not opened where the store cannot be read', async () => {
    const store = await openMemoryStore()
    vi.spyOn(store, 'range').mockRejectedValue(new Error('disk'))

    await expect(watchRecords({ store, prefix: 'n/' })).rejects.toThrow('disk')
  })

  it('say it aloud when changes are not heard any more', async () => {
    const { store, fail } = await openToldStore()
    const error = vi.fn()
    const records = await watchRecords({ store, prefix: 'n/', logger: { error } as unknown as Logger })

    fail(new Error('connection lost'))
    await settle()

    expect(error).toHaveBeenCalledWith('changes of other processes are not heard any more', {
      prefix: 'n/',
      error: 'Error: connection lost',
    })
    records.close()
  })
})
