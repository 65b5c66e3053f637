// Whose signatures count: `trust/keys.yaml` of the package, and a file of the same form of the operator's own. A key is
// 32 raw bytes of Ed25519, in base64.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { isFabricError, readDocument } from '../foundation/index.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'expected the 32 raw bytes of an Ed25519 key in base64 (44 characters)')

export const trustSchema = z
  .strictObject({
    version: z.literal(1),
    keys: z
      .array(
        z.strictObject({
          name: z.string().regex(NAME).describe('What `signed by` says.'),
          algorithm: z.literal('ed25519'),
          publicKey: publicKey.describe('Raw public key in base64.'),
          validFrom: z.iso.datetime().optional().describe('Not trusted before.'),
          revokedAt: z.iso.datetime().optional().describe('Not trusted from then on.'),
        }),
      )
      .refine((keys) => new Set(keys.map(({ name }) => name)).size === keys.length, 'two keys have the same name'),
  })
  .describe('Keys whose signatures on manifests are trusted.')

export type TrustedKey = z.output<typeof trustSchema>['keys'][number]

/** Keys of a trust file; with `optional`, none where there is no such file. */
export async function loadTrustedKeys(path: string, options: { optional?: boolean } = {}): Promise<TrustedKey[]> {
  try {
    return (await readDocument(path, trustSchema)).value.keys
  } catch (thrown) {
    if (options.optional && isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return []
    throw thrown
  }
}

// What stands before the 32 raw bytes in an Ed25519 SubjectPublicKeyInfo (RFC 8410).
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** The key object of 32 raw bytes in base64. */
export const publicKeyOf = (rawBase64: string): KeyObject =>
  createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, Buffer.from(rawBase64, 'base64')]),
    format: 'der',
    type: 'spki',
  })

/** The 32 raw bytes of a public or private Ed25519 key, in base64. */
export const rawPublicKey = (key: KeyObject): string =>
  (key.type === 'private' ? createPublicKey(key) : key)
    .export({ format: 'der', type: 'spki' })
    .subarray(SPKI_PREFIX.length)
    .toString('base64')
