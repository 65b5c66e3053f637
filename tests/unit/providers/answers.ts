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
  path?: Record<string, string>
  query?: Record<string, string>
  body?: JsonObject
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
      const call: TwinCall = {
        operation,
        template: '',
        path: {},
        query: {},
        body: {},
        headers: {},
        state,
        nextId,
        now,
        ...given,
      }
      return handle(call)
    },
  }
}

/** The body of an answer as an object. */
export const bodyOf = ({ body }: TwinAnswer): JsonObject => body as JsonObject
