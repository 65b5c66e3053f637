import { describe, expect, it } from 'vitest'
import { fillMessage, fillRequest, leavingFor } from '../../../src/egress/fill.ts'
import type { SecretSlot } from '../../../src/egress/index.ts'
import { createScrubber } from '../../../src/egress/scrub.ts'
import { Redactor, Secret } from '../../../src/foundation/index.ts'

const TARGET = { origin: 'https://a.example', hostname: 'a.example', path: '/x', query: '?b=1&key=mine&c' }

function setUp(values: Record<string, string>) {
  const redactor = new Redactor()
  const asked: string[] = []
  const secrets = {
    async open(name: string, origin: string) {
      asked.push(`${name} ${origin}`)
      return new Secret(values[name] ?? '')
    },
  }
  const context = { secrets, scrubber: createScrubber(redactor), ...leavingFor(TARGET, 'GET') }
  const fill = (slots: SecretSlot[], headers: Record<string, string> = {}) =>
    fillRequest({ headers, slots }, TARGET, context)
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

    expect(filled.path).toBe('/x?b=1&c&key=a%20b%26c')
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
