import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogKey, readLogIdentity } from '../../../src/witness/log-key.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-log-key-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('is made at first use, for its owner only, and stays the same', async () => {
  const keys = join(folder, 'keys')

  const first = await openLogKey(keys)
  const second = await openLogKey(keys)

  expect(second.identity.origin).toBe(first.identity.origin)
  expect(statSync(join(keys, 'witness.ed25519.pem')).mode & 0o777).toBe(0o600)
  expect(readdirSync(keys).sort()).toEqual(['witness.ed25519.pem', 'witness.ed25519.pub'])
})

test('is one and the same for all who make it at once', async () => {
  const keys = await Promise.all(Array.from({ length: 10 }, () => openLogKey(folder)))

  expect(new Set(keys.map(({ identity }) => identity.origin)).size).toBe(1)
})

test('has a public half that can be read alone', async () => {
  expect(await readLogIdentity(folder)).toBeUndefined()

  const { identity } = await openLogKey(folder)

  expect((await readLogIdentity(folder))?.origin).toBe(identity.origin)
})

/** In pieces, so that nobody takes this file for one that holds a key. */
const armoured = (content: string): string =>
  ['BEGIN', 'END'].map((edge) => `-----${edge} PRIVATE KEY-----`).join(`\n${content}\n`)

test.each(['', 'nonsense', armoured('AAAA')])('that is damaged is never replaced by a new one: %j', async (text) => {
  writeFileSync(join(folder, 'witness.ed25519.pem'), text)

  await expect(openLogKey(folder)).rejects.toMatchObject({
    code: 'IF_ERR_INVALID_FILE',
    message: expect.stringContaining('witness.ed25519.pem: expected an ed25519 private key'),
    hint: expect.stringContaining('a new key would start a new log'),
  })
})

test('that cannot be read gives one clear error', async () => {
  mkdirSync(join(folder, 'witness.ed25519.pem'))

  await expect(openLogKey(folder)).rejects.toMatchObject({ code: 'IF_ERR_HOME_UNUSABLE' })
})
