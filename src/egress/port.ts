// What goes out of the process, as data: a request whose secrets are still holes, and what the signed manifest allows.
// The door (door.ts) is the only code that opens a socket to a provider and the only code that opens a secret.
import type { SecretSource } from '../vault/index.ts'

/** A value that the door fills in at the last moment: literal parts and secret names, concatenated, then transformed. */
export interface SecretSlot {
  /**
   * Where the auth scheme wants it. `message`: a field of the first websocket message, by name. `path`: the `{name}` of the
   * route's template; the address of the request has any placeholder in its place.
   */
  in: 'header' | 'query' | 'message' | 'path'
  name: string
  /** Literal text and secrets in order: `['Bearer ', {secret: 'SLACK_BOT_TOKEN'}]`. */
  parts: (string | { secret: string })[]
  /** `basic`: the joined parts are base64-encoded behind `Basic `. Default `plain`. */
  encode?: 'plain' | 'basic'
  /** Left out where the instance has no such secret. Default false: the request then stays inside. */
  optional?: boolean
}

/** A piece of a body: text as it leaves, or a secret that the door writes there, escaped for the place where it stands. */
export type BodyPiece = string | { secret: string; escape: 'json' | 'form' | 'xml' }

/** One multipart part. */
export interface MultipartField {
  name: string
  value: string | Uint8Array
  filename?: string
  contentType?: string
}

/** A complete HTTP request but for its secrets. */
export interface OutgoingRequest {
  method: string
  /** Whole address with query, without secrets. */
  url: string
  headers: Record<string, string>
  /** In pieces where it holds a secret. */
  body?: Uint8Array | string | readonly BodyPiece[]
  /** Filled by the door. */
  slots: SecretSlot[]
  /** Signed by the door, after all slots are filled. */
  sign?: SigningRecipe
}

/** How a request is signed, as data: names secrets, never holds one. Fields that it fills are holes in a plan (`$sign`). */
export type SigningRecipe = AwsRecipe | HmacRecipe | JwsRecipe

/** AWS Signature Version 4. The token of temporary credentials is sent where the instance has one. */
export interface AwsRecipe {
  scheme: 'aws-sigv4'
  service: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** What is signed, in order. `path` without, `target` with the query; `url` is the whole address. */
export type SignedPart =
  | { text: string }
  | { header: string }
  | { secret: string }
  | {
      of:
        | 'method'
        | 'host'
        | 'path'
        | 'query'
        | 'target'
        | 'url'
        | 'body'
        | 'body-sha256-hex'
        | 'body-sha256-base64'
        | 'timestamp'
        | 'nonce'
    }

export interface SignedField {
  in: 'header' | 'query'
  name: string
  prefix?: string
}

interface KeyedRecipe {
  /** Name of the secret that signs. */
  key: string
  over: readonly SignedPart[]
  put: SignedField
  timestamp?: SignedField & { form: 'unix-seconds' | 'unix-milliseconds' | 'rfc3339' | 'http-date' }
  /** 32 lower-case hex digits from the system's randomness. */
  nonce?: SignedField
}

export interface HmacRecipe extends KeyedRecipe {
  scheme: 'hmac'
  algorithm: 'sha1' | 'sha256' | 'sha512'
  /** How the secret's text becomes the key. Default `utf8`. */
  keyEncoding?: 'utf8' | 'hex' | 'base64'
  output: 'hex' | 'HEX' | 'base64' | 'base64url'
}

/** A detached JWS (RFC 7515, appendix F): header and signature, the payload stands in the request itself. */
export interface JwsRecipe extends KeyedRecipe {
  scheme: 'jws'
  algorithm: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'PS256' | 'EdDSA'
  /** Of the JWS, beside `alg`. */
  header: Readonly<Record<string, string | { secret: string }>>
}

/** One operation's part of the signed manifest: the only thing that this request may look like. */
export interface AllowedRoute {
  method: string
  /** Origins with settings already filled in, e.g. `https://api.stripe.com`. */
  origins: string[]
  /**
   * Path template; `{name}` matches one segment or a part of one (percent-encoded slashes stay inside it), `{name+}` one or
   * more segments.
   */
  path: string
}

export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number
  /** Seconds to wait before the 2nd, 3rd … try; the last one repeats. Retry-After wins where it is longer. */
  backoffSeconds: number[]
  /** Whether repeating is harmless: a read, or a request under an idempotency key. */
  repeatable: boolean
}

/** Whose call it is, for whoever may stop it. */
export interface Subject {
  instance: string
  swarm?: string
  actor?: string
}

/** What can shut the door for some or for all while it is open for others. */
export interface Gate {
  /** Throws what keeps the subject's requests inside. */
  check(subject: Subject): void
  /** Calls back when it may refuse what it let pass before; returns how to stop that. */
  onShut(listener: () => void): () => void
}

export interface SendOptions {
  route: AllowedRoute
  /** Opens the named secrets of this instance for the target origin. */
  secrets: SecretSource
  /** Answers from private, loopback and link-local ranges are accepted. Default false. */
  allowPrivate: boolean
  retry: RetryPolicy
  /** Whole call, all tries included. */
  timeoutMs: number
  /** Largest body accepted. Default 16 MiB. */
  maxBodyBytes?: number
  /** The answer tells new secrets to its caller, who registers them: it comes as it is. Errors are scrubbed all the same. */
  tellsSecrets?: true
  signal?: AbortSignal
  /**
   * Decides from a complete answer whether it is a failure worth another try, as the provider's definition reads it
   * (errors inside HTTP 200 too). Transport faults are judged by the door.
   */
  shouldRetry?: (response: IncomingResponse) => RetryDecision
  /** Told of each try, for traces and the night's record; never holds a secret. */
  onAttempt?: (attempt: Attempt) => void
  /**
   * Called for each try with the connection at hand, as the last thing before bytes leave: what it throws keeps them
   * inside, and is what the call fails with.
   */
  beforeSend?: () => void
  /** Asked of the gate before each try. Without one the call is nobody's: only what stops all stops it. */
  subject?: Subject
}

export type RetryDecision = { retry: false } | { retry: true; afterMs?: number; reason: string }

export interface IncomingResponse {
  status: number
  /** Lower-case names; repeated headers joined with `, `. Secrets scrubbed. */
  headers: Record<string, string>
  /** Scrubbed bytes. */
  body: Uint8Array
  /** Scrubbed text (UTF-8). */
  text: string
}

export interface Attempt {
  number: number
  startedAt: number
  durationMs: number
  status?: number
  error?: string
  retry: RetryDecision
}

export interface SendResult {
  response: IncomingResponse
  attempts: Attempt[]
}

/** `timeoutMs` bounds the way to the first byte and each silence after it; the whole ends by close or by the signal. */
export type StreamOptions = SendOptions

export type StreamResult =
  | { kind: 'answer'; response: IncomingResponse; attempts: Attempt[] }
  | {
      kind: 'stream'
      status: number
      /** As of an IncomingResponse. */
      headers: Record<string, string>
      /** Ends with the answer; leaving the loop early closes the connection. */
      chunks: AsyncIterable<Uint8Array>
      attempts: Attempt[]
    }

/** A websocket conversation through the door. */
export interface SocketOptions {
  route: AllowedRoute
  secrets: SecretSource
  allowPrivate: boolean
  /** To open. */
  timeoutMs: number
  /** Largest message accepted. Default 16 MiB. */
  maxMessageBytes?: number
  signal?: AbortSignal
  /** Asked of the gate when it opens and before each message; it is cut when the gate shuts. */
  subject?: Subject
}

export interface DoorSocket {
  /** Sends one text message; slots with `in: 'message'` are put into top-level fields of the JSON object. */
  send(message: Record<string, unknown>, slots?: SecretSlot[]): void
  /** Scrubbed text messages in order; ends at close, throws IF_ERR_PROVIDER_UNAVAILABLE when cut. */
  messages: AsyncIterable<string>
  close(): Promise<void>
}

/** Whether the transport failed before anything left, for the outcome rules of the pipeline. */
export type Departure = 'nothing-left' | 'may-have-left'

export interface Door {
  /**
   * Sends one request and hands out its answer as it comes, scrubbed across chunks. Rejects as `send`, and breaks off the
   * chunks with the same errors. An answer that is no success comes whole.
   */
  stream(request: OutgoingRequest, options: StreamOptions): Promise<StreamResult>
  /**
   * Sends one request. Rejects with FabricError: IF_ERR_EGRESS_DENIED (route, host or address not allowed; nothing left),
   * IF_ERR_SECRET_MISSING/UNREADABLE (nothing left), IF_ERR_PROVIDER_UNAVAILABLE, IF_ERR_TIMEOUT, IF_ERR_BAD_RESPONSE.
   * `details.departure` is a Departure, `details.attempts` the tries.
   */
  send(request: OutgoingRequest, options: SendOptions): Promise<SendResult>
  /** Opens a websocket under the same rules; `url` is ws: or wss:, origins in the route are http(s). */
  connect(request: Omit<OutgoingRequest, 'method' | 'body'>, options: SocketOptions): Promise<DoorSocket>
  /** Closes all sockets. */
  close(): Promise<void>
}
