import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSecretReference, parseSecretReference, type SecretReference } from '../../../src/vault/index.ts'
import { CANARY, failureOf, setUp, temporaryFolder } from './rig.ts'

describe('a secret reference', () => {
  it('reads what it writes', () => {
    const reference = fc.oneof(
      fc.constant<SecretReference>({ kind: 'vault' }),
      fc
        .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
        .map((variable): SecretReference => ({ kind: 'env', variable })),
      fc.stringMatching(/^[^\0]{1,30}$/).map((path): SecretReference => ({ kind: 'file', path })),
    )
    fc.assert(
      fc.property(reference, (value) => {
        expect(parseSecretReference(formatSecretReference(value))).toEqual(value)
      }),
    )
  })

  it.each([CANARY, 'vault:x', 'env:', 'env:1A', 'env:A B', 'file:', '-', '', 'ENV:KEY', `env:${CANARY}`])(
    'refuses %j without repeating it',
    (text) => {
      const parse = () => parseSecretReference(text)

      expect(parse).toThrow(/the secret reference is refused/)
      expect(parse).not.toThrow(/canary/)
    },
  )

  it('says why a literal value is refused', () => {
    expect(() => parseSecretReference(CANARY)).toThrow(/shell history and the process list/)
  })
})

describe('a secret in the environment', () => {
  it('is read when it is opened', async () => {
    const { env, open } = await setUp()
    env.SHOP_KEY = 'first-value'
    expect(await open({ kind: 'env', variable: 'SHOP_KEY' })).toBe('first-value')

    env.SHOP_KEY = 'second-value'

    expect(await open({ kind: 'env', variable: 'SHOP_KEY' })).toBe('second-value')
  })

  it.each([undefined, ''])('is missing when it is %j', async (value) => {
    const { env, open } = await setUp()
    env.SHOP_KEY = value

    expect(await failureOf(open({ kind: 'env', variable: 'SHOP_KEY' }))).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      message: expect.stringMatching(/shop: the secret KEY is missing: the environment variable SHOP_KEY is/),
      hint: expect.stringContaining('Set SHOP_KEY'),
    })
  })

  it('is refused when it is too large', async () => {
    const { env, open } = await setUp()
    env.SHOP_KEY = 'x'.repeat(64 * 1024 + 1)

    expect((await failureOf(open({ kind: 'env', variable: 'SHOP_KEY' }))).code).toBe('IF_ERR_SECRET_UNREADABLE')
  })

  it('is opened only for the origins of the instance', async () => {
    const { env, open } = await setUp()
    env.SHOP_KEY = CANARY

    const failure = await failureOf(open({ kind: 'env', variable: 'SHOP_KEY' }, 'https://evil.example'))

    expect(failure.code).toBe('IF_ERR_SECRET_UNREADABLE')
    expect(JSON.stringify(failure)).not.toContain(CANARY)
  })
})

describe('a secret in a file', () => {
  const inFile = async () => {
    const rig = await setUp()
    const path = join(temporaryFolder(), 'key.txt')
    return { path, read: () => rig.open({ kind: 'file', path }) }
  }

  it.each([
    ['one trailing newline', `${CANARY}\n`, CANARY],
    ['one trailing Windows newline', `${CANARY}\r\n`, CANARY],
    ['no newline', CANARY, CANARY],
    ['newlines inside', 'one-line\nand-another\n\n', 'one-line\nand-another\n'],
  ])('is read with %s', async (_what, content, expected) => {
    const { path, read } = await inFile()

    writeFileSync(path, content)

    expect(await read()).toBe(expected)
  })

  it('is read again when it was rewritten or replaced', async () => {
    const { path, read } = await inFile()
    writeFileSync(path, 'first-value')
    expect(await read()).toBe('first-value')
    expect(await read()).toBe('first-value')

    writeFileSync(path, 'second-one!')
    expect(await read()).toBe('second-one!')
    writeFileSync(`${path}.new`, 'third-value')
    renameSync(`${path}.new`, path)
    expect(await read()).toBe('third-value')
  })

  it('is missing when there is no file, or an empty one', async () => {
    const { path, read } = await inFile()
    expect(await failureOf(read())).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      message: expect.stringContaining(path),
      details: { instance: 'shop', secret: 'KEY' },
    })

    writeFileSync(path, '\n')

    expect(await failureOf(read())).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      message: expect.stringContaining('empty'),
    })
  })

  it('is refused when it is a folder or too large', async () => {
    const { path, read } = await inFile()
    writeFileSync(path, 'x'.repeat(64 * 1024 + 1))
    expect((await failureOf(read())).code).toBe('IF_ERR_SECRET_UNREADABLE')

    const folder = await inFile()
    mkdirSync(folder.path)

    expect((await failureOf(folder.read())).message).toContain('not a regular file')
  })
})
