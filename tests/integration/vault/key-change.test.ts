// Changing the key and secrets while other processes use them, and processes that die in the middle of it.
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { describeVaultKey, moveVaultKey, openVault, rotateVaultKey } from '../../../src/vault/index.ts'
import { ORIGIN } from '../../unit/vault/rig.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { missingPrograms, startKeyringSession } from './keyring-session.ts'

let program: ChildProgram
const cleanups: (() => unknown)[] = []

beforeAll(async () => {
  program = await buildChild(new URL('vault-child.ts', import.meta.url))
})

afterAll(async () => {
  program.remove()
  for (const folder of await Promise.all(fillings.values())) rmSync(folder, { recursive: true, force: true })
})

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function openHome(env: Record<string, string | undefined> = {}, path?: string) {
  const folder = path ?? mkdtempSync(join(tmpdir(), 'ifab-vault-'))
  if (!path) cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const keysDir = join(folder, 'keys')
  const store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  let isOpen = true
  const close = async () => {
    if (isOpen) await store.close()
    isOpen = false
  }
  cleanups.push(close)
  const vault = openVault({ keysDir, store, env, clock: systemClock, redactor: new Redactor() })
  return {
    folder,
    keysDir,
    store,
    env,
    vault,
    close,
    set: (name: string, value: string) => vault.set('shop', name, value, { origins: [ORIGIN] }),
    async open(name: string) {
      const references = { [name]: { kind: 'vault' } as const }
      return (await vault.sourceFor({ instance: 'shop', references, origins: [ORIGIN] }).open(name, ORIGIN)).reveal()
    },
  }
}

function start(...args: string[]) {
  const child = program.start(...args)
  cleanups.push(() => child.kill())
  return child
}

/** A copy of a home with so many secrets, closed. */
async function filledHome(secrets: number): Promise<string> {
  const filled = await filling(secrets)
  const folder = mkdtempSync(join(tmpdir(), 'ifab-vault-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  cpSync(filled, folder, { recursive: true })
  return folder
}

const fillings = new Map<number, Promise<string>>()

function filling(secrets: number): Promise<string> {
  const before = fillings.get(secrets)
  if (before) return before
  const fill = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ifab-filled-'))
    const home = await openHome(undefined, folder)
    await Promise.all(Array.from({ length: secrets }, (_, at) => home.set(`KEY${at}`, `value-${at}`)))
    await home.close()
    return folder
  }
  const filled = fill()
  fillings.set(secrets, filled)
  return filled
}

/** Waits until a child that was to die in the middle has done so. */
async function expectKilled(child: Child): Promise<void> {
  expect(await child.rest()).toEqual([])
  const { exitCode, signalCode } = child.process
  if (exitCode === null && signalCode === null) await once(child.process, 'exit')
  expect(child.process.signalCode).toBe('SIGKILL')
}

async function expectWhole(home: Awaited<ReturnType<typeof openHome>>, secrets: number): Promise<void> {
  const values = await Promise.all(Array.from({ length: secrets }, (_, at) => home.open(`KEY${at}`)))
  expect(values).toEqual(Array.from({ length: secrets }, (_, at) => `value-${at}`))
}

describe('a secret that is changed', () => {
  it('is used by the next call in every process that is running', async () => {
    const home = await openHome()
    await home.set('KEY', 'first-value')
    const ports = await Promise.all([1, 2].map(() => start(home.folder, 'serve', 'vault').line()))
    const seen = () => Promise.all(ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}`)).text()))
    expect(await seen()).toEqual(['first-value', 'first-value'])

    for (const value of ['second-value', 'third-value']) {
      await home.set('KEY', value)
      expect(await seen()).toEqual([value, value])
    }
    await rotateVaultKey(home)
    expect(await seen()).toEqual(['third-value', 'third-value'])
    await home.set('KEY', 'fourth-value')

    expect(await seen()).toEqual(['fourth-value', 'fourth-value'])
  })

  it('in a file is used by the next call in every process that is running', async () => {
    const home = await openHome()
    const file = join(home.folder, 'key.txt')
    writeFileSync(file, 'first-value\n')
    const port = await start(home.folder, 'serve', `file:${file}`).line()
    const seen = async () => (await fetch(`http://127.0.0.1:${port}`)).text()
    expect(await seen()).toBe('first-value')

    writeFileSync(file, 'other-value\n')
    expect(await seen()).toBe('other-value')
    writeFileSync(`${file}.new`, 'third-value\n')
    renameSync(`${file}.new`, file)

    expect(await seen()).toBe('third-value')
  })
})

describe('changing the key', () => {
  it('goes unnoticed by processes that read and set secrets meanwhile', async () => {
    const home = await openHome(undefined, await filledHome(20))
    const workers = [start(home.folder, 'work'), start(home.folder, 'work')]
    for (const worker of workers) expect(await worker.line()).toMatch(/^worked/)

    for (let times = 0; times < 3; times++) {
      await rotateVaultKey(home)
      for (const worker of workers) expect(await worker.line()).toMatch(/^worked/)
    }

    for (const worker of workers) await worker.kill()
    for (const worker of workers) expect((await worker.rest()).filter((line) => line.startsWith('failed'))).toEqual([])
    await expectWhole(home, 20)
    for (const worker of workers) expect(await home.open(`MINE${worker.process.pid}`)).toMatch(/^mine-/)
    expect(readdirSync(home.keysDir)).toHaveLength(1)
  })

  // Begin, two batches, give up the old key, forget where it lay.
  const moments = [[1, 'before'], ...[1, 2, 3, 4, 5].map((nth) => [nth, 'after'] as const)] as const

  it.each(moments)(
    'that is killed at its commit %i, %s it, leaves everything readable and can be ended',
    async (nth, when) => {
      const folder = await filledHome(70)
      const child = start(folder, 'rotate', String(nth), when)
      await expectKilled(child)

      const home = await openHome(undefined, folder)
      await expectWhole(home, 70)
      await home.set('KEY0', 'value-0')
      const result = await rotateVaultKey(home)

      await expectWhole(home, 70)
      expect(result.leftovers).toEqual([])
      expect(await describeVaultKey(home)).toMatchObject({ id: result.id, isRotating: false, leftovers: [] })
      // A key that nobody uses yet may be left where it died right after making it.
      expect(readdirSync(home.keysDir).length).toBeLessThanOrEqual(nth === 1 && when === 'before' ? 2 : 1)
    },
  )
})

const missing = missingPrograms()

describe.skipIf(missing.length > 0)(`moving the key${missing.length > 0 ? ` (${missing} not installed)` : ''}`, () => {
  it.each([
    ['keyring', 1, 'before'],
    ['keyring', 1, 'after'],
    ['keyring', 2, 'before'],
    ['file', 1, 'before'],
    ['file', 1, 'after'],
    ['file', 2, 'before'],
  ] as const)('to the %s that is killed at its commit %i, %s it, leaves it readable', async (to, nth, when) => {
    const session = await startKeyringSession()
    cleanups.push(() => session.stop())
    const folder = await filledHome(3)
    const before = await openHome(session.env, folder)
    if (to === 'file') await moveVaultKey({ ...before, to: 'keyring' })
    await before.close()
    const child = start(folder, 'move', String(nth), when, to, JSON.stringify(session.env))
    await expectKilled(child)

    const home = await openHome(session.env, folder)
    await expectWhole(home, 3)
    const result = await moveVaultKey({ ...home, to })

    expect(result).toMatchObject({ where: to, leftovers: [] })
    await expectWhole(await openHome(session.env, folder), 3)
    const names = readdirSync(home.keysDir)
    if (to === 'keyring') expect(names).toEqual(['vault.key.where'])
    else expect(names.filter((name) => name.endsWith('.where'))).toEqual([])
  })
})
