// Looks into a JSON Schema: which fields there are, what type a value may have. Only what the schemas of operations and
// playbook inputs use: properties, additionalProperties, items, prefixItems, anyOf/oneOf/allOf, $ref within the document.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'

export type Schema = JsonObject

export const rootOf = (schema: JsonObject): Schema => schema

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The alternatives of a schema, references and unions opened. Recursion ends at what was seen. */
export function variants(root: Schema, schema: Schema, seen: ReadonlySet<Schema> = new Set()): Schema[] {
  if (seen.has(schema)) return []
  const known = new Set([...seen, schema])
  const target = typeof schema.$ref === 'string' ? resolve(root, schema.$ref) : undefined
  if (target) return variants(root, target, known)
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    const inner = schema[word]
    if (Array.isArray(inner)) return inner.filter(isObject).flatMap((item) => variants(root, item, known))
  }
  return [schema]
}

function resolve(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith('#')) return undefined
  const parts = reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')
  const target = parts.reduce<JsonValue | undefined>(
    (value, part) => (isObject(value) ? value[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
    root,
  )
  return isObject(target) ? target : undefined
}

/** The schema of a member or list item; undefined where there is none or anything goes. */
export function fieldOf(root: Schema, schema: Schema | undefined, name: string): Schema | undefined {
  if (!schema) return undefined
  for (const variant of variants(root, schema)) {
    const { properties, additionalProperties, items } = variant
    if (isObject(properties) && Object.hasOwn(properties, name) && isObject(properties[name])) return properties[name]
    if (isObject(additionalProperties)) return additionalProperties
    if (isObject(items) && /^\d+$/.test(name)) return items
  }
  return undefined
}

/** Names of the fields; undefined where others are allowed too. */
export function knownFields(root: Schema, schema: Schema): string[] | undefined {
  const known: string[] = []
  for (const variant of variants(root, schema)) {
    const { properties, additionalProperties, type } = variant
    if (isObject(properties)) known.push(...Object.keys(properties))
    const open = type === undefined || (type === 'object' && !isObject(properties))
    if (open ? additionalProperties !== false : isObject(properties) && additionalProperties === true) return undefined
  }
  return known
}

/** Whether the field can only be a list. */
export const isListField = (root: Schema, schema: Schema | undefined): boolean => {
  const types = schema ? typesOf(root, schema) : new Set()
  return types.size === 1 && types.has('array')
}

/** JSON types that a value may have; empty where anything goes. */
export function typesOf(root: Schema, schema: Schema): Set<string> {
  return new Set(
    variants(root, schema).flatMap((variant) => {
      const { type } = variant
      if (typeof type === 'string') return [type]
      if (Array.isArray(type)) return type.map(String)
      const values = variant.const === undefined ? variant.enum : [variant.const]
      return Array.isArray(values) ? values.map((value) => (value === null ? 'null' : typeof value)) : []
    }),
  )
}

/** Every value that an enumeration allows; undefined where it is none. */
export function choicesOf(root: Schema, schema: Schema): string[] | undefined {
  const lists = variants(root, schema).map((variant) =>
    Array.isArray(variant.enum) ? variant.enum : variant.const === undefined ? undefined : [variant.const],
  )
  return lists.length > 0 && lists.every((list) => list !== undefined) ? lists.flat().map(String) : undefined
}
