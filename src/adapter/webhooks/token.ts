// Proofs as JSON Web Signatures: a token about the body (RFC 7519), and TrueLayer's detached one over the whole request.
// The algorithm is one that the definition allows, never what the token would like.
import { createHmac, type KeyObject, verify } from 'node:crypto'
import type { JsonValue } from '../../foundation/index.ts'
import { decodeJson } from '../json.ts'
import { HookFault, joinParts, memberAt, valuesOf } from './part.ts'
import { checkTime, checkWindow, decodeSignature, isEqual, keysOf, type ProofFacts } from './proof.ts'
import { publishedKey } from './published.ts'
import type { HookScheme, JwtAlgorithm, KeySaid } from './scheme.ts'

type Of<K extends HookScheme['scheme']> = Extract<HookScheme, { scheme: K }>

export async function verifyJwt(scheme: Of<'jwt'>, facts: ProofFacts): Promise<void> {
  const [text] = valuesOf(scheme.given, facts.delivery)
  const [head = '', payload = '', signature = ''] = partsOf(text)
  const header = decoded(head)
  const alg = textAt(header, 'alg')
  const algorithm = scheme.algorithms.find((allowed) => allowed === alg)
  if (algorithm === undefined) throw new HookFault('its token has another algorithm than the vendor uses')
  const signed = Buffer.from(`${head}.${payload}`)
  const given = bytesOf(signature)
  const isRight =
    'secret' in scheme.key
      ? keysOf(scheme.key.secret, 'utf8', facts).some((key) => isHs256(algorithm, key, signed, given))
      : isSigned(algorithm, signed, await publishedKey(scheme.key, kidOf(header), facts), given)
  if (!isRight) throw new HookFault('the signature of its token is wrong')
  checkClaims(scheme, decoded(payload), facts)
}

/** The body's hash as a claim binds the token to the delivery; without one it says only who sent it. */
function checkClaims(scheme: Of<'jwt'>, claims: JsonValue, facts: ProofFacts): void {
  const seconds = (name: string) => {
    const value = memberAt(claims, name)
    return typeof value === 'number' ? value * 1000 : undefined
  }
  const leewayMs = (scheme.windowSeconds ?? 300) * 1000
  const [made, ends, begins] = [seconds('iat'), seconds('exp'), seconds('nbf')]
  if (made === undefined && ends === undefined) throw new HookFault('its token does not say how long it counts')
  if (ends !== undefined && facts.now > ends + leewayMs) throw new HookFault('its token has expired')
  if (begins !== undefined && facts.now < begins - leewayMs) throw new HookFault('its token does not count yet')
  // A token with an end of its own may be made long before, as those of Google are.
  if (made !== undefined && (ends === undefined || made > facts.now)) checkWindow(made, facts.now, scheme.windowSeconds)
  if (scheme.issuer !== undefined && textAt(claims, 'iss') !== scheme.issuer) {
    throw new HookFault('its token is of another issuer')
  }
  if (scheme.audience && !isAudience(memberAt(claims, 'aud'), joinParts(scheme.audience, facts).toString('utf8'))) {
    throw new HookFault('its token is for somebody else')
  }
  for (const [name, parts] of Object.entries(scheme.claims ?? {})) {
    if (textAt(claims, name) !== joinParts(parts, facts).toString('utf8')) {
      throw new HookFault(`its token says another ${name}`)
    }
  }
  if (!scheme.bodyHash) return
  const { claim, encoding } = scheme.bodyHash
  const expected = joinParts([{ of: encoding === 'hex' ? 'body-sha256-hex' : 'body-sha256-base64' }], facts)
  if (!isEqual(Buffer.from(textAt(claims, claim) ?? ''), expected)) throw new HookFault('its token is of another body')
}

/** ES512 over `METHOD path`, the headers that it names, and the body; the key where its `jku` says, if that is the vendor's. */
export async function verifyDetached(scheme: Of<'detached-jws'>, facts: ProofFacts): Promise<void> {
  const { delivery } = facts
  const [head = '', payload = '', signature = ''] = partsOf(valuesOf(scheme.given, delivery)[0])
  const header = decoded(head)
  if (payload !== '' || textAt(header, 'alg') !== 'ES512' || textAt(header, 'tl_version') !== '2') {
    throw new HookFault('its signature is of another kind')
  }
  const names = (textAt(header, 'tl_headers') ?? '').split(',').filter((name) => name !== '')
  const missing = scheme.requiredHeaders.find((name) => !names.some((one) => one.toLowerCase() === name.toLowerCase()))
  if (missing !== undefined) throw new HookFault(`its signature does not cover ${missing}`)
  const jku = textAt(header, 'jku')
  const said: KeySaid = { ...kidOf(header), ...(jku === undefined ? {} : { url: jku }) }
  const key = await publishedKey(scheme.keys, said, facts)
  const lines = names.map((name) => `${name}: ${delivery.headers[name.toLowerCase()] ?? ''}\n`).join('')
  const isRight = pathsOf(delivery.path).some((path) => {
    const content = Buffer.concat([Buffer.from(`${delivery.method} ${path}\n${lines}`), delivery.bytes])
    return isSigned('ES512', Buffer.from(`${head}.${content.toString('base64url')}`), key, bytesOf(signature))
  })
  if (!isRight) throw new HookFault('its signature is not of this content and key')
  checkTime(scheme.at, facts)
}

/** Their own verifiers take the path with and without a slash at its end. */
const pathsOf = (path: string): string[] => [path, path.endsWith('/') ? path.slice(0, -1) : `${path}/`]

const ALGORITHMS = { RS256: 'rsa', PS256: 'rsa', ES256: 'prime256v1', ES512: 'secp521r1' } as const

function isSigned(algorithm: JwtAlgorithm, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  if (algorithm === 'HS256') return false // a public key is no secret
  const kind = ALGORITHMS[algorithm]
  const has = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : key.asymmetricKeyType
  if (has !== kind) return false
  const hash = algorithm === 'ES512' ? 'sha512' : 'sha256'
  if (algorithm === 'PS256') {
    return verify(hash, signed, { key, padding: RSA_PSS, saltLength: 32 }, signature)
  }
  return verify(hash, signed, kind === 'rsa' ? key : { key, dsaEncoding: 'ieee-p1363' }, signature)
}

/** RSA_PKCS1_PSS_PADDING. */
const RSA_PSS = 6

const isHs256 = (algorithm: JwtAlgorithm, key: Buffer, signed: Buffer, given: Buffer): boolean =>
  algorithm === 'HS256' && isEqual(createHmac('sha256', key).update(signed).digest(), given)

function isAudience(value: JsonValue | undefined, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted
}

function partsOf(text: string | undefined): string[] {
  if (text === undefined) throw new HookFault('it has no token')
  const parts = text.split('.')
  if (parts.length !== 3) throw new HookFault('its token is no JSON Web Signature')
  return parts
}

function decoded(part: string): JsonValue {
  try {
    return decodeJson(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    throw new HookFault('its token is no JSON Web Signature')
  }
}

const bytesOf = (text: string): Buffer => decodeSignature(text, 'base64') ?? Buffer.alloc(0)

function textAt(value: JsonValue, name: string): string | undefined {
  const member = memberAt(value, name)
  return typeof member === 'string' ? member : undefined
}

function kidOf(header: JsonValue): KeySaid {
  const kid = textAt(header, 'kid')
  return kid === undefined ? {} : { kid }
}
