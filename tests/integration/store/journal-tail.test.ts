// The end of the write-ahead log, torn and damaged: what was answered is there, or its loss is found, said and kept on record.
import { appendFile, copyFile, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Logger } from '../../../src/foundation/index.ts'
import { type JournalLoss, LOSSES, openEmbeddedStore } from '../../../src/store/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

let program: ChildProgram
let folder: TemporaryFolder
let path: string

beforeAll(async () => {
  program = await buildChild(new URL('./store-child.ts', import.meta.url))
})
afterAll(() => program.remove())
beforeEach(async () => {
  folder = await temporaryFolder('journal-tail')
  path = join(folder.path, 'fabric.db')
})
afterEach(() => folder.remove())

/** A store whose process was killed while it wrote; the numbers of the records that were answered. */
async function killedStore(): Promise<number[]> {
  const child = program.start(path, 'write')
  const answered: number[] = []
  while (answered.length < 200) answered.push(Number(await child.line()))
  // The mark follows within a moment.
  await expect.poll(() => readFile(`${path}-mark`, 'utf8').catch(() => '')).toMatch(/^journal \d+\n$/)
  const marked = Number((await readFile(`${path}-mark`, 'utf8')).slice('journal '.length))
  while (answered.length < 400) answered.push(Number(await child.line()))
  await expect
    .poll(async () => Number((await readFile(`${path}-mark`, 'utf8')).slice('journal '.length)))
    .toBeGreaterThan(marked)
  await child.kill()
  for (const line of await child.rest()) answered.push(Number(line))
  return answered
}

function listening(): { logger: Logger; errors: string[] } {
  const errors: string[] = []
  return { errors, logger: { debug() {}, info() {}, warn() {}, error: (message) => void errors.push(message) } }
}

/** The numbers of the records that are there. */
async function reopened(logger: Logger): Promise<{ written: Set<number>; losses: JournalLoss[] }> {
  const store = await openEmbeddedStore({ path, logger })
  const written = (await store.range<{ own: number }>('written/')).map(({ value }) => value.own)
  const losses = (await store.range<JournalLoss>(LOSSES)).map(({ value }) => value)
  await store.close()
  return { written: new Set(written), losses }
}

describe('a write-ahead log', { timeout: 60_000 }, () => {
  it('whose last piece is torn keeps all that was answered', async () => {
    const answered = await killedStore()
    const { size } = await stat(`${path}-wal`)
    await appendFile(`${path}-wal`, Buffer.alloc(5_000, 7)) // the first part of a page that never was whole
    expect((await stat(`${path}-wal`)).size).toBe(size + 5_000)

    const { logger, errors } = listening()
    const { written, losses } = await reopened(logger)
    expect(answered.filter((own) => !written.has(own))).toEqual([])
    expect([errors, losses]).toEqual([[], []])
  })

  it('that was damaged where it had been answered is found out, and the rest goes on', async () => {
    const answered = await killedStore()
    const wal = await open(`${path}-wal`, 'r+')
    // SQLite stops reading at the first page that is not whole, without a word.
    await wal.write(Buffer.alloc(64, 7), 0, 64, Math.floor((await wal.stat()).size / 4))
    await wal.close()

    const { logger, errors } = listening()
    const { written, losses } = await reopened(logger)
    expect(answered.some((own) => !written.has(own))).toBe(true)
    expect(errors).toEqual(['the database has lost the end of its journal'])
    expect(losses).toHaveLength(1)
    expect(losses[0]?.expected).toBeGreaterThan(losses[0]?.found ?? 0)

    // Said once, kept for good; and what is answered from now on is there.
    const store = await openEmbeddedStore({ path, logger })
    await store.commit([{ key: 'after', value: 1, expect: 'absent' }])
    await store.close()
    const again = await reopened(logger)
    expect(errors).toHaveLength(1)
    expect(again.losses).toEqual(losses)
  })

  it('of an older copy that was put back is found out as well', async () => {
    const copy = join(folder.path, 'copy')
    await mkdir(copy)
    await program.start(path, 'count', 'a', '3').rest()
    const files = (await readdir(folder.path)).filter((name) => /^fabric\.db(-wal)?$/.test(name))
    for (const name of files) await copyFile(join(folder.path, name), join(copy, name))
    await program.start(path, 'count', 'a', '50').rest()
    for (const end of ['-wal', '-shm']) await rm(`${path}${end}`, { force: true })
    for (const name of files) await copyFile(join(copy, name), join(folder.path, name))

    const { logger, errors } = listening()
    const { losses } = await reopened(logger)
    expect(errors).toHaveLength(1)
    expect(losses).toMatchObject([{ found: 3, expected: 53 }])
  })

  it('says nothing where a process is opened while others write', async () => {
    const child = program.start(path, 'write')
    for (let line = 0; line < 50; line++) await child.line()
    const { logger, errors } = listening()
    for (let round = 0; round < 20; round++) await reopened(logger)
    await child.kill()
    expect(errors).toEqual([])
  })
})
