// How a provider behaves in rehearsal, as its definition tells it: what comes into being, what an answer looks like.
// The twin room serves it on loopback, decodes the bytes, checks credentials and the vendor's description, injects faults.
import type { JsonObject, JsonValue } from '../foundation/index.ts'

export interface TwinAnswer {
  /** Default 200. */
  status?: number
  headers?: Record<string, string>
  /** Text is sent as it is, anything else as JSON. */
  body: JsonValue
}

/** What a twin remembers: named collections of things by id, in order of making. */
export type TwinState = (collection: string) => Map<string, JsonObject>

export interface TwinCall {
  /** The operation whose route matched: `payment.create`, or a key of `routes`. */
  operation: string
  /** Path template of the route that matched, with the base's prefix. */
  template: string
  path: Record<string, string>
  query: Record<string, string>
  /** Decoded by the twin itself; `{}` without a body. Form values are strings, brackets are nested. */
  body: JsonObject
  headers: Record<string, string>
  state: TwinState
  /** The next id with this prefix: `pi_` → `pi_twin_1`. */
  nextId: (prefix: string) => string
  /** Wall clock, milliseconds. */
  now: number
}

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
  /** One handler an operation; the route is the operation's own. */
  operations: Record<string, (call: TwinCall) => TwinAnswer>
  /** Routes that only the vendor's client calls: `GET /api/config`. Path is whole, with the base's prefix. */
  routes?: Record<string, (call: TwinCall) => TwinAnswer>
  /** Parameters without which the vendor refuses, by operation, where no vendor description says it. */
  required?: Record<string, readonly string[]>
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
