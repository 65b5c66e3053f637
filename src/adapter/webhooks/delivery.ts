// What comes in from a vendor, as its definition reads it: headers and query by name, the body decoded by its content type
// and as it came. What can't be decoded is null; the signature is about the bytes, never about what was decoded.
import type { JsonValue } from '../../foundation/index.ts'
import { decodeJson } from '../json.ts'
import { decodeXml } from '../xml.ts'

export interface HookDelivery {
  method: string
  /** The whole address as the vendor was told it. */
  url: string
  path: string
  /** Of a repeated name the first value. */
  query: Readonly<Record<string, string>>
  /** Lower-case names; a repeated header joined with `, `. */
  headers: Readonly<Record<string, string>>
  /** By content type: JSON, form fields (a repeated one is a list) or XML. Else null. */
  body: JsonValue
  text: string
  bytes: Uint8Array
}

export interface ReceivedRequest {
  method: string
  /** Public address with its query. */
  url: string
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
}

export function readDelivery({ method, url, headers, bytes }: ReceivedRequest): HookDelivery {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const { searchParams } = new URL(url)
  return {
    method,
    url,
    path: url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/s, ''), // as it came: what is signed isn't normalised
    query: firstValues(searchParams),
    headers,
    body: decodeBody(headers['content-type'] ?? '', text),
    text,
    bytes,
  }
}

/** Some vendors send JSON as plain text, or without saying what it is. */
function decodeBody(contentType: string, text: string): JsonValue {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  try {
    if (type === 'application/x-www-form-urlencoded') return formValues(new URLSearchParams(text))
    if (/[/+]xml$/.test(type)) return decodeXml(text)
    if (/[/+]json$/.test(type) || /^\s*[{[]/.test(text)) return decodeJson(text)
  } catch {
    return null // not what it says; the definition's functions say what that means
  }
  return null
}

function firstValues(search: URLSearchParams): Record<string, string> {
  const values = Object.create(null) as Record<string, string>
  for (const [name, value] of search) values[name] ??= value
  return values
}

function formValues(search: URLSearchParams): Record<string, JsonValue> {
  const values = Object.create(null) as Record<string, JsonValue>
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name)
    values[name] = all.length === 1 ? (all[0] ?? '') : all
  }
  return values
}
