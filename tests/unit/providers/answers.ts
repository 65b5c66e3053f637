// What the tests of providers share: answers as the door returns them, and a twin's handlers called as functions.
import type {
  IncomingResponse,
  JsonObject,
  JsonValue,
  ProviderDefinition,
  TwinAnswer,
  TwinCall,
} from '../../../src/adapter/index.ts'

/** An answer as the door hands it to a definition. */
export function answer(status: number, body: JsonValue, headers: Record<string, string> = {}): IncomingResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, text, body: Buffer.from(text) }
}

export interface RehearsalCall {
  method?: string
  path?: Record<string, string>
  query?: Record<string, string>
  /** Default: the values of `query`, one each. */
  queries?: Record<string, readonly string[]>
  body?: JsonObject
  /** Default: `body`. */
  value?: JsonValue
  bytes?: Uint8Array
  headers?: Record<string, string>
  template?: string
}

/** A twin without a server: its handlers, a memory, and a clock that stands still. */
export function rehearse(definition: ProviderDefinition, { now = Date.UTC(2026, 5, 1) }: { now?: number } = {}) {
  const collections = new Map<string, Map<string, JsonObject>>()
  const counts = new Map<string, number>()
  const state = (name: string) => {
    const collection = collections.get(name) ?? new Map<string, JsonObject>()
    collections.set(name, collection)
    return collection
  }
  const tokens = new Map<string, number>()
  const nextId = (prefix: string) => {
    const count = (counts.get(prefix) ?? 0) + 1
    counts.set(prefix, count)
    return `${prefix}twin_${count}`
  }
  definition.twin.seed?.(state)
  return {
    state,
    nextId,
    call(operation: string, given: RehearsalCall = {}): TwinAnswer {
      const handle = definition.twin.operations[operation] ?? definition.twin.routes?.[operation]
      if (!handle) throw new Error(`the twin has no ${operation}`)
      const { query = {}, body = {} } = given
      const call: TwinCall = {
        operation,
        template: '',
        method: 'POST',
        path: {},
        query,
        queries: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
        body,
        value: body,
        bytes: new Uint8Array(0),
        headers: {},
        state,
        nextId,
        now,
        accepts: (credential) => credential.startsWith('accepted'),
        issue: (kind, lifetimeSeconds) => {
          const token = nextId(`${kind}_`)
          tokens.set(`${kind} ${token}`, now + lifetimeSeconds * 1000)
          return token
        },
        issued: (kind, token, { spend = false } = {}) => {
          const counts = (tokens.get(`${kind} ${token}`) ?? 0) > now
          if (spend) tokens.delete(`${kind} ${token}`)
          return counts
        },
        ...given,
      }
      return handle(call)
    },
  }
}

/** The body of an answer as an object. */
export const bodyOf = ({ body }: TwinAnswer): JsonObject => body as JsonObject
