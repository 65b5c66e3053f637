// What a request of the definition looks like once the twin has read it: its body as the twin decodes bodies, and where in
// it the definition leaves a place for a secret or for the idempotency key.
import { encodeBody, type RequestBody } from '../adapter/index.ts'
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import { decodeForm } from './form.ts'
import { decodeXml } from './xml.ts'

/** Names of members and numbers of list items, from the root of a decoded body. */
export type Place = readonly string[]

export interface ExampleBody {
  /** `{}` where there is none, or none that has members. */
  value: JsonValue
  secrets: readonly { secret: string; place: Place }[]
  keys: readonly Place[]
}

const NOTHING: ExampleBody = { value: {}, secrets: [], keys: [] }

/** Holes are found by the texts that a plan shows in their places: `<NAME>` and `$key`. */
export function exampleBodyOf(body: RequestBody | undefined): ExampleBody {
  if (!body || body.encoding === 'raw') return NOTHING
  if (body.encoding === 'multipart') {
    return { ...NOTHING, value: Object.fromEntries(body.parts.map(({ name, value }) => [name, partText(value)])) }
  }
  const { text = '', pieces = [] } = encodeBody(body)
  const value = decodeAs(body.encoding, text)
  const holes = pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece]))
  const secrets = new Set(holes.flatMap((hole) => ('secret' in hole ? [hole.secret] : [])))
  return {
    value,
    secrets: [...secrets].flatMap((secret) => placesOf(value, `<${secret}>`).map((place) => ({ secret, place }))),
    keys: holes.some((hole) => 'key' in hole) ? placesOf(value, '$key') : [],
  }
}

const partText = (value: string | Uint8Array): string => (typeof value === 'string' ? value : '')

function decodeAs(encoding: 'json' | 'form' | 'xml' | 'ndjson', text: string): JsonValue {
  if (encoding === 'json') return JSON.parse(text) as JsonValue // JSON.parse makes nothing else
  if (encoding === 'form') return decodeForm(text)
  return encoding === 'xml' ? decodeXml(text) : {}
}

/** Where a text stands in a decoded body. */
function placesOf(value: JsonValue, text: string): Place[] {
  if (value === text) return [[]]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, member]) =>
    placesOf(member as JsonValue, text).map((place) => [name, ...place]),
  )
}

/** The text or number at a place of a decoded body, as text. */
export function textAt(value: JsonValue, place: Place): string | undefined {
  let at: JsonValue | undefined = value
  for (const name of place) {
    if (at === null || at === undefined || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined
    at = (at as JsonObject)[name] // of a list, its item number `name`
  }
  return typeof at === 'string' || typeof at === 'number' ? String(at) : undefined
}
