// PayPal's errors: `{name, message, debug_id, details: [{issue, description}]}` under a status; those of the token endpoint
// are `{error, error_description}`. The issue says more than the name. developer.paypal.com/api/rest/responses
import {
  type Fault,
  faultOfStatus,
  type IncomingResponse,
  type JsonObject,
  type JsonValue,
  type Meanings,
  objectIn,
  textOf,
} from '../../../adapter/index.ts'

/** Issues whose status says too little. Names as PayPal's descriptions have them. */
const MEANINGS: Meanings = {
  invalid_client: { code: 'IF_ERR_AUTH_FAILED', hint: 'Client id and secret belong together, and to one environment.' },
  invalid_token: { code: 'IF_ERR_AUTH_FAILED' },
  AUTHENTICATION_FAILURE: { code: 'IF_ERR_AUTH_FAILED' },
  PERMISSION_DENIED: {
    code: 'IF_ERR_AUTH_FAILED',
    hint: 'The app lacks a permission for this: developer.paypal.com → Apps & Credentials → Features.',
  },
  INVALID_RESOURCE_ID: { code: 'IF_ERR_NOT_FOUND' },
  // The first request under this key is still under way: it may yet happen.
  PREVIOUS_REQUEST_IN_PROGRESS: { code: 'IF_ERR_CONFLICT', outcome: 'unknown' },
  ORDER_NOT_APPROVED: {
    code: 'IF_ERR_CONFLICT',
    hint: 'The buyer has to approve it first, on the page that checkout.create or paypal:order.get gives.',
  },
  ORDER_ALREADY_CAPTURED: { code: 'IF_ERR_CONFLICT' },
  ORDER_ALREADY_AUTHORIZED: { code: 'IF_ERR_CONFLICT' },
  AUTHORIZATION_ALREADY_CAPTURED: { code: 'IF_ERR_CONFLICT' },
  AUTHORIZATION_VOIDED: { code: 'IF_ERR_CONFLICT' },
  PREVIOUSLY_CAPTURED: { code: 'IF_ERR_CONFLICT', hint: 'Money that was taken goes back by refund.create.' },
  PREVIOUSLY_VOIDED: { code: 'IF_ERR_CONFLICT' },
  CAPTURE_FULLY_REFUNDED: { code: 'IF_ERR_CONFLICT' },
  DUPLICATE_INVOICE_ID: { code: 'IF_ERR_CONFLICT', hint: 'native.invoice_id was used for another payment.' },
  SUBSCRIPTION_STATUS_INVALID: {
    code: 'IF_ERR_CONFLICT',
    hint: 'Only a subscription that is active or suspended can be cancelled; one that nobody approved takes no money.',
  },
}

export function paypalFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const body = objectIn(response)
  const detail = firstDetail(body.details)
  const issue = textOf(detail.issue)
  return faultOfStatus(response, {
    message: textOf(detail.description) ?? textOf(body.message) ?? textOf(body.error_description),
    vendorCode: issue ?? textOf(body.name) ?? textOf(body.error),
    hint: hintOf(issue, detail),
    meanings: MEANINGS,
  })
}

function firstDetail(details: JsonValue | undefined): JsonObject {
  const first = Array.isArray(details) ? details[0] : undefined
  return typeof first === 'object' && first !== null && !Array.isArray(first) ? first : {}
}

/** The field that PayPal names, where the issue has no hint of its own. */
function hintOf(issue: string | undefined, detail: JsonObject): string | undefined {
  if (issue !== undefined && Object.hasOwn(MEANINGS, issue) && MEANINGS[issue]?.hint !== undefined) return undefined
  const field = textOf(detail.field)
  return field && `PayPal names the field ${field}.`
}
