// What a provider is: facts and pure functions. A definition performs nothing; the engine (engine.ts) turns it into
// requests, the manifest (manifest.ts) into what is allowed, the twin room into a rehearsal partner.
import type { z } from 'zod'
import type { IncomingResponse, SecretSlot } from '../egress/index.ts'
import type { ErrorCode, JsonObject, JsonValue, MicroUsd } from '../foundation/index.ts'
import type { RequestSpec } from './request.ts'
import type { TwinDefinition } from './twin-definition.ts'
import type { InputOf, ResultOf, StandardOperationId } from './vocabulary/index.ts'

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
  /** The vendor's answer to it, as its description has it. */
  response: JsonValue
}

export interface Operation<I, R> {
  /** One sentence for lists and help. */
  summary: string
  effect: Effect
  /** Deviations from what the effect implies (see labelsOf). */
  labels?: Partial<Labels>
  /** What the credential must be allowed, in the vendor's words. */
  scope?: string
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
  before?: (input: I) => OperationCall
  /** A read after the effect. `result` is undefined when no answer came; return undefined where it cannot tell. */
  verify?: (context: { input: I; result: R | undefined }) => ReadBack | undefined
  /** Doing it twice is the same as doing it once, even without an idempotency key. Default: only reads. */
  idempotent?: boolean
  /** List operations: how to go on. The engine repeats the request with the returned query until `limit` items are there. */
  pages?: { field: string; next: (body: JsonValue) => Record<string, string> | undefined }
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
  scheme: 'none' | 'bearer' | 'basic' | 'header' | 'query'
  slots: readonly SecretSlot[]
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
  /** Addresses with path prefix; may hold `{setting}`. `main` is the default one. */
  baseUrls: { main: string; [name: string]: string }
  settings?: Record<string, SettingSpec>
  secrets: Record<string, SecretSpec>
  /** What instances tagged `env: sandbox` reach in place of `baseUrls`, and how the keys of a sandbox look. */
  sandbox?: { baseUrls?: Readonly<Record<string, string>>; secrets?: Readonly<Record<string, RegExp>> }
  /** How keys look that only instances tagged `env: production` may have. */
  production?: { secrets?: Readonly<Record<string, RegExp>> }
  auth: Auth
  /** Sent with every request. */
  headers?: Record<string, string>
  limits: { rps: number; burst: number; backoffSeconds: readonly number[] }
  /** The vendor's idempotency header, for the given methods. */
  idempotency?: { header: string; windowHours: number; methods: readonly string[] }
  /** The fault in a complete answer, undefined for a success. Errors inside HTTP 200 are found here too. */
  errors: (response: IncomingResponse) => Fault | undefined
  /** The vendor's id of the request, for its support. */
  requestId?: (response: IncomingResponse) => string | undefined
  /** The cheapest read that proves the credential, and what it tells about it. */
  health: OperationCall & { tell: (result: JsonObject) => string | Promise<string> }
  socket?: SocketProtocol
  operations: StandardOperations
  native?: Record<string, NativeOperation>
  twin: TwinDefinition
}

export const defineProvider = (definition: ProviderDefinition): ProviderDefinition => definition
