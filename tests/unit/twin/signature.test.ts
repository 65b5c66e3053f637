import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, it } from 'vitest'
import type { AwsRecipe, HmacRecipe, JwsRecipe } from '../../../src/egress/index.ts'
import type { Presented } from '../../../src/twin/presented.ts'
import { wrongInSignature } from '../../../src/twin/signature.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const HOST = '127.0.0.1:4711'

const presented = (parts: Partial<Presented>): Presented => ({
  method: 'POST',
  target: '/',
  headers: { host: HOST },
  path: {},
  value: null,
  bytes: new Uint8Array(0),
  ...parts,
})

class Sha256 {
  readonly #chunks: Buffer[] = []
  readonly #key: Uint8Array | string | undefined

  constructor(key?: unknown) {
    this.#key = key as Uint8Array | string | undefined // the signer gives nothing else
  }

  update(chunk: unknown): void {
    this.#chunks.push(Buffer.from(chunk as Uint8Array))
  }

  async digest(): Promise<Uint8Array> {
    const hash = this.#key === undefined ? createHash('sha256') : createHmac('sha256', this.#key)
    return hash.update(Buffer.concat(this.#chunks)).digest()
  }

  reset(): void {
    this.#chunks.length = 0
  }
}

describe('AWS Signature Version 4 at a twin', () => {
  const secrets = { ID: 'AKIDEXAMPLE', KEY: 'made-up-key', TOKEN: 'made-up-token' }
  const recipe = (service: string): AwsRecipe => ({
    scheme: 'aws-sigv4',
    service,
    region: 'eu-west-1',
    accessKeyId: 'ID',
    secretAccessKey: 'KEY',
    sessionToken: 'TOKEN',
  })

  const signer = (service: string, key = secrets.KEY) =>
    new SignatureV4({
      service,
      region: 'eu-west-1',
      credentials: { accessKeyId: secrets.ID, secretAccessKey: key },
      sha256: Sha256 as never, // what the signer's own tests pass
      uriEscapePath: service !== 's3',
      applyChecksum: service === 's3',
    })

  async function signed(service: string, path: string, { body = '', key = secrets.KEY, query = {} } = {}) {
    const request = { method: 'POST', protocol: 'http:', hostname: HOST, path, query, headers: { host: HOST }, body }
    const { headers } = await signer(service, key).sign(request, { signingDate: new Date(NOW) })
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20')
    return presented({ target: search ? `${path}?${search}` : path, headers: lower, bytes: Buffer.from(body) })
  }

  const wrong = (service: string, request: Presented, now = NOW) =>
    wrongInSignature(recipe(service), { presented: request, secrets, now })

  it.each([
    ['s3', '/bucket/a%20b%2Bc/%C3%BC~%281%29'],
    ['sqs', '/a%20b'],
    ['sns', '/'],
  ])("takes what AWS's signer signs for %s at %s", async (service, path) => {
    const request = await signed(service, path, { body: 'Action=Publish', query: { b: '1 2', a: 'x/y', 'A-b': '' } })

    expect(wrong(service, request)).toBeUndefined()
    expect(wrong(service, request, NOW + 16 * 60_000)).toContain('is not now')
    expect(wrong(service, { ...request, target: `${path}?b=1` })).toContain('does not match')
    expect(wrong(service, { ...request, method: 'PUT' })).toContain('does not match')
    expect(wrong('ec2', request)).toContain(`for the service ${service}, not ec2`)
  })

  it('refuses another body, another key, no signature, and a wrong session token', async () => {
    const [s3, sns] = [await signed('s3', '/b/k', { body: 'one' }), await signed('sns', '/', { body: 'one' })]
    const other = Buffer.from('two')

    expect(wrong('s3', { ...s3, bytes: other })).toContain('x-amz-content-sha256')
    expect(wrong('sns', { ...sns, bytes: other })).toContain('does not match')
    expect(wrong('s3', await signed('s3', '/b/k', { key: 'another' }))).toContain('does not match')
    expect(wrong('s3', presented({}))).toContain('missing')
    const headers = { ...s3.headers, 'x-amz-security-token': 'another' }
    expect(wrong('s3', { ...s3, headers })).toContain('session token')
  })

  it('takes a presigned address until it expires', async () => {
    // It is signed before anybody knows the body, and says so.
    const headers = { host: HOST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    const request = { method: 'GET', protocol: 'http:', hostname: HOST, path: '/b/a%20b', headers }
    const { query = {} } = await signer('s3').presign(
      { ...request, query: {} },
      { expiresIn: 60, signingDate: new Date(NOW) },
    )
    const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    const arrived = presented({ method: 'GET', target: `/b/a%20b?${search.join('&')}` })

    const verdict = wrong('s3', arrived)

    expect(verdict).toBeUndefined()
    expect(wrong('s3', arrived, NOW + 61_000)).toContain('is not now')
    expect(wrong('s3', { ...arrived, target: arrived.target.replace('/b/', '/c/') })).toContain('does not match')
  })
})

describe('HMAC at a twin', () => {
  const recipe: HmacRecipe = {
    scheme: 'hmac',
    key: 'KEY',
    algorithm: 'sha256',
    output: 'hex',
    over: [{ of: 'timestamp' }, { text: '.' }, { of: 'method' }, { of: 'target' }, { header: 'X-App' }, { of: 'body' }],
    put: { in: 'query', name: 'sign' },
    timestamp: { in: 'header', name: 'X-Time', form: 'unix-seconds' },
  }
  const time = String(NOW / 1000)
  const sign = createHmac('sha256', 'made-up-key').update(`${time}.POST/x?a=1app{}`).digest('hex')
  const request = presented({
    target: `/x?a=1&sign=${sign}`,
    headers: { host: HOST, 'x-time': time, 'x-app': 'app' },
    bytes: Buffer.from('{}'),
  })
  const wrong = (asked: Presented, now = NOW) =>
    wrongInSignature(recipe, { presented: asked, secrets: { KEY: 'made-up-key' }, now })

  it('is computed over the parts that the recipe names, without the signature itself', () => {
    expect(wrong(request)).toBeUndefined()
  })

  it.each<[string, Partial<Presented>, string]>([
    ['another body', { bytes: Buffer.from('[]') }, 'does not match'],
    ['another query', { target: request.target.replace('a=1', 'a=2') }, 'does not match'],
    ['no signature', { target: '/x?a=1' }, 'sign is missing'],
    ['no time', { headers: { host: HOST } }, 'X-Time is not now'],
    ['a time that is none', { headers: { ...request.headers, 'x-time': 'soon' } }, 'X-Time is not now'],
  ])('is refused with %s', (_, change, problem) => {
    expect(wrong({ ...request, ...change })).toContain(problem)
  })

  it('is refused when it is too old', () => {
    expect(wrong(request, NOW + 16 * 60_000)).toContain('is not now')
  })
})

describe('a detached JWS at a twin', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const recipe: JwsRecipe = {
    scheme: 'jws',
    key: 'KEY',
    algorithm: 'ES512',
    header: { kid: { secret: 'KID' }, typ: 'JOSE' },
    over: [{ of: 'method' }, { text: ' ' }, { of: 'path' }, { text: '\n' }, { of: 'body' }],
    put: { in: 'header', name: 'Tl-Signature' },
  }
  const wrong = (signature: string, bytes = Buffer.from('{}')) =>
    wrongInSignature(recipe, {
      presented: presented({ target: '/pay?x=1', headers: { host: HOST, 'tl-signature': signature }, bytes }),
      secrets: { KEY, KID: 'kid-1' },
      now: NOW,
    })

  async function jws(header: object): Promise<string> {
    const { sign } = await import('node:crypto')
    const [head, payload] = [JSON.stringify(header), 'POST /pay\n{}'].map((text) =>
      Buffer.from(text).toString('base64url'),
    )
    const signature = sign('sha512', Buffer.from(`${head}.${payload}`), {
      key: pair.privateKey,
      dsaEncoding: 'ieee-p1363',
    })
    return `${head}..${signature.toString('base64url')}`
  }

  it('is verified with the public half of the key, whatever the order of its header', async () => {
    const signature = await jws({ typ: 'JOSE', kid: 'kid-1', alg: 'ES512' })

    expect(wrong(signature)).toBeUndefined()
    expect(wrong(signature, Buffer.from('[]'))).toContain('does not match')
  })

  it('is refused under another key id or algorithm, or when it is none', async () => {
    expect(wrong(await jws({ alg: 'ES512', kid: 'kid-2', typ: 'JOSE' }))).toContain('does not match')
    expect(wrong(await jws({ alg: 'none', kid: 'kid-1', typ: 'JOSE' }))).toContain('does not match')
    for (const text of ['x', 'a..b', 'a.b.c', '..', `${Buffer.from('null').toString('base64url')}..x`]) {
      expect(wrong(text)).toContain('does not match')
    }
    expect(wrong('')).toContain('Tl-Signature is missing')
  })
})
