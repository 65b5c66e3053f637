import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyFileIn } from '../../../src/vault/key-file.ts'
import { failureOf, temporaryFolder } from './rig.ts'

describe('the key file', () => {
  it('is made once, readable by its owner only, and leaves no draft behind', async () => {
    const keysDir = join(temporaryFolder(), 'deep', 'keys')

    const key = await keyFileIn(keysDir).readOrCreate()

    expect(key).toHaveLength(32)
    expect(statSync(join(keysDir, 'vault.key')).mode & 0o777).toBe(0o600)
    expect(statSync(keysDir).mode & 0o777).toBe(0o700)
    expect(readdirSync(keysDir)).toEqual(['vault.key'])
    expect(await keyFileIn(keysDir).readOrCreate()).toEqual(key)
  })

  it('is the same for all who make it at the same moment', async () => {
    const keysDir = temporaryFolder()

    const keys = await Promise.all(Array.from({ length: 20 }, () => keyFileIn(keysDir).readOrCreate()))

    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect(readdirSync(keysDir)).toEqual(['vault.key'])
  })

  it('is not there before the first secret', async () => {
    expect(await keyFileIn(temporaryFolder()).read()).toBeUndefined()
  })

  it.each([0o640, 0o604, 0o660, 0o666, 0o610])('with mode %o is refused with what to type', async (mode) => {
    const keysDir = temporaryFolder()
    await keyFileIn(keysDir).readOrCreate()
    const path = join(keysDir, 'vault.key')
    chmodSync(path, mode)

    expect(await failureOf(keyFileIn(keysDir).readOrCreate())).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      hint: `Run: chmod 600 ${path}`,
    })
  })

  it.each([0, 31, 33])('of %i bytes is refused and left alone', async (size) => {
    const keysDir = temporaryFolder()
    const path = join(keysDir, 'vault.key')
    writeFileSync(path, Buffer.alloc(size), { mode: 0o600 })

    const failure = await failureOf(keyFileIn(keysDir).readOrCreate())

    expect(failure).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining(`${size} bytes`),
    })
    expect(readFileSync(path)).toHaveLength(size)
  })

  it('that is a folder is refused', async () => {
    const keysDir = temporaryFolder()
    mkdirSync(join(keysDir, 'vault.key'), { mode: 0o700 })

    expect((await failureOf(keyFileIn(keysDir).read())).message).toContain('not a regular file')
  })

  it('cannot be made where the folder is a file', async () => {
    const place = join(temporaryFolder(), 'keys')
    writeFileSync(place, '')

    const failure = await failureOf(keyFileIn(place).readOrCreate())

    expect(failure.message).toContain(join(place, 'vault.key'))
    expect(['IF_ERR_HOME_UNUSABLE', 'IF_ERR_SECRET_UNREADABLE']).toContain(failure.code)
  })
})
