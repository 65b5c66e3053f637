// OpenAI's errors: `{error: {message, type, param, code}}`, under a status or in an event of a stream that began well.
// developers.openai.com/api/docs/guides/error-codes
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
  insufficient_quota: {
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    hint: 'The credit or a spending limit of the OpenAI account or project is used up: waiting does not help.',
    retryable: false,
    outcome: 'not-done',
  },
  context_length_exceeded: {
    code: 'IF_ERR_ACTION_FAILED',
    hint: 'The conversation is longer than the model reads: shorten it, or take a model with a larger context.',
  },
}

/** Of errors in a stream, where no status speaks. */
const IN_STREAM: Meanings = {
  ...MEANINGS,
  server_error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  rate_limit_exceeded: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'unknown' },
}

export function openaiFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const { error } = objectIn(response)
  const known = typeof error === 'object' && error !== null && !Array.isArray(error) ? error : {}
  const fault = faultOf(known, response, MEANINGS)
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
  const type = textOf(error.type)
  const vendorCode = textOf(error.code) ?? type
  // A spent budget has several codes (credit_balance_exhausted, project_spend_limit_exceeded …) under one type.
  const own = vendorCode === undefined || type === undefined ? undefined : meanings[type]
  const param = textOf(error.param)
  const fault = faultOfStatus(response, {
    message: textOf(error.message),
    vendorCode: vendorCode ?? (response.status < 400 ? 'error' : undefined),
    hint: param === undefined ? undefined : `OpenAI names the parameter ${param}.`,
    meanings: own && vendorCode ? { [vendorCode]: own, ...meanings } : meanings,
  })
  // The rules of faultOfStatus: a failure status, or a vendor code, is always a fault.
  return fault ?? { code: 'IF_ERR_ACTION_FAILED', message: `OpenAI answered ${response.status}` }
}

/** Requests that are left in the window; none where the tokens are used up. */
export function openaiRate({ headers }: IncomingResponse): RateHint | undefined {
  const told = (kind: string): RateHint | undefined => {
    const remaining = /^\d+$/.exec(headers[`x-ratelimit-remaining-${kind}`] ?? '')?.[0]
    const resetMs = durationMs(headers[`x-ratelimit-reset-${kind}`] ?? '')
    return remaining === undefined || resetMs === undefined ? undefined : { remaining: Number(remaining), resetMs }
  }
  const tokens = told('tokens')
  return tokens?.remaining === 0 ? tokens : told('requests')
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** `6m0s`, `1.5s`, `20ms`. */
function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)]
  return Math.ceil(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0))
}
