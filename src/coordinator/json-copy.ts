// A copy of a JSON value: what a handler does to its payload must not reach into what the coordinator knows.
import type { JsonValue } from '../foundation/index.ts'

export function jsonCopy(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(jsonCopy)
  const copy: { [key: string]: JsonValue } = {}
  for (const key of Object.keys(value)) {
    const member = jsonCopy(value[key] as JsonValue) // one of its own keys
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: member, enumerable: true, writable: true, configurable: true })
    else copy[key] = member
  }
  return copy
}
