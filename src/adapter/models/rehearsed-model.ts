// What the model of a twin says: always the same to the same words, so that a rehearsal can be repeated. It echoes the
// last words, calls a tool that these words name, and counts a token for every four bytes.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'

export interface RehearsedTurn {
  text: string
  /** The tool that it calls, in place of text. */
  call?: { name: string; arguments: JsonObject }
}

export interface RehearsedTools {
  /** Each with its JSON Schema. */
  tools: readonly { name: string; parameters: JsonObject }[]
  /** One that has to be called, or `any`. */
  must?: string | undefined
}

/** Its answer to the last words; `fromPerson` false where these are what a tool gave. */
export function rehearsedTurn(words: string, fromPerson: boolean, { tools, must }: RehearsedTools): RehearsedTurn {
  const wanted =
    must === 'any'
      ? tools[0]
      : tools.find(({ name }) => (must === undefined ? fromPerson && words.includes(name) : name === must))
  if (!wanted) return { text: `Rehearsed: ${words}` }
  const value = plainest(wanted.parameters)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { text: '', call: { name: wanted.name, arguments: isObject ? value : {} } }
}

/** About as many tokens as a model would count. */
export const rehearsedTokens = (value: JsonValue): number =>
  Math.max(1, Math.ceil(Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) / 4))

/** The plainest value that a JSON Schema takes, its required members only. */
function plainest(schema: JsonObject): JsonValue {
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return membersOf(schema)
    default:
      return null
  }
}

function membersOf({ properties, required }: JsonObject): JsonObject {
  const schemas = (properties ?? {}) as Record<string, JsonObject>
  const names = Array.isArray(required) ? required.map(String) : []
  return Object.fromEntries(names.map((name) => [name, plainest(schemas[name] ?? {})]))
}
