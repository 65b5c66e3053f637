// Signatures with a key of the instance or a published one: HMAC, plain hashes, shared texts, public keys.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { HookFault, joinParts, textOfPart, valuesOf } from './part.ts'
import { checkTime, givenSignatures, hmac, isEqual, keysOf, type ProofFacts, secretOf } from './proof.ts'
import { publishedKey } from './published.ts'
import type { HookPublicKey, HookScheme } from './scheme.ts'

type Of<K extends HookScheme['scheme']> = Extract<HookScheme, { scheme: K }>

const WRONG = 'its signature is not of this content and key'

export function verifyHmac({ hash, key, keyForm, over, given, encoding, at }: Of<'hmac'>, facts: ProofFacts): void {
  const signatures = givenSignatures(given, facts.delivery, encoding)
  const expected = keysOf(key.secret, keyForm, facts).map((one) => hmac(hash, one, over, facts))
  if (!anyEqual(expected, signatures)) throw new HookFault(WRONG)
  checkTime(at, facts)
}

export function verifyHash({ hash, over, given, encoding, at }: Of<'hash'>, facts: ProofFacts): void {
  const signatures = givenSignatures(given, facts.delivery, encoding)
  const expected = createHash(hash).update(joinParts(over, facts)).digest()
  if (!anyEqual([expected], signatures)) throw new HookFault(WRONG)
  checkTime(at, facts)
}

export function verifyShared({ given, value }: Of<'shared'>, facts: ProofFacts): void {
  const [shown] = valuesOf(given, facts.delivery)
  const expected = joinParts(value, facts)
  if (shown === undefined) throw new HookFault('it does not show the shared secret')
  if (expected.length === 0 || !isEqual(Buffer.from(shown), expected)) throw new HookFault('it shows another secret')
}

export function verifyBasic({ user, password }: Of<'basic'>, facts: ProofFacts): void {
  const given = /^Basic +(\S+)$/i.exec(facts.delivery.headers.authorization ?? '')?.[1]
  if (given === undefined) throw new HookFault('it has no Basic credentials')
  const expected = Buffer.concat([joinParts(user, facts), Buffer.from(':'), joinParts(password, facts)])
  if (!isEqual(Buffer.from(given, 'base64'), expected)) throw new HookFault('it has other Basic credentials')
}

export async function verifyPublicKey(scheme: Of<'public-key'>, facts: ProofFacts): Promise<void> {
  const signatures = givenSignatures(scheme.given, facts.delivery, scheme.encoding)
  const message = joinParts(scheme.over, facts)
  const algorithm = scheme.algorithm === 'ed25519' ? null : scheme.algorithm.replace('rsa-', '')
  const keys = await publicKeysOf(scheme.key, facts)
  const kind = scheme.algorithm === 'ed25519' ? 'ed25519' : 'rsa'
  const isRight = keys.some(
    (key) =>
      key.asymmetricKeyType === kind && signatures.some((signature) => verify(algorithm, message, key, signature)),
  )
  if (!isRight) throw new HookFault(WRONG)
  checkTime(scheme.at, facts)
}

/** Of QQ: the secret, repeated until it fills 32 bytes, is the seed of the key pair. */
export function verifySeeded({ seed, over, given, at }: Of<'seeded-ed25519'>, facts: ProofFacts): void {
  const signatures = givenSignatures(given, facts.delivery, 'hex')
  const key = createPublicKey(seededKey(secretOf(seed.secret, facts)))
  const message = joinParts(over, facts)
  if (!signatures.some((signature) => verify(null, message, key, signature))) throw new HookFault(WRONG)
  checkTime(at, facts)
}

/** DER before the 32 bytes of an Ed25519 private key, and of a public one (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export function seededKey(secret: string): KeyObject {
  const seed = Buffer.from(secret.repeat(Math.ceil(32 / Buffer.byteLength(secret)))).subarray(0, 32)
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

/** With and without the default port, as Twilio signs what it was told or what it called. */
export function verifyTwilio({ key }: Of<'twilio'>, facts: ProofFacts): void {
  const { delivery } = facts
  const signatures = givenSignatures({ header: 'X-Twilio-Signature' }, delivery, 'base64')
  const { bodySHA256 } = delivery.query
  const hashed = bodySHA256 !== undefined
  if (hashed && !isEqual(Buffer.from(bodySHA256.toLowerCase()), joinParts([{ of: 'body-sha256-hex' }], facts))) {
    throw new HookFault('its body is not the one that its address names')
  }
  const fields = hashed || delivery.method === 'GET' ? '' : textOfPart({ of: 'sorted-form' }, facts)
  const expected = addressesOf(delivery.url).flatMap((url) =>
    keysOf(key.secret, 'utf8', facts).map((one) => hmac('sha1', one, [url, fields], facts)),
  )
  if (!anyEqual(expected, signatures)) throw new HookFault(WRONG)
}

function addressesOf(url: string): string[] {
  const [, scheme = '', host = '', rest = ''] = /^(https?:\/\/)([^/?#:]+|\[[^\]]+\])(?::\d+)?(.*)$/s.exec(url) ?? []
  return [...new Set([url, scheme + host + rest, `${scheme}${host}:${scheme === 'https://' ? 443 : 80}${rest}`])]
}

async function publicKeysOf(key: HookPublicKey, facts: ProofFacts): Promise<KeyObject[]> {
  if ('published' in key) {
    const url = key.url === undefined ? undefined : valuesOf(key.url, facts.delivery)[0]
    if (key.url !== undefined && url === undefined) throw new HookFault('it does not say where its key is')
    return [await publishedKey(key.published, url === undefined ? {} : { url }, facts)]
  }
  const text = secretOf(key.secret.secret, facts)
  const texts = key.as === 'pem' ? [text] : text.trim().split(/\s+/)
  return texts.map((one) => publicKeyOf(one, key.as, key.secret.secret))
}

/** PEM, a certificate, the DER of a public key, or the 32 bytes of an Ed25519 key. */
function publicKeyOf(text: string, as: 'pem' | 'hex' | 'base64', name: string): KeyObject {
  try {
    if (as === 'pem') {
      return text.includes('CERTIFICATE') ? new X509Certificate(text).publicKey : createPublicKey(text)
    }
    const bytes = Buffer.from(text, as)
    const key = bytes.length === 32 ? Buffer.concat([PUBLIC_PREFIX, bytes]) : bytes
    return createPublicKey({ key, format: 'der', type: 'spki' })
  } catch {
    throw new HookFault(`the secret ${name} is no public key`) // its own error could tell of the text
  }
}

/** All are compared, whichever is right. */
function anyEqual(expected: readonly Uint8Array[], given: readonly Uint8Array[]): boolean {
  let found = false
  for (const one of expected) for (const other of given) if (isEqual(one, other)) found = true
  return found
}
