// Moving and changing the key of a home, as far as files go; the keyring of the system has its tests in integration.
import { createCipheriv, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/foundation/index.ts'
import { keyOf, type Store } from '../../../src/store/index.ts'
import { describeVaultKey, moveVaultKey, rotateVaultKey } from '../../../src/vault/index.ts'
import { keyFolderAt } from '../../../src/vault/key-file.ts'
import { type KeyPlace, keyIdOf, newKey, storeKey } from '../../../src/vault/vault-key.ts'
import { CANARY, failureOf, ORIGIN, type Rig, setUp, temporaryFolder } from './rig.ts'

/** There the keyring of the person who runs the tests would be used. */
const isMac = process.platform === 'darwin'
const VAULT = { kind: 'vault' } as const

async function withSecrets(count: number): Promise<Rig> {
  const rig = await setUp()
  for (let at = 0; at < count; at++) await rig.vault.set('shop', nameOf(at), `${CANARY}-${at}`, { origins: [ORIGIN] })
  return rig
}

const nameOf = (at: number): string => (at === 0 ? 'KEY' : `KEY${at}`)

const openAt = async ({ reopen }: Rig, at: number): Promise<string> => {
  const name = nameOf(at)
  const source = reopen().sourceFor({ instance: 'shop', references: { [name]: VAULT }, origins: [ORIGIN] })
  return (await source.open(name, ORIGIN)).reveal()
}

const onlyKeyFile = ({ keysDir }: Rig): string => {
  const names = readdirSync(keysDir)
  expect(names).toHaveLength(1)
  return join(keysDir, names[0] ?? '')
}

/** A record as it was written before keys had ids. */
async function writeOldRecord(store: Store, key: Buffer, name: string): Promise<void> {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(canonicalJson({ instance: 'shop', name, origins: [ORIGIN] })))
  const ciphertext = Buffer.concat([cipher.update('old-value', 'utf8'), cipher.final()])
  const value = {
    version: 1,
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    origins: [ORIGIN],
    setAt: 1,
  }
  await store.commit([{ key: keyOf('secret', 'shop', name), value, expect: 'any' }])
}

describe('changing the key', () => {
  it('encrypts every secret again and removes the old key', async () => {
    const rig = await withSecrets(150)
    const old = readFileSync(onlyKeyFile(rig))
    const before = await rig.vault.list()

    const result = await rotateVaultKey(rig)

    expect(result).toMatchObject({ where: 'file', secrets: 150, resumed: false, leftovers: [] })
    const key = readFileSync(onlyKeyFile(rig))
    expect(key.equals(old)).toBe(false)
    expect(result.id).toBe(keyIdOf(key))
    expect(await rig.vault.list()).toEqual(before)
    expect(await openAt(rig, 0)).toBe(`${CANARY}-0`)
    expect(await openAt(rig, 149)).toBe(`${CANARY}-149`)
    expect(await describeVaultKey(rig)).toEqual({ id: result.id, where: 'file', isRotating: false, leftovers: [] })
  })

  it('can be done again and again', async () => {
    const rig = await withSecrets(2)

    const ids = [await rotateVaultKey(rig), await rotateVaultKey(rig), await rotateVaultKey(rig)].map(({ id }) => id)

    expect(new Set(ids).size).toBe(3)
    expect(await openAt(rig, 1)).toBe(`${CANARY}-1`)
    expect(onlyKeyFile(rig)).toMatch(/vault\.[a-z0-9]{26}\.key$/)
  })

  it('is noticed by a vault that is open, which reads and writes on', async () => {
    const rig = await withSecrets(1)
    expect(await rig.open(VAULT)).toBe(`${CANARY}-0`)

    await rotateVaultKey(rig)

    expect(await rig.open(VAULT)).toBe(`${CANARY}-0`)
    await rig.vault.set('shop', 'KEY', 'set-afterwards', { origins: [ORIGIN] })
    expect(await openAt(rig, 0)).toBe('set-afterwards')
  })

  it('takes over records from before keys had ids', async () => {
    const rig = await withSecrets(0)
    const key = randomBytes(32)
    const vaultKey = join(rig.keysDir, 'vault.key')
    await rig.vault.set('shop', 'OTHER', CANARY, { origins: [ORIGIN] })
    writeFileSync(vaultKey, key)
    await rig.store.commit([
      { key: keyOf('vault-key'), value: undefined, expect: 'any' },
      { key: keyOf('secret', 'shop', 'OTHER'), value: undefined, expect: 'any' },
    ])
    await writeOldRecord(rig.store, key, 'KEY')
    expect(await rig.open(VAULT)).toBe('old-value')

    expect(await rotateVaultKey(rig)).toMatchObject({ secrets: 1 })

    expect(existsSync(vaultKey)).toBe(false)
    expect(await rig.open(VAULT)).toBe('old-value')
    expect(await openAt(rig, 0)).toBe('old-value')
  })

  it('reads records from before keys had ids beside newer ones', async () => {
    const rig = await withSecrets(2)
    await writeOldRecord(rig.store, readFileSync(onlyKeyFile(rig)), 'KEY')

    expect(await openAt(rig, 0)).toBe('old-value')
    expect(await openAt(rig, 1)).toBe(`${CANARY}-1`)
  })

  it('of a home that has none yet is refused', async () => {
    const rig = await setUp()

    for (const failure of await Promise.all(
      [rotateVaultKey(rig), moveVaultKey({ ...rig, to: 'file' })].map(failureOf),
    )) {
      expect(failure).toMatchObject({
        code: 'IF_ERR_NOT_FOUND',
        hint: 'It is made when the first secret is stored.',
      })
    }
    expect(await describeVaultKey(rig)).toBeUndefined()
  })

  it('changes nothing where a stored secret does not open', async () => {
    const rig = await withSecrets(2)
    const at = keyOf('secret', 'shop', 'KEY1')
    const entry = await rig.store.get<Record<string, string>>(at)
    await rig.store.commit([{ key: at, value: { ...entry?.value, tag: '' }, expect: 'any' }])
    const before = await rig.store.range('')

    const failure = await failureOf(rotateVaultKey(rig))

    expect(failure).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining('the key was not changed: shop: the secret KEY1'),
    })
    expect(await rig.store.range('')).toEqual(before)
    onlyKeyFile(rig)
  })

  it('done by several at once ends with one key and everything readable', async () => {
    const rig = await withSecrets(100)
    const setting = Array.from({ length: 5 }, (_, at) =>
      rig.reopen().set('shop', nameOf(at), `again-${at}`, { origins: [ORIGIN] }),
    )

    await Promise.all([rotateVaultKey(rig), rotateVaultKey(rig), ...setting, rotateVaultKey(rig)])

    const key = onlyKeyFile(rig)
    expect((await describeVaultKey(rig))?.id).toBe(keyIdOf(readFileSync(key)))
    for (let at = 0; at < 100; at += 9) expect(await openAt(rig, at)).toBe(at < 5 ? `again-${at}` : `${CANARY}-${at}`)
    expect(await openAt(rig, 4)).toBe('again-4')
  })

  it('is refused over a store that cannot commit several records at once', async () => {
    const { store, ...rig } = await withSecrets(1)
    const single: Store = Object.create(store, { capabilities: { value: { ...store.capabilities, atomic: false } } })

    expect((await failureOf(rotateVaultKey({ ...rig, store: single }))).code).toBe('IF_ERR_UNSUPPORTED')
  })

  it.skipIf(isMac)('leaves on record what could not be removed, and removes it the next time', async () => {
    const rig = await withSecrets(1)
    const entry = await rig.store.get<Record<string, unknown>>('vault-key')
    const leaving = [{ in: 'keyring', name: 'vault.0000.key' }]
    await rig.store.commit([{ key: 'vault-key', value: { ...entry?.value, leaving }, expect: 'any' }])

    const result = await rotateVaultKey(rig)

    expect(result.leftovers).toEqual([
      { in: 'keyring', name: 'vault.0000.key', problem: expect.stringContaining('no session bus') },
    ])
    expect((await describeVaultKey(rig))?.leftovers).toEqual(leaving)
    onlyKeyFile(rig)
  })
})

describe('the key', () => {
  it('is found again under another name, as after a restore', async () => {
    const rig = await withSecrets(1)
    renameSync(join(rig.keysDir, 'vault.key'), join(rig.keysDir, 'vault.restored.key'))

    expect(await openAt(rig, 0)).toBe(`${CANARY}-0`)
  })

  it('is made anew when it was lost and nothing is encrypted under it', async () => {
    const rig = await withSecrets(1)
    await rig.vault.remove('shop')
    rmSync(join(rig.keysDir, 'vault.key'))

    await rig.reopen().set('shop', 'KEY', 'set-again', { origins: [ORIGIN] })

    expect(await openAt(rig, 0)).toBe('set-again')
    expect(onlyKeyFile(rig)).toMatch(/vault\.[a-z0-9]{26}\.key$/)
  })

  it('that others can read is refused under each of its names', async () => {
    const rig = await withSecrets(1)
    await rotateVaultKey(rig)
    const path = onlyKeyFile(rig)
    chmodSync(path, 0o644)

    expect(await failureOf(openAt(rig, 0))).toMatchObject({ hint: `Run: chmod 600 ${path}` })
  })

  it('whose record was altered is not guessed', async () => {
    const rig = await withSecrets(1)
    const at = { in: 'file', name: '../../elsewhere' }
    const entry = await rig.store.get<Record<string, unknown>>('vault-key')
    const value = { ...entry?.value, current: { id: '0123456789abcdef', at } }
    await rig.store.commit([{ key: 'vault-key', value, expect: 'any' }])

    expect(await failureOf(openAt(rig, 0))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining('was altered'),
    })
  })

  it.each(['{', '[]', '{"version":1,"where":"keyring","name":"../x"}'])(
    'with the note %j is missing with the note named',
    async (note) => {
      const rig = await withSecrets(1)
      rmSync(join(rig.keysDir, 'vault.key'))
      const path = join(rig.keysDir, 'vault.key.where')
      writeFileSync(path, note)

      expect(await failureOf(openAt(rig, 0))).toMatchObject({ details: { file: path } })
    },
  )

  it('moved to where it is stays as it is', async () => {
    const rig = await withSecrets(1)

    expect(await moveVaultKey({ ...rig, to: 'file' })).toMatchObject({ where: 'file', moved: false, leftovers: [] })
  })

  it.skipIf(isMac)('stays in its file where there is no session bus, and the refusal says so', async () => {
    const rig = await withSecrets(1)

    const failure = await failureOf(moveVaultKey({ ...rig, to: 'keyring' }))

    expect(failure).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringMatching(/no session bus/),
    })
    expect(onlyKeyFile(rig)).toBe(join(rig.keysDir, 'vault.key'))
    expect(await openAt(rig, 0)).toBe(`${CANARY}-0`)
  })
})

describe('a place for keys', () => {
  const keepsNothing: KeyPlace = {
    check: async () => undefined,
    read: async () => undefined,
    write: async () => undefined,
    remove: async () => undefined,
  }

  it('that does not give back what it was given is not relied on', async () => {
    const failure = await failureOf(storeKey({ file: keepsNothing, keyring: keepsNothing }, 'keyring', newKey()))

    expect(failure).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining('the OS keyring did not give back the key'),
    })
  })

  it('that fails after it took a key is emptied again', async () => {
    const removed: string[] = []
    const failing: KeyPlace = {
      ...keepsNothing,
      read: async () => {
        throw new Error('broken')
      },
      remove: async (name) => {
        removed.push(name)
        throw new Error('broken too')
      },
    }

    await expect(storeKey({ file: failing, keyring: failing }, 'file', newKey())).rejects.toThrow('broken')

    expect(removed).toEqual([expect.stringMatching(/^vault\.[a-z0-9]{26}\.key$/)])
  })

  it('as a folder says why it cannot remove a key', async () => {
    const keysDir = temporaryFolder()
    mkdirSync(join(keysDir, 'vault.0a.key'))

    const failure = await failureOf(keyFolderAt(keysDir).remove('vault.0a.key'))

    expect(failure).toMatchObject({
      code: 'IF_ERR_HOME_UNUSABLE',
      message: expect.stringContaining('cannot be removed'),
    })
  })
})
