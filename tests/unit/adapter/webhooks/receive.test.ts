import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  get,
  hmacSignature,
  inField,
  inHeader,
  inQuery,
  noAuth,
  secret,
  unproven,
} from '../../../../src/adapter/index.ts'
import { openRig, prove } from './rig.ts'

const KEY = secret('KEY')
const OPEN = unproven('a test of what comes behind the proof')
const json = { 'content-type': 'application/json' }

describe('a delivery is read', () => {
  const read = async (headers: Record<string, string>, body: string | Uint8Array) => {
    const rig = openRig({
      webhooks: { verify: OPEN, events: ({ body: value }) => [{ id: 'e', type: 't', data: { value } }] },
    })
    const received = await rig.receive({ headers, body })
    return received.kind === 'events' ? received.events[0]?.data.value : received
  }

  it.each([
    ['JSON', { 'content-type': 'application/json; charset=utf-8' }, '{"a":1}', { a: 1 }],
    ['JSON of its own type', { 'content-type': 'application/webhook+json' }, '[1]', [1]],
    ['JSON as plain text', { 'content-type': 'text/plain' }, ' {"a":1}', { a: 1 }],
    ['ids beyond 2^53 exactly', json, '{"id":12345678901234567890}', { id: '12345678901234567890' }],
    [
      'form fields, repeated ones as a list',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'a=1&b=2&a=3',
      { a: ['1', '3'], b: '2' },
    ],
    ['XML', { 'content-type': 'text/xml' }, '<xml><a>1</a></xml>', { xml: { a: '1' } }],
    ['XML with a document type as nothing', { 'content-type': 'text/xml' }, '<!DOCTYPE x><a/>', null],
    ['broken JSON as nothing', json, '{"a":', null],
    ['bytes that are no text as nothing', {}, new Uint8Array([0xff, 0xfe]), null],
    ['no body as nothing', {}, '', null],
  ])('%s', async (_what, headers, body, value) => {
    expect(await read(headers, body)).toEqual(value)
  })

  it('a field named __proto__ is a field like others', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }

    expect(await read(form, '__proto__=1')).toEqual(JSON.parse('{"__proto__":"1"}'))
    expect({}).not.toHaveProperty('1')
  })
})

describe('events', () => {
  it('a delivery that the definition cannot read is answered 400, and says nothing of it', async () => {
    const rig = {
      webhooks: {
        verify: OPEN,
        events: () => {
          throw new TypeError('secret internals')
        },
      },
    }

    expect(await prove(rig, { body: '{}' })).toBe(
      "400 its events can't be read: the delivery is not as the vendor documents it",
    )
  })

  it('a thousand are taken at once, no more', async () => {
    const many = (count: number) => ({
      webhooks: {
        verify: OPEN,
        events: () => Array.from({ length: count }, (_, at) => ({ id: `e${at}`, type: 't', data: {} })),
      },
    })

    expect(await prove(many(1_000), {})).toBe('events')
    expect(await prove(many(1_001), {})).toMatch(/^400/)
  })

  it('a time that is none is left out, one with an offset becomes UTC', async () => {
    const at = async (text: string) => {
      const rig = openRig({ webhooks: { verify: OPEN, events: () => [{ id: 'e', type: 't', at: text, data: {} }] } })
      const received = await rig.receive({})
      return received.kind === 'events' ? received.events[0]?.at : received.kind
    }

    expect(await at('yesterday')).toBeUndefined()
    expect(await at('2026-11-25T13:00:00+01:00')).toBe('2026-11-25T12:00:00.000Z')
  })
})

describe('what is answered', () => {
  it('is the reply of the definition, in its own type', async () => {
    const rig = openRig({
      webhooks: {
        verify: OPEN,
        reply: () => ({ status: 202, text: '<Response/>', headers: { 'Content-Type': 'text/xml' } }),
      },
    })

    expect(await rig.receive({})).toMatchObject({
      answer: { status: 202, body: '<Response/>', headers: { 'Content-Type': 'text/xml' } },
    })
  })

  it('is signed where the vendor checks us, as Braintree does', async () => {
    const rig = openRig({
      webhooks: {
        verify: OPEN,
        methods: ['GET', 'POST'],
        handshake: ({ query }) =>
          query.bt_challenge === undefined
            ? undefined
            : {
                reply: {
                  parts: [
                    'public|',
                    { hmac: 'sha1', key: KEY, keyForm: 'sha1', over: [inQuery('bt_challenge')], encoding: 'hex' },
                  ],
                },
              },
      },
      secrets: { KEY: 'private' },
    })
    const { createHash } = await import('node:crypto')
    const expected = createHmac('sha1', createHash('sha1').update('private').digest()).update('abc').digest('hex')

    expect(await rig.receive({ method: 'GET', url: 'https://x.example/hooks/acme?bt_challenge=abc' })).toMatchObject({
      kind: 'handshake',
      answer: { body: `public|${expected}` },
    })
  })

  it('to a delivery that is not proven is the status that the vendor wants', async () => {
    const verify = hmacSignature({ key: KEY, given: inHeader('Webhook-Signature') })

    expect(await prove({ webhooks: { verify, refusal: 498 }, secrets: { KEY: 'k' } }, {})).toMatch(/^498/)
  })
})

describe('a handshake', () => {
  const confirm = (token: string) =>
    get('/', { base: 'sns', query: { Action: 'ConfirmSubscription', Token: token }, auth: 'none' })
  const rig = {
    definition: { baseUrls: { main: 'https://a.example', sns: 'https://sns.example' }, auths: { none: noAuth() } },
    webhooks: {
      verify: hmacSignature({ key: KEY, given: inHeader('X-Sig') }),
      confirms: [confirm('any')],
      handshake: () => ({ reply: {}, confirm: confirm('t1') }),
    },
    secrets: { KEY: 'k' },
    answers: { 'https://sns.example/?Action=ConfirmSubscription&Token=t1': '<ok/>' },
  }

  it('is confirmed at the vendor once it is proven, and never before', async () => {
    const opened = openRig(rig)

    expect((await opened.receive({ body: '{}', headers: { 'X-Sig': 'ab' } })).kind).toBe('refused')
    expect(opened.asked).toEqual([])
    const signature = createHmac('sha256', 'k').update('{}').digest('hex')
    expect((await opened.receive({ body: '{}', headers: { 'X-Sig': signature } })).kind).toBe('handshake')
    expect(opened.asked).toEqual(Object.keys(rig.answers))
  })

  it('reaches nothing that the manifest does not name', async () => {
    const opened = openRig({ ...rig, webhooks: { ...rig.webhooks, verify: OPEN, confirms: [] } })

    await expect(opened.receive({})).rejects.toMatchObject({ code: 'IF_ERR_EGRESS_DENIED' })
    expect(opened.asked).toEqual([])
  })
})

describe('a sealed body (WeChat)', () => {
  const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
  const seal = (message: string, appId: string) => {
    const key = Buffer.from(`${aesKey}=`, 'base64')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(message))
    const plain = Buffer.concat([Buffer.alloc(16, 7), length, Buffer.from(message), Buffer.from(appId)])
    const pad = 32 - (plain.length % 32)
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString(
      'base64',
    )
  }
  const rig = {
    webhooks: {
      verify: OPEN,
      seal: { scheme: 'wechat-aes' as const, key: KEY, appId: secret('APP'), field: 'xml.Encrypt' },
      events: ({ body }: { body: unknown }) => [{ id: 'e', type: 't', data: body as Record<string, never> }],
    },
    secrets: { KEY: aesKey, APP: 'wx1' },
  }
  const sent = (cipherText: string) => ({
    headers: { 'content-type': 'text/xml' },
    body: `<xml><Encrypt>${cipherText}</Encrypt></xml>`,
  })

  it('opens', async () => {
    const received = await openRig(rig).receive(sent(seal('<xml><MsgId>1</MsgId></xml>', 'wx1')))

    expect(received).toMatchObject({ events: [{ data: { xml: { MsgId: '1' } } }] })
  })

  it.each([
    ['of another app', seal('<xml/>', 'wx2'), '401 it is for another app'],
    ['cut off', seal('<xml/>', 'wx1').slice(0, 40), '401 its body does not open with the key of this instance'],
    [
      'of another key',
      Buffer.alloc(64, 3).toString('base64'),
      '401 its body does not open with the key of this instance',
    ],
  ])('%s, does not', async (_what, cipherText, outcome) => {
    expect(await prove(rig, sent(cipherText))).toBe(outcome)
  })

  it('an open body passes as it is', async () => {
    const received = await openRig(rig).receive({
      headers: { 'content-type': 'text/xml' },
      body: '<xml><MsgId>2</MsgId></xml>',
    })

    expect(received).toMatchObject({ events: [{ data: { xml: { MsgId: '2' } } }] })
  })
})

it('nobody who sends thousands of signatures makes it compare them', async () => {
  const signature = createHmac('sha256', 'k').update('{}').digest('hex')
  const verify = hmacSignature({ key: KEY, given: inHeader('X-Sig', /([0-9a-f]{64})/g) })
  const rig = { webhooks: { verify }, secrets: { KEY: 'k' } }
  const wrong = '0'.repeat(64)

  expect(await prove(rig, { headers: { 'X-Sig': [wrong, signature].join(',') }, body: '{}' })).toBe('events')
  expect(
    await prove(rig, { headers: { 'X-Sig': [...Array(20).fill(wrong), signature].join(',') }, body: '{}' }),
  ).toMatch(/^401/)
})

it('another method than the vendor uses is refused before anything is looked at', async () => {
  const verify = hmacSignature({ key: KEY, given: inField('x') })

  expect(await prove({ webhooks: { verify } }, { method: 'PUT' })).toBe('405 PUT is not what the vendor uses')
})
