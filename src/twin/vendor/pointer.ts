// JSON pointers into a description.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'

/** What a JSON pointer such as `#/components/schemas/error` points at. */
export function resolvePointer(document: JsonObject, pointer: string): JsonValue | undefined {
  const steps = pointer
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '')
  return steps
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<JsonValue | undefined>(
      (value, step) => (Array.isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined),
      document,
    )
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

/** Objects of a document, through references between whole parts; what is no object is an empty one. */
export const resolver = (document: JsonObject) => {
  const resolve = (value: JsonValue | undefined, depth = 0): JsonObject => {
    if (!isObject(value)) return {}
    if (typeof value.$ref !== 'string' || depth > 8) return value
    return resolve(resolvePointer(document, value.$ref), depth + 1)
  }
  return (value: JsonValue | undefined): JsonObject => resolve(value)
}
