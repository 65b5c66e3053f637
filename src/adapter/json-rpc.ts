// JSON-RPC 2.0 over one HTTP path (jsonrpc.org/specification): the method stands in the body, errors come inside a 200.
import type { IncomingResponse } from '../egress/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { objectIn, textOf } from './answer.ts'
import type { BodyValue } from './body-value.ts'
import type { Fault } from './definition.ts'
import { faultOfStatus, type Meanings } from './faults.ts'
import { type HttpRequestSpec, post, type RequestParts } from './request.ts'

/** Each HTTP request carries one call, so that one id serves for all. */
const ID = 1

/** One call. `params` is left out where the method takes none. */
export const jsonRpc = (
  template: string,
  {
    method,
    params,
    ...parts
  }: Pick<RequestParts, 'base' | 'headers' | 'auth'> & { method: string; params?: BodyValue },
): HttpRequestSpec => post(template, { ...parts, json: { jsonrpc: '2.0', id: ID, method, params } })

// Section 5.1 of the specification. Of an internal error nobody can say how far the call came.
const STANDARD: Meanings = {
  '-32601': { code: 'IF_ERR_UNSUPPORTED' },
  '-32603': { code: 'IF_ERR_PROVIDER_UNAVAILABLE', retryable: false, outcome: 'unknown' },
}

/** The `error` of an answer, whatever the status; `meanings` are by its code as text. */
export function jsonRpcFault(response: IncomingResponse, meanings: Meanings = {}): Fault | undefined {
  const { error } = objectIn(response)
  if (error === undefined || error === null) return faultOfStatus(response)
  const { code, message } = typeof error === 'object' && !Array.isArray(error) ? error : ({} as JsonObject)
  return faultOfStatus(response, {
    message: textOf(message) ?? textOf(error),
    vendorCode: typeof code === 'number' || typeof code === 'string' ? String(code) : 'JSON_RPC_ERROR',
    meanings: { ...STANDARD, ...meanings },
  })
}

/** The `result` of an answer; IF_ERR_BAD_RESPONSE where it has none or answers another call. */
export function jsonRpcResult(body: JsonValue): JsonValue {
  const { id, result } = body !== null && typeof body === 'object' && !Array.isArray(body) ? body : ({} as JsonObject)
  if (result !== undefined && String(id) === String(ID)) return result
  const problem = result === undefined ? 'has no result' : `answers the call ${JSON.stringify(id)} instead of ${ID}`
  throw new FabricError('IF_ERR_BAD_RESPONSE', `the JSON-RPC answer of the provider ${problem}`)
}
