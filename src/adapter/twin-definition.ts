// How a provider behaves in rehearsal, as its definition tells it: what comes into being, what an answer looks like.
// The twin room serves it on loopback, decodes the bytes, checks credentials and the vendor's description, injects faults.
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import type { Described } from './described.ts'

export interface TwinAnswer {
  /** Default 200. */
  status?: number
  headers?: Record<string, string>
  /** Text is sent as it is, anything else as JSON. */
  body: JsonValue
  /** Sent in place of `body`. */
  bytes?: Uint8Array
  /** Pieces of text that are sent one after the other in place of `body`, as an answer that streams. */
  stream?: readonly string[]
}

/** What a twin remembers: named collections of things by id, in order of making. */
export type TwinState = (collection: string) => Map<string, JsonObject>

export interface TwinCall {
  /** The operation whose route matched: `payment.create`, or a key of `routes`. */
  operation: string
  /** Path template of the route that matched, with the base's prefix. */
  template: string
  method: string
  path: Record<string, string>
  /** The last value of each name. */
  query: Record<string, string>
  /** All values of each name, in order. */
  queries: Record<string, readonly string[]>
  /** Decoded by the twin itself; `{}` without a body, or where it is no object. Form values are strings, brackets are nested. */
  body: JsonObject
  /**
   * The decoded body whatever it is: any JSON, a list for NDJSON, text for `text/*`, XML as elements by name (attributes as
   * `@_name`, no prefixes), null where it is only bytes, `{}` without one.
   */
  value: JsonValue
  /** As they came; of an `aws-chunked` body the content alone. */
  bytes: Uint8Array
  headers: Record<string, string>
  state: TwinState
  /** The next id with this prefix: `pi_` → `pi_twin_1`. */
  nextId: (prefix: string) => string
  /** Wall clock, milliseconds. */
  now: number
  /** Whether this is a credential that the twin was started with. */
  accepts: (credential: string) => boolean
  /** A new access token that the twin takes from now on, for `lifetimeSeconds`. Kinds keep refresh tokens apart. */
  issue: (kind: 'access' | 'refresh', lifetimeSeconds: number) => string
  /** Whether the twin has issued this and it still counts; `spend` makes it the last time. */
  issued: (kind: 'access' | 'refresh', token: string, options?: { spend?: boolean }) => boolean
}

/** What a call is known by before one of several operations on its route is chosen. */
export type TwinAsked = Pick<
  TwinCall,
  'template' | 'method' | 'path' | 'query' | 'queries' | 'body' | 'value' | 'headers'
>

export type TwinFault = 'unauthorized' | 'not-found' | 'invalid' | 'rate-limited' | 'unavailable'

/** One live websocket of a twin. */
export interface TwinSocket {
  state: TwinState
  nextId: (prefix: string) => string
  now: number
  send: (message: JsonObject) => void
  close: () => void
  /** Free room for the handler: what this connection has subscribed to, whether it is authorised. */
  session: Record<string, JsonValue>
  /** Whether this is the credential that the twin was started with. */
  accepts: (credential: string) => boolean
}

export interface TwinDefinition {
  /** The vendor's shape of a fault. */
  fault: (kind: TwinFault, message: string) => TwinAnswer
  /** The vendor's answer to an idempotency key that comes again with other parameters. Default: the `invalid` fault. */
  keyReused?: (message: string) => TwinAnswer
  /** The handlers remember idempotency keys themselves, where the vendor's do not work as those of other vendors. */
  ownKeys?: true
  /** One handler an operation; the route is that of the operation's own first request. */
  operations: Record<string, (call: TwinCall) => TwinAnswer>
  /**
   * All other routes: `GET /api/config`. Path is whole, with the base's prefix. The requests that follow an operation's
   * first one (`more`) have theirs here, unless one is the request of another operation; so have those that ask for tokens,
   * and what only the vendor's client calls. Under the credential of the request that the definition sends there; where
   * it sends none, of any of the provider's auths.
   */
  routes?: Record<string, (call: TwinCall) => TwinAnswer>
  /**
   * Which operation (or key of `routes`) a call is, where several share method and template. Default, and where it says
   * undefined: the one whose example requests it is most like, by members of body, query and headers that no input sets.
   */
  discriminate?: (asked: TwinAsked) => string | undefined
  /** Operations and routes that need no credential. Those that issue tokens check the one of their own request. */
  open?: readonly string[]
  /** Parameters without which the vendor refuses, by operation, where no vendor description says it. */
  required?: Record<string, readonly string[]>
  /** The description that the vendor publishes. */
  described?: Described
  /** What exists at the start. */
  seed?: (state: TwinState) => void
  /** The websocket side: called at the opening, for each message, and for each change. */
  socket?: {
    path: string
    open: (socket: TwinSocket) => void
    message: (socket: TwinSocket, message: JsonObject) => void
    /** After a call or any socket's message changed something: `collection`, `id`, the thing before and after. */
    changed?: (
      socket: TwinSocket,
      change: { collection: string; id: string; before: JsonObject | undefined; after: JsonObject },
    ) => void
  }
}
