// One secret at rest: AES-256-GCM under a fresh nonce. Instance, name, origins and the key's id are authenticated with it, so
// that a record that is copied to another place, or whose origins are edited, does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../foundation/index.ts'
import { keyIdOf } from './vault-key.ts'

const fields = {
  /** Base64. */
  nonce: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
  origins: z.array(z.string()),
  /** Milliseconds since 1970. */
  setAt: z.number(),
}

export const sealedSchema = z.discriminatedUnion('version', [
  /** Written before keys had ids: under the first key of the home. */
  z.strictObject({ version: z.literal(1), ...fields }),
  z.strictObject({ version: z.literal(2), ...fields, key: z.string() }),
])

export type SealedSecret = z.infer<typeof sealedSchema>

/** What a secret is bound to. */
export interface Binding {
  instance: string
  name: string
  origins: string[]
}

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export function sealSecret(value: string, facts: { key: Uint8Array; binding: Binding; setAt: number }): SealedSecret {
  const nonce = randomBytes(NONCE_BYTES)
  const id = keyIdOf(facts.key)
  const cipher = createCipheriv(ALGORITHM, facts.key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedBytes(facts.binding, { version: 2, key: id }))
  const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return {
    version: 2,
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    origins: facts.binding.origins,
    setAt: facts.setAt,
    key: id,
  }
}

/** The value, or undefined where key, record or binding is not the one it was sealed with. */
export function unsealSecret(
  sealed: SealedSecret,
  facts: { key: Uint8Array; instance: string; name: string },
): string | undefined {
  const nonce = Buffer.from(sealed.nonce, 'base64')
  const tag = Buffer.from(sealed.tag, 'base64')
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) return undefined
  const decipher = createDecipheriv(ALGORITHM, facts.key, nonce, { authTagLength: TAG_BYTES })
  const binding = { instance: facts.instance, name: facts.name, origins: sealed.origins }
  decipher.setAAD(associatedBytes(binding, sealed.version === 1 ? {} : { version: 2, key: sealed.key }))
  decipher.setAuthTag(tag)
  const start = decipher.update(Buffer.from(sealed.ciphertext, 'base64'))
  try {
    return Buffer.concat([start, decipher.final()]).toString('utf8')
  } catch {
    // GCM says no more than that something does not fit together.
    return undefined
  }
}

const associatedBytes = ({ instance, name, origins }: Binding, form: { version?: 2; key?: string }): Buffer =>
  Buffer.from(canonicalJson({ instance, name, origins, ...form }), 'utf8')
