// A value for one optional field of a standard input: what its JSON Schema takes, with a word for each known pattern.
import type { JsonObject, JsonValue } from '../../../src/adapter/index.ts'

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-11-25T10:00:00Z',
  date: '2026-11-25',
  uri: 'https://shop.example/there',
  email: 'ana@example.com',
  byte: 'aGVsbG8=',
  base64: 'aGVsbG8=',
  uuid: '4f1c2c0e-52a9-4a3f-9a3f-1f1f6b1b0c55',
}

const WORDS = ['sample-1', 'GBP', 'GB', '+442071838750', '12', '#sample', 'key-1=value', '10.1.2.0/24', 'en-GB', 'a']

/** Undefined where nothing is found that the schema would take. */
export function sampleOf(schema: JsonObject): JsonValue | undefined {
  const [choice] = [schema.enum, schema.anyOf, schema.oneOf].filter(Array.isArray)
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum.at(-1)
  if (choice) return choice.map((branch) => sampleOf(branch as JsonObject)).find((value) => value !== undefined)
  switch (schema.type) {
    case 'boolean':
      return schema.default !== true
    case 'integer':
    case 'number':
      return numberIn(schema)
    case 'array': {
      const item = sampleOf((schema.items ?? { type: 'string' }) as JsonObject)
      return item === undefined ? undefined : [item]
    }
    case 'object':
      return objectOf(schema)
    default:
      return textIn(schema)
  }
}

function numberIn({ minimum, maximum, exclusiveMinimum, default: usual }: JsonObject): number {
  const least = Number(minimum ?? (exclusiveMinimum === undefined ? 1 : Number(exclusiveMinimum) + 1))
  const candidates = [least + 1, least, Number(maximum ?? least)]
  return candidates.find((value) => value !== usual && value <= Number(maximum ?? Number.POSITIVE_INFINITY)) ?? least
}

function objectOf({ properties, required, additionalProperties }: JsonObject): JsonValue | undefined {
  const names = Array.isArray(required) ? required.map(String) : []
  const members = (properties ?? {}) as Record<string, JsonObject>
  if (Object.keys(members).length === 0) {
    const value = typeof additionalProperties === 'object' ? sampleOf(additionalProperties as JsonObject) : 'sample'
    return value === undefined ? undefined : { sample: value }
  }
  // A file is text or bytes, which no `required` says.
  const taken = 'text' in members && 'base64' in members ? [...names, 'text'] : names
  const entries = taken.map((name) => [name, sampleOf(members[name] ?? {})] as const)
  return entries.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(entries) as JsonObject)
}

function textIn({ format, pattern, minLength, contentEncoding }: JsonObject): string | undefined {
  const known = BY_FORMAT[String(format ?? contentEncoding)]
  const words = [...(known === undefined ? [] : [known]), ...WORDS, 'x'.repeat(Number(minLength ?? 0))]
  const expression = new RegExp(String(pattern ?? ''))
  return words.find((word) => expression.test(word) && word.length >= Number(minLength ?? 0))
}
