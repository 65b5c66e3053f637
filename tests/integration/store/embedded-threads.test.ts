// Commits and checkpoints on threads of their own: everything else is promised as without them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { Connection } from '../../../src/store/embedded-connection.ts'
import { openEmbeddedStore, type Store, type Write } from '../../../src/store/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { countingSequencer } from '../../unit/store/conformance.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

let folder: TemporaryFolder
let path: string
const opened: Store[] = []

beforeEach(async () => {
  folder = await temporaryFolder('threads')
  path = join(folder.path, 'fabric.db')
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
  await folder.remove()
})

/** A store that uses threads from its first commit on. */
const open = async (options: Partial<Parameters<typeof openEmbeddedStore>[0]> = {}): Promise<Store> => {
  const store = await openEmbeddedStore({ path, threadsAfter: 0, ...options })
  opened.push(store)
  await store.commit([{ key: 'first', value: 1, expect: 'any' }])
  await store.commit([{ key: 'second', value: 1, expect: 'any' }])
  return store
}

/** As many writes as a thread takes. */
const MANY = 40
const many = (value: number | string, count = MANY): Write[] =>
  Array.from({ length: count }, (_, at) => ({ key: `k/${String(at).padStart(4, '0')}`, value, expect: 'any' }))

const openConnection = () => new Connection({ path, readOnly: false, busyTimeoutMs: 1_000, clock: systemClock })

describe('a statement on another thread', () => {
  const SLOW = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n'

  it('leaves the event loop free, and whoever else wants the connection waits', async () => {
    const connection = openConnection()
    await connection.allowLater()
    let turns = 0
    let isDone = false
    const turn = () => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)

    const running = connection.execLater(`CREATE TABLE t AS ${SLOW}`).then(() => {
      isDone = true
    })
    const waiting = connection.patiently(() => [isDone, connection.prepare('SELECT 1').rows()])

    expect(await waiting).toEqual([true, [[1]]])
    await running
    expect(turns).toBeGreaterThan(10)
    connection.close()
  })

  it('fails with what SQLite says, and the connection works on', async () => {
    const connection = openConnection()
    await connection.allowLater()
    await connection.begin()

    await expect(connection.execLater('INSERT INTO absent VALUES (1)')).rejects.toThrow('no such table')

    connection.rollback()
    await connection.begin()
    await connection.commitLater()
    expect(connection.isTaken).toBe(false)
    connection.close()
  })

  it('is refused before it was allowed', async () => {
    const connection = openConnection()

    await expect(connection.execLater('SELECT 1')).rejects.toMatchObject({ code: 'IF_ERR_INTERNAL' })

    connection.close()
  })
})

describe('a store with threads', () => {
  it('has what was committed when it is opened again, also what was on its way when it was closed', async () => {
    const store = await open()
    const committing = Promise.all([store.commit(many(1)), store.commit(many(2))])

    await store.close()
    await committing

    const again = await openEmbeddedStore({ path })
    expect((await again.range('k/')).map(({ value }) => value)).toEqual(Array(MANY).fill(2))
    await again.close()
  })

  it('keeps reads, logs and watches right while it commits without a pause and another one does too', async () => {
    const [one, two] = [await open({ sequencer: countingSequencer() }), await open({ sequencer: countingSequencer() })]
    const changes = one.watch('shared/')[Symbol.asyncIterator]()
    const answered = new Map<string, number>()
    let isOver = false
    const write = async (store: Store, name: string) => {
      for (let round = 0; round < 30; round++) {
        const key = `shared/${round % 7}`
        const swap = { key, value: `${name} ${round}`, expect: (await store.get(key))?.revision ?? ('absent' as const) }
        const own = Array.from({ length: MANY }, (_, at) => ({
          key: `${name}/${at}`,
          value: round,
          expect: 'any' as const,
        }))
        const { revisions } = await store.commit([swap, ...own], [{ round }]).catch((thrown) => {
          if (thrown.code === 'IF_ERR_CONFLICT') return { revisions: [] }
          throw thrown
        })
        if (revisions[0] !== undefined) answered.set(key, Math.max(answered.get(key) ?? 0, revisions[0]))
      }
    }
    const read = async (store: Store) => {
      const last = new Map<string, number>()
      while (!isOver) {
        for (const { key, revision } of await store.range('')) {
          expect(revision).toBeGreaterThanOrEqual(last.get(key) ?? 0)
          last.set(key, revision)
        }
        let next = 0
        for await (const { first, lines } of store.readLog()) {
          expect(first).toBe(next)
          next = first + lines.length
        }
        expect(await store.logHead()).toBeGreaterThanOrEqual(0)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await one.commit([], [{ round: -1 }])
    await two.commit([], [{ round: -1 }])
    const reading = [read(one), read(two)]

    await Promise.all([write(one, 'one'), write(one, 'uno'), write(two, 'two'), write(two, 'due')])
    isOver = true
    await Promise.all(reading)

    expect(await one.range('')).toEqual(await two.range(''))
    for (const { key, revision } of await one.range('shared/')) expect(revision).toBe(answered.get(key))
    const told = new Map<string, number>()
    while (told.size < 7) {
      const { value } = await changes.next()
      told.set(value.key, value.revision)
    }
    expect(told).toEqual(answered)
  })

  it('answers reads with the old value until the new one is durable', async () => {
    const store = await open()
    await store.commit(many('old'))
    let isAnswered = false
    const committing = store.commit(many('new')).then(() => {
      isAnswered = true
    })

    while (!isAnswered) {
      const values = new Set((await store.range('k/')).map(({ value }) => value))
      expect(values.size).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
    }

    await committing
    expect((await store.get('k/0000'))?.value).toBe('new')
  })

  it('writes snapshots in between, and finds everything again', async () => {
    const store = await open({ snapshotAfter: 50_000 })
    for (let round = 0; round < 40; round++) await store.commit(many(`${round} ${'x'.repeat(150)}`))
    const before = await store.range('')
    await store.close()

    const again = await openEmbeddedStore({ path })

    expect(await again.range('')).toEqual(before)
    await again.close()
  })

  it('begins its write-ahead log anew, however much is committed', async () => {
    const store = await open()
    const piece = 'x'.repeat(25_000)

    for (let round = 0; round < 60; round++) await store.commit(many(piece))

    expect(statSync(`${path}-wal`).size).toBeLessThan(50_000_000)
  })

  it('goes on without threads where they cannot be had, and says so', async () => {
    const warnings: string[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) }
    const store = await openEmbeddedStore({ path, threadsAfter: 1_000, logger })
    await store.commit([{ key: 'a', value: 1, expect: 'absent' }])
    rmSync(path)

    await store.commit(many('x'.repeat(100)))
    await store.commit(many(2))
    await store.commit([{ key: 'a', value: 3, expect: 'any' }])

    expect(warnings).toEqual(['the store goes on without other threads'])
    expect((await store.get('a'))?.value).toBe(3)
    await store.close()
  })

  it('rejects what a full disk has no room for, keeps memory and file as they were, and works again with space', async (context) => {
    const disk = join(folder.path, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      return context.skip('mounting is not permitted here')
    }
    try {
      const ballast = join(disk, 'ballast')
      writeFileSync(ballast, Buffer.alloc(500_000))
      const small = await open({ path: join(disk, 'fabric.db') })
      await small.commit(many('old'))

      const failing = small.commit(many('x'.repeat(50_000)))

      await expect(failing).rejects.toMatchObject({
        code: 'IF_ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining(disk),
      })
      expect((await small.get('k/0000'))?.value).toBe('old')
      rmSync(ballast)
      await small.commit(many('new'))
      await small.close()
      const again = await openEmbeddedStore({ path: join(disk, 'fabric.db') })
      expect((await again.range('k/')).map(({ value }) => value)).toEqual(Array(MANY).fill('new'))
      await again.close()
    } finally {
      execFileSync('umount', ['-l', disk], { stdio: 'ignore' })
    }
  })
})

describe('processes with threads', () => {
  let program: ChildProgram

  beforeAll(async () => {
    program = await buildChild(new URL('./store-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())

  it('lose no update when they race on one key', async () => {
    const children = Array.from({ length: 2 }, () => program.start(path, 'count', 'counter', '60', 'threads'))
    const endings = await Promise.all(children.map((child) => child.rest()))

    const store = await openEmbeddedStore({ path })
    expect(endings).toEqual(Array(2).fill(['ready', 'done']))
    expect((await store.get('counter'))?.value).toBe(120)
    await store.close()
  })

  it.each([1, 2, 3])('lose no answered commit by kill -9, and halve none (kill %i)', async (round) => {
    const child = program.start(path, 'write', 'threads')
    const answered: string[] = []
    while (answered.length < 170 * round) answered.push((await child.line()) ?? '')
    await child.kill()
    answered.push(...(await child.rest()))

    const store = await openEmbeddedStore({ path })
    const found = new Set((await store.range<{ own: number }>('written/')).map(({ value }) => String(value.own)))
    const twins = await store.range<number>('twin/')
    expect(answered.filter((own) => !found.has(own))).toEqual([])
    expect(new Set(twins.map(({ value }) => String(value)))).toEqual(found)
    await store.close()
  })
})
