// The key of a home in a real keyring: GNOME Keyring on a session bus of its own. Skipped, visibly, where Debian's packages
// dbus, gnome-keyring and libsecret-tools are not installed.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { describeVaultKey, moveVaultKey, openVault, rotateVaultKey } from '../../../src/vault/index.ts'
import { openKeyring } from '../../../src/vault/os-keyring.ts'
import { CANARY, failureOf, ORIGIN } from '../../unit/vault/rig.ts'
import { missingPrograms, startKeyringSession } from './keyring-session.ts'

const missing = missingPrograms()
const suite =
  missing.length === 0 ? 'the keyring of the system' : `the keyring of the system (${missing} not installed)`

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function startSession(options?: { unlocked: boolean }) {
  const session = await startKeyringSession(options)
  cleanups.push(() => session.stop())
  return session
}

async function homeIn(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-vault-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const store = await openMemoryStore()
  cleanups.push(() => store.close())
  const parts = { keysDir: join(folder, 'keys'), store, env }
  return { ...parts, ...vaultOver(parts) }
}

function vaultOver(parts: { keysDir: string; store: Store; env: Record<string, string> }) {
  const open = () => openVault({ ...parts, clock: systemClock, redactor: new Redactor() })
  return {
    /** As a process that has just started. */
    async openKey() {
      const references = { KEY: { kind: 'vault' } as const }
      const source = open().sourceFor({ instance: 'shop', references, origins: [ORIGIN] })
      return (await source.open('KEY', ORIGIN)).reveal()
    },
    setKey: (value: string) => open().set('shop', 'KEY', value, { origins: [ORIGIN] }),
  }
}

describe.skipIf(missing.length > 0)(suite, () => {
  it('takes the key, gives it to every new process, and gives it back to a file', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)

    const there = await moveVaultKey({ ...home, to: 'keyring' })

    expect(there).toMatchObject({ where: 'keyring', moved: true, leftovers: [] })
    expect(readdirSync(home.keysDir)).toEqual(['vault.key.where'])
    expect(JSON.parse(readFileSync(join(home.keysDir, 'vault.key.where'), 'utf8'))).toMatchObject({ where: 'keyring' })
    expect(await session.count()).toBe(1)
    expect(await home.openKey()).toBe(CANARY)
    await home.setKey('set-while-there')
    expect(await moveVaultKey({ ...home, to: 'keyring' })).toMatchObject({ moved: false })

    const back = await moveVaultKey({ ...home, to: 'file' })

    expect(back).toMatchObject({ id: there.id, where: 'file', moved: true, leftovers: [] })
    expect(readdirSync(home.keysDir)).toEqual([expect.stringMatching(/^vault\.[a-z0-9]{26}\.key$/)])
    expect(await session.count()).toBe(0)
    expect(await home.openKey()).toBe('set-while-there')
  })

  it('that is locked is named as the reason, asks nobody, and changes nothing', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    await moveVaultKey({ ...home, to: 'keyring' })
    await session.lock()

    const failures = await Promise.all(
      [home.openKey(), home.setKey('other'), moveVaultKey({ ...home, to: 'file' }), rotateVaultKey(home)].map(
        failureOf,
      ),
    )

    for (const failure of failures) {
      expect(failure).toMatchObject({
        code: 'IF_ERR_SECRET_UNREADABLE',
        message: expect.stringContaining('the OS keyring cannot be used: it is locked'),
      })
    }
    expect(await describeVaultKey(home)).toMatchObject({ where: 'keyring', isRotating: false })
  })

  it('that is locked takes no key, and the file stays', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    await session.lock()

    expect((await failureOf(moveVaultKey({ ...home, to: 'keyring' }))).message).toContain('it is locked')

    expect(readdirSync(home.keysDir)).toEqual(['vault.key'])
    expect(await home.openKey()).toBe(CANARY)
  })

  it('that was never set up takes no key', async () => {
    const session = await startSession({ unlocked: false })
    const home = await homeIn(session.env)
    await home.setKey(CANARY)

    expect((await failureOf(moveVaultKey({ ...home, to: 'keyring' }))).message).toContain('has no default keyring yet')

    expect(await home.openKey()).toBe(CANARY)
  })

  it('that is gone is named as the reason', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    await moveVaultKey({ ...home, to: 'keyring' })
    await session.stop()

    expect(await failureOf(home.openKey())).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining('the OS keyring cannot be used'),
      hint: expect.stringContaining('ifab secret key --to file'),
    })
  })

  it('keeps a key that is changed while it is there', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    const { id } = await moveVaultKey({ ...home, to: 'keyring' })

    const changed = await rotateVaultKey(home)

    expect(changed).toMatchObject({ where: 'keyring', secrets: 1, leftovers: [] })
    expect(changed.id).not.toBe(id)
    expect(await session.count()).toBe(1)
    expect(await home.openKey()).toBe(CANARY)
  })

  it('is found by the note where the database was restored from before the move', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    const before = await home.store.get('vault-key')
    await moveVaultKey({ ...home, to: 'keyring' })

    await home.store.commit([{ key: 'vault-key', value: before?.value, expect: 'any' }])

    expect(await home.openKey()).toBe(CANARY)
  })

  it('loses nothing that a copy of the home at another place removes', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)
    await moveVaultKey({ ...home, to: 'keyring' })
    const { name } = JSON.parse(readFileSync(join(home.keysDir, 'vault.key.where'), 'utf8')) as { name: string }

    await openKeyring({ keysDir: `${home.keysDir}-copy`, env: session.env }).remove(name)

    expect(await home.openKey()).toBe(CANARY)
  })

  it('ends with the key in one place when it is moved both ways and changed at once', async () => {
    const session = await startSession()
    const home = await homeIn(session.env)
    await home.setKey(CANARY)

    await Promise.all([
      moveVaultKey({ ...home, to: 'keyring' }),
      rotateVaultKey(home),
      moveVaultKey({ ...home, to: 'file' }),
      moveVaultKey({ ...home, to: 'keyring' }),
    ])
    await moveVaultKey({ ...home, to: 'keyring' })

    expect(await home.openKey()).toBe(CANARY)
    expect(await describeVaultKey(home)).toMatchObject({ where: 'keyring', isRotating: false, leftovers: [] })
    expect(readdirSync(home.keysDir)).toEqual(['vault.key.where'])
    expect(await session.count()).toBe(1)
  })
})
