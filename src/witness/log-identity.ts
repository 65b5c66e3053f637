// Who signs a log: the ed25519 key pair as signed notes know it (C2SP signed-note): a name, a 4-byte key id, and the
// verifier key text that other people's tools take. The name is the log's origin and derives from the key.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { FabricError } from '../foundation/index.ts'

export interface LogIdentity {
  /** First line of each checkpoint and name of the key: `infrafabric.local/<log id>`. */
  readonly origin: string
  /** The 4 bytes by which a signature names the key. */
  readonly keyId: Buffer
  readonly publicKey: KeyObject
}

/** Signature type of signed notes: plain ed25519. */
const ED25519 = 0x01

export function logIdentity(publicKey: KeyObject): LogIdentity {
  const raw = rawPublicKey(publicKey)
  const origin = `infrafabric.local/${createHash('sha256').update(raw).digest('hex').slice(0, 16)}`
  return { origin, keyId: noteKeyId(origin, raw), publicKey }
}

/** The key id of signed notes: first 4 bytes of SHA-256(name || 0x0A || signature type || 32-byte public key). */
export const noteKeyId = (name: string, raw: Buffer): Buffer =>
  createHash('sha256')
    .update(name)
    .update(Buffer.from([0x0a, ED25519]))
    .update(raw)
    .digest()
    .subarray(0, 4)

/** `name+hex key id+base64(0x01 || public key)`: the text by which other verifiers know the log. */
export function verifierKey({ origin, keyId, publicKey }: LogIdentity): string {
  const key = Buffer.concat([Buffer.from([ED25519]), rawPublicKey(publicKey)]).toString('base64')
  return `${origin}+${keyId.toString('hex')}+${key}`
}

/** The identity that a verifier key names; IF_ERR_INVALID_FILE when it is not of this form or of another log's name. */
export function parseVerifierKey(text: string, file: string): LogIdentity {
  const [name, id, encoded] = text.trim().split(/\+(.{8})\+/)
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (name && id && bytes.length === 33 && bytes[0] === ED25519) {
    const x = bytes.subarray(1).toString('base64url')
    const identity = logIdentity(createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }))
    if (identity.origin === name && identity.keyId.toString('hex') === id) return identity
  }
  throw new FabricError('IF_ERR_INVALID_FILE', `${file}: expected one verifier key, name+id+base64, of a witness log`)
}

function rawPublicKey(publicKey: KeyObject): Buffer {
  const { x } = publicKey.export({ format: 'jwk' })
  if (publicKey.asymmetricKeyType === 'ed25519' && x) return Buffer.from(x, 'base64url')
  throw new FabricError('IF_ERR_INTERNAL', `a witness log is signed by ed25519, not ${publicKey.asymmetricKeyType}`)
}
