// AWS Signature Version 4, computed again from a request that came, in its header or in its query (presigned addresses).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AwsRecipe } from '../egress/index.ts'
import type { Presented } from './presented.ts'
import { pathOf, queryOf } from './received.ts'
import { type SignatureFacts, SKEW_MS } from './signature-facts.ts'

interface Claim {
  accessKeyId: string
  /** `20150830/eu-west-1/s3/aws4_request`. */
  scope: string
  signedHeaders: readonly string[]
  signature: string
  /** `20150830T123600Z`. */
  date: string
  /** Of a presigned address: seconds that it counts. */
  expiresSeconds: number | undefined
}

/** Why a signature does not count, undefined where it does. The region is free: a twin stands in for all of them. */
export function wrongInSigV4(recipe: AwsRecipe, { presented, secrets, now }: SignatureFacts): string | undefined {
  const claim = claimOf(presented)
  if (!claim) return 'the signature is missing or malformed'
  const { accessKeyId, scope, date } = claim
  if (accessKeyId !== secrets[recipe.accessKeyId]) return 'the access key id is not known'
  const [day, , service] = scope.split('/')
  if (service !== recipe.service) return `the signature is for the service ${service}, not ${recipe.service}`
  if (!date.startsWith(`${day}T`)) return 'the day of the signature is not that of the request'
  if (!isInTime(claim, now)) return 'the time of the signature is not now'
  if (!claim.signedHeaders.includes('host')) return 'the signature is not over the host'
  if (!hasSessionToken(recipe, presented, secrets)) return 'the session token is wrong'
  const digest = payloadDigest(claim, recipe, presented)
  if (digest === undefined) return 'the digest of the body in x-amz-content-sha256 is wrong'
  const canonical = canonicalRequest(claim, recipe, { presented, digest })
  const expected = signatureOf(secrets[recipe.secretAccessKey] ?? '', claim, canonical)
  const given = Buffer.from(claim.signature, 'hex')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return undefined
  return 'the signature does not match the request'
}

function claimOf(presented: Presented): Claim | undefined {
  const { headers, target } = presented
  const query = new URLSearchParams(queryOf(target))
  const authorization = /^AWS4-HMAC-SHA256 +(.*)$/.exec(headers.authorization ?? '')?.[1]
  const fields = new Map(
    (authorization ?? '').split(',').map((field) => {
      const [name = '', ...value] = field.trim().split('=')
      return [name, value.join('=')]
    }),
  )
  const isPresigned = authorization === undefined && query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256'
  const read = (name: string): string => (isPresigned ? query.get(`X-Amz-${name}`) : fields.get(name)) ?? ''
  const [accessKeyId = '', ...scope] = read('Credential').split('/')
  const date = isPresigned ? read('Date') : (headers['x-amz-date'] ?? '')
  if (scope.length !== 4 || scope[3] !== 'aws4_request' || !/^\d{8}T\d{6}Z$/.test(date)) return undefined
  return {
    accessKeyId,
    scope: scope.join('/'),
    signedHeaders: read('SignedHeaders').split(';'),
    signature: read('Signature'),
    date,
    expiresSeconds: isPresigned ? Number(read('Expires') || Number.NaN) : undefined,
  }
}

function isInTime({ date, expiresSeconds }: Claim, now: number): boolean {
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (expiresSeconds === undefined) return Math.abs(now - signedAt) <= SKEW_MS
  return signedAt - now <= SKEW_MS && now <= signedAt + expiresSeconds * 1_000
}

/** Where temporary credentials are sent, they are the twin's. */
function hasSessionToken(
  { sessionToken }: AwsRecipe,
  { headers, target }: Presented,
  secrets: Readonly<Record<string, string>>,
): boolean {
  const given = headers['x-amz-security-token'] ?? new URLSearchParams(queryOf(target)).get('X-Amz-Security-Token')
  return given === null || sessionToken === undefined || given === secrets[sessionToken]
}

/** What stands for the body; undefined where a header claims another body. */
function payloadDigest({ expiresSeconds }: Claim, { service }: AwsRecipe, presented: Presented): string | undefined {
  const actual = sha256(presented.bytes)
  const claimed = presented.headers['x-amz-content-sha256']
  if (claimed === undefined) return service === 's3' && expiresSeconds !== undefined ? 'UNSIGNED-PAYLOAD' : actual
  return claimed === actual || /^(UNSIGNED-PAYLOAD|STREAMING-.*)$/.test(claimed) ? claimed : undefined
}

function canonicalRequest(
  { signedHeaders }: Claim,
  { service }: AwsRecipe,
  { presented, digest }: { presented: Presented; digest: string },
): string {
  const { method, target, headers } = presented
  const path = pathOf(target)
  const segments = path.split('/').map((segment) => {
    const once = encode(decode(segment))
    return service === 's3' ? once : encode(once)
  })
  const query = queryOf(target)
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [encode(decode(name)), encode(decode(value.join('=')))] as const
    })
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  return [method, segments.join('/'), query.join('&'), lines.join(''), signedHeaders.join(';'), digest].join('\n')
}

function signatureOf(secretAccessKey: string, { scope, date }: Claim, canonical: string): Buffer {
  const key = scope.split('/').reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${secretAccessKey}`))
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(Buffer.from(canonical))].join('\n'))
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** RFC 3986: all but unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** As it came where the percent-encoding is broken: then the signature will not match either. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
