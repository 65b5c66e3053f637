// Schemes by the names that vendors' pages give them, for definitions to read well. What most vendors do is the default.
import { type SecretRef, secret } from '../secret-ref.ts'
import type { HookPart, HookSource } from './part.ts'
import type { HookEncoding, HookHash, HookKeyForm, HookKeys, HookPublicKey, HookScheme, HookTime } from './scheme.ts'

/** The raw body, as it came. */
export const rawBody: HookPart = { of: 'body' }

/** A header, or its parts: the first group of `match`, of each match where it is global. */
export const inHeader = (header: string, match?: RegExp): HookSource => ({ header, ...(match ? { match } : {}) })

export const inQuery = (query: string): HookSource => ({ query })

/** A dotted path into the decoded body. */
export const inField = (field: string): HookSource => ({ field })

export interface HmacSignature {
  /** Default sha256. */
  hash?: HookHash
  key: SecretRef
  /** Default utf8. */
  keyForm?: HookKeyForm
  /** Default the raw body. */
  over?: readonly HookPart[]
  given: HookSource
  /** Default hex. */
  encoding?: HookEncoding
  at?: HookTime
}

export const hmacSignature = ({
  hash = 'sha256',
  keyForm = 'utf8',
  over = [rawBody],
  encoding = 'hex',
  ...rest
}: HmacSignature): HookScheme => ({ scheme: 'hmac', hash, keyForm, over, encoding, ...rest })

/** `t=…,v1=…` in one header, over `t.body` (Stripe, Tink). */
export const timestampedSignature = (header: string, key: SecretRef, windowSeconds = 300): HookScheme =>
  hmacSignature({
    key,
    over: [inHeader(header, /(?:^|,)\s*t=(\d+)/), '.', rawBody],
    given: inHeader(header, /(?:^|,)\s*v1=([0-9a-f]+)/gi),
    at: { from: inHeader(header, /(?:^|,)\s*t=(\d+)/), unit: 'seconds', windowSeconds },
  })

/** Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
export const standardWebhooks = (key: SecretRef, prefix = 'webhook'): HookScheme =>
  hmacSignature({
    key,
    keyForm: 'whsec',
    over: [inHeader(`${prefix}-id`), '.', inHeader(`${prefix}-timestamp`), '.', rawBody],
    given: inHeader(`${prefix}-signature`, /(?:^|\s)v1,([A-Za-z0-9+/=_-]+)/g),
    encoding: 'base64',
    at: { from: inHeader(`${prefix}-timestamp`), unit: 'seconds' },
  })

/** A plain hash of text with the secret in it; not an HMAC. */
export const hashSignature = ({
  encoding = 'hex',
  ...rest
}: {
  hash: HookHash
  over: readonly HookPart[]
  given: HookSource
  /** Default hex. */
  encoding?: HookEncoding
  at?: HookTime
}): HookScheme => ({ scheme: 'hash', encoding, ...rest })

/** The delivery shows the secret itself; `before` is literal text in front of it. */
export const sharedSecret = (given: HookSource, value: SecretRef, before = ''): HookScheme => ({
  scheme: 'shared',
  given,
  value: before === '' ? [value] : [before, value],
})

/**
 * For vendors that sign nothing: the address that the vendor is told ends in `?key=…`, a secret of the instance. Whoever
 * reads the vendor's settings can send deliveries.
 */
export const secretAddress = (name: string): HookScheme => sharedSecret(inQuery('key'), secret(name))

export const basicAuth = (user: HookPart, password: HookPart): HookScheme => ({
  scheme: 'basic',
  user: [user],
  password: [password],
})

/** `encoding` of the signature defaults to hex, the key is text of the same encoding. */
export const ed25519Signature = ({
  key,
  encoding = 'hex',
  ...rest
}: {
  key: SecretRef
  over: readonly HookPart[]
  given: HookSource
  encoding?: 'hex' | 'base64'
  at?: HookTime
}): HookScheme => ({
  scheme: 'public-key',
  algorithm: 'ed25519',
  key: { secret: key, as: encoding },
  encoding,
  ...rest,
})

/** RSA with PKCS #1 v1.5 padding, the signature in base64. */
export const rsaSignature = ({
  hash = 'sha256',
  over = [rawBody],
  ...rest
}: {
  hash?: 'sha1' | 'sha256' | 'sha512'
  key: HookPublicKey
  over?: readonly HookPart[]
  given: HookSource
  at?: HookTime
}): HookScheme => ({ scheme: 'public-key', algorithm: `rsa-${hash}`, over, encoding: 'base64', ...rest })

/** `X-Twilio-Signature`. */
export const twilioSignature = (key: SecretRef): HookScheme => ({ scheme: 'twilio', key })

/** `Tl-Signature` of TrueLayer. */
export const detachedJws = (options: {
  keys: HookKeys
  given: HookSource
  requiredHeaders: readonly string[]
  at?: HookTime
}): HookScheme => ({ scheme: 'detached-jws', ...options })

/** A JSON Web Token, by default the bearer token of `Authorization`. */
export const jwtSignature = ({
  given = inHeader('Authorization', /^Bearer +(\S+)$/i),
  ...rest
}: Omit<Extract<HookScheme, { scheme: 'jwt' }>, 'scheme' | 'given'> & { given?: HookSource }): HookScheme => ({
  scheme: 'jwt',
  given,
  ...rest,
})

/** Amazon SNS. `base` is the definition's address `https://sns.{region}.amazonaws.com`, with `region` of its `hostParts`. */
export const snsSignature = (keys: HookKeys, topic?: HookPart): HookScheme => ({
  scheme: 'sns',
  keys,
  ...(topic === undefined ? {} : { topic: [topic] }),
})

/** Every one of them must hold. */
export const everyOf = (...of: readonly HookScheme[]): HookScheme => ({ scheme: 'all', of })

/** One of them suffices. */
export const oneOf = (...of: readonly HookScheme[]): HookScheme => ({ scheme: 'any', of })

/** Each item of a body that holds several is proven by itself: `notificationItems.*.NotificationRequestItem`. */
export const eachOf = (items: string, verify: HookScheme): HookScheme => ({ scheme: 'each', items, verify })

/** Nothing proves it. Say why that is harmless. */
export const unproven = (why: string): HookScheme => ({ scheme: 'none', why })
