// Twilio's errors: `{code, message, more_info, status}` under a status. The code is the one of
// twilio.com/docs/api/errors; 20429 is the throttle.
import { type Fault, type IncomingResponse, objectIn, retryAfterMs, textOf } from '../../../adapter/index.ts'

export function twilioFault(response: IncomingResponse): Fault | undefined {
  const { status } = response
  if (status < 400) return undefined
  const body = objectIn(response)
  const message = textOf(body.message)?.slice(0, 500) ?? `Twilio answered ${status}`
  const vendorCode = typeof body.code === 'number' ? { vendorCode: String(body.code) } : {}
  return { ...meaningOf(response), message, ...vendorCode }
}

function meaningOf(response: IncomingResponse): Pick<Fault, 'code' | 'hint' | 'retryAfterMs' | 'outcome'> {
  const { status } = response
  if (status === 401)
    return { code: 'IF_ERR_AUTH_FAILED', hint: 'Check account SID, key and secret: they belong together.' }
  if (status === 403)
    return { code: 'IF_ERR_AUTH_FAILED', hint: 'The key may not do this, or the account is suspended.' }
  if (status === 404) return { code: 'IF_ERR_NOT_FOUND' }
  if (status === 409) return { code: 'IF_ERR_CONFLICT' }
  if (status === 429) {
    const wait = retryAfterMs(response)
    return { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  }
  if (status >= 500) return { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' }
  return { code: 'IF_ERR_ACTION_FAILED' }
}
