import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RelaxedFlush } from '../../../src/store/embedded-flush.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

describe('a relaxed store', () => {
  let folder: TemporaryFolder
  let program: ChildProgram

  beforeAll(async () => {
    program = await buildChild(new URL('./store-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())
  beforeEach(async () => {
    folder = await temporaryFolder('relaxed')
  })
  afterEach(() => folder.remove())

  it('says so, with the window that a power failure may take', async () => {
    const path = join(folder.path, 'a.db')
    const relaxed = await openEmbeddedStore({ path, durability: 'relaxed', relaxedWindowMs: 20 })
    const strict = await openEmbeddedStore({ path })

    expect(relaxed.capabilities).toEqual({ engine: 'embedded', atomic: true, durability: 'relaxed', windowMs: 20 })
    expect(strict.capabilities).toEqual({ engine: 'embedded', atomic: true, durability: 'fsync' })
    await relaxed.close()
    await strict.close()
  })

  it('loses nothing that was answered when its process is killed', async () => {
    const path = join(folder.path, 'killed.db')
    const child = program.start(path, 'write', 'relaxed')
    const answered: number[] = []
    while (answered.length < 200) answered.push(Number(await child.line()))
    child.process.kill('SIGKILL')
    answered.push(...(await child.rest()).filter((line) => /^\d+$/.test(line)).map(Number))

    const store = await openEmbeddedStore({ path })

    const kept = new Set((await store.range<{ own: number }>('written/')).map(({ value }) => value.own))
    expect(answered.filter((own) => !kept.has(own))).toEqual([])
    await store.close()
  })

  it('accepts nothing more once a flush has failed, because nobody knows what is on the disk', async () => {
    const flush = new RelaxedFlush(join(folder.path, 'missing', 'wal'), 2)

    flush.note()
    await flush.close()

    expect(flush.failure).toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
  })

  it('has everything that was committed when it is opened again', async () => {
    const path = join(folder.path, 'closed.db')
    const store = await openEmbeddedStore({ path, durability: 'relaxed', relaxedWindowMs: 60_000 })
    await store.commit([{ key: 'a', value: 1, expect: 'absent' }])
    await store.close()

    const again = await openEmbeddedStore({ path })

    expect((await again.get('a'))?.value).toBe(1)
    await again.close()
  })
})
