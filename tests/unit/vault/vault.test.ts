import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/foundation/index.ts'
import { keyOf } from '../../../src/store/index.ts'
import { CANARY, failureOf, ORIGIN, setUp } from './rig.ts'

const VAULT = { kind: 'vault' } as const

describe('a stored secret', () => {
  it('opens for its instance and origin', async () => {
    const { vault, open, reopen } = await setUp()

    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })

    expect(await open(VAULT)).toBe(CANARY)
    const again = reopen().sourceFor({ instance: 'shop', references: { KEY: VAULT }, origins: [ORIGIN] })
    expect((await again.open('KEY', 'https://API.example.com:443/')).reveal()).toBe(CANARY)
  })

  it('is replaced by setting it again', async () => {
    const { vault, open } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })

    await vault.set('shop', 'KEY', new Secret('another-value'), { origins: [ORIGIN] })

    expect(await open(VAULT)).toBe('another-value')
  })

  it('does not stand in the store in any form', async () => {
    const { vault, store, redactor } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })

    const everything = JSON.stringify(await store.range(''))

    expect(everything).toContain('ciphertext')
    expect(redactor.leaks(everything)).toBe(false)
  })

  it('is sealed differently each time', async () => {
    const { vault, store } = await setUp()
    const sealed = async () => {
      await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
      return (await store.get<{ ciphertext: string; nonce: string }>(keyOf('secret', 'shop', 'KEY')))?.value
    }

    const [first, second] = [await sealed(), await sealed()]

    expect(first?.nonce).not.toBe(second?.nonce)
    expect(first?.ciphertext).not.toBe(second?.ciphertext)
  })

  it('is known to the redactor as soon as it is set', async () => {
    const { vault, redactor } = await setUp()

    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })

    expect(redactor.text(`key ${CANARY}`)).toBe('key <redacted>')
  })

  it('is known to the redactor of a process that only opens it, once', async () => {
    const { vault, env, open, redactor } = await setUp()
    env.KEY = CANARY
    let added = 0
    const add = redactor.add.bind(redactor)
    redactor.add = (value) => {
      added++
      add(value)
    }

    await open({ kind: 'env', variable: 'KEY' })
    await open({ kind: 'env', variable: 'KEY' })

    expect(added).toBe(1)
    expect(redactor.leaks(CANARY)).toBe(true)
    expect(vault).toBeDefined()
  })

  it.each([
    ['another origin than the instance has', 'https://evil.example'],
    ['another port', 'https://api.example.com:8443'],
    ['another scheme', 'http://api.example.com'],
  ])('is not opened for %s', async (_what, origin) => {
    const { vault, open } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })

    expect(await failureOf(open(VAULT, origin))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining(origin),
    })
  })

  it('drops when the origin of its instance changes', async () => {
    const { vault } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
    const moved = vault.sourceFor({ instance: 'shop', references: { KEY: VAULT }, origins: ['https://new.example'] })

    expect(await failureOf(moved.open('KEY', 'https://new.example'))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining(`bound to ${ORIGIN}`),
    })
  })

  it('is not opened for an address that is no origin', async () => {
    const { open } = await setUp()

    expect((await failureOf(open(VAULT, 'https://api.example.com/path'))).code).toBe('IF_ERR_INVALID_INPUT')
  })

  it.each([
    ['another instance', ['other', 'KEY']],
    ['another name', ['shop', 'OTHER']],
  ])('copied to %s does not open', async (_what, [instance = '', name = '']) => {
    const { vault, store } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
    const entry = await store.get(keyOf('secret', 'shop', 'KEY'))
    await store.commit([{ key: keyOf('secret', instance, name), value: entry?.value, expect: 'any' }])

    const source = vault.sourceFor({ instance, references: { [name]: VAULT }, origins: [ORIGIN] })

    expect(await failureOf(source.open(name, ORIGIN))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
      message: expect.stringContaining('altered, moved'),
    })
  })

  it.each([
    ['a flipped byte of the ciphertext', 'ciphertext', flip],
    ['a flipped byte of the tag', 'tag', flip],
    ['a flipped byte of the nonce', 'nonce', flip],
    ['a shortened tag', 'tag', (text: unknown) => String(text).slice(0, 8)],
    ['an added origin', 'origins', (origins: unknown) => [...(origins as string[]), 'https://evil.example']],
    ['an unknown version', 'version', () => 3],
    ['the version before', 'version', () => 1],
    ['the id of another key', 'key', () => '0123456789abcdef'],
  ])('with %s does not open', async (_what, field, change) => {
    const { vault, store, open } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
    const key = keyOf('secret', 'shop', 'KEY')
    const value = (await store.get<Record<string, never>>(key))?.value ?? {}
    await store.commit([{ key, value: { ...value, [field]: change(value[field]) }, expect: 'any' }])

    const failure = await failureOf(open(VAULT))

    expect(failure.code).toBe('IF_ERR_SECRET_UNREADABLE')
    expect(inspect(failure, { depth: 10 })).not.toContain(CANARY)
  })

  it.each([
    ['an empty one', ''],
    ['one that is too large', 'x'.repeat(64 * 1024 + 1)],
  ])('is refused as %s', async (_what, value) => {
    const { vault } = await setUp()

    expect((await failureOf(vault.set('shop', 'KEY', value, { origins: [ORIGIN] }))).code).toBe('IF_ERR_INVALID_INPUT')
  })

  it('is refused without an origin', async () => {
    const { vault } = await setUp()

    expect((await failureOf(vault.set('shop', 'KEY', CANARY, { origins: [] }))).code).toBe('IF_ERR_INVALID_INPUT')
  })

  it('is listed without its value', async () => {
    const { vault, redactor } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: ['https://b.example', ORIGIN, `${ORIGIN}:443`] })
    await vault.set('chat', 'TOKEN', 'another-value', { origins: [ORIGIN] })

    const all = await vault.list()

    expect(all.map(({ instance, name }) => `${instance}/${name}`)).toEqual(['chat/TOKEN', 'shop/KEY'])
    expect(await vault.list('shop')).toEqual([
      {
        instance: 'shop',
        name: 'KEY',
        kind: 'vault',
        setAt: expect.any(Number),
        origins: [ORIGIN, 'https://b.example'],
      },
    ])
    expect(redactor.leaks(JSON.stringify(all))).toBe(false)
  })

  it('is removed alone or with its instance', async () => {
    const { vault, open } = await setUp()
    for (const name of ['KEY', 'OTHER', 'THIRD']) await vault.set('shop', name, CANARY, { origins: [ORIGIN] })
    await vault.set('shop2', 'KEY', CANARY, { origins: [ORIGIN] })

    expect(await vault.remove('shop', 'KEY')).toBe(1)
    expect(await vault.remove('shop', 'KEY')).toBe(0)
    expect(await failureOf(open(VAULT))).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      hint: 'Set it with: ifab secret set shop KEY',
    })
    expect(await vault.remove('shop')).toBe(2)
    expect(await vault.list()).toHaveLength(1)
  })

  it('that no reference names is missing', async () => {
    const { vault } = await setUp()
    const source = vault.sourceFor({ instance: 'shop', references: {}, origins: [ORIGIN] })

    for (const name of ['KEY', 'constructor']) {
      expect((await failureOf(source.open(name, ORIGIN))).code).toBe('IF_ERR_SECRET_MISSING')
    }
  })
})

describe('the key', () => {
  it('that was lost is asked back instead of being replaced', async () => {
    const { vault, keysDir, reopen } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
    rmSync(join(keysDir, 'vault.key'))
    const restarted = reopen()

    const opening = failureOf(
      restarted.sourceFor({ instance: 'shop', references: { KEY: VAULT }, origins: [ORIGIN] }).open('KEY', ORIGIN),
    )
    const setting = failureOf(restarted.set('shop', 'NEW', CANARY, { origins: [ORIGIN] }))

    for (const failure of await Promise.all([opening, setting])) {
      expect(failure).toMatchObject({
        code: 'IF_ERR_SECRET_UNREADABLE',
        hint: expect.stringContaining('Restore vault.key from a backup'),
      })
    }
  })

  it('of another home does not open the secret', async () => {
    const { vault, keysDir, reopen } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [ORIGIN] })
    const path = join(keysDir, 'vault.key')
    writeFileSync(path, readFileSync(path).reverse())

    const source = reopen().sourceFor({ instance: 'shop', references: { KEY: VAULT }, origins: [ORIGIN] })

    expect((await failureOf(source.open('KEY', ORIGIN))).code).toBe('IF_ERR_SECRET_UNREADABLE')
  })
})

function flip(text: unknown): string {
  const bytes = Buffer.from(String(text), 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64')
}
