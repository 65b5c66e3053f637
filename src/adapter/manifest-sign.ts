// Digest and signature of a manifest: Ed25519 over the RFC 8785 form of everything but the signature itself.
import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson, FabricError, sha256Hex } from '../foundation/index.ts'
import type { Manifest } from './manifest.ts'
import { publicKeyOf, rawPublicKey, type TrustedKey } from './trust.ts'

/** SHA-256 of the RFC 8785 form without the signature, lower-case hex. */
export const manifestDigest = (manifest: Manifest): string => sha256Hex(signedText(manifest))

/** The manifest with a signature by this key (PKCS #8 PEM, Ed25519). */
export function signManifest(manifest: Manifest, privateKeyPem: string): Manifest {
  const key = signingKeyOf(privateKeyPem)
  return {
    ...unsigned(manifest),
    signature: {
      algorithm: 'ed25519',
      pubkey: rawPublicKey(key),
      sig: sign(null, Buffer.from(signedText(manifest)), key).toString('base64'),
    },
  }
}

/** Whose signature it is; IF_ERR_MANIFEST_UNTRUSTED where it has none, a wrong one, or one by a key that is not trusted. */
export function verifyManifest(
  manifest: Manifest,
  trustedKeys: readonly TrustedKey[],
  options: { now?: Date } = {},
): { signedBy: string } {
  const { signature } = manifest
  if (!signature) throw untrusted(manifest, 'is not signed', 'Sign it: ifab manifest sign --key FILE.')
  const key = trustedKeys.find(({ publicKey }) => publicKey === signature.pubkey)
  if (!key) {
    throw untrusted(
      manifest,
      `is signed by a key that is not trusted (${signature.pubkey})`,
      'If you know whose key it is, add it to trust/keys.yaml of your home; if not, do not use the manifest.',
    )
  }
  refuseOutdated(manifest, key, options.now ?? new Date())
  if (
    !verify(null, Buffer.from(signedText(manifest)), publicKeyOf(key.publicKey), Buffer.from(signature.sig, 'base64'))
  ) {
    throw untrusted(
      manifest,
      `was altered after ${key.name} signed it`,
      'Restore the file as it was published, or generate and sign it again.',
    )
  }
  return { signedBy: key.name }
}

function refuseOutdated(manifest: Manifest, { name, validFrom, revokedAt }: TrustedKey, now: Date): void {
  if (revokedAt !== undefined && new Date(revokedAt) <= now) {
    throw untrusted(
      manifest,
      `is signed by ${name}, whose key was revoked at ${revokedAt}`,
      'Get a release that is signed by the key of today.',
    )
  }
  if (validFrom !== undefined && new Date(validFrom) > now) {
    throw untrusted(manifest, `is signed by ${name}, whose key counts only from ${validFrom}`, 'Check the clock.')
  }
}

/** IF_ERR_MANIFEST_UNTRUSTED that names the manifest. */
export const untrusted = (manifest: Pick<Manifest, 'id'>, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_MANIFEST_UNTRUSTED', `the manifest ${manifest.id} ${problem}`, {
    hint,
    details: { manifest: manifest.id },
  })

function unsigned({ signature: _signature, ...rest }: Manifest): Manifest {
  return rest
}

const signedText = (manifest: Manifest): string => canonicalJson(unsigned(manifest))

/** The key object of a PEM; IF_ERR_INVALID_INPUT for what is no Ed25519 private key. */
export function signingKeyOf(pem: string): KeyObject {
  const key = parsedKey(pem)
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new FabricError('IF_ERR_INVALID_INPUT', 'the signing key is not an Ed25519 private key in PEM', {
    hint: 'Make one: openssl genpkey -algorithm ed25519 -out key.pem',
  })
}

function parsedKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined // the caller says what was expected; the parser's words may quote the key
  }
}
