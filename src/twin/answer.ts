// Answers as bytes. A fault of the twin itself keeps the vendor's shape, so that clients treat it as the vendor's 500.
import type { TwinAnswer, TwinDefinition } from '../adapter/index.ts'

export interface EncodedAnswer {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  text: string
}

/** JSON, or text as it is; 204 and 304 have no body. */
export function encodeAnswer(answer: TwinAnswer): EncodedAnswer {
  const status = answer.status ?? 200
  const bare = status === 204 || status === 304
  const plain = typeof answer.body === 'string'
  const headers: Record<string, string> = bare
    ? {}
    : { 'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8' }
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value
  const text = bare ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  return { status, headers, text }
}

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
