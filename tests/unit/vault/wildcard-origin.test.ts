// Secrets that are bound to every host below a name.
import { describe, expect, it } from 'vitest'
import { coversOrigin } from '../../../src/vault/index.ts'
import { CANARY, failureOf, setUp } from './rig.ts'

const BELOW = 'https://*.pinecone.io'

describe('an origin with a leading wildcard', () => {
  it.each(['https://a.pinecone.io', 'https://index-1.svc.us-east1.pinecone.io'])('covers %s', (origin) => {
    expect(coversOrigin([BELOW], origin)).toBe(true)
  })

  it.each([
    'https://pinecone.io',
    'https://evilpinecone.io',
    'https://a.evilpinecone.io',
    'https://a.pinecone.io.evil.example',
    'https://pinecone.io.evil.example',
    'http://a.pinecone.io',
    'https://a.pinecone.io:8443',
    'https://.pinecone.io',
    'https://a..pinecone.io',
    'https://evil.example/.pinecone.io',
    'https://evil.example#.pinecone.io',
    'https://user@a.pinecone.io',
  ])('does not cover %s', (origin) => {
    expect(coversOrigin([BELOW], origin)).toBe(false)
  })

  it('opens a stored secret for a host below and for no other', async () => {
    const { vault } = await setUp()
    await vault.set('shop', 'KEY', CANARY, { origins: [BELOW, 'https://api.pinecone.io:8443'] })
    const source = vault.sourceFor({
      instance: 'shop',
      references: { KEY: { kind: 'vault' } },
      origins: [BELOW, 'https://evilpinecone.io'],
    })

    expect((await source.open('KEY', 'https://x.svc.pinecone.io')).reveal()).toBe(CANARY)
    expect(await failureOf(source.open('KEY', 'https://evilpinecone.io'))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
    })
    expect(await failureOf(source.open('KEY', 'https://pinecone.io'))).toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
    })
  })

  it.each([
    'https://*',
    'https://*.io',
    'http://*.pinecone.io',
    'https://a.*.pinecone.io',
    'https://x*.pinecone.io',
    'https://*.pinecone.io:8443',
  ])('refuses to bind to %s', async (origin) => {
    const { vault } = await setUp()

    expect(await failureOf(vault.set('shop', 'KEY', CANARY, { origins: [origin] }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
  })
})

describe('what the engine keeps', () => {
  it('is read as it was kept, listed under its own name, and removed with the instance', async () => {
    const { vault, store, redactor } = await setUp()
    const write = { key: 'beside', value: 1, expect: 'absent' as const }
    await vault.keep('shop', '$token.main', CANARY, { origins: ['https://api.example.com'], writes: [write] })

    expect((await vault.kept('shop', '$token.main', 'https://api.example.com'))?.text).toBe(CANARY)
    expect(await store.get('beside')).toMatchObject({ value: 1 })
    expect(redactor.leaks(CANARY)).toBe(false)
    expect(await vault.list('shop')).toMatchObject([{ name: '$token.main' }])
    await vault.remove('shop')
    expect(await vault.kept('shop', '$token.main', 'https://api.example.com')).toBeUndefined()
  })

  it('is not kept where what comes with it finds another value, and is not tried again', async () => {
    const { vault } = await setUp()
    const writes = [{ key: 'beside', value: 1, expect: 7 }]

    const failure = await failureOf(
      vault.keep('shop', '$token.main', CANARY, { origins: ['https://a.example'], writes }),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_CONFLICT', retryable: false })
    expect(await vault.list('shop')).toEqual([])
  })

  it('has a name that no secret has', async () => {
    const { vault } = await setUp()

    const kept = vault.keep('shop', 'KEY', CANARY, { origins: ['https://a.example'], writes: [] })

    expect(await failureOf(kept)).toMatchObject({ code: 'IF_ERR_INTERNAL' })
  })
})
