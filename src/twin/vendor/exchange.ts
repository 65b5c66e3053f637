// What is held against a description, and what comes of it.
import type { ProblemKind } from '../../adapter/index.ts'
import type { JsonValue } from '../../foundation/index.ts'

/** How a body is written. `raw`: bytes of no structure. */
export type BodyEncoding = 'json' | 'form' | 'multipart' | 'xml' | 'ndjson' | 'raw'

export interface DescribedRequest {
  /** `WS` for a websocket command; its path is then `/` and the name of the command. */
  method: string
  /** Whole path with the vendor's prefix and without the query: `/api/chat.postMessage`. */
  path: string
  /** Decoded; a repeated parameter is an array, brackets stay in the name: `created[gte]`. */
  query: Record<string, string | readonly string[]>
  headers: Record<string, string>
  /** Decoded, brackets of a form nested, XML as elements by name, lines as a list; undefined without a body. */
  body: JsonValue | undefined
  bodyEncoding: BodyEncoding | undefined
}

export interface DescribedResponse {
  method: string
  path: string
  status: number
  /** Decoded as `bodyEncoding` says; the text where it is nothing else. */
  body: JsonValue
  /** `event`: one event of a stream. `open`: bytes or text, of which only the status is judged. Default `json`. */
  bodyEncoding?: 'json' | 'xml' | 'event' | 'open'
  /** Of the request, where several operations share a path. */
  query?: DescribedRequest['query']
  /** Body of the request, likewise. */
  sent?: JsonValue | undefined
}

export interface Problem {
  kind: ProblemKind
  /** What it is about: a parameter, or a JSON pointer into the body. */
  where: string
  /** What the description demands. */
  message: string
}
