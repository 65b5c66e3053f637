// JSON of vendors. Whole numbers beyond 2^53 (ids, mostly) would be rounded by JSON.parse; they become text instead, so
// that an id read is the id that goes back. Node 20 gives no access to a number's source text, hence the pre-scan: only
// a text that holds a long run of digits pays for the careful way.
import type { IncomingResponse } from '../egress/index.ts'
import type { JsonValue } from '../foundation/index.ts'
import { answerText } from './charset.ts'

const LONG_NUMBER = /\d{16}/
// Strings are matched whole so that digits inside them are left alone; only bare integers are replaced.
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

/** Parses JSON; integers that a number cannot hold become strings. Throws SyntaxError. */
export function decodeJson(text: string): JsonValue {
  const parsed = JSON.parse(text) as JsonValue
  if (!LONG_NUMBER.test(text)) return parsed
  return JSON.parse(numbersAsText(text, isUnsafeInteger)) as JsonValue
}

/** As `decodeJson`; every number with a point or an exponent becomes a string too, as it was written: for money. */
export function decodeExactJson(text: string): JsonValue {
  JSON.parse(text) // what is no JSON must not become some by the replacement
  return JSON.parse(numbersAsText(text, (token) => isDecimal(token) || isUnsafeInteger(token))) as JsonValue
}

const numbersAsText = (text: string, wanted: (token: string) => boolean): string =>
  text.replace(STRING_OR_NUMBER, (token) => (!token.startsWith('"') && wanted(token) ? `"${token}"` : token))

const isUnsafeInteger = (token: string): boolean => /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))
const isDecimal = (token: string): boolean => /[.eE]/.test(token)

const decoded = new WeakMap<IncomingResponse, { value: JsonValue | undefined }>()

/** The decoded body of an answer, parsed once however often it is asked for; undefined where it is not JSON. */
export function jsonBody(response: IncomingResponse): JsonValue | undefined {
  const known = decoded.get(response)
  if (known) return known.value
  const value = tryJson(response, decodeJson)
  decoded.set(response, { value })
  return value
}

/** Some servers put it before JSON, though RFC 8259 forbids it. */
const BYTE_ORDER_MARK = '\ufeff'

/** The body read by `decode`: null without one (204), undefined where it is not JSON. */
export function tryJson(response: IncomingResponse, decode: (text: string) => JsonValue): JsonValue | undefined {
  const text = answerText(response)
  if (text === undefined) return undefined
  if (text.trim() === '') return null
  try {
    return decode(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)
  } catch {
    return undefined // not JSON; the caller says what that means
  }
}
