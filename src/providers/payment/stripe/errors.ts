// Stripe's errors: `{error: {type, code, decline_code, message, param}}` under a status that says the kind.
// docs.stripe.com/api/errors
import {
  type Fault,
  type IncomingResponse,
  type JsonObject,
  objectIn,
  retryAfterMs,
  textOf,
} from '../../../adapter/index.ts'

export function stripeFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const error = errorIn(response)
  // A decline has a code for the caller (card_declined) and the bank's own, which says more.
  const vendorCode = textOf(error.decline_code) ?? textOf(error.code) ?? textOf(error.type)
  const hint = hintFor(response.status, error)
  return {
    ...meaningOf(response, error),
    message: textOf(error.message)?.slice(0, 500) ?? `Stripe answered ${response.status}`,
    ...(hint ? { hint } : {}),
    ...(vendorCode ? { vendorCode } : {}),
  }
}

function errorIn(response: IncomingResponse): JsonObject {
  const { error } = objectIn(response)
  return typeof error === 'object' && error !== null && !Array.isArray(error) ? error : {}
}

function meaningOf(
  response: IncomingResponse,
  error: JsonObject,
): Pick<Fault, 'code' | 'outcome' | 'retryAfterMs' | 'retryable'> {
  const { status } = response
  if (status === 401 || status === 403) return { code: 'IF_ERR_AUTH_FAILED' }
  if (status === 404 || error.code === 'resource_missing') return { code: 'IF_ERR_NOT_FOUND' }
  if (status === 402) return { code: 'IF_ERR_ACTION_FAILED' }
  // The first request under this key is still under way: it may yet happen.
  if (status === 409) return { code: 'IF_ERR_CONFLICT', outcome: 'unknown' }
  if (error.type === 'idempotency_error') return { code: 'IF_ERR_CONFLICT', outcome: 'unknown', retryable: false }
  if (status === 429) {
    const wait = retryAfterMs(response)
    return { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  }
  if (status >= 500) return { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' }
  return { code: 'IF_ERR_ACTION_FAILED' }
}

function hintFor(status: number, error: JsonObject): string | undefined {
  if (status === 401) return 'Check the secret key: sk_test_… or sk_live_…, not the publishable one.'
  if (status === 403) return 'The restricted key lacks a permission for this.'
  const param = textOf(error.param)
  return param && `Stripe names the parameter ${param}.`
}
