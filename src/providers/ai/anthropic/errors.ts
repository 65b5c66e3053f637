// Anthropic's errors: `{type: error, error: {type, message, details}, request_id}`, under a status or as the event `error`
// of a stream that began well. platform.claude.com/docs/en/api/errors
import {
  type Fault,
  faultOfStatus,
  type IncomingResponse,
  type JsonObject,
  type Meanings,
  objectIn,
  type RateHint,
  textOf,
} from '../../../adapter/index.ts'

const MEANINGS: Meanings = {
  // Refused at the door, before a model has read it.
  overloaded_error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done', retryable: true },
  billing_error: {
    code: 'IF_ERR_ACTION_FAILED',
    hint: 'The Anthropic account cannot pay: look at its billing page. Waiting does not help.',
    retryable: false,
  },
  enforced_spend_limit_reached: {
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    hint: 'The spending limit of the Anthropic account is reached: waiting does not help.',
    retryable: false,
    outcome: 'not-done',
  },
}

const IN_STREAM: Meanings = {
  overloaded_error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  api_error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  timeout_error: { code: 'IF_ERR_TIMEOUT', outcome: 'unknown' },
  rate_limit_error: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'unknown' },
}

export function anthropicFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const { error } = objectIn(response)
  const fault = faultOf(isObject(error) ? error : {}, response, MEANINGS)
  const milliseconds = /^\d+(\.\d+)?$/.exec(response.headers['retry-after-ms']?.trim() ?? '')?.[0]
  return {
    ...fault,
    ...(milliseconds === undefined ? {} : { retryAfterMs: Math.ceil(Number(milliseconds)) }),
    ...(response.headers['x-should-retry'] === 'false' ? { retryable: false } : {}),
  }
}

/** An error that ends a stream: what came before it has been paid for. */
export const streamFault = (error: JsonObject): Fault => ({
  outcome: 'unknown',
  ...faultOf(error, { status: 200, headers: {}, body: new Uint8Array(), text: '' }, IN_STREAM),
})

function faultOf(error: JsonObject, response: IncomingResponse, meanings: Meanings): Fault {
  const details = isObject(error.details) ? error.details : {}
  const type = textOf(error.type)
  const vendorCode = textOf(details.error_code) ?? type ?? (response.status < 400 ? 'error' : undefined)
  // A code that is not known here means what its type means.
  const meaning = type === undefined ? undefined : meanings[type]
  const own = vendorCode === undefined || vendorCode in meanings || !meaning ? {} : { [vendorCode]: meaning }
  const fault = faultOfStatus(response, {
    message: textOf(error.message),
    vendorCode,
    meanings: { ...meanings, ...own },
  })
  // The rules of faultOfStatus: a failure status, or a vendor code, is always a fault.
  return fault ?? { code: 'IF_ERR_ACTION_FAILED', message: `Anthropic answered ${response.status}` }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const KINDS = ['requests', 'input-tokens', 'output-tokens']

/** Requests that are left in the window; none where tokens are used up. Times are told by Anthropic's own clock. */
export function anthropicRate({ headers }: IncomingResponse): RateHint | undefined {
  const now = Date.parse(headers.date ?? '')
  const [requests, ...tokens] = KINDS.map((kind): RateHint | undefined => {
    const remaining = /^\d+$/.exec(headers[`anthropic-ratelimit-${kind}-remaining`] ?? '')?.[0]
    const resetMs = Date.parse(headers[`anthropic-ratelimit-${kind}-reset`] ?? '') - now
    if (remaining === undefined || Number.isNaN(resetMs)) return undefined
    return { remaining: Number(remaining), resetMs: Math.max(0, resetMs) }
  })
  return tokens.find((hint) => hint?.remaining === 0) ?? requests
}
