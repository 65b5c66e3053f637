import { describe, expect, it } from 'vitest'
import { fillMessage, fillRequest } from '../../../src/egress/fill.ts'
import type { OutgoingRequest, SecretSlot } from '../../../src/egress/index.ts'
import { leavingFor } from '../../../src/egress/open-secret.ts'
import { createScrubber } from '../../../src/egress/scrub.ts'
import { FabricError, Redactor, Secret } from '../../../src/foundation/index.ts'

const TARGET = { origin: 'https://a.example', hostname: 'a.example', path: '/x', query: '?b=1&key=mine&c' }

function setUp(values: Record<string, string>, { path = '/x', template = '/x' } = {}) {
  const redactor = new Redactor()
  const asked: string[] = []
  const secrets = {
    async open(name: string, origin: string) {
      asked.push(`${name} ${origin}`)
      const value = values[name]
      if (value === undefined) throw new FabricError('IF_ERR_SECRET_MISSING', `${name} is not set`)
      return new Secret(value)
    },
  }
  const target = { ...TARGET, path }
  const context = { secrets, scrubber: createScrubber(redactor), template, ...leavingFor(target, 'GET') }
  const fill = (slots: SecretSlot[], headers: Record<string, string> = {}, body?: OutgoingRequest['body']) =>
    fillRequest({ headers, slots, ...(body === undefined ? {} : { body }) }, target, context)
  return { redactor, asked, fill, context }
}

describe('filling a request', () => {
  it('puts a secret into a header and wins over the caller, whatever the case of the name', async () => {
    const { fill, asked } = setUp({ TOKEN: 'xoxb-123456' })

    const filled = await fill([{ in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: 'TOKEN' }] }], {
      AUTHORIZATION: 'Bearer other',
      Accept: 'text/plain',
    })

    expect(filled.headers).toEqual({ authorization: 'Bearer xoxb-123456', accept: 'text/plain' })
    expect(asked).toEqual(['TOKEN https://a.example'])
  })

  it('builds the Basic form and registers it for scrubbing', async () => {
    const { fill, redactor } = setUp({ KEY: 'sk_test_abcdef' })

    const filled = await fill([
      { in: 'header', name: 'authorization', parts: [{ secret: 'KEY' }, ':'], encode: 'basic' },
    ])

    const encoded = Buffer.from('sk_test_abcdef:').toString('base64')
    expect(filled.headers.authorization).toBe(`Basic ${encoded}`)
    expect(redactor.text(`got ${encoded}`)).toBe('got <redacted>')
  })

  it('puts a secret into the query and replaces a parameter of that name', async () => {
    const { fill } = setUp({ KEY: 'a b&c' })

    const filled = await fill([{ in: 'query', name: 'key', parts: [{ secret: 'KEY' }] }])

    expect(filled.query).toBe('?b=1&c&key=a%20b%26c')
  })

  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'ключ-ключ'])(
    'refuses the header value %j without repeating it',
    async (value) => {
      const { fill } = setUp({ KEY: value })

      const failure = await fill([{ in: 'header', name: 'x-key', parts: [{ secret: 'KEY' }] }]).catch((error) => error)

      expect(failure).toMatchObject({ code: 'IF_ERR_SECRET_UNREADABLE', message: expect.stringContaining('KEY') })
      expect(failure.message).not.toContain(value)
    },
  )

  it.each(['Host', 'Transfer-Encoding', 'connection', 'Upgrade'])('refuses the header %s', async (name) => {
    const { fill } = setUp({})

    await expect(fill([], { [name]: 'x' })).rejects.toMatchObject({ code: 'IF_ERR_EGRESS_DENIED' })
  })
})

describe('a credential in the path', () => {
  const slot: SecretSlot = { in: 'path', name: 'token', parts: [{ secret: 'TOKEN' }] }
  const at = (template: string, path: string, value = '123:AA/b c') => setUp({ TOKEN: value }, { template, path })

  it.each([
    ['/bot{token}/{method}', '/bothole/send', '/bot123:AA%2Fb%20c/send'],
    ['/{x}/{token}', '/hole/hole', '/hole/123:AA%2Fb%20c'],
    ['/file/bot{token}/{rest+}', '/file/bothole/photos/hole/bothole', '/file/bot123:AA%2Fb%20c/photos/hole/bothole'],
    ['/v1/{token}.json', '/v1/hole.json', '/v1/123:AA%2Fb%20c.json'],
  ])('stands where %s has it, whatever else looks like it', async (template, path, expected) => {
    const { fill, redactor } = at(template, path)

    expect((await fill([slot])).path).toBe(expected)
    expect(redactor.text(expected)).not.toContain('123:AA')
  })

  it.each([
    ['is not named', '/v1/{other}', '/v1/hole'],
    ['shares its segment', '/v1/{token}-{id}', '/v1/hole-a-b'],
    ['stands behind an open part', '/{rest+}/{token}', '/a/hole'],
    ['is open itself', '/v1/{token+}', '/v1/hole'],
  ])('stays inside where its place %s', async (_why, template, path) => {
    await expect(at(template, path).fill([slot])).rejects.toMatchObject({ code: 'IF_ERR_EGRESS_DENIED' })
  })

  it.each(['', '.', '..', '../admin', 'a/../b'])('stays inside where it is %j', async (value) => {
    const { fill } = at('/v1/{token}/x', '/v1/hole/x', value)

    await expect(fill([slot])).rejects.toMatchObject({ code: 'IF_ERR_SECRET_UNREADABLE' })
  })
})

describe('a slot that may be left out', () => {
  const slot = (place: 'header' | 'path'): SecretSlot => ({
    in: place,
    name: 'x-org',
    parts: [{ secret: 'ORG' }],
    optional: true,
  })

  it('is left out where the secret is missing, but never from a path', async () => {
    const { fill } = setUp({}, { template: '/{x-org}', path: '/hole' })

    expect((await fill([slot('header')])).headers).toEqual({})
    await expect(fill([slot('path')])).rejects.toMatchObject({ code: 'IF_ERR_SECRET_MISSING' })
  })

  it('keeps the request inside where the secret does not open', async () => {
    const { context } = setUp({})
    const open = () => Promise.reject(new FabricError('IF_ERR_SECRET_UNREADABLE', 'bound elsewhere'))

    await expect(
      fillRequest({ headers: {}, slots: [slot('header')] }, TARGET, { ...context, secrets: { open } }),
    ).rejects.toMatchObject({ code: 'IF_ERR_SECRET_UNREADABLE' })
  })
})

describe('a body in pieces', () => {
  const NASTY = `k"\\\n&<é+ '/`

  it.each([
    ['json', (text: string) => JSON.parse(`{"key":"${text}"}`).key],
    ['form', (text: string) => new URLSearchParams(`key=${text}`).get('key')],
    ['xml', (text: string) => text.replace(/&#(\d+);/g, (_code, point) => String.fromCharCode(Number(point)))],
  ] as const)('holds the secret escaped for %s, and it is scrubbed in that form', async (place, read) => {
    const { fill, redactor } = setUp({ KEY: NASTY })

    const { body } = await fill([], {}, ['<', { secret: 'KEY', escape: place }, '>'])

    const written = String(body).slice(1, -1)
    expect(read(written)).toBe(NASTY)
    expect(redactor.text(written)).toBe('<redacted>')
  })

  it('refuses what XML cannot hold', async () => {
    const { fill } = setUp({ KEY: 'abc\0def' })

    await expect(fill([], {}, [{ secret: 'KEY', escape: 'xml' }])).rejects.toMatchObject({
      code: 'IF_ERR_SECRET_UNREADABLE',
    })
  })
})

describe('filling a message', () => {
  it('sets fields, nested ones by dotted name, and leaves the original alone', async () => {
    const { context } = setUp({ TOKEN: 'abcdef-123456' })
    const message = { type: 'auth', d: { rpc: 1 } }

    const filled = await fillMessage(
      message,
      [
        { in: 'message', name: 'access_token', parts: [{ secret: 'TOKEN' }] },
        { in: 'message', name: 'd.auth.key', parts: ['k ', { secret: 'TOKEN' }] },
        { in: 'header', name: 'x', parts: [{ secret: 'TOKEN' }] },
      ],
      context,
    )

    expect(filled).toEqual({
      type: 'auth',
      access_token: 'abcdef-123456',
      d: { rpc: 1, auth: { key: 'k abcdef-123456' } },
    })
    expect(message).toEqual({ type: 'auth', d: { rpc: 1 } })
  })

  it('cannot reach a prototype by a field name', async () => {
    const { context } = setUp({ TOKEN: 'abcdef-123456' })

    await fillMessage({}, [{ in: 'message', name: '__proto__.polluted', parts: [{ secret: 'TOKEN' }] }], context)

    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })
})
