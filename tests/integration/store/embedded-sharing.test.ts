// Two stores on one file: to SQLite they are as strange to each other as two processes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { countingSequencer } from '../../unit/store/conformance.ts'

let folder: string
let path: string
const opened: Store[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-sharing-'))
  path = join(folder, 'fabric.db')
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
  rmSync(folder, { recursive: true, force: true })
})

const open = async (options: { snapshotAfter?: number; log?: boolean } = {}): Promise<Store> => {
  const { log, ...rest } = options
  const store = await openEmbeddedStore({ path, ...rest, ...(log ? { sequencer: countingSequencer() } : {}) })
  opened.push(store)
  return store
}

const put = (store: Store, key: string, value: number | string) => store.commit([{ key, value, expect: 'any' }])

/** One value of the file itself. */
const query = (sql: string): unknown => {
  const database = new Database(path)
  try {
    return database.prepare(sql).raw().all([]) as unknown
  } finally {
    database.close()
  }
}

/** Lets the event loop turn once, as each command or message of a real process does. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('all commits of one turn of the event loop are one journal row', async () => {
  const store = await open()

  await Promise.all(Array.from({ length: 100 }, (_, at) => put(store, `k/${at}`, at)))

  expect(query('SELECT count(*) FROM journal')).toEqual([[1]])
})

test('more than a row should hold is split, and all of it arrives', async () => {
  const store = await open()

  await Promise.all(Array.from({ length: 5 }, (_, at) => put(store, `k/${at}`, 'x'.repeat(1_000_000))))

  expect(query('SELECT count(*) FROM journal')).toEqual([[2]])
  expect(await store.range('k/')).toHaveLength(5)
})

describe('another process', () => {
  test('sees a commit with its next read', async () => {
    const [one, two] = [await open(), await open()]
    await put(one, 'a', 1)
    await turn()

    expect((await two.get('a'))?.value).toBe(1)

    await put(two, 'a', 2)
    await turn()
    expect((await one.range('a')).map(({ value }) => value)).toEqual([2])
  })

  test('is told by a watch without reading', async () => {
    const [one, two] = [await open(), await open()]
    const changes = two.watch('a')[Symbol.asyncIterator]()

    await put(one, 'a', 1)

    expect((await changes.next()).value).toMatchObject({ key: 'a', value: 1 })
  })

  test('judges a swap by what is in the file, not by what it knew', async () => {
    const [one, two] = [await open(), await open()]
    const { revisions } = await put(one, 'a', 1)
    await two.get('a')
    const stale = revisions[0] ?? 0

    const outcomes = await Promise.allSettled([
      one.commit([{ key: 'a', value: 2, expect: stale }]),
      two.commit([{ key: 'a', value: 3, expect: stale }]),
    ])

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('continues the log where the other left it', async () => {
    const [one, two] = [await open({ log: true }), await open({ log: true })]

    const sequences: number[] = []
    for (let round = 0; round < 5; round++) {
      sequences.push(...(await one.commit([], [{ round }])).sequences)
      sequences.push(...(await two.commit([], [{ round }])).sequences)
    }

    expect(sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await one.logHead()).toBe(10)
  })

  test('starts again from the snapshot when the rows it needs were pruned, and tells its watchers', async () => {
    const [busy, idle] = [await open({ snapshotAfter: 2_000 }), await open()]
    await put(busy, 'gone', 1)
    await put(busy, 'kept', 1)
    await turn()
    expect(await idle.range('')).toHaveLength(2)

    // Without a turn for `idle` in between, as if it had been stopped meanwhile.
    await busy.commit([{ key: 'gone', value: undefined, expect: 'any' }])
    for (let at = 0; at < 60; at++) await put(busy, `filler/${at % 7}`, 'x'.repeat(200))
    await busy.close()
    const changes = idle.watch('')[Symbol.asyncIterator]()
    const found = await idle.range('')

    expect(query('SELECT min(seq) > 40 FROM journal')).toEqual([[1]])
    expect(found.map(({ key }) => key)).toEqual([...Array.from({ length: 7 }, (_, at) => `filler/${at}`), 'kept'])
    const told = await Promise.all(Array.from({ length: 8 }, async () => (await changes.next()).value.key))
    expect(told.sort()).toEqual([...Array.from({ length: 7 }, (_, at) => `filler/${at}`), 'gone'])
    await put(idle, 'after', 1)
    expect((await idle.get('after'))?.value).toBe(1)
  })
})

describe('a restart', () => {
  test('finds everything again, from snapshot and journal together', async () => {
    const first = await open({ snapshotAfter: 20_000 })
    const model = new Map<string, number>()
    for (let round = 0; round < 40; round++) {
      const keys = Array.from({ length: 50 }, (_, at) => `k/${(round * 31 + at * 7) % 500}`)
      await Promise.all(
        keys.map((key, at) => {
          if (at % 5 === 0) {
            model.delete(key)
            return first.commit([{ key, value: undefined, expect: 'any' }])
          }
          model.set(key, round)
          return put(first, key, round)
        }),
      )
    }
    const before = await first.range('')
    await first.close()
    const second = await open()
    const after = await second.range('')

    expect((query("SELECT count(*) FROM meta WHERE name = 'snapshot'") as number[][])[0]).toEqual([1])
    expect(after).toEqual(before)
    expect(new Map(after.map(({ key, value }) => [key, value]))).toEqual(
      new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))),
    )
  })

  test('finds what was written while a snapshot of several slices was under way', async () => {
    const first = await open({ snapshotAfter: 100_000 })
    const keys = Array.from({ length: 4_000 }, (_, at) => `k/${String(at).padStart(4, '0')}`)
    await Promise.all(keys.map((key) => put(first, key, 'x'.repeat(500))))
    // Each turn a slice is written, and records before, in and behind it change.
    for (let round = 0; round < 12; round++) {
      const changed = Array.from({ length: 40 }, (_, at) => keys[(round * 997 + at * 61) % keys.length] ?? '')
      await Promise.all([
        ...changed.map((key) => put(first, key, round)),
        put(first, `k/${round}/new`, round),
        first.commit([{ key: keys[round * 200] ?? '', value: undefined, expect: 'any' }]),
      ])
    }
    const before = await first.range('')
    await first.close()

    expect(await (await open()).range('')).toEqual(before)
    expect((query('SELECT min(seq) FROM journal') as number[][])[0]?.[0]).toBeGreaterThanOrEqual(1)
    expect((query('SELECT count(*) FROM snapshot') as number[][])[0]?.[0]).toBeGreaterThan(2)
  })

  test('goes on without a snapshot when one cannot be written, and says so', async () => {
    const warnings: string[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const store = await openEmbeddedStore({ path, snapshotAfter: 100, logger })
    const database = new Database(path)
    database.exec('DROP TABLE snapshot; CREATE TABLE snapshot(other)')
    database.close()

    for (let at = 0; at < 4; at++) await put(store, 'a', 'x'.repeat(500))
    await store.close()

    expect(warnings[0]).toContain('the snapshot of the store was not written')
    expect((await (await open()).get('a'))?.value).toBe('x'.repeat(500))
  })

  test('never gives a revision twice', async () => {
    const first = await open({ snapshotAfter: 100 })
    let last = 0
    for (let at = 0; at < 20; at++) last = (await put(first, 'a', 'x'.repeat(50))).revisions[0] ?? 0
    await first.close()

    const second = await open()

    expect((await second.get('a'))?.revision).toBe(last)
    expect((await put(second, 'a', 1)).revisions[0]).toBeGreaterThan(last)
  })

  test('removes the slices of a snapshot that was interrupted, with the next one', async () => {
    const first = await open({ snapshotAfter: 100 })
    await put(first, 'a', 'x'.repeat(500))
    await first.close()
    const database = new Database(path)
    database.exec("INSERT INTO snapshot VALUES ('torn', 0, 'half a sl')")
    database.close()

    const second = await open({ snapshotAfter: 100 })
    await put(second, 'a', 'x'.repeat(500))
    await second.close()

    expect(query("SELECT count(*) FROM snapshot WHERE generation = 'torn'")).toEqual([[0]])
    expect((await (await open()).get('a'))?.value).toBe('x'.repeat(500))
  })
})
