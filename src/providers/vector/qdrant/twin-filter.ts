// Filters as the twin understands them: must, should and must_not over match, range and has_id. Anything else is refused,
// so that a rehearsal never finds what Qdrant would not.
import type { JsonObject, JsonValue } from '../../../adapter/index.ts'
import { keyOf } from './twin-answers.ts'

export interface KeptPoint {
  key: string
  payload: JsonObject
}

/** Thrown for a condition that the twin does not know. */
export class UnknownCondition extends Error {}

export function passes(filter: JsonValue | undefined, point: KeptPoint): boolean {
  if (filter === undefined || filter === null) return true
  const { must, should, must_not, ...rest } = objectOf(filter)
  const [stranger] = Object.keys(rest)
  if (stranger !== undefined) throw new UnknownCondition(stranger)
  const any = conditions(should)
  return (
    conditions(must).every((condition) => holds(condition, point)) &&
    (any.length === 0 || any.some((condition) => holds(condition, point))) &&
    !conditions(must_not).some((condition) => holds(condition, point))
  )
}

const conditions = (value: JsonValue | undefined): JsonObject[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value.map(objectOf) : [objectOf(value)]

const objectOf = (value: JsonValue): JsonObject => {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new UnknownCondition(JSON.stringify(value))
  return value
}

function holds(condition: JsonObject, point: KeptPoint): boolean {
  const { key, match, range, has_id: ids } = condition
  if (Array.isArray(ids)) return ids.some((id) => keyOf(id) === point.key)
  if (typeof key !== 'string') return passes(condition, point)
  const values = valuesAt(point.payload, key)
  if (match !== undefined) return values.some((value) => matches(objectOf(match), value))
  if (range !== undefined) return values.some((value) => isWithin(objectOf(range), value))
  throw new UnknownCondition(Object.keys(condition).join(', '))
}

/** A dotted key; every item of a list counts. */
const valuesAt = (payload: JsonObject, key: string): JsonValue[] =>
  key.split('.').reduce<JsonValue[]>(
    (values, name) =>
      values.flatMap((value) => {
        const member = value !== null && typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined
        return member === undefined ? [] : Array.isArray(member) ? member : [member]
      }),
    [payload],
  )

function matches({ value, any }: JsonObject, found: JsonValue): boolean {
  if (value !== undefined) return value === found
  if (Array.isArray(any)) return any.includes(found)
  throw new UnknownCondition('match')
}

function isWithin({ gt, gte, lt, lte }: JsonObject, found: JsonValue): boolean {
  if (typeof found !== 'number') return false
  const number = (limit: JsonValue | undefined, otherwise: number) => (typeof limit === 'number' ? limit : otherwise)
  return (
    found >= number(gte, -Infinity) &&
    found <= number(lte, Infinity) &&
    (typeof gt !== 'number' || found > gt) &&
    (typeof lt !== 'number' || found < lt)
  )
}
