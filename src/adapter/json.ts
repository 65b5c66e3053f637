// JSON of vendors. Whole numbers beyond 2^53 (ids, mostly) would be rounded by JSON.parse; they become text instead, so
// that an id read is the id that goes back. Node 20 gives no access to a number's source text, hence the pre-scan: only
// a text that holds a long run of digits pays for the careful way.
import type { IncomingResponse } from '../egress/index.ts'
import type { JsonValue } from '../foundation/index.ts'

const LONG_NUMBER = /\d{16}/
// Strings are matched whole so that digits inside them are left alone; only bare integers are replaced.
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

/** Parses JSON; integers that a number cannot hold become strings. Throws SyntaxError. */
export function decodeJson(text: string): JsonValue {
  const parsed = JSON.parse(text) as JsonValue
  if (!LONG_NUMBER.test(text)) return parsed
  const exact = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  )
  return JSON.parse(exact) as JsonValue
}

const decoded = new WeakMap<IncomingResponse, { value: JsonValue | undefined }>()

/** The decoded body of an answer, parsed once however often it is asked for; undefined where it is not JSON. */
export function jsonBody(response: IncomingResponse): JsonValue | undefined {
  const known = decoded.get(response)
  if (known) return known.value
  const value = tryDecode(response.text)
  decoded.set(response, { value })
  return value
}

/** An empty body (204) is null. */
function tryDecode(text: string): JsonValue | undefined {
  if (text.trim() === '') return null
  try {
    return decodeJson(text)
  } catch {
    return undefined // not JSON; the caller says what that means
  }
}
