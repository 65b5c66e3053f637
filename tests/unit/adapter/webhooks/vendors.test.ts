// Each verifier against the vendor's own signer, or the vector that the vendor publishes.
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes, sign as signBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { crc32 } from 'node:zlib'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { sign as signTrueLayer } from 'truelayer-signing'
import twilio from 'twilio'
import { describe, expect, it } from 'vitest'
import {
  basicAuth,
  detachedJws,
  eachOf,
  ed25519Signature,
  get,
  hashSignature,
  hmacSignature,
  inField,
  inHeader,
  inQuery,
  jwtSignature,
  noAuth,
  oneOf,
  post,
  rawBody,
  rsaSignature,
  secret,
  sharedSecret,
  snsSignature,
  standardWebhooks,
  timestampedSignature,
  twilioSignature,
} from '../../../../src/adapter/index.ts'
import { NOW, openRig, prove, seconds } from './rig.ts'

const KEY = secret('KEY')

describe('Stripe', () => {
  const key = 'whsec_test_0123456789abcdef'
  const payload = JSON.stringify({ id: 'evt_1', object: 'event' })
  const header = (timestamp = NOW / 1000) =>
    new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload, secret: key, timestamp })
  const rig = { webhooks: { verify: timestampedSignature('Stripe-Signature', KEY) }, secrets: { KEY: key } }

  it("takes what Stripe's library signs", async () => {
    expect(await prove(rig, { headers: { 'Stripe-Signature': header() }, body: payload })).toBe('events')
  })

  it('takes either key while one is exchanged for another', async () => {
    const both = { ...rig, secrets: { KEY: `whsec_new ${key}` } }

    expect(await prove(both, { headers: { 'Stripe-Signature': header() }, body: payload })).toBe('events')
  })

  it('refuses another body, another key, and no signature', async () => {
    const headers = { 'Stripe-Signature': header() }

    expect(await prove(rig, { headers, body: `${payload} ` })).toMatch(/^401 its signature is not/)
    expect(await prove({ ...rig, secrets: { KEY: 'whsec_x' } }, { headers, body: payload })).toMatch(/^401/)
    expect(await prove(rig, { body: payload })).toBe('401 it has no signature')
    expect(await prove({ ...rig, secrets: {} }, { headers, body: payload })).toBe('401 the secret KEY is missing')
  })

  it.each([
    [-299, 'events'],
    [-301, '401 it was made 301 s ago, more than 300 s'],
    [299, 'events'],
    [301, '401 it says that it was made 301 s in the future'],
  ])('a delivery made %d s from now: %s', async (offset, outcome) => {
    const headers = { 'Stripe-Signature': header(NOW / 1000 + offset) }

    expect(await prove(rig, { headers, body: payload })).toBe(outcome)
  })
})

describe('Standard Webhooks', () => {
  const key = `whsec_${randomBytes(24).toString('base64')}`
  const body = '{"type":"batch.completed"}'
  const rig = { webhooks: { verify: standardWebhooks(KEY) }, secrets: { KEY: key } }
  const headers = (signature: string) => ({
    'webhook-id': 'wh_1',
    'webhook-timestamp': seconds(),
    'webhook-signature': signature,
  })

  it('takes what the reference library signs, among signatures of other keys', async () => {
    const signature = new Webhook(key).sign('wh_1', new Date(NOW), body)

    expect(await prove(rig, { headers: headers(signature), body })).toBe('events')
    expect(await prove(rig, { headers: headers(`v1,AAAA v1a,BBBB ${signature}`), body })).toBe('events')
    expect(await prove(rig, { headers: headers(signature.replace('v1,', 'v2,')), body })).toBe(
      '401 it has no signature',
    )
  })
})

describe('Twilio', () => {
  const token = '12345'
  const rig = { webhooks: { verify: twilioSignature(KEY) }, secrets: { KEY: token } }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const params = {
    To: '+18005551212',
    From: '+14158675309',
    Digits: '1234',
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
  }
  const body = new URLSearchParams(params).toString()

  it.each([
    ['https://mycompany.com/myapp.php?foo=1&bar=2', 'https://mycompany.com/myapp.php?foo=1&bar=2'],
    ['https://mycompany.com/hooks/x', 'https://mycompany.com:443/hooks/x'],
    ['https://mycompany.com:8443/hooks/x', 'https://mycompany.com/hooks/x'],
  ])('takes a form at %s that was signed for %s', async (url, signedUrl) => {
    const signature = twilio.getExpectedTwilioSignature(token, signedUrl, params)

    expect(await prove(rig, { url, headers: { ...form, 'X-Twilio-Signature': signature }, body })).toBe('events')
  })

  it('holds JSON to the hash in its address', async () => {
    const json = '{"event":"x"}'
    const url = `https://mycompany.com/hooks/x?bodySHA256=${twilio.getExpectedBodyHash(json)}`
    const headers = {
      'content-type': 'application/json',
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(token, url, {}),
    }

    expect(await prove(rig, { url, headers, body: json })).toBe('events')
    expect(await prove(rig, { url, headers, body: '{"event":"y"}' })).toMatch(/^401 its body/)
  })

  it('refuses one more field', async () => {
    const url = 'https://mycompany.com/hooks/x'
    const signature = twilio.getExpectedTwilioSignature(token, url, params)

    expect(
      await prove(rig, { url, headers: { ...form, 'X-Twilio-Signature': signature }, body: `${body}&More=1` }),
    ).toMatch(/^401/)
  })
})

it('Discord: takes what discord-interactions takes, and refuses what it refuses', async () => {
  const { verifyKey } = createRequire(import.meta.url)('discord-interactions') as {
    verifyKey: (body: string, signature: string, timestamp: string, key: string) => Promise<boolean>
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const body = '{"type":1}'
  const signature = signBytes(null, Buffer.from(seconds() + body), privateKey).toString('hex')
  const timestamp = inHeader('X-Signature-Timestamp')
  const rig = {
    webhooks: {
      verify: ed25519Signature({
        key: KEY,
        over: [timestamp, rawBody],
        given: inHeader('X-Signature-Ed25519'),
        at: { from: timestamp, unit: 'seconds' as const },
      }),
    },
    secrets: { KEY: key },
  }

  for (const sent of [body, '{"type":2}']) {
    const outcome = await prove(rig, {
      headers: { 'X-Signature-Ed25519': signature, 'X-Signature-Timestamp': seconds() },
      body: sent,
    })
    expect(outcome === 'events').toBe(await verifyKey(sent, signature, seconds(), key))
  }
})

describe('TrueLayer', () => {
  const JWKS = 'https://webhooks.truelayer.com/.well-known/jwks'
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES512' }] })
  const body = '{"event_type":"example"}'
  const rig = {
    definition: {
      baseUrls: { main: 'https://api.truelayer.com', webhooks: 'https://webhooks.truelayer.com' },
      auths: { none: noAuth() },
    },
    webhooks: {
      verify: detachedJws({
        keys: {
          request: () => get('/.well-known/jwks', { base: 'webhooks', auth: 'none' }),
          form: 'jwks',
          example: {},
        },
        given: inHeader('Tl-Signature'),
        requiredHeaders: ['X-Tl-Webhook-Timestamp'],
        at: { from: inHeader('X-Tl-Webhook-Timestamp'), unit: 'date' },
      }),
    },
    answers: { [JWKS]: jwks },
  }
  const timestamp = new Date(NOW).toISOString()

  /** The signer's header has no jku: it is put in, and signed again as TrueLayer's own side does. */
  function signed(
    jku: string,
    path = '/hooks/acme',
    headers: Record<string, string> = { 'X-Tl-Webhook-Timestamp': timestamp },
  ) {
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const ours = signTrueLayer({ kid: 'k1', privateKeyPem: pem, method: 'POST' as never, path, headers, body })
    if (jku === '') return ours
    const header = { ...JSON.parse(Buffer.from(ours.split('.')[0] ?? '', 'base64url').toString()), jku }
    const head = Buffer.from(JSON.stringify(header)).toString('base64url')
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
    const payload = Buffer.from(`POST ${path}\n${lines.join('')}${body}`).toString('base64url')
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
    return `${head}..${createSign('sha512').update(`${head}.${payload}`).sign(key, 'base64url')}`
  }
  const sent = (signature: string) => ({
    headers: { 'Tl-Signature': signature, 'X-Tl-Webhook-Timestamp': timestamp },
    body,
  })

  it("takes what TrueLayer's library signs, and asks for the key once", async () => {
    const opened = openRig(rig)

    expect((await opened.receive(sent(signed('')))).kind).toBe('events')
    expect((await opened.receive(sent(signed(JWKS)))).kind).toBe('events')
    expect(opened.asked).toEqual([JWKS])
  })

  it.each([
    'https://evil.example/.well-known/jwks',
    'https://webhooks.truelayer.com/.well-known/jwks?x',
    'https://webhooks.truelayer.com.evil.example/.well-known/jwks',
    'http://webhooks.truelayer.com/.well-known/jwks',
  ])('asks nobody for a key at %s', async (jku) => {
    const opened = openRig(rig)

    expect(await opened.receive(sent(signed(jku)))).toMatchObject({ kind: 'refused', status: 401 })
    expect(opened.asked).toEqual([])
  })

  it('refuses a signature that does not cover the time, or another path', async () => {
    expect(await prove(rig, sent(signed('', '/hooks/acme', {})))).toMatch(/does not cover X-Tl-Webhook-Timestamp/)
    expect(await prove(rig, sent(signed('', '/hooks/other')))).toMatch(/^401/)
  })

  it('bounds how often unknown keys make it ask', async () => {
    const opened = openRig({ ...rig, answers: {} })
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => opened.receive(sent(signed('')))))

    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(opened.asked.length).toBeLessThanOrEqual(10)
  })
})

it('WeChat: takes the vector of its catalogue row', async () => {
  const rig = {
    webhooks: {
      methods: ['GET' as const],
      verify: hashSignature({
        hash: 'sha1',
        over: [{ sorted: [KEY, inQuery('timestamp'), inQuery('nonce')] }],
        given: inQuery('signature'),
      }),
      handshake: ({ query }: { query: Readonly<Record<string, string>> }) => ({ reply: { text: query.echostr ?? '' } }),
    },
    secrets: { KEY: 'AAAAA' },
  }
  const url = (signature: string) =>
    `https://x.example/hooks/acme?signature=${signature}&timestamp=1714036504&nonce=1514711492&echostr=hello`

  const taken = await openRig(rig).receive({ method: 'GET', url: url('f464b24fc39322e44b38aa78f5edd27bd1441696') })

  expect(taken).toMatchObject({ kind: 'handshake', answer: { status: 200, body: 'hello' } })
  expect(await prove(rig, { method: 'GET', url: url('f464b24fc39322e44b38aa78f5edd27bd1441697') })).toMatch(/^401/)
})

it('WhatsApp: takes the vector of its catalogue row', async () => {
  const verify = hmacSignature({ key: KEY, given: inHeader('X-Hub-Signature-256', /^sha256=([0-9a-f]+)$/) })
  const signature = 'sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914'

  expect(
    await prove(
      { webhooks: { verify }, secrets: { KEY: 'secret' } },
      { headers: { 'X-Hub-Signature-256': signature }, body: 'test' },
    ),
  ).toBe('events')
})

it('QQ: proves deliveries by, and answers its challenge with, the key pair of the secret', async () => {
  const rig = {
    webhooks: {
      verify: {
        scheme: 'seeded-ed25519' as const,
        seed: KEY,
        over: [inHeader('X-Signature-Timestamp'), rawBody],
        given: inHeader('X-Signature-Ed25519'),
      },
      handshake: () => ({
        verify: { scheme: 'none' as const, why: 'the answer proves us, nothing is told' },
        reply: { parts: [{ seededEd25519: KEY, over: [inField('d.event_ts'), inField('d.plain_token')] }] },
      }),
    },
    secrets: { KEY: 'DG5g3B4j9X2KOErG' },
  }
  const body = JSON.stringify({ op: 13, d: { plain_token: 'Arq0D5A61EgUu4OxUvOp', event_ts: '1725442341' } })

  const answered = await openRig(rig).receive({ headers: { 'content-type': 'application/json' }, body })

  expect(answered).toMatchObject({
    answer: {
      body: '87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706',
    },
  })
})

describe('certificates', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()

  it('PayPal: over the CRC of the body, with the key at an address of its own', async () => {
    const body = '{"id":"WH-1"}'
    const url = 'https://api.paypal.com/v1/notifications/certs/CERT-1'
    const rig = {
      definition: { baseUrls: { main: 'https://api.paypal.com' }, auths: { none: noAuth() } },
      webhooks: {
        verify: rsaSignature({
          key: {
            published: {
              request: ({ url: said }) => {
                const cert = /\/certs\/([\w-]+)$/.exec(said ?? '')?.[1]
                return cert === undefined
                  ? undefined
                  : get('/v1/notifications/certs/{cert}', { path: { cert }, auth: 'none', answer: 'text' })
              },
              form: 'pem',
              example: { url },
            },
            url: inHeader('PAYPAL-CERT-URL'),
          },
          over: [
            inHeader('PAYPAL-TRANSMISSION-ID'),
            '|',
            inHeader('PAYPAL-TRANSMISSION-TIME'),
            '|',
            KEY,
            '|',
            { of: 'body-crc32' },
          ],
          given: inHeader('PAYPAL-TRANSMISSION-SIG'),
        }),
      },
      secrets: { KEY: 'WEBHOOK-ID' },
      answers: { [url]: pem },
    } satisfies Parameters<typeof prove>[0]
    const message = `t1|2026-11-25T12:00:00Z|WEBHOOK-ID|${crcOf(body)}`
    const headers = (certUrl: string) => ({
      'PAYPAL-TRANSMISSION-ID': 't1',
      'PAYPAL-TRANSMISSION-TIME': '2026-11-25T12:00:00Z',
      'PAYPAL-CERT-URL': certUrl,
      'PAYPAL-TRANSMISSION-SIG': createSign('sha256').update(message).sign(privateKey, 'base64'),
    })

    expect(await prove(rig, { headers: headers(url), body })).toBe('events')
    expect(await prove(rig, { headers: headers(url.replace('paypal.com', 'paypal.com.evil.example')), body })).toMatch(
      /not the vendor's/,
    )
    expect(await prove(rig, { headers: headers(url), body: `${body}\n` })).toMatch(/^401/)
  })

  it.each([
    ['1', 'sha1'],
    ['2', 'sha256'],
  ])('Amazon SNS, signature version %s', async (version, hash) => {
    const url = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem'
    const rig = {
      definition: {
        baseUrls: { main: 'https://a.example', sns: 'https://sns.{region}.amazonaws.com' },
        hostParts: { region: /^[a-z]{2}(-[a-z]+)+-\d$/ },
        auths: { none: noAuth() },
      },
      webhooks: {
        verify: snsSignature({
          request: ({ url: said }) => {
            const [, region, file] =
              /^https:\/\/sns\.([a-z0-9-]+)\.amazonaws\.com\/([\w.-]+\.pem)$/.exec(said ?? '') ?? []
            return region === undefined || file === undefined
              ? undefined
              : get('/{file}', { base: 'sns', host: { region }, path: { file }, auth: 'none', answer: 'text' })
          },
          form: 'pem',
          example: { url },
        }),
      },
      answers: { [url]: pem },
    } satisfies Parameters<typeof prove>[0]
    const message = {
      Type: 'Notification',
      MessageId: 'm1',
      TopicArn: 'arn:aws:sns:eu-west-1:1:t',
      Message: 'hello',
      Timestamp: '2026-11-25T12:00:00.000Z',
    }
    const text = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type']
      .map((name) => `${name}\n${message[name as keyof typeof message]}\n`)
      .join('')
    const body = (certUrl: string) =>
      JSON.stringify({
        ...message,
        SignatureVersion: version,
        SigningCertURL: certUrl,
        Signature: createSign(hash).update(text).sign(privateKey, 'base64'),
      })

    expect(await prove(rig, { headers: { 'content-type': 'text/plain' }, body: body(url) })).toBe('events')
    expect(await prove(rig, { body: body(url.replace('.com/', '.com.evil.example/')) })).toMatch(/not the vendor's/)
    expect(await prove(rig, { body: body(url).replace('hello', 'hullo') })).toMatch(/^401/)
  })
})

describe('tokens', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const bodyHash = { claim: 'sha256', encoding: 'base64' as const }

  it('LiveKit: HS256 over the hash of the body', async () => {
    const body = '{"event":"room_started"}'
    const claims = { iss: 'API', exp: NOW / 1000 + 60, sha256: hashOf(body) }
    const head = `${encode({ alg: 'HS256' })}.${encode(claims)}`
    const token = `${head}.${createHmac('sha256', 'k').update(head).digest('base64url')}`
    const verify = jwtSignature({
      algorithms: ['HS256'],
      key: KEY,
      issuer: 'API',
      bodyHash,
      given: inHeader('Authorization'),
    })
    const rig = { webhooks: { verify }, secrets: { KEY: 'k' } }

    expect(await prove(rig, { headers: { Authorization: token }, body })).toBe('events')
    expect(await prove(rig, { headers: { Authorization: token }, body: `${body} ` })).toBe(
      '401 its token is of another body',
    )
    expect(await prove({ ...rig, now: NOW + 3_600_000 }, { headers: { Authorization: token }, body })).toBe(
      '401 its token has expired',
    )
  })

  it('Plaid: ES256 with a key by its id, asked for by a request of its own', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const body = '{"webhook_code":"X"}'
    const head = `${encode({ alg: 'ES256', kid: 'k1' })}.${encode({ iat: NOW / 1000, request_body_sha256: hexOf(body) })}`
    const signature = createSign('sha256')
      .update(head)
      .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')
    const rig = {
      definition: { baseUrls: { main: 'https://plaid.example' }, auths: { none: noAuth() } },
      webhooks: {
        verify: jwtSignature({
          given: inHeader('Plaid-Verification'),
          algorithms: ['ES256'],
          key: {
            request: ({ kid }) => post('/webhook_verification_key/get', { json: { key_id: kid ?? '' }, auth: 'none' }),
            form: 'jwk',
            at: 'key',
            example: { kid: 'k1' },
          },
          bodyHash: { claim: 'request_body_sha256', encoding: 'hex' },
        }),
      },
      answers: {
        'https://plaid.example/webhook_verification_key/get': JSON.stringify({
          key: publicKey.export({ format: 'jwk' }),
        }),
      },
    } satisfies Parameters<typeof prove>[0]

    expect(await prove(rig, { headers: { 'Plaid-Verification': `${head}.${signature}` }, body })).toBe('events')
    const none = `${encode({ alg: 'none' })}.${encode({ iat: NOW / 1000 })}.`
    expect(await prove(rig, { headers: { 'Plaid-Verification': none }, body })).toMatch(/another algorithm/)
  })
})

describe('other families', () => {
  it('Telegram: the secret itself, in a header', async () => {
    const verify = sharedSecret(inHeader('X-Telegram-Bot-Api-Secret-Token'), KEY)
    const rig = { webhooks: { verify }, secrets: { KEY: 'abc' } }

    expect(await prove(rig, { headers: { 'X-Telegram-Bot-Api-Secret-Token': 'abc' } })).toBe('events')
    expect(await prove(rig, { headers: { 'X-Telegram-Bot-Api-Secret-Token': 'abcd' } })).toBe(
      '401 it shows another secret',
    )
    expect(await prove(rig, {})).toBe('401 it does not show the shared secret')
  })

  it('Authorize.Net: SHA-512, in hex of upper case, keyed with the text of the key', async () => {
    const key = 'A'.repeat(128)
    const verify = hmacSignature({
      hash: 'sha512',
      key: KEY,
      given: inHeader('X-ANET-Signature', /^sha512=([0-9a-f]{128})$/i),
    })
    const signature = `sha512=${createHmac('sha512', key).update('{}').digest('hex').toUpperCase()}`

    expect(
      await prove(
        { webhooks: { verify }, secrets: { KEY: key } },
        { headers: { 'X-ANET-Signature': signature }, body: '{}' },
      ),
    ).toBe('events')
  })

  it('Adyen: each item of a body by itself, one wrong one refuses all', async () => {
    const key = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'
    const item = (reference: string, by: string) => ({
      NotificationRequestItem: {
        pspReference: reference,
        additionalData: {
          hmacSignature: createHmac('sha256', Buffer.from(key, 'hex')).update(`${by}:true`).digest('base64'),
        },
        success: 'true',
      },
    })
    const verify = eachOf(
      'notificationItems.*.NotificationRequestItem',
      hmacSignature({
        key: KEY,
        keyForm: 'hex',
        over: [inField('pspReference'), ':', inField('success')],
        given: inField('additionalData.hmacSignature'),
        encoding: 'base64',
      }),
    )
    const rig = { webhooks: { verify }, secrets: { KEY: key } }
    const body = (...items: object[]) => JSON.stringify({ notificationItems: items })

    expect(await prove(rig, { body: body(item('a', 'a'), item('b', 'b')) })).toBe('events')
    expect(await prove(rig, { body: body(item('a', 'a'), item('b', 'a')) })).toMatch(/^401/)
    expect(await prove(rig, { body: body() })).toMatch(/has nothing at/)
  })

  it('Rapyd: base64 of hex, over the address and two secrets', async () => {
    const url = 'https://x.example/hooks/acme'
    const mac = createHmac('sha256', 'S').update(`${url}salt${seconds()}AS{}`).digest('hex')
    const verify = hmacSignature({
      key: KEY,
      over: [{ of: 'url' }, inHeader('salt'), inHeader('timestamp'), secret('ACCESS'), KEY, rawBody],
      given: inHeader('signature'),
      encoding: 'base64-of-hex',
    })
    const headers = { salt: 'salt', timestamp: seconds(), signature: Buffer.from(mac).toString('base64') }

    expect(
      await prove({ webhooks: { verify }, secrets: { KEY: 'S', ACCESS: 'A' } }, { url, headers, body: '{}' }),
    ).toBe('events')
  })

  it('Basic credentials, or another scheme', async () => {
    const verify = oneOf(sharedSecret(inHeader('X-Key'), KEY), basicAuth('user', KEY))
    const authorization = `Basic ${Buffer.from('user:pa:ss').toString('base64')}`
    const rig = { webhooks: { verify }, secrets: { KEY: 'pa:ss' } }

    expect(await prove(rig, { headers: { authorization } })).toBe('events')
    expect(await prove(rig, { headers: { authorization: 'Basic !' } })).toMatch(/^401 .*; it has other Basic/)
  })
})

const crcOf = (text: string): number => crc32(text)
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64')
const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex')
