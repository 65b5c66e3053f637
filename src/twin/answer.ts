// Answers as they leave: a status, headers, and text, bytes or the pieces of a stream. A fault of the twin itself keeps the
// vendor's shape, so that clients treat it as the vendor's 500.
import type { TwinAnswer, TwinDefinition } from '../adapter/index.ts'

export interface EncodedAnswer {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  /** Of a stream, all of its pieces; of bytes, as UTF-8 reads them. */
  text: string
  /** In place of `text`. */
  bytes?: Uint8Array
  /** In place of `text`, one written after the other. */
  stream?: readonly string[]
}

/** JSON, or text, bytes and pieces as they are; 204 and 304 have no body. */
export function encodeAnswer(answer: TwinAnswer): EncodedAnswer {
  const status = answer.status ?? 200
  const bare = status === 204 || status === 304
  const content = bare ? { headers: {}, text: '' } : contentOf(answer)
  const headers: Record<string, string> = { ...content.headers }
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value
  return { ...content, status, headers }
}

function contentOf({ body, bytes, stream }: TwinAnswer): Omit<EncodedAnswer, 'status'> {
  if (stream) return { headers: typed('text/event-stream; charset=utf-8'), text: stream.join(''), stream }
  if (bytes) return { headers: typed('application/octet-stream'), text: Buffer.from(bytes).toString('utf8'), bytes }
  if (typeof body === 'string') return { headers: typed('text/plain; charset=utf-8'), text: body }
  return { headers: typed('application/json; charset=utf-8'), text: JSON.stringify(body) }
}

const typed = (type: string): Record<string, string> => ({ 'content-type': type })

/** The vendor's fault under another status, where one was asked for. */
export function faultWithStatus(
  definition: TwinDefinition,
  options: { status: number; message: string; retryAfterSeconds?: number },
): EncodedAnswer {
  const answer = encodeAnswer(definition.fault(kindOf(options.status), options.message))
  const wait = options.retryAfterSeconds
  return {
    ...answer,
    status: options.status,
    headers: wait === undefined ? answer.headers : { ...answer.headers, 'retry-after': String(wait) },
  }
}

function kindOf(status: number): Parameters<TwinDefinition['fault']>[0] {
  if (status === 401) return 'unauthorized'
  if (status === 404) return 'not-found'
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'unavailable' : 'invalid'
}
