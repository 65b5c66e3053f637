// A request as a definition builds it: data, no secrets, no clock, no network. Plan, manifest, door and twin all read
// the same path template.
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import { BodyHole, type BodyValue, ExactNumber } from './body-value.ts'
import type { XmlValue } from './encode-xml.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Scalar = string | number | boolean

/** `undefined` leaves a parameter out; an array repeats it. */
export type QueryValue = Scalar | readonly Scalar[] | undefined

/** A form value; nesting becomes brackets: `metadata[k]=v`, `items[0][price]=…`. `null` is sent as an empty value. */
export type FormValue =
  | Scalar
  | null
  | undefined
  | BodyHole
  | readonly FormValue[]
  | { readonly [name: string]: FormValue }

export interface MultipartPart {
  name: string
  value: string | Uint8Array
  filename?: string
  contentType?: string
}

/** How a list in a form is written: `a[0]=…`, `a=…&a=…`, or `a.1=…` with `.` between nested names too. */
export type FormLists = 'brackets' | 'repeated' | 'dotted'

export type RequestBody =
  | { encoding: 'json'; value: BodyValue }
  | { encoding: 'form'; value: { readonly [name: string]: FormValue }; lists?: FormLists }
  | { encoding: 'multipart'; parts: readonly MultipartPart[] }
  | { encoding: 'xml'; value: XmlValue }
  | { encoding: 'ndjson'; values: readonly JsonValue[] }
  | { encoding: 'raw'; value: string | Uint8Array; contentType: string }

/**
 * How the answer of a success is decoded. `exact-json`: numbers with a point come as texts, as they were written. `bytes`:
 * base64 text. `empty`: null, whatever came. Default `json`; no body is null.
 */
export type AnswerKind = 'json' | 'exact-json' | 'text' | 'bytes' | 'xml' | 'ndjson' | 'empty'

/** How an answer that comes in events is cut. */
export type StreamKind = 'sse' | 'ndjson'

export interface HttpRequestSpec {
  transport: 'http'
  /** Key of the definition's `baseUrls`. */
  base: string
  method: Method
  /** Path below the base address; `{name}` is one segment, filled from `path`. */
  template: string
  path: Record<string, Scalar>
  query: Record<string, QueryValue>
  headers: Record<string, string>
  body?: RequestBody
  /** Key of the definition's `auths`; default its `auth`. */
  auth?: string
  /** Values for the parts of the base's host that an earlier answer told (see `hostParts`). */
  host?: Record<string, string>
  /** Default `json`. */
  answer?: AnswerKind
  /** The answer comes in events; the operation's `events` reads them. */
  stream?: StreamKind
}

/** One command over the provider's websocket, framed by the definition's `socket` protocol. */
export interface SocketRequestSpec {
  transport: 'websocket'
  base: string
  method: 'GET'
  template: string
  path: Record<string, Scalar>
  query: Record<string, QueryValue>
  headers: Record<string, string>
  command: JsonObject
  /** `reply`: one answer ends it. `stream`: the answer acknowledges, events follow until it is closed. */
  mode: 'reply' | 'stream'
}

export type RequestSpec = HttpRequestSpec | SocketRequestSpec

export interface RequestParts {
  /** Default `main`. */
  base?: string
  path?: Record<string, Scalar>
  query?: Record<string, QueryValue>
  headers?: Record<string, string>
  /** Key of the definition's `auths`. */
  auth?: string
  host?: Record<string, string>
  answer?: AnswerKind
  stream?: StreamKind
  /** At most one body. Members that are `undefined` are left out. */
  json?: BodyValue | Record<string, unknown>
  form?: { readonly [name: string]: FormValue }
  /** Of `form`. Default `brackets`. */
  lists?: FormLists
  multipart?: readonly MultipartPart[]
  /** Elements by name, attributes as `@_name`, text beside attributes as `#text`. */
  xml?: XmlValue
  ndjson?: readonly JsonValue[]
  raw?: { value: string | Uint8Array; contentType: string }
}

const request =
  (method: Method) =>
  (template: string, parts: RequestParts = {}): HttpRequestSpec => {
    const body = bodyOf(parts)
    return {
      transport: 'http',
      base: parts.base ?? 'main',
      method,
      template,
      path: parts.path ?? {},
      query: parts.query ?? {},
      headers: parts.headers ?? {},
      ...(body ? { body } : {}),
      ...(parts.auth === undefined ? {} : { auth: parts.auth }),
      ...(parts.host === undefined ? {} : { host: parts.host }),
      ...(parts.answer === undefined ? {} : { answer: parts.answer }),
      ...(parts.stream === undefined ? {} : { stream: parts.stream }),
    }
  }

export const head = request('HEAD')
export const get = request('GET')
export const post = request('POST')
export const put = request('PUT')
export const patch = request('PATCH')
export const del = request('DELETE')

/** A websocket command; `template` is the path below the base address where the socket opens. */
export const command = (
  template: string,
  message: JsonObject,
  parts: { base?: string; mode?: 'reply' | 'stream' } = {},
): SocketRequestSpec => ({
  transport: 'websocket',
  base: parts.base ?? 'main',
  method: 'GET',
  template,
  path: {},
  query: {},
  headers: {},
  command: message,
  mode: parts.mode ?? 'reply',
})

function bodyOf(parts: RequestParts): RequestBody | undefined {
  const { json, form, lists, multipart, xml, ndjson, raw } = parts
  if (json !== undefined) return { encoding: 'json', value: dropUndefined(json) }
  if (form !== undefined) return { encoding: 'form', value: form, ...(lists === undefined ? {} : { lists }) }
  if (multipart !== undefined) return { encoding: 'multipart', parts: multipart }
  if (xml !== undefined) return { encoding: 'xml', value: xml }
  if (ndjson !== undefined) return { encoding: 'ndjson', values: ndjson }
  return raw && { encoding: 'raw', ...raw }
}

/** JSON has no `undefined`: the member is left out, as JSON.stringify would. */
function dropUndefined(value: unknown): BodyValue {
  if (Array.isArray(value)) return value.map(dropUndefined)
  if (value === null || typeof value !== 'object' || value instanceof BodyHole || value instanceof ExactNumber) {
    return value as BodyValue // a scalar or a leaf: the builder's type says so
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, dropUndefined(member)]))
}
