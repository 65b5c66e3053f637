// Keys that vendors publish, read from the answer to the definition's own request. The delivery only points at one.
import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto'
import { decodeJson } from '../json.ts'
import { HookFault, memberAt } from './part.ts'
import type { ProofFacts } from './proof.ts'
import type { HookKeys, KeySaid } from './scheme.ts'

/** The key that a delivery points at. A certificate that is not valid at this time is none. */
export async function publishedKey(keys: HookKeys, said: KeySaid, facts: ProofFacts): Promise<KeyObject> {
  const text = await facts.published(keys, said)
  if (text === undefined) throw new HookFault("it points at a key that is not the vendor's")
  try {
    return readKey(keys, text, said.kid, facts.now)
  } catch (thrown) {
    if (thrown instanceof HookFault) throw thrown
    throw new HookFault('the published key is unreadable')
  }
}

function readKey({ form, at }: HookKeys, text: string, kid: string | undefined, now: number): KeyObject {
  if (form === 'pem') return pemKey(text, now)
  const answer = decodeJson(text)
  const value = at === undefined ? answer : memberAt(answer, at)
  if (form === 'pems') {
    const pem = value === undefined ? undefined : memberAt(value, kid ?? '')
    if (typeof pem !== 'string') throw unknownKey()
    return pemKey(pem, now)
  }
  const list = form === 'jwks' ? memberAt(value ?? null, 'keys') : [value ?? null]
  const all = Array.isArray(list) ? list : []
  // A single key is the one that was asked for.
  const found = all.find((one) => form === 'jwk' || kid === undefined || memberAt(one, 'kid') === kid)
  if (found === undefined || found === null || typeof found !== 'object') throw unknownKey()
  return createPublicKey({ key: found as JsonWebKey, format: 'jwk' }) // createPublicKey checks what it needs of it
}

function pemKey(text: string, now: number): KeyObject {
  if (!text.includes('CERTIFICATE')) return createPublicKey(text)
  const certificate = new X509Certificate(text)
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) {
    throw new HookFault('the certificate of its key is not valid now')
  }
  return certificate.publicKey
}

const unknownKey = (): HookFault => new HookFault('nobody publishes the key that it names')
