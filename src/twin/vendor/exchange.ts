// What is held against a description, and what comes of it.
import type { JsonValue } from '../../foundation/index.ts'

export interface DescribedRequest {
  method: string
  /** Whole path with the vendor's prefix and without the query: `/api/chat.postMessage`. */
  path: string
  /** Decoded; a repeated parameter is an array, brackets stay in the name: `created[gte]`. */
  query: Record<string, string | readonly string[]>
  headers: Record<string, string>
  /** Decoded, brackets of a form nested; undefined without a body. */
  body: JsonValue | undefined
  bodyEncoding: 'json' | 'form' | 'multipart' | undefined
}

export interface DescribedResponse {
  method: string
  path: string
  status: number
  /** Decoded JSON, or the text where it is none. */
  body: JsonValue
}

export interface Problem {
  /** `route`: the description does not know the method and path at all. */
  kind: 'route' | 'path' | 'query' | 'header' | 'body' | 'status' | 'response'
  /** What it is about: a parameter, or a JSON pointer into the body. */
  where: string
  /** What the description demands. */
  message: string
}
