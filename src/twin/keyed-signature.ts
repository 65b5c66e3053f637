// HMAC and detached JWS (RFC 7515, appendix F) over the parts of a request that a recipe names.
import { constants, createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import type { HmacRecipe, JwsRecipe, SignedField, SignedPart } from '../egress/index.ts'
import { type Presented, queryWithout, targetWithout } from './presented.ts'
import { pathOf, queryOf } from './received.ts'
import { type SignatureFacts, SKEW_MS } from './signature-facts.ts'

type KeyedRecipe = HmacRecipe | JwsRecipe

/** Why a signature does not count, undefined where it does. */
export function wrongInKeyed(recipe: KeyedRecipe, facts: SignatureFacts): string | undefined {
  const { presented, now } = facts
  const signature = fieldOf(recipe.put, presented)
  if (!signature) return `the signature ${recipe.put.name} is missing`
  const stamp = recipe.timestamp && fieldOf(recipe.timestamp, presented)
  if (recipe.timestamp && !(Math.abs(now - timeOf(recipe.timestamp.form, stamp ?? '')) <= SKEW_MS)) {
    return `the time in ${recipe.timestamp.name} is not now`
  }
  const message = Buffer.concat(recipe.over.map((part) => bytesOf(part, recipe, facts)))
  const isRight =
    recipe.scheme === 'hmac' ? isHmac(recipe, message, signature, facts) : isJws(recipe, message, signature, facts)
  return isRight ? undefined : 'the signature does not match the request'
}

function fieldOf({ in: place, name, prefix = '' }: SignedField, { headers, target }: Presented): string | undefined {
  const given =
    place === 'header' ? headers[name.toLowerCase()] : (new URLSearchParams(queryOf(target)).get(name) ?? undefined)
  return given?.startsWith(prefix) ? given.slice(prefix.length) : undefined
}

function timeOf(form: NonNullable<KeyedRecipe['timestamp']>['form'], text: string): number {
  if (form === 'unix-seconds') return Number(text || Number.NaN) * 1_000
  return form === 'unix-milliseconds' ? Number(text || Number.NaN) : Date.parse(text)
}

function bytesOf(part: SignedPart, recipe: KeyedRecipe, { presented, secrets }: SignatureFacts): Buffer {
  if ('text' in part) return Buffer.from(part.text)
  if ('secret' in part) return Buffer.from(secrets[part.secret] ?? '')
  if ('header' in part) return Buffer.from(presented.headers[part.header.toLowerCase()] ?? '', 'latin1')
  const beside = recipe.put.in === 'query' ? recipe.put.name : undefined
  const { host = '' } = presented.headers
  switch (part.of) {
    case 'method':
      return Buffer.from(presented.method)
    case 'host':
      return Buffer.from(host)
    case 'path':
      return Buffer.from(pathOf(presented.target))
    case 'query':
      return Buffer.from(queryWithout(presented, beside))
    case 'target':
      return Buffer.from(targetWithout(presented, beside))
    case 'url':
      return Buffer.from(`http://${host}${targetWithout(presented, beside)}`)
    case 'body':
      return Buffer.from(presented.bytes)
    case 'body-sha256-hex':
      return Buffer.from(createHash('sha256').update(presented.bytes).digest('hex'))
    case 'body-sha256-base64':
      return Buffer.from(createHash('sha256').update(presented.bytes).digest('base64'))
    case 'timestamp':
    case 'nonce': {
      const field = recipe[part.of]
      return Buffer.from((field && fieldOf(field, presented)) ?? '')
    }
  }
}

function isHmac(recipe: HmacRecipe, message: Buffer, signature: string, { secrets }: SignatureFacts): boolean {
  const key = Buffer.from(secrets[recipe.key] ?? '', recipe.keyEncoding ?? 'utf8')
  const expected = createHmac(recipe.algorithm, key).update(message).digest()
  if (recipe.output === 'HEX' && signature !== signature.toUpperCase()) return false
  const given = Buffer.from(signature, recipe.output === 'HEX' ? 'hex' : recipe.output)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const DIGESTS = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', RS256: 'sha256', PS256: 'sha256', EdDSA: null }

function isJws(recipe: JwsRecipe, payload: Buffer, signature: string, { secrets }: SignatureFacts): boolean {
  const [header = '', between, end = '', ...more] = signature.split('.')
  if (between !== '' || more.length > 0) return false
  const given = headerOf(header)
  if (given?.alg !== recipe.algorithm) return false
  for (const [name, value] of Object.entries(recipe.header)) {
    if (given[name] !== (typeof value === 'string' ? value : secrets[value.secret])) return false
  }
  const padding =
    recipe.algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}
  const key = { key: createPublicKey(secrets[recipe.key] ?? ''), dsaEncoding: 'ieee-p1363', ...padding } as const
  const signed = Buffer.from(`${header}.${payload.toString('base64url')}`)
  return verify(DIGESTS[recipe.algorithm], signed, key, Buffer.from(end, 'base64url'))
}

/** Undefined where it is no JSON object. */
function headerOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
