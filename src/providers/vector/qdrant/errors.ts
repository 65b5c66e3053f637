// Qdrant's faults: an HTTP status and `{status: {error}}`. An unknown collection is 404, one that is there already 409.
import { type Fault, type IncomingResponse, objectIn, retryAfterMs, textOf } from '../../../adapter/index.ts'

const KEY = 'Check QDRANT_API_KEY: a read-only key, or one for other collections, is refused as well.'

export function qdrantFault(response: IncomingResponse): Fault | undefined {
  const { status } = response
  if (status < 400) return undefined
  const message = errorIn(response) ?? `Qdrant answered ${status}`
  switch (status) {
    case 401:
    case 403:
      return { code: 'IF_ERR_AUTH_FAILED', message, hint: KEY }
    case 404:
      return { code: 'IF_ERR_NOT_FOUND', message }
    case 409:
      return { code: 'IF_ERR_ALREADY_EXISTS', message }
    case 429: {
      const wait = retryAfterMs(response)
      return { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', message, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
    }
    default:
      // A write that timed out inside Qdrant may still be applied from its queue.
      return status >= 500
        ? { code: 'IF_ERR_PROVIDER_UNAVAILABLE', message, outcome: 'unknown' }
        : { code: 'IF_ERR_ACTION_FAILED', message }
  }
}

/** A refused key is answered in plain text. */
function errorIn(response: IncomingResponse): string | undefined {
  const { status } = objectIn(response)
  const said =
    status !== null && typeof status === 'object' && !Array.isArray(status) ? textOf(status.error) : undefined
  const plain = /^text\/plain/.test(response.headers['content-type'] ?? '') ? textOf(response.text.trim()) : undefined
  return (said ?? plain)?.slice(0, 300)
}
