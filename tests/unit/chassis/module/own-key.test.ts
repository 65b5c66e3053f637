import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadTrustedKeys } from '../../../../src/adapter/index.ts'
import { loadModule } from '../../../../src/chassis/module/load-module.ts'
import { ownKey } from '../../../../src/chassis/module/own-key.ts'
import { sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../support/temporary.ts'

let home: TemporaryFolder
let keyFile: string
let trustFile: string

beforeEach(async () => {
  home = await temporaryFolder('own-key')
  keyFile = join(home.path, 'keys', 'operator.ed25519.pem')
  trustFile = join(home.path, 'trust', 'keys.yaml')
})

afterEach(() => home.remove())

it('is made at first use, for its owner alone, and trusted in this home', async () => {
  const own = await ownKey(home.path)
  const trustedKeys = await loadTrustedKeys(trustFile)
  const module = sealedAgent({ pem: own.pem, trusted: signingKey().trusted })

  expect(own).toMatchObject({ name: 'operator', path: keyFile, trustFile })
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  expect(loadModule(module, { file: 'm', trustedKeys }).signedBy).toBe('operator')
})

it('stays the same, and its trust file is not touched again', async () => {
  const first = await ownKey(home.path)
  const before = await readFile(trustFile, 'utf8')

  expect(await ownKey(home.path)).toEqual(first)
  expect(await readFile(trustFile, 'utf8')).toBe(before)
})

it('is one key where many make it at the same moment', async () => {
  const made = await Promise.all(Array.from({ length: 12 }, () => ownKey(home.path)))

  expect(new Set(made.map(({ pem }) => pem)).size).toBe(1)
  expect(await loadTrustedKeys(trustFile)).toHaveLength(1)
  expect(await readdir(join(home.path, 'keys'))).toEqual(['operator.ed25519.pem'])
  expect(await readdir(join(home.path, 'trust'))).toEqual(['keys.yaml'])
})

it('keeps what stands in the trust file, comments too, and takes another name where its own is taken', async () => {
  const other = signingKey('operator').trusted
  await mkdir(join(home.path, 'trust'))
  await writeFile(
    trustFile,
    `# ours\nversion: 1\nkeys:\n  # the old one\n  - name: operator # of 2025\n    algorithm: ed25519\n    publicKey: ${other.publicKey}\n`,
  )

  const own = await ownKey(home.path)
  const text = await readFile(trustFile, 'utf8')

  expect(own.name).toBe('operator-2')
  expect(text).toContain('# ours\n')
  expect(text).toContain('# the old one\n  - name: operator # of 2025\n')
  expect((await loadTrustedKeys(trustFile)).map(({ name }) => name)).toEqual(['operator', 'operator-2'])
})

it('adds nothing to a trust file that has the key under another name', async () => {
  const own = await ownKey(home.path)
  const text = (await readFile(trustFile, 'utf8')).replace('name: operator', 'name: me')
  await writeFile(trustFile, text)

  expect(await ownKey(home.path)).toEqual({ ...own, name: 'me' })
  expect(await readFile(trustFile, 'utf8')).toBe(text)
})

it('leaves a trust file that is wrong as it is, and says where', async () => {
  await mkdir(join(home.path, 'trust'))
  await writeFile(trustFile, 'version: 1\nkeyz: []\n')

  await expect(ownKey(home.path)).rejects.toMatchObject({
    code: 'IF_ERR_INVALID_FILE',
    message: expect.stringContaining('keys.yaml:2 unknown field "keyz"'),
  })
  expect(await readFile(trustFile, 'utf8')).toBe('version: 1\nkeyz: []\n')
})

it('refuses a key that others can read, and one that is none, without a word of it', async () => {
  await ownKey(home.path)
  await chmod(keyFile, 0o644)
  await expect(ownKey(home.path)).rejects.toMatchObject({
    code: 'IF_ERR_HOME_UNUSABLE',
    message: expect.stringContaining('others can read it (mode 0644)'),
    hint: `Run: chmod 600 ${keyFile}`,
  })

  await rm(keyFile)
  await writeFile(keyFile, 'hunter2', { mode: 0o600 })
  await expect(ownKey(home.path)).rejects.toMatchObject({
    code: 'IF_ERR_HOME_UNUSABLE',
    message: expect.not.stringContaining('hunter2'),
  })
})

it('says so where the home cannot be written', async () => {
  await writeFile(join(home.path, 'keys'), 'a file in the place of the folder')

  await expect(ownKey(home.path)).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
})
