import { createHmac, generateKeyPairSync, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import * as truelayer from 'truelayer-signing'
import { describe, expect, it } from 'vitest'
import type { HmacRecipe, JwsRecipe, SigningRecipe } from '../../../src/egress/index.ts'
import { leavingFor } from '../../../src/egress/open-secret.ts'
import { createScrubber } from '../../../src/egress/scrub.ts'
import { prepareRequest } from '../../../src/egress/sign/sign-request.ts'
import { readTarget } from '../../../src/egress/target.ts'
import { FabricError, Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'

interface Given {
  sign: SigningRecipe
  secrets: Record<string, string>
  url?: string
  method?: string
  headers?: Record<string, string>
  body?: string
  nowMs?: number
}

async function signed({ sign, secrets, url = 'https://a.example/', method = 'GET', ...given }: Given) {
  const reading = readTarget(url)
  if (!reading.readable) throw new Error(reading.reason)
  const { target } = reading
  const context = {
    secrets: {
      async open(name: string) {
        const value = secrets[name]
        if (value === undefined) throw new FabricError('IF_ERR_SECRET_MISSING', `${name} is not set`)
        return new Secret(value)
      },
    },
    scrubber: createScrubber(new Redactor()),
    template: target.path,
    clock: { ...systemClock, now: () => given.nowMs ?? 0 },
    randomBytes: (size: number) => new Uint8Array(size).fill(0xab),
    ...leavingFor(target, method),
  }
  const { headers = {}, body } = given
  return prepareRequest(
    { headers, slots: [], sign, ...(body === undefined ? {} : { body }) },
    { target, method, context },
  )
}

const aws = (service: string): SigningRecipe => ({
  scheme: 'aws-sigv4',
  service,
  region: 'us-east-1',
  accessKeyId: 'ID',
  secretAccessKey: 'KEY',
  sessionToken: 'TOKEN',
})
const SUITE = { ID: 'AKIDEXAMPLE', KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const S3_DOCS = { ID: ['AKIA', 'IOSFODNN7EXAMPLE'].join(''), KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const SUITE_AT = Date.UTC(2015, 7, 30, 12, 36)
const S3_AT = Date.UTC(2013, 4, 24)

describe('AWS Signature Version 4', () => {
  // The signature test suite (aws-sig-v4-test-suite) and the IAM user guide's example.
  it.each([
    ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ])('signs %s of the test suite as it is published', async (_name, method, target, signature) => {
    const url = `https://example.amazonaws.com${target}`

    const { headers } = await signed({ sign: aws('service'), secrets: SUITE, url, method, nowMs: SUITE_AT })

    expect(headers).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    })
  })

  it('signs the example of the signing guide', async () => {
    const { headers } = await signed({
      sign: aws('iam'),
      secrets: SUITE,
      url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      nowMs: SUITE_AT,
    })

    expect(headers.authorization).toContain(
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    )
  })

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  it.each([
    ['/test.txt', { Range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('signs GET %s as the S3 reference does', async (target, headers, signature) => {
    const url = `https://examplebucket.s3.amazonaws.com${target}`

    const request = await signed({ sign: aws('s3'), secrets: S3_DOCS, url, headers, nowMs: S3_AT })

    expect(request.headers.authorization).toContain(`Signature=${signature}`)
    expect(request.headers['x-amz-content-sha256']).toMatch(/^e3b0c442/)
  })

  it.each(['plain.txt', 'a b/c+d', 'ünïcode/日本', "it's(1)!*", 'a%2Fb', '~tilde', 'x=1&y', 'semi;colon:@'])(
    'signs the object %j as the official client does',
    async (Key) => {
      const sent = await byOfficialClient(Key)
      const path = `/${Key.split('/').map(percent).join('/')}`

      const request = await signed({
        sign: aws('s3'),
        secrets: { ...S3_DOCS, TOKEN: 'session-token' },
        method: 'PUT',
        url: `https://${sent.hostname}${path}?x-id=PutObject`,
        headers: sent.headers,
        body: 'hello',
        nowMs: sent.nowMs,
      })

      expect(request.path).toBe(sent.path)
      expect(request.headers.authorization).toBe(sent.authorization)
      expect(request.headers['x-amz-security-token']).toBe('session-token')
    },
  )

  it('encodes the path once more for every service but S3', async () => {
    const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse'

    const [bedrock, s3] = await Promise.all(
      ['bedrock', 's3'].map((service) => signed({ sign: aws(service), secrets: SUITE, url, nowMs: SUITE_AT })),
    )

    expect(bedrock?.path).toBe('/model/a.b-v1%3A0/converse')
    expect(bedrock?.headers['x-amz-content-sha256']).toBeUndefined()
    expect(bedrock?.headers.authorization).not.toBe(s3?.headers.authorization)
  })
})

const percent = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

async function byOfficialClient(Key: string) {
  let seen: { hostname: string; path: string; headers: Record<string, string> } | undefined
  const client = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: S3_DOCS.ID, secretAccessKey: S3_DOCS.KEY, sessionToken: 'session-token' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      async handle(request: NonNullable<typeof seen>) {
        seen = request
        throw new Error('kept inside')
      },
    },
    maxAttempts: 1,
  })
  await client.send(new PutObjectCommand({ Bucket: 'examplebucket', Key, Body: 'hello' })).catch(() => {})
  if (!seen) throw new Error('the client sent nothing')
  const all = Object.fromEntries(Object.entries(seen.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const { authorization = '', 'x-amz-date': date = '', host: _host, ...headers } = all
  delete headers['x-amz-security-token']
  const nowMs = Date.parse(date.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))
  return { hostname: seen.hostname, path: seen.path, headers, authorization, nowMs }
}

describe('a keyed digest', () => {
  const recipe = (change: Partial<HmacRecipe> = {}): HmacRecipe => ({
    scheme: 'hmac',
    algorithm: 'sha256',
    key: 'KEY',
    over: [{ of: 'body' }],
    put: { in: 'header', name: 'X-Signature' },
    output: 'hex',
    ...change,
  })

  // RFC 4231, test cases 1 and 2.
  it.each([
    ['hex', '0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      'utf8',
      'Jefe',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
  ] as const)('with a key in %s is that of RFC 4231', async (keyEncoding, KEY, body, digest) => {
    const { headers } = await signed({ sign: recipe({ keyEncoding }), secrets: { KEY }, body })

    expect(headers['x-signature']).toBe(digest)
  })

  it('covers the parts in order, with the time and the nonce that leave', async () => {
    const sign = recipe({
      over: [
        { of: 'method' },
        { text: '|' },
        { of: 'target' },
        { text: '|' },
        { of: 'host' },
        { of: 'timestamp' },
        { of: 'nonce' },
        { header: 'X-App' },
        { secret: 'APP' },
        { of: 'body-sha256-base64' },
      ],
      put: { in: 'query', name: 'sig', prefix: 'v1=' },
      timestamp: { in: 'query', name: 'ts', form: 'unix-milliseconds' },
      nonce: { in: 'header', name: 'X-Nonce' },
      algorithm: 'sha512',
      output: 'base64url',
    })
    const nonce = 'ab'.repeat(16)

    const request = await signed({
      sign,
      secrets: { KEY: 'signing-key', APP: 'app-secret' },
      method: 'POST',
      url: 'https://a.example:8443/v1/pay?x=1',
      headers: { 'X-App': 'me' },
      body: '{}',
      nowMs: 1_700_000_000_123,
    })

    const message = `POST|/v1/pay?x=1&ts=1700000000123|a.example:84431700000000123${nonce}meapp-secretRBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=`
    const signature = createHmac('sha512', 'signing-key').update(message).digest('base64url')
    expect(request.headers['x-nonce']).toBe(nonce)
    expect(request.query).toBe(`?x=1&ts=1700000000123&sig=v1%3D${signature}`)
  })

  it.each([
    ['hex', 'not hex at all'],
    ['base64', 'not*base64*'],
  ] as const)('with a key that is not %s is refused, and the key not quoted', async (keyEncoding, KEY) => {
    const failure = await signed({ sign: recipe({ keyEncoding }), secrets: { KEY } }).catch((error) => error)

    expect(failure).toMatchObject({ code: 'IF_ERR_SECRET_UNREADABLE', message: expect.stringContaining('KEY') })
    expect(JSON.stringify(failure)).not.toContain(KEY)
  })
})

describe('a detached JWS', () => {
  const recipe = (algorithm: JwsRecipe['algorithm'], header: JwsRecipe['header'] = {}): JwsRecipe => ({
    scheme: 'jws',
    algorithm,
    key: 'PEM',
    header,
    over: [{ of: 'body' }],
    put: { in: 'header', name: 'X-JWS' },
  })
  const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
    String(key.export({ type: 'pkcs8', format: 'pem' }))

  it.each([
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256', 64],
    ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384', 96],
    ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }), 'sha512', 132],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256', 256],
    ['EdDSA', () => generateKeyPairSync('ed25519'), null, 64],
  ] as const)('by %s verifies, its signature side by side', async (algorithm, make, digest, length) => {
    const { publicKey, privateKey } = make()

    const { headers } = await signed({
      sign: recipe(algorithm, { kid: { secret: 'KID' }, typ: 'x' }),
      secrets: { PEM: pem(privateKey).replaceAll('\n', '\\n'), KID: 'key-1' },
      body: 'payload ü',
    })

    const [head = '', payload, signature = ''] = (headers['x-jws'] ?? '').split('.')
    const bytes = Buffer.from(`${head}.${Buffer.from('payload ü').toString('base64url')}`)
    expect(payload).toBe('')
    expect(Buffer.from(head, 'base64url').toString()).toBe(`{"alg":"${algorithm}","kid":"key-1","typ":"x"}`)
    expect(Buffer.from(signature, 'base64url')).toHaveLength(length)
    expect(
      verify(digest, bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
    ).toBe(true)
  })

  const TRUELAYER: JwsRecipe = {
    ...recipe('ES512', { kid: { secret: 'KID' }, tl_version: '2', tl_headers: 'Idempotency-Key' }),
    over: [
      { of: 'method' },
      { text: ' ' },
      { of: 'path' },
      { text: '\nIdempotency-Key: ' },
      { header: 'Idempotency-Key' },
      { text: '\n' },
      { of: 'body' },
    ],
    put: { in: 'header', name: 'Tl-Signature' },
  }

  it("is one that TrueLayer's own verifier accepts", async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    const body = '{"currency":"GBP","max_amount_in_minor":5000000,"name":"Foo???"}'

    const { headers } = await signed({
      sign: TRUELAYER,
      secrets: { PEM: pem(privateKey), KID: 'key-1' },
      method: 'POST',
      url: 'https://api.truelayer.com/v3/payouts',
      headers: { 'Idempotency-Key': 'idemp-1' },
      body,
    })

    const asked = {
      publicKeyPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
      signature: headers['tl-signature'] ?? '',
      method: 'POST' as truelayer.HttpMethod,
      path: '/v3/payouts',
      headers: { 'Idempotency-Key': 'idemp-1' },
      requiredHeaders: ['Idempotency-Key'],
    }
    expect(() => truelayer.verify({ ...asked, body })).not.toThrow()
    expect(() => truelayer.verify({ ...asked, body: `${body} ` })).toThrow()
  })

  const VECTORS = join(process.env.IFAB_SPECS ?? join(import.meta.dirname, '../../../../shared/specs'), 'truelayer')
  const vector = (name: string) => readFileSync(join(VECTORS, name), 'utf8').trim()
  it.skipIf(!existsSync(VECTORS))("is read as TrueLayer's published signature is", () => {
    const [head = '', payload, signature = ''] = vector('tl-signature.txt').split('.')
    const message =
      'POST /merchant_accounts/a61acaef-ee05-4077-92f3-25543a11bd8d/sweeping\n' +
      'Idempotency-Key: idemp-2076717c-9005-4811-a321-9e0787fa0382\n' +
      '{"currency":"GBP","max_amount_in_minor":5000000,"name":"Foo???"}'

    const bytes = Buffer.from(`${head}.${Buffer.from(message).toString('base64url')}`)
    const key = { key: vector('ec512-public.pem'), dsaEncoding: 'ieee-p1363' } as const
    expect(payload).toBe('')
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({
      alg: 'ES512',
      kid: '45fc75cf-5649-4134-84b3-192c2c78e990',
      tl_version: '2',
      tl_headers: 'Idempotency-Key',
    })
    expect(verify('sha512', bytes, key, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  it.each([
    ['no key at all', 'hunter2-hunter2'],
    ['a key of another kind', pem(generateKeyPairSync('ed25519').privateKey)],
    ['a key of another curve', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
  ])('with %s is refused, and the key not quoted', async (_what, PEM) => {
    const failure = await signed({ sign: recipe('ES512'), secrets: { PEM } }).catch((error) => error)

    expect(failure).toMatchObject({ code: 'IF_ERR_SECRET_UNREADABLE', message: expect.stringContaining('PEM') })
    expect(`${failure.stack}${JSON.stringify(failure)}`).not.toContain(PEM.slice(30, 60) || PEM)
  })
})
