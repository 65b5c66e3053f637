import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSecretName, REDACTED, Redactor, Secret } from '../../../src/foundation/index.ts'

const CANARY = 'sk_canary/+"ü Zx81?='

const base64 = (text: string) => Buffer.from(text).toString('base64')

const FORMS: [name: string, text: string][] = [
  ['raw', `key=${CANARY};`],
  ['JSON-escaped', JSON.stringify({ echo: CANARY })],
  ['percent-encoded', `https://example.com/?key=${encodeURIComponent(CANARY)}&x=1`],
  ['form-encoded', new URLSearchParams({ key: CANARY }).toString()],
  ['lower-case percent-encoded', encodeURIComponent(CANARY).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
  ['base64 at offset 0', base64(CANARY)],
  ['base64 at offset 1', base64(`a${CANARY}b`)],
  ['base64 at offset 2', base64(`ab${CANARY}cd`)],
  ['base64url', Buffer.from(`ab${CANARY}`).toString('base64url')],
  ['Basic, as the name', `Basic ${base64(`${CANARY}:`)}`],
  ['Basic, as the password', `Basic ${base64(`user:${CANARY}`)}`],
  ['hex', Buffer.from(CANARY).toString('hex')],
  ['upper-case hex', Buffer.from(CANARY).toString('hex').toUpperCase()],
]

/** The middle of the secret in this form would be enough to guess the rest. */
const remains = (text: string): boolean => text.includes('canary') || text.includes(CANARY.slice(2, 8))

describe('a registered secret', () => {
  it.each(FORMS)('is removed from a text that holds it %s', (_name, text) => {
    const redactor = new Redactor()
    redactor.add(CANARY)

    const redacted = redactor.text(text)

    expect(redactor.leaks(text)).toBe(true)
    expect(redacted).toContain(REDACTED)
    expect(remains(redacted)).toBe(false)
    expect(redactor.leaks(redacted)).toBe(false)
  })

  it('is removed wherever base64 begins before it, for any secret and any neighbours', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 9, maxLength: 40, unit: 'grapheme-ascii' }),
        fc.string({ maxLength: 5 }),
        fc.string({ maxLength: 5 }),
        (secret, before, after) => {
          const redactor = new Redactor()
          redactor.add(secret)

          expect(redactor.text(base64(before + secret + after))).toContain(REDACTED)
          expect(redactor.text(`${before}${secret}${after}`)).not.toContain(secret)
        },
      ),
    )
  })

  it('is removed from values and from names of a value, however deep', () => {
    const redactor = new Redactor()
    redactor.add(CANARY)

    const redacted = redactor.value({ list: [{ [CANARY]: `Bearer ${CANARY}` }], n: 1, none: null, yes: true })

    expect(redacted).toEqual({ list: [{ [REDACTED]: `Bearer ${REDACTED}` }], n: 1, none: null, yes: true })
  })

  it('that is short is not searched for, as it would be everywhere', () => {
    const redactor = new Redactor()
    redactor.add('on')

    expect(redactor.text('on and on')).toBe('on and on')
  })

  it('leaves the longest form when one secret is a part of another', () => {
    const redactor = new Redactor()
    redactor.add('abcdef')
    redactor.add('abcdefghij')

    expect(redactor.text('x abcdefghij y abcdef')).toBe(`x ${REDACTED} y ${REDACTED}`)
  })

  it('is no pattern, whatever characters it has', () => {
    const redactor = new Redactor()
    redactor.add('a.*b|c(d[')

    expect(redactor.text('axxb a.*b|c(d[')).toBe(`axxb ${REDACTED}`)
  })
})

describe('a field that is called like a secret', () => {
  it.each([
    'Authorization',
    'password',
    'api_key',
    'API-KEY',
    'access_token',
    'clientSecret',
    'hassToken',
    'set.cookie',
    'privateKey',
    'tokens',
  ])('%s is hidden', (name) => {
    expect(isSecretName(name)).toBe(true)
    expect(new Redactor().value({ [name]: 'whatever' })).toEqual({ [name]: REDACTED })
  })

  it.each(['tokenCount', 'secretary', 'maxTokensUsed', 'author', 'keyboard'])('%s is not', (name) => {
    expect(isSecretName(name)).toBe(false)
  })

  it('keeps the placeholders that plans show', () => {
    const headers = { Authorization: 'Bearer <STRIPE_SECRET_KEY>', token: '<SLACK_BOT_TOKEN>' }

    expect(new Redactor().value(headers)).toEqual(headers)
  })

  it('keeps numbers and objects, which hide nothing by their name', () => {
    expect(new Redactor().value({ token: 3, secret: { label: 'a' } })).toEqual({ token: 3, secret: { label: 'a' } })
  })
})

describe('a Secret', () => {
  const secret = new Secret(CANARY)

  it('gives its value only to who asks for it', () => {
    expect(secret.reveal()).toBe(CANARY)
  })

  it.each([
    ['String()', String(secret)],
    ['a template', `${secret}`],
    ['concatenation', `a${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { showHidden: true, depth: 9 })],
    ['its members', JSON.stringify({ ...secret })],
    ['an error', String(new Error(`failed with ${secret}`))],
    ['the redactor', JSON.stringify(new Redactor().value([secret]))],
  ])('never prints: %s', (_way, text) => {
    expect(text).not.toContain('canary')
  })
})
