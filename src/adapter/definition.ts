// What a provider is: facts and pure functions. A definition performs nothing; the engine (engine.ts) turns it into
// requests, the manifest (manifest.ts) into what is allowed, the twin room into a rehearsal partner.
import type { z } from 'zod'
import type { IncomingResponse, SecretSlot, SigningRecipe } from '../egress/index.ts'
import type { ErrorCode, JsonObject, JsonValue, MicroUsd } from '../foundation/index.ts'
import type { BodyValue } from './body-value.ts'
import type { HttpRequestSpec, QueryValue, RequestSpec } from './request.ts'
import type { SecretRef } from './secret-ref.ts'
import type { TwinDefinition } from './twin-definition.ts'
import type { InputOf, ResultOf, StandardOperationId } from './vocabulary/index.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

export const EFFECTS = ['read', 'create', 'update', 'delete', 'send', 'charge'] as const
/** What an operation does to the world. `charge`: moves money in any direction, or buys something. */
export type Effect = (typeof EFFECTS)[number]

/** What an operation touches, for judging sequences. Unlabelled native operations are private, untrusted, external. */
export interface Labels {
  reads: 'public' | 'private'
  returns: 'trusted' | 'untrusted'
  sends: 'none' | 'external'
}

/** What WE pay the vendor for one call. */
export type Cost =
  | { kind: 'free' }
  | {
      kind: 'priced'
      estimateMicroUsd: MicroUsd
      maxMicroUsd: MicroUsd
      /** How it was reckoned, with the date of the prices: `1.5 % + £0.20, prices of 2026-11-01`. */
      basis: string
    }
  | { kind: 'unknown'; why: string }

/** The principal that a payment moves. */
export interface Moves {
  /** Absent where the provider decides it, as with a refund of all. */
  amountMinor?: number
  currency?: string
  direction: 'in' | 'out'
}

/** A call of another operation of the same provider. */
export interface OperationCall {
  operation: string
  input: JsonObject
}

export interface ReadBack extends OperationCall {
  /** Whether the read shows that the operation happened. */
  holds: (read: JsonObject) => boolean
  /** `immediate`: a read right after the write always sees it, so `false` proves that it did not happen. */
  consistency: 'immediate' | 'eventual'
}

export interface UndoContext<I, R> {
  input: I
  result: R
  /** What `before` read, where it is defined. */
  before: JsonObject | undefined
}

export interface OperationExample<I> {
  /** A valid input; plans without a credential. */
  input: I
  /** The vendor's answer to it, as its description has it, decoded as the request's `answer` says. */
  response: JsonValue
  /** Of the answer, where the result reads one. Lower-case names. */
  headers?: Readonly<Record<string, string>>
  /** Default 200. */
  status?: number
  /** Answers to the requests of `more`, in order. */
  more?: readonly StepAnswer[]
  /** The events of an answer that streams, in place of `response`. */
  events?: readonly StreamEvent[]
}

/** An answer to one of several requests. */
export interface StepAnswer {
  body: JsonValue
  /** Default of an example 200. */
  status?: number
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>
}

/** A further request of an operation. `reads`: it changes nothing, so it may be repeated whatever the operation does. */
export interface FurtherRequest {
  request: HttpRequestSpec
  reads?: boolean
}

/** Waits before the next request, as between two looks at an operation that takes its time. */
export interface Pause {
  pauseMs: number
}

/** One event of a stream. `event` is `''` where the vendor names none. */
export interface StreamEvent {
  event: string
  /** The text, and the JSON in it where it is JSON. */
  data: string
  json?: JsonValue
}

/** Reads the events of one answer. Made for each stream, so it may keep what it has seen. */
export interface EventReader<R> {
  /** What the caller gets of it; none where an event says nothing. A fault ends the stream. */
  event: (event: StreamEvent) => readonly JsonObject[] | { fault: Fault } | 'end'
  /**
   * The standard result of all that came. Undefined of a complete stream: the vendor's last event is missing, so it broke
   * off after all. `complete` false: it broke off or was left, and the result is what there is; undefined for nothing.
   */
  end: (complete: boolean) => R | undefined
}

/** The next page of a list: what changes in the request. `queryIn` reads an address that the vendor gives. */
export interface NextPage {
  query?: Record<string, QueryValue>
  /** Members of a JSON or form body. */
  json?: { readonly [name: string]: BodyValue }
}

export interface PageFacts {
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  input: JsonObject
  /** Items of all pages so far. */
  count: number
  /** Pages so far, at least 1. */
  pages: number
}

/** What a vendor tells about its limits with an answer. */
export interface RateHint {
  /** Calls that are left in the window. */
  remaining: number
  /** Until the window starts anew. */
  resetMs: number
}

export interface Operation<I, R> {
  /** One sentence for lists and help. */
  summary: string
  effect: Effect
  /** Deviations from what the effect implies (see labelsOf). */
  labels?: Partial<Labels>
  /** What the credential must be allowed, in the vendor's words. */
  scope?: string
  /** Fields of the standard input that this provider cannot take: refused where given, left out of the schema shown. */
  without?: readonly (keyof I & string)[]
  /** Pure: the same input gives the same request. */
  request: (input: I) => RequestSpec
  /** The standard result from the vendor's decoded body; in a stream, undefined leaves an event out. */
  result: (body: JsonValue, context: { input: I; headers: Record<string, string> }) => R | undefined
  cost: 'free' | ((input: I) => Cost)
  moves?: (input: I) => Moves | undefined
  /** Takes it back; `none` says why nothing can. Reads have no undo. */
  undo?: ((context: UndoContext<I, R>) => OperationCall | undefined) | { none: string }
  /** How the undo reads in a plan, before the result is known: `refund.create`. */
  undoLabel?: string
  /** A read before the effect, so that the undo knows what was there. */
  before?: (input: I) => OperationCall | undefined
  /** A read after the effect. `result` is undefined when no answer came; return undefined where it cannot tell. */
  verify?: (context: { input: I; result: R | undefined }) => ReadBack | undefined
  /** Doing it twice is the same as doing it once, even without an idempotency key. Default: only reads. */
  idempotent?: boolean
  /** List operations: how to go on. The engine repeats the request with what changes until `limit` items are there. */
  pages?: { field: string; next: (body: JsonValue, facts: PageFacts) => NextPage | undefined }
  /**
   * Operations of several requests: gets the answer to the first one, yields the others and receives their answers,
   * returns the result in place of `result`. Pure but for what it receives.
   */
  more?: (context: { input: I; answer: StepAnswer }) => Generator<FurtherRequest | Pause, R, StepAnswer>
  /** Of several requests: the first one only reads, so it may be repeated, and a later one decides the outcome. */
  looksFirst?: boolean
  /** Where the request asks for a stream. */
  events?: (input: I) => EventReader<R>
  /** What it cost, where the answer tells; in place of the estimate. */
  actual?: (context: { input: I; result: R; headers: Readonly<Record<string, string>> }) => Cost | undefined
  /** Where its functions run elsewhere, in a sandbox: asked wherever the plain ones would be called. */
  remote?: RemoteOperation<I, R>
  /** At least one; the first is shown in docs, all of them give the manifest its routes. */
  examples: readonly [OperationExample<I>, ...OperationExample<I>[]]
}

/** The functions of an operation that run elsewhere. The plain ones of its definition answer for the examples only. */
export interface RemoteOperation<I, R> {
  /** The plain functions as they are for this input. */
  prepare: (input: I) => Promise<Pick<Operation<I, R>, 'request' | 'cost' | 'moves' | 'before'>>
  /** In place of `result`. */
  result: (answer: { input: I; status: number; headers: Record<string, string>; body: JsonValue }) => Promise<R>
  /** In place of `undo`, where the operation has one. */
  undo: (context: UndoContext<I, R>) => Promise<OperationCall | undefined>
}

export type StandardOperations = { [K in StandardOperationId]?: Operation<InputOf<K>, ResultOf<K>> }

/** An operation outside the vocabulary: brings its own schemas. Made by `native()`, which ties the types together. */
export interface NativeOperation extends Operation<JsonObject, JsonValue> {
  input: z.ZodType<JsonObject>
  output: z.ZodType
}

/** Defines a native operation; its functions are typed by its schemas. */
export function native<I extends z.ZodType, R extends z.ZodType>(
  definition: Operation<z.output<I>, z.output<R>> & { input: I; output: R },
): NativeOperation {
  return definition as unknown as NativeOperation // the schemas parse what the functions receive
}

export interface SecretSpec {
  /** What it is, for the prompt: `bot token (xoxb-…)`. */
  label: string
  /** Where to get it. */
  get: string
  /** A value that does not match is refused when it is entered. */
  pattern?: RegExp
  /** Start of generated test secrets. */
  testPrefix?: string
  /** Hex digits after it, where the vendor's secrets have a length. Default 40. */
  testDigits?: number
  /** Test secrets of this kind are generated as private keys in PEM (PKCS #8). */
  testKey?: 'P-256' | 'P-521' | 'RSA' | 'Ed25519'
  /** Default true. */
  required?: boolean
}

export interface SettingSpec {
  description: string
  /** Default: none, so it must be set before apply. */
  default?: string
  pattern: RegExp
}

/** Where the credential goes; `slots` name secrets, the door fills them. */
export interface Auth {
  scheme: 'none' | 'bearer' | 'basic' | 'header' | 'query' | 'path' | 'body' | 'oauth2' | 'session' | 'signature'
  slots: readonly SecretSlot[]
  /** Signs the finished request; `{setting}` in the region is filled in. */
  sign?: SigningRecipe
  /** Where the value of a slot that names `ACCESS_TOKEN` comes from. */
  token?: TokenSource
}

/** In a slot: the access token of the auth's `token` source. */
export const ACCESS_TOKEN = '$access_token'
/** In a token request's body: what a refresh, or the end of a consent, sends. */
export const REFRESH_TOKEN = '$refresh_token'
export const AUTHORIZATION_CODE = '$authorization_code'
export const DEVICE_CODE = '$device_code'
export const CODE_VERIFIER = '$code_verifier'

export type Grant = 'first' | 'refresh' | 'code' | 'device'

/** How an access token is got, kept and renewed. Each instance has its own; one process renews at a time. */
export interface TokenSource {
  /** Under which it is kept, one word: `main`. */
  name: string
  /** The request that asks for one; undefined where this grant is not to be had. Bodies hold secrets by `secretInBody`. */
  request: (grant: Grant, facts: { redirectUri?: string }) => HttpRequestSpec | undefined
  /** Of that request. Default none. */
  slots?: readonly SecretSlot[]
  /** Where its answer has what. Dotted paths into JSON; default OAuth's names. */
  reads?: {
    accessToken?: string | { header: string }
    refreshToken?: string
    /** Seconds. */
    expiresIn?: string
  }
  /** Where the answer does not tell: seconds, from the vendor's documentation. Default 3600. */
  lifetimeSeconds?: number
  /** Whether a fault says that the token no longer counts; the call is then repeated once with a new one. */
  rejected?: (fault: Fault, status: number) => boolean
  /** Where a person has to consent first: `ifab provider connect`. */
  consent?: Consent
}

export interface Consent {
  /** Page to which the person is sent: base and path template. */
  authorize?: { base: string; template: string; query?: Readonly<Record<string, string>> }
  /** Endpoint that starts a device flow (RFC 8628). */
  device?: { base: string; template: string }
  /** Secret that holds the client id. */
  clientId: SecretRef
  scopes: readonly string[]
  /** Between scopes. Default a space. */
  scopeSeparator?: string
}

/** What a vendor's answer means where it is not a success. */
export interface Fault {
  code: ErrorCode
  /** The vendor's own words, shortened. */
  message: string
  hint?: string
  /** The vendor's code for it. */
  vendorCode?: string
  retryable?: boolean
  retryAfterMs?: number
  /** Whether the action may have happened all the same. Default: `not-done` below 500, `unknown` from 500 on. */
  outcome?: 'not-done' | 'unknown'
}

/** How commands and answers travel over a provider's websocket. */
export interface SocketProtocol {
  /** Path template of the socket below base `ws`. */
  template: string
  /** Secrets of the opening request, where the vendor wants them there. Default none: `greet` sends them. */
  slots?: readonly SecretSlot[]
  /** Reacts to one incoming message before the socket is ready. */
  greet: (
    message: JsonObject,
  ) => { send: JsonObject; slots: readonly SecretSlot[] } | { ready: true } | { refused: string } | { wait: true }
  /** Puts the correlation id into a command; ids count up from 1. */
  frame: (command: JsonObject, id: number) => JsonObject
  /** What an incoming message is for the command `id`; undefined: not for it. */
  receive: (
    message: JsonObject,
    id: number,
  ) => { kind: 'reply' | 'event'; body: JsonValue } | { kind: 'fault'; fault: Fault } | undefined
}

export interface ProviderDefinition {
  id: string
  name: string
  category: 'production' | 'cloud' | 'sip' | 'payment' | 'chat' | 'ai' | 'vector'
  /** Of the manifest, semver. Raised with every change of hosts, scopes, effects or operations. */
  version: string
  docs: string
  sources: readonly string[]
  /** Date of the last check against the sources; `never` of an adapter that others wrote. */
  checkedAt: string
  confidence: 'high' | 'medium' | 'low'
  standing: 'active' | 'deprecated' | 'discontinued'
  /** What surprises users of it, a sentence each: traps, limits that no error names, what cannot be undone. */
  notes?: readonly string[]
  /** Addresses with path prefix; may hold `{setting}`. `main` is the default one. */
  baseUrls: { main: string; [name: string]: string }
  settings?: Record<string, SettingSpec>
  secrets: Record<string, SecretSpec>
  /** What instances tagged `env: sandbox` reach in place of `baseUrls`, and how the keys of a sandbox look. */
  sandbox?: { baseUrls?: Readonly<Record<string, string>>; secrets?: Readonly<Record<string, RegExp>> }
  /** How keys look that only instances tagged `env: production` may have. */
  production?: { secrets?: Readonly<Record<string, RegExp>> }
  auth: Auth
  /** Others by name, for requests that say so. */
  auths?: Readonly<Record<string, Auth>>
  /** Parts of hosts that only an answer tells, as `{name}` in `baseUrls`; a value must match. */
  hostParts?: Readonly<Record<string, RegExp>>
  /** Sent with every request. */
  headers?: Record<string, string>
  limits: { rps: number; burst: number; backoffSeconds: readonly number[] }
  /** The vendor's idempotency key: a header for the given methods, or `keyInBody` in the requests that take one. */
  idempotency?: { header?: string; windowHours: number; methods?: readonly string[] }
  /** The fault in a complete answer, undefined for a success. Errors inside HTTP 200 are found here too. */
  errors: (response: IncomingResponse) => Fault | undefined
  /** What the vendor says of its limits, for everybody who shares the credential. */
  rate?: (response: IncomingResponse) => RateHint | undefined
  /** The vendor's id of the request, for its support. */
  requestId?: (response: IncomingResponse) => string | undefined
  /** The cheapest read that proves the credential, and what it tells about it. */
  health: OperationCall & { tell: (result: JsonObject) => string | Promise<string> }
  socket?: SocketProtocol
  /** What the vendor sends by itself, to `/hooks/<instance>` of a daemon. */
  webhooks?: Webhooks
  operations: StandardOperations
  native?: Record<string, NativeOperation>
  twin: TwinDefinition
}

export const defineProvider = (definition: ProviderDefinition): ProviderDefinition => definition
