// How a vendor proves that a delivery is its own: data, read by verify.ts. A scheme names secrets and never sees one.
import type { HttpRequestSpec } from '../request.ts'
import type { SecretRef } from '../secret-ref.ts'
import type { HookPart, HookSource } from './part.ts'

export type HookHash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** `base64-of-hex`: base64 of the hex text. Hex of either case and base64 of either alphabet are read. */
export type HookEncoding = 'hex' | 'base64' | 'base64-of-hex'

/** How the text of a secret becomes a key. */
export type HookKeyForm =
  | 'utf8'
  | 'hex'
  | 'base64'
  /** Base64 behind `whsec_`; a secret without that prefix as it is (Standard Webhooks). */
  | 'whsec'
  /** SHA-1 of the text (Braintree). */
  | 'sha1'

/** When a delivery was made: refused where that is further from now than the window, either way. */
export interface HookTime {
  from: HookSource
  unit: 'seconds' | 'milliseconds' | 'date'
  /** Default 300. */
  windowSeconds?: number
}

/** A key that the vendor publishes: fetched through the door from an address of the definition, and kept for a while. */
export interface HookKeys {
  /**
   * The request that fetches it; undefined where what the delivery says can't be the vendor's. Where the delivery says an
   * address, it must be exactly the one that this request goes to.
   */
  request: (said: KeySaid) => HttpRequestSpec | undefined
  /** `jwk` and `jwks`: JSON Web Keys. `pem`: a public key or a certificate. `pems`: certificates by key id. */
  form: 'jwk' | 'jwks' | 'pem' | 'pems'
  /** Dotted path to it in a JSON answer. Default the whole answer. */
  at?: string
  /** What a delivery says, for the manifest and for docs. */
  example: KeySaid
  /** How long it is kept. Default an hour. */
  keepSeconds?: number
}

export interface KeySaid {
  /** Address of the key, as the delivery has it. */
  url?: string
  /** Its id. */
  kid?: string
}

/** A public key: from the instance's secrets, as text; or published. */
export type HookPublicKey =
  | { secret: SecretRef; as: 'pem' | 'hex' | 'base64' }
  | { published: HookKeys; url?: HookSource }

export type JwtAlgorithm = 'HS256' | 'RS256' | 'PS256' | 'ES256' | 'ES512'

export type HookScheme =
  | {
      scheme: 'hmac'
      hash: HookHash
      /** Several keys in one secret, between spaces, are tried in turn: how a key is exchanged. */
      key: SecretRef
      keyForm: HookKeyForm
      over: readonly HookPart[]
      given: HookSource
      /** Of the given signature. */
      encoding: HookEncoding
      at?: HookTime
    }
  /** A plain hash of text that holds the secret. */
  | {
      scheme: 'hash'
      hash: HookHash
      over: readonly HookPart[]
      given: HookSource
      encoding: HookEncoding
      at?: HookTime
    }
  /** The delivery shows the very text. */
  | { scheme: 'shared'; given: HookSource; value: readonly HookPart[] }
  | { scheme: 'basic'; user: readonly HookPart[]; password: readonly HookPart[] }
  | {
      scheme: 'public-key'
      algorithm: 'ed25519' | 'rsa-sha1' | 'rsa-sha256' | 'rsa-sha512'
      key: HookPublicKey
      over: readonly HookPart[]
      given: HookSource
      encoding: HookEncoding
      at?: HookTime
    }
  /** Ed25519 whose key pair comes from the secret, repeated to 32 bytes (QQ). */
  | { scheme: 'seeded-ed25519'; seed: SecretRef; over: readonly HookPart[]; given: HookSource; at?: HookTime }
  /** HMAC-SHA1 over the address and the sorted form; a JSON body by `bodySHA256` of the address (Twilio). */
  | { scheme: 'twilio'; key: SecretRef }
  /** TrueLayer's detached JWS over method, path, named headers and body. */
  | { scheme: 'detached-jws'; keys: HookKeys; given: HookSource; requiredHeaders: readonly string[]; at?: HookTime }
  | {
      scheme: 'jwt'
      given: HookSource
      algorithms: readonly JwtAlgorithm[]
      key: SecretRef | HookKeys
      issuer?: string
      audience?: readonly HookPart[]
      /** Claims that must be these texts. */
      claims?: Readonly<Record<string, readonly HookPart[]>>
      /** The claim that holds the body's SHA-256. */
      bodyHash?: { claim: string; encoding: 'hex' | 'base64' }
      /** Of `iat`. Default 300; `exp` and `nbf` always count where they are there. */
      windowSeconds?: number
    }
  /** Amazon SNS: certificate by address, version 1 or 2. */
  | { scheme: 'sns'; keys: HookKeys; topic?: readonly HookPart[] }
  /** The same scheme for each of several items in one body, with the item as the body. `*` is every item of a list. */
  | { scheme: 'each'; items: string; verify: HookScheme }
  /** All of them, or any of them. */
  | { scheme: 'all'; of: readonly HookScheme[] }
  | { scheme: 'any'; of: readonly HookScheme[] }
  /** Nothing proves it: allowed only where the definition says why, for handshakes that echo. */
  | { scheme: 'none'; why: string }
