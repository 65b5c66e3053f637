// Pinecone's faults: the control plane says `{status, error: {code, message}}`, the data plane `{code, message}` with a
// number of gRPC, and a gateway before both plain text.
import {
  type Fault,
  type IncomingResponse,
  type JsonObject,
  objectIn,
  retryAfterMs,
  textOf,
} from '../../../adapter/index.ts'

export function pineconeFault(response: IncomingResponse): Fault | undefined {
  const { status } = response
  if (status < 400) return undefined
  const body = objectIn(response)
  const error = typeof body.error === 'object' && body.error !== null && !Array.isArray(body.error) ? body.error : body
  const message = (textOf(error.message) ?? textOf(response.text) ?? `Pinecone answered ${status}`).slice(0, 500)
  const code = codeIn(error)
  return { ...meaningOf(response), message, ...(code === undefined ? {} : { vendorCode: code }) }
}

function codeIn({ code }: JsonObject): string | undefined {
  if (typeof code === 'string') return code
  return typeof code === 'number' ? `grpc ${code}` : undefined
}

function meaningOf(response: IncomingResponse): Pick<Fault, 'code' | 'hint' | 'retryAfterMs'> {
  const { status } = response
  if (status === 401) return { code: 'IF_ERR_AUTH_FAILED', hint: 'Check the API key and its project.' }
  if (status === 402) return { code: 'IF_ERR_ACTION_FAILED', hint: 'The plan of the account does not cover it.' }
  if (status === 403) return { code: 'IF_ERR_AUTH_FAILED', hint: 'The role of the key, or a quota, does not allow it.' }
  if (status === 404) return { code: 'IF_ERR_NOT_FOUND' }
  if (status === 409) return { code: 'IF_ERR_CONFLICT' }
  if (status === 412) return { code: 'IF_ERR_ACTION_FAILED', hint: 'The index is protected from deletion.' }
  if (status === 429) {
    const wait = retryAfterMs(response)
    return { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  }
  return { code: status >= 500 ? 'IF_ERR_PROVIDER_UNAVAILABLE' : 'IF_ERR_ACTION_FAILED' }
}
