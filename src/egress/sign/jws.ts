// A detached JWS (RFC 7515, appendix F): header and signature, the payload stands in the request. Signatures of elliptic
// curves are the two numbers side by side (RFC 7518, 3.4), not DER.
import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { FilledRequest } from '../fill.ts'
import { openKey, openSecret, secretUnreadable } from '../open-secret.ts'
import type { JwsRecipe } from '../port.ts'
import { signKeyed } from './keyed.ts'
import type { Signing } from './signing.ts'

export async function signJws(recipe: JwsRecipe, signing: Signing): Promise<FilledRequest> {
  const { key: name, algorithm } = recipe
  const key = readKey(name, await openKey(name, signing.context), algorithm)
  const header = base64url(JSON.stringify(await headerOf(recipe, signing)))
  return signKeyed(recipe, signing, async (payload) => {
    const signature = signBytes(Buffer.from(`${header}.${base64url(payload)}`), key, algorithm)
    return `${header}..${base64url(signature)}`
  })
}

async function headerOf({ algorithm, header }: JwsRecipe, { context }: Signing): Promise<Record<string, string>> {
  const filled: Record<string, string> = { alg: algorithm }
  for (const [name, value] of Object.entries(header)) {
    filled[name] = typeof value === 'string' ? value : await openSecret(value.secret, context)
  }
  return filled
}

type Algorithm = JwsRecipe['algorithm']

const DIGESTS = {
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  RS256: 'sha256',
  PS256: 'sha256',
  EdDSA: null,
} as const satisfies Record<Algorithm, string | null>

function signBytes(bytes: Buffer, key: KeyObject, algorithm: Algorithm): Buffer {
  const padding =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}
  return sign(DIGESTS[algorithm], bytes, { key, dsaEncoding: 'ieee-p1363', ...padding })
}

/** Kinds of key by algorithm; of curves, OpenSSL's names. */
const KEYS = {
  ES256: ['prime256v1'],
  ES384: ['secp384r1'],
  ES512: ['secp521r1'],
  RS256: ['rsa'],
  PS256: ['rsa', 'rsa-pss'],
  EdDSA: ['ed25519', 'ed448'],
} as const satisfies Record<Algorithm, readonly string[]>

function readKey(name: string, text: string, algorithm: Algorithm): KeyObject {
  const key = parsedKey(name, text)
  const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType
  if (KEYS[algorithm].some((known) => known === kind)) return key
  throw secretUnreadable(
    name,
    `${algorithm} needs a private key of the kind ${KEYS[algorithm].join(' or ')}, this one is ${kind}`,
    'Make a key of this kind and give the provider its public half.',
  )
}

function parsedKey(name: string, text: string): KeyObject {
  try {
    // In environment variables and JSON files line breaks are often written as \n.
    return createPrivateKey(text.replaceAll('\\n', '\n'))
  } catch {
    // The reason is not kept: it could quote the key.
    throw secretUnreadable(
      name,
      'it is not a private key in PEM without a passphrase',
      'Set the whole file, from -----BEGIN to -----END, with its line breaks.',
    )
  }
}

const base64url = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64url')
