// One schema of a description as JSON Schema 2020-12. Swagger 2 and OpenAPI 3.0 write drafts 4 and 5 with changes of their
// own, OpenAPI 3.1 writes 2020-12; a reference becomes the keyword `x-reference` and is followed when data reaches it.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { isObject } from './pointer.ts'

/** Whether data travels to the vendor or from it: what is read-only is not demanded of a request. */
export type Direction = 'request' | 'response'

export const REFERENCE = 'x-reference'

/** Which branch an object is, told by one of its members: `{ member, branches: { value: pointer } }`. */
export const DISCRIMINATOR = 'x-discriminator'

// Formats that say something about the text; `unix-time`, `decimal`, `int64` and the like only name a use.
export const FORMATS = ['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4', 'ipv6'] as const

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

const AS_IS = [
  ...['enum', 'const', 'uniqueItems', 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['minProperties', 'maxProperties', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['dependentRequired', 'minContains', 'maxContains'],
]
const OF_MEMBERS = ['properties', 'patternProperties', 'dependentSchemas']
const OF_LISTS = ['anyOf', 'allOf', 'prefixItems']
const OF_ONE = ['additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']

/** The schema for one direction. Keywords that say nothing about data are left out. */
export function toJsonSchema(schema: JsonValue, direction: Direction): JsonObject | boolean {
  if (!isObject(schema)) return schema !== false
  const result = keywordsOf(schema, direction)
  const branches = discriminated(schema)
  if (branches) {
    delete result.anyOf
    result[DISCRIMINATOR] = branches
  }
  if (typeof schema.$ref === 'string') {
    const beside = Object.keys(result).length > 0 ? [result] : []
    const referenced = { allOf: [{ [REFERENCE]: schema.$ref }, ...beside] }
    return schema.nullable === true ? { anyOf: [{ type: 'null' }, referenced] } : referenced
  }
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, result] } : result
}

function keywordsOf(schema: JsonObject, direction: Direction): JsonObject {
  const inner = (value: JsonValue) => toJsonSchema(value, direction)
  const result: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (AS_IS.includes(keyword)) result[keyword] = value
    else if (OF_MEMBERS.includes(keyword) && isObject(value)) {
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inner(member)]))
    } else if (OF_LISTS.includes(keyword) && Array.isArray(value)) result[keyword] = value.map(inner)
    else if (OF_ONE.includes(keyword)) result[keyword] = inner(value)
    else if (keyword === 'oneOf' && Array.isArray(value)) {
      // Branches of vendors overlap, and what fits two of them is not refused by anybody.
      result.anyOf = value.map(inner)
    } else if (keyword === 'items') {
      if (Array.isArray(value)) result.prefixItems = value.map(inner)
      else result.items = inner(value)
    } else if (keyword === 'pattern' && isPattern(value)) result.pattern = value
    else if (keyword === 'format' && FORMATS.some((format) => format === value)) result.format = value
  }
  const types = typesOf(schema.type)
  if (types !== undefined) result.type = types
  const required = requiredOf(schema, direction)
  if (required.length > 0) result.required = required
  bound(result, schema, 'minimum', 'exclusiveMinimum')
  bound(result, schema, 'maximum', 'exclusiveMaximum')
  return result
}

/** Types that JSON has; `file` and `any` of older descriptions are none. */
function typesOf(type: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(type)) return type.every((one) => TYPES.includes(String(one))) ? type : undefined
  return TYPES.includes(String(type)) ? type : undefined
}

function requiredOf({ required, properties }: JsonObject, direction: Direction): JsonValue[] {
  if (!Array.isArray(required)) return []
  const without = direction === 'request' ? 'readOnly' : 'writeOnly'
  return required.filter((name) => {
    const member = isObject(properties) ? properties[String(name)] : undefined
    return !(isObject(member) && member[without] === true)
  })
}

/** Draft 4 says `minimum: 1, exclusiveMinimum: true`, later ones `exclusiveMinimum: 1`. */
function bound(result: JsonObject, schema: JsonObject, inclusive: string, exclusive: string): void {
  if (typeof schema[exclusive] !== 'boolean') return
  delete result[exclusive]
  const limit = schema[inclusive]
  if (schema[exclusive] !== true || limit === undefined) return
  delete result[inclusive]
  result[exclusive] = limit
}

/** The branches of a discriminator; undefined where it names none, or no choice stands beside it. */
function discriminated(schema: JsonObject): JsonObject | undefined {
  const { discriminator } = schema
  const choice = Array.isArray(schema.oneOf) ? schema.oneOf : schema.anyOf
  if (!isObject(discriminator) || !isObject(discriminator.mapping) || !Array.isArray(choice)) return undefined
  return { member: discriminator.propertyName ?? '', branches: discriminator.mapping }
}

function isPattern(value: JsonValue): boolean {
  try {
    new RegExp(String(value))
    return true
  } catch {
    return false // another dialect of regular expressions
  }
}
