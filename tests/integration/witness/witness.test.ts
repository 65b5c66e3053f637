// The witness of a real home: read, proven, tampered with in the database file itself, shared and killed.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import {
  isIncluded,
  leafHash,
  logIdentity,
  openWitness,
  readCheckpoint,
  type Witness,
} from '../../../src/witness/index.ts'
import { entryOf } from '../../unit/witness/log.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ifab-witness-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

interface Opened {
  witness: Witness
  store: Store
  close(): Promise<void>
}

async function open(): Promise<Opened> {
  const witness = await openWitness({ home })
  const store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
  const close = async () => {
    await store.close()
    await witness.close()
  }
  return { witness, store, close }
}

/** Six batches of three entries. */
async function fill(): Promise<void> {
  const { store, close } = await open()
  for (let batch = 0; batch < 6; batch++) {
    await store.commit(
      [{ key: `k/${batch}`, value: batch, expect: 'absent' }],
      [0, 1, 2].map((at) => entryOf(batch * 3 + at, { run: `run-${batch}` })),
    )
  }
  await close()
}

async function verify() {
  const { witness, store, close } = await open()
  try {
    return await witness.verify(store)
  } finally {
    await close()
  }
}

const tamper = (...sql: string[]) => {
  const database = new Database(join(home, 'fabric.db'))
  for (const statement of sql) database.exec(statement)
  database.close()
}

describe('reading', () => {
  test('lists entries in both directions, from a number, filtered and limited', async () => {
    await fill()
    const { witness, store, close } = await open()
    const list = async (options: Parameters<Witness['entries']>[1]) => {
      const seqs: number[] = []
      for await (const entry of witness.entries(store, options)) seqs.push(entry.seq)
      return seqs
    }

    expect(await list({})).toEqual(Array.from({ length: 18 }, (_, seq) => seq))
    expect(await list({ from: 4, limit: 2 })).toEqual([4, 5])
    expect(await list({ reverse: true, limit: 3 })).toEqual([17, 16, 15])
    expect(await list({ reverse: true, from: 1 })).toEqual([1, 0])
    expect(await list({ filter: ({ run }) => run === 'run-2' })).toEqual([6, 7, 8])
    expect(await list({ filter: ({ run }) => run === 'run-2', reverse: true, limit: 2 })).toEqual([8, 7])
    expect(await list({ limit: 0 })).toEqual([])
    expect(await list({ from: 99 })).toEqual([])
    await close()
  })

  test('reads backwards over many windows', async () => {
    const { witness, store, close } = await open()
    for (let batch = 0; batch < 30; batch++) {
      await store.commit(
        [],
        Array.from({ length: 25 }, (_, at) => entryOf(batch * 25 + at)),
      )
    }
    const seqs: number[] = []
    for await (const entry of witness.entries(store, { reverse: true })) seqs.push(entry.seq)

    expect(seqs).toEqual(Array.from({ length: 750 }, (_, at) => 749 - at))
    await close()
  })

  test('names the entry that cannot be read', async () => {
    await fill()
    tamper("UPDATE log SET lines = 'x' || lines WHERE first = 3")
    const { witness, store, close } = await open()

    const reading = (async () => {
      for await (const _ of witness.entries(store));
    })()

    await expect(reading).rejects.toMatchObject({
      code: 'IF_ERR_VERIFY_FAILED',
      message: expect.stringContaining('entry 3'),
    })
    await close()
  })
})

describe('a proof', () => {
  test('convinces a verifier that has nothing but the proof and the key', async () => {
    await fill()
    const { witness, store, close } = await open()

    for (const seq of [0, 7, 17]) {
      const { entry, inclusion, checkpoint } = await witness.proof(store, seq)
      const head = readCheckpoint(checkpoint, logIdentity(witness.publicKey))
      if (typeof head === 'string') throw new Error(head)
      const proof = inclusion.map((hash) => Buffer.from(hash, 'base64'))

      expect(JSON.parse(entry)).toMatchObject({ seq })
      expect(isIncluded({ leaf: leafHash(entry), index: seq, proof, ...head })).toBe(true)
      expect(isIncluded({ leaf: leafHash(`${entry} `), index: seq, proof, ...head })).toBe(false)
    }
    await close()
  })

  test('of an entry that is not there is refused', async () => {
    await fill()
    const { witness, store, close } = await open()

    await expect(witness.proof(store, 18)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })

    await close()
  })
})

describe('tampering with the database file', () => {
  beforeEach(fill)

  test('nothing is found where nothing was done', async () => {
    expect(await verify()).toMatchObject({ ok: true, size: 18, outside: 18, problems: [] })
  })

  const EXTRA = `substr(lines, instr(lines, char(10)))`
  test.each([
    [
      'a changed entry',
      ["UPDATE log SET lines = replace(lines, 'step-7\"', 'step-9\"') WHERE first = 6"],
      'entry-changed',
      7,
    ],
    ['the last entry changed', ["UPDATE log SET lines = replace(lines, 'step-17', 'step-71')"], 'entry-changed', 17],
    ['a deleted entry', [`UPDATE log SET lines = substr(${EXTRA}, 2) WHERE first = 9`], 'entry-missing', 9],
    ['a deleted batch', ['DELETE FROM log WHERE first = 6'], 'entry-missing', 6],
    [
      'a changed checkpoint',
      ["UPDATE log SET seal = replace(seal, char(10) || '12' || char(10), char(10) || '13' || char(10))"],
      'checkpoint-invalid',
      9,
    ],
    [
      'a checkpoint of another batch',
      ['UPDATE log SET seal = (SELECT seal FROM log WHERE first = 3) WHERE first = 6'],
      'checkpoint-mismatch',
      6,
    ],
    ['a cut tail', ['DELETE FROM log WHERE first >= 12', "DELETE FROM meta WHERE name = 'log.head'"], 'tail-cut', 12],
    ['everything deleted', ['DELETE FROM log', "DELETE FROM meta WHERE name = 'log.head'"], 'tail-cut', 0],
  ])('%s is found and named', async (_, sql, kind, seq) => {
    tamper(...sql)

    const report = await verify()

    expect(report.ok).toBe(false)
    expect(report.problems).toContainEqual({ kind, seq, message: expect.any(String) })
  })

  test('changed order within a batch is found and named', async () => {
    const database = new Database(join(home, 'fabric.db'))
    const [[lines]] = database.prepare('SELECT lines FROM log WHERE first = 6').raw().all([]) as [[string]]
    const [a, b, c] = lines.split('\n')
    database.prepare('UPDATE log SET lines = ? WHERE first = 6').run([[b, a, c].join('\n')])
    database.close()

    expect((await verify()).problems).toContainEqual({ kind: 'entry-order', seq: 6, message: expect.any(String) })
  })

  test('changed order of two batches is found', async () => {
    tamper(
      'UPDATE log SET first = 100 WHERE first = 6',
      'UPDATE log SET first = 6 WHERE first = 9',
      'UPDATE log SET first = 9 WHERE first = 100',
    )

    const { problems } = await verify()

    expect(problems.some(({ kind }) => kind === 'entry-order' || kind === 'entry-missing')).toBe(true)
  })

  test('an old copy of the database is found by the checkpoint outside', async () => {
    const old = readFileSync(join(home, 'witness.checkpoint'), 'utf8')
    const { store, close } = await open()
    await store.commit([], [entryOf(18)])
    await close()
    expect(readFileSync(join(home, 'witness.checkpoint'), 'utf8')).not.toBe(old)

    tamper('DELETE FROM log WHERE first = 18', "DELETE FROM meta WHERE name = 'log.head'")

    expect((await verify()).problems).toMatchObject([{ kind: 'tail-cut', seq: 18 }])
  })

  test('a changed checkpoint outside is found, and a missing one is said', async () => {
    const path = join(home, 'witness.checkpoint')
    writeFileSync(path, readFileSync(path, 'utf8').replace('\n18\n', '\n17\n'))
    expect((await verify()).problems).toMatchObject([{ kind: 'outside-invalid' }])

    rmSync(path)
    expect(await verify()).toMatchObject({ ok: true, outside: null })
  })

  test('a damaged head of the log stops further entries', async () => {
    tamper(`UPDATE meta SET value = '{"size":3}' WHERE name = 'log.head'`)
    const { store, close } = await open()

    await expect(store.commit([], [entryOf(18)])).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })

    await close()
  })
})

describe('processes', () => {
  let program: ChildProgram

  beforeAll(async () => {
    program = await buildChild(new URL('./witness-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())

  const append = (...args: string[]) => program.start(home, 'append', ...args)

  test('two at once make one key and one chain without gaps', async () => {
    const children = [append('40'), append('40')]
    const answered = (await Promise.all(children.map((child) => child.rest()))).flat()

    const sequences = answered.flatMap((line) => line.split(' ').map(Number)).sort((a, b) => a - b)
    expect(sequences).toEqual(Array.from({ length: 160 }, (_, seq) => seq))
    expect(await verify()).toMatchObject({ ok: true, size: 160, outside: 160 })
  })

  test.each([1, 2, 3])(
    'kill -9 while appending leaves a log that verifies and holds every answer (kill %i)',
    async (round) => {
      const children = [append(), append()]
      const answered: string[] = []
      for (const child of children) {
        for (let lines = 0; lines < 20 * round; lines++) answered.push((await child.line()) ?? '')
      }
      await Promise.all(children.map((child) => child.kill()))
      for (const child of children) answered.push(...(await child.rest()))

      const report = await verify()
      const last = Math.max(...answered.flatMap((line) => line.split(' ').map(Number)))

      expect(report.problems).toEqual([])
      expect(report.size).toBeGreaterThan(last)
      expect(existsSync(join(home, 'keys', 'witness.ed25519.pem'))).toBe(true)
    },
  )
})
