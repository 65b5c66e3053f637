// Home Assistant's faults: over HTTP a status with `{message}` (or plain text), over the websocket a result with
// `{success: false, error: {code, message}}`.
import {
  type Fault,
  type IncomingResponse,
  type JsonObject,
  objectIn,
  retryAfterMs,
  textOf,
} from '../../../adapter/index.ts'

const TOKEN_HINT = 'Make a new long-lived access token in your profile, under Security, and store it again.'

export function homeAssistantFault(response: IncomingResponse): Fault | undefined {
  const { status } = response
  if (status < 400) return undefined
  const message = textOf(objectIn(response).message) ?? `Home Assistant answered ${status}`
  if (status === 401 || status === 403) return { code: 'IF_ERR_AUTH_FAILED', message, hint: TOKEN_HINT }
  if (status === 404) return { code: 'IF_ERR_NOT_FOUND', message }
  if (status === 429) {
    const wait = retryAfterMs(response)
    return { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', message, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  }
  // An action that failed half-way ends in 500 too, so that a part of it may have been done.
  if (status >= 500) return { code: 'IF_ERR_PROVIDER_UNAVAILABLE', message, outcome: 'unknown' }
  return { code: 'IF_ERR_ACTION_FAILED', message }
}

const CODES = new Map<string, Pick<Fault, 'code' | 'outcome' | 'hint'>>(
  Object.entries({
    unauthorized: { code: 'IF_ERR_AUTH_FAILED', hint: 'The user of this token may not do this.' },
    not_found: { code: 'IF_ERR_NOT_FOUND' },
    timeout: { code: 'IF_ERR_TIMEOUT', outcome: 'unknown' },
    unknown_error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
    home_assistant_error: { code: 'IF_ERR_ACTION_FAILED', outcome: 'unknown' },
  }),
)

/** The fault in a websocket's `error` object. */
export function socketFault(error: JsonObject): Fault {
  const vendorCode = textOf(error.code) ?? 'unknown_error'
  return {
    ...(CODES.get(vendorCode) ?? { code: 'IF_ERR_ACTION_FAILED', outcome: 'not-done' }),
    message: textOf(error.message) ?? vendorCode,
    vendorCode,
  }
}
