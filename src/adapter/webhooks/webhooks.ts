// What a definition says of its vendor's webhooks: how a delivery is proven, what the vendor asks first, which events are
// in a delivery and what is answered. Pure: it sees deliveries and no secrets.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { HttpRequestSpec } from '../request.ts'
import type { SecretRef } from '../secret-ref.ts'
import type { HookDelivery } from './delivery.ts'
import type { HookPart } from './part.ts'
import type { HookEncoding, HookHash, HookKeyForm, HookScheme } from './scheme.ts'

export interface HookEvent {
  /** The vendor's id of it, the same in every delivery of it: by that it is kept once. */
  id: string
  /** In the vendor's words: `payment_intent.succeeded`. */
  type: string
  /** When it happened, RFC 3339, where the vendor tells. */
  at?: string
  data: JsonObject
}

/** A piece of an answer that a secret makes. */
export type ReplyPart =
  | HookPart
  | { hmac: HookHash; key: SecretRef; keyForm?: HookKeyForm; over: readonly HookPart[]; encoding: HookEncoding }
  /** Hex signature by the key pair of the secret, repeated to 32 bytes (QQ). */
  | { seededEd25519: SecretRef; over: readonly HookPart[] }

export interface HookReply {
  /** Default 200. */
  status?: number
  headers?: Readonly<Record<string, string>>
  /** At most one of these. */
  text?: string
  json?: JsonValue
  parts?: readonly ReplyPart[]
}

/** What the vendor asks before, or between, events. */
export interface HookHandshake {
  reply: HookReply
  /** How this is proven, where it isn't as events are. */
  verify?: HookScheme
  /** Sent to the vendor first, through the door: a subscription that has to be confirmed. Like one of `confirms`. */
  confirm?: HttpRequestSpec
}

/** A body whose content is encrypted. */
export interface HookSeal {
  scheme: 'wechat-aes'
  /** The 43 characters of EncodingAESKey. */
  key: SecretRef
  /** Must stand inside. */
  appId: HookPart
  /** Where the cipher text stands; a delivery without it is open. */
  field: string
}

export interface Webhooks {
  verify: HookScheme
  handshake?: (delivery: HookDelivery) => HookHandshake | undefined
  /** How handshakes confirm, one of each kind, for the manifest. */
  confirms?: readonly HttpRequestSpec[]
  /** Opened once the delivery is proven; the functions below then see the open body. */
  seal?: HookSeal
  /** None where a delivery says nothing. What throws is answered 400: the delivery isn't what the vendor documents. */
  events: (delivery: HookDelivery) => readonly HookEvent[]
  /** To a delivery whose events are kept. Default 200 without a body. */
  reply?: (delivery: HookDelivery) => HookReply
  /** Status for a delivery that isn't proven, where the vendor wants another than 401. */
  refusal?: number
  /** Default POST. */
  methods?: readonly ('GET' | 'POST' | 'PUT')[]
  /** What the person sets at the vendor, and where: `Developers → Webhooks → Add endpoint`. */
  setup: string
  /** A delivery as the vendor's pages have it, without its proof: must bring at least one event. */
  example: {
    body: string | JsonValue
    headers?: Readonly<Record<string, string>>
    query?: Readonly<Record<string, string>>
    /** Default POST. */
    method?: string
  }
}
