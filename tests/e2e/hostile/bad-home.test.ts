// Homes that cannot be used, and one whose disk fills up in the middle of a run.
import { truncateSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ended, errorOf, ifab, startIfab } from '../../support/command.ts'
import { closedGate } from '../../support/gate.ts'
import { databaseOf, tracesIn } from '../../support/home-view.ts'
import { openStudio, type Studio } from '../../support/studio.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { canMount, openTinyDisk, type TinyDisk } from '../../support/tiny-disk.ts'

const PLAN = 'plan stripe payment.create amount=100 currency=EUR source=pm_card_visa --json'.split(' ')

describe('a database', () => {
  let folder: TemporaryFolder
  beforeEach(async () => {
    folder = await temporaryFolder('database')
    await ifab(PLAN, { home: folder.path })
  })
  afterEach(() => folder.remove())

  it('of a newer version is refused and stays as it is', async () => {
    const database = new Database(databaseOf(folder.path))
    database.exec("UPDATE meta SET value = '2' WHERE name = 'schema.version'")
    database.close()
    const before = await readFile(databaseOf(folder.path))

    const ended = await ifab(PLAN, { home: folder.path })

    expect(ended.code).toBe(7)
    expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_STORE_TOO_NEW', message: expect.stringContaining('schema 2') })
    expect(await readFile(databaseOf(folder.path))).toEqual(before)
  })

  it('that is damaged is refused and stays as it is', async () => {
    await writeFile(databaseOf(folder.path), 'no database\n'.repeat(1_000))

    const ended = await ifab(PLAN, { home: folder.path })

    expect(ended.code).toBe(7)
    expect(errorOf(ended)).toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      message: `${databaseOf(folder.path)}: the file is not a database`,
      hint: expect.stringContaining('Restore'),
    })
    expect(await readFile(databaseOf(folder.path), 'utf8')).toMatch(/^(no database\n){1000}$/)
  })
})

it('a home that is a file is refused', async () => {
  const folder = await temporaryFolder('file')
  const home = join(folder.path, 'home')
  await writeFile(home, 'mine')

  const ended = await ifab(PLAN, { home, cwd: folder.path })

  expect(ended.code).toBe(7)
  expect(errorOf(ended)).toMatchObject({
    code: 'IF_ERR_HOME_UNUSABLE',
    message: expect.stringContaining(home),
    hint: expect.stringContaining('IFAB_HOME'),
  })
  expect(await readFile(home, 'utf8')).toBe('mine')
  await folder.remove()
})

describe.skipIf(!canMount)('a disk of its own (needs the right to mount)', () => {
  let studio: Studio
  let disk: TinyDisk
  beforeEach(async () => {
    studio = await openStudio()
  })
  afterEach(async () => {
    disk.remove()
    await studio.close()
  })

  const expectFull = (ended: Ended) => {
    expect(ended.code).toBe(7)
    expect(errorOf(ended)).toMatchObject({
      code: 'IF_ERR_STORE_UNAVAILABLE',
      hint: expect.stringMatching(/space|full/),
    })
  }

  it('too small for a home leaves no half home', async () => {
    disk = openTinyDisk('8k')

    const ended = await ifab(PLAN, { home: disk.path, cwd: studio.home })

    expect(ended.code).toBe(7)
    expect(errorOf(ended).code).toMatch(/^IF_ERR_(STORE_UNAVAILABLE|HOME_UNUSABLE)$/)
    disk.remove()
    disk = openTinyDisk('4m')
    expect((await ifab(PLAN, { home: disk.path })).code).toBe(0)
  })

  it('that is full refuses to act, and everything works once there is room', async () => {
    disk = openTinyDisk('4m', studio.home)
    disk.fill()
    const pay = ['apply', ...PLAN.slice(1)]

    expectFull(await ifab(pay, { home: disk.path, cwd: studio.home }))
    expect(studio.twins.stripe.effects).toEqual([])

    disk.free()
    expect(await tracesIn(disk.path)).toMatchObject({ plans: 0, runs: 0, held: 0 })
    expect((await ifab(pay, { home: disk.path })).code).toBe(0)
    expect(studio.twins.stripe.effects).toHaveLength(1)
  })

  it('that fills up while an effect is under way loses nothing: the resume finds out and repeats nothing', async () => {
    disk = openTinyDisk('4m', studio.home)
    const gate = closedGate()
    studio.relays.stripe.setHooks({ answer: () => gate.pass() })
    const running = startIfab(['apply', ...PLAN.slice(1)], { home: disk.path, cwd: studio.home })
    await gate.reached
    disk.fill()
    gate.open()

    expectFull(await running.ended)

    disk.free()
    studio.relays.stripe.setHooks({})
    const resumed = await ifab(['apply', '--resume', 'last', '--json'], { home: disk.path })
    expect(resumed.stderr).toBe('')
    expect(resumed.code).toBe(0)
    expect(studio.twins.stripe.effects).toHaveLength(1)
    expect((await tracesIn(disk.path)).held).toBe(0)
    expect((await ifab(['witness', 'verify'], { home: disk.path })).code).toBe(0)
  })

  it('that is read-only is refused', async () => {
    disk = openTinyDisk('4m', studio.home)
    disk.makeReadOnly()

    for (const args of [PLAN, ['run', 'list', '--json'], ['apply', ...PLAN.slice(1)]]) {
      const ended = await ifab(args, { home: disk.path })

      expect(ended.code).toBe(7)
      expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE', message: expect.stringContaining('EROFS') })
    }
    expect(studio.twins.stripe.effects).toEqual([])
  })

  it('without room for a plan file leaves no file', async () => {
    disk = openTinyDisk('64k')
    disk.fill()
    truncateSync(join(disk.path, 'ballast'), 56 * 1024) // room for a beginning

    const text = 'long '.repeat(7_000)
    const args = ['plan', 'slack', 'message.send', 'to=#studio', `text=${text}`, '--json']
    const ended = await ifab([...args, '--out', join(disk.path, 'plan.json')], { home: studio.home })

    expect(ended.code).toBe(2)
    expect(errorOf(ended).message).toContain('ENOSPC')
    expect(await readdir(disk.path)).toEqual(['ballast'])
  })
})

it('a home below a folder of somebody else is refused', async ({ skip }) => {
  if (process.getuid?.() === 0) skip('root may write everywhere')
  const ended = await ifab(PLAN, { home: '/ifab-home', cwd: '/' })

  expect(ended.code).toBe(7)
  expect(errorOf(ended).code).toBe('IF_ERR_HOME_UNUSABLE')
})
