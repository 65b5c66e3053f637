// Durable writes per second: the store's group commit beside plain SQLite (the same library, one transaction each), on
// the same disk. Prints figures of this machine and their ratio; the ratio is what carries over to others.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { openEmbeddedStore, type Store } from '../src/store/index.ts'

export const name = 'store'

const RUN_MS = 1_500
const IN_FLIGHT = [1, 16, 100]

/** Measures and prints a table. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-store-'))
  try {
    const rows: Row[] = []
    for (const inFlight of IN_FLIGHT) {
      rows.push({
        what: `compare-and-swap, ${inFlight} in flight`,
        ours: await measureStore(join(folder, `cas-${inFlight}.db`), inFlight, 1),
        plain: measurePlain(join(folder, `plain-${inFlight}.db`), 1),
      })
    }
    rows.push({
      what: 'commits of 3 writes, 100 in flight',
      ours: await measureStore(join(folder, 'jobs.db'), 100, 3),
      plain: measurePlain(join(folder, 'plain-jobs.db'), 3),
    })
    print(rows)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Row {
  what: string
  /** Per second. */
  ours: number
  plain: number
}

async function measureStore(path: string, inFlight: number, writes: number): Promise<number> {
  const store = await openEmbeddedStore({ path })
  try {
    await workers(store, inFlight, writes, RUN_MS / 3)
    const start = performance.now()
    const done = await workers(store, inFlight, writes, RUN_MS)
    return (done / (performance.now() - start)) * 1000
  } finally {
    await store.close()
  }
}

/** Each worker swaps its own records again and again, waiting for each commit. */
async function workers(store: Store, count: number, writes: number, ms: number): Promise<number> {
  const end = performance.now() + ms
  const counts = await Promise.all(
    Array.from({ length: count }, async (_, worker) => {
      const keys = Array.from({ length: writes }, (_, at) => `bench/${worker}/${at}`)
      const known = await Promise.all(keys.map((key) => store.get(key)))
      let revisions: (number | 'absent')[] = known.map((entry) => entry?.revision ?? 'absent')
      let done = 0
      for (; performance.now() < end; done++) {
        const commit = keys.map((key, at) => ({ key, value: recordOf(done), expect: revisions[at] ?? 'absent' }))
        revisions = (await store.commit(commit)).revisions
      }
      return done
    }),
  )
  return counts.reduce((sum, done) => sum + done, 0)
}

function measurePlain(path: string, writes: number): number {
  const database = new Database(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE records(key TEXT PRIMARY KEY, value TEXT, revision INTEGER) WITHOUT ROWID')
  const insert = database.prepare('INSERT INTO records VALUES (?, ?, 0)')
  const swap = database.prepare('UPDATE records SET value = ?, revision = revision + 1 WHERE key = ? AND revision = ?')
  const keys = Array.from({ length: writes }, (_, at) => `bench/0/${at}`)
  for (const key of keys) insert.run([key, '{}'])
  const start = performance.now()
  let done = 0
  for (; performance.now() - start < RUN_MS; done++) {
    database.exec('BEGIN IMMEDIATE')
    for (const key of keys) swap.run([JSON.stringify(recordOf(done)), key, done])
    database.exec('COMMIT')
  }
  const perSecond = (done / (performance.now() - start)) * 1000
  database.close()
  return perSecond
}

const recordOf = (count: number) => ({
  state: 'claimed',
  holder: { swarm: 'bench', worker: 'w' },
  token: count,
  attempt: 1,
})

function print(rows: Row[]): void {
  const figure = (value: number) => Math.round(value).toLocaleString('en-US').padStart(10)
  console.log('Durable commits per second (fsync before each answer)')
  console.log(`${''.padEnd(36)}${'ours'.padStart(10)}${'libsql'.padStart(10)}${'ratio'.padStart(10)}`)
  for (const { what, ours, plain } of rows) {
    console.log(`${what.padEnd(36)}${figure(ours)}${figure(plain)}${(ours / plain).toFixed(1).padStart(9)}×`)
  }
}
