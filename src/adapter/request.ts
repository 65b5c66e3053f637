// A request as a definition builds it: data, no secrets, no clock, no network. Plan, manifest, door and twin all read
// the same path template.
import type { JsonObject, JsonValue } from '../foundation/index.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Scalar = string | number | boolean

/** `undefined` leaves a parameter out; an array repeats it. */
export type QueryValue = Scalar | readonly Scalar[] | undefined

/** A form value; nesting becomes brackets: `metadata[k]=v`, `items[0][price]=…`. `null` is sent as an empty value. */
export type FormValue = Scalar | null | undefined | readonly FormValue[] | { readonly [name: string]: FormValue }

export interface MultipartPart {
  name: string
  value: string | Uint8Array
  filename?: string
  contentType?: string
}

export type RequestBody =
  | { encoding: 'json'; value: JsonValue }
  | { encoding: 'form'; value: { readonly [name: string]: FormValue } }
  | { encoding: 'multipart'; parts: readonly MultipartPart[] }

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
  /** At most one of the three bodies. Members that are `undefined` are left out. */
  json?: JsonValue | Record<string, unknown>
  form?: { readonly [name: string]: FormValue }
  multipart?: readonly MultipartPart[]
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
    }
  }

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
  if (parts.json !== undefined) return { encoding: 'json', value: dropUndefined(parts.json) }
  if (parts.form !== undefined) return { encoding: 'form', value: parts.form }
  if (parts.multipart !== undefined) return { encoding: 'multipart', parts: parts.multipart }
  return undefined
}

/** JSON has no `undefined`: the member is left out, as JSON.stringify would. */
function dropUndefined(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(dropUndefined)
  if (value === null || typeof value !== 'object') return value as JsonValue // a scalar: the builder's type says so
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, dropUndefined(member)]))
}
