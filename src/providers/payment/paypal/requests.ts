// Requests that several operations make, and what each of them asks PayPal to answer with: the whole thing instead of its id.
import { get, type HttpRequestSpec, post, unsupported } from '../../../adapter/index.ts'
import { toMoney } from './amount.ts'

export const WHOLE = { Prefer: 'return=representation' }

export const readOrder = (id: string): HttpRequestSpec => get('/v2/checkout/orders/{id}', { path: { id } })

/** The body is an empty object: PayPal refuses none at all. */
export const captureOrder = (id: string): HttpRequestSpec =>
  post('/v2/checkout/orders/{id}/capture', { path: { id }, headers: WHOLE, json: {} })

export const captureAuthorization = (
  id: string,
  {
    amount,
    currency,
    ...rest
  }: { amount?: number | undefined; currency: string | undefined } & Record<string, unknown>,
): HttpRequestSpec =>
  post('/v2/payments/authorizations/{authorization_id}/capture', {
    path: { authorization_id: id },
    headers: WHOLE,
    json: { amount: partOf(amount, currency), ...rest },
  })

export const voidAuthorization = (id: string): HttpRequestSpec =>
  post('/v2/payments/authorizations/{authorization_id}/void', { path: { authorization_id: id }, headers: WHOLE })

export const refundCapture = (
  id: string,
  { amount, currency, note }: { amount?: number | undefined; currency: string | undefined; note?: string | undefined },
): HttpRequestSpec =>
  post('/v2/payments/captures/{capture_id}/refund', {
    path: { capture_id: id },
    headers: WHOLE,
    json: { amount: partOf(amount, currency), note_to_payer: note },
  })

export const readPayout = (id: string): HttpRequestSpec =>
  get('/v1/payments/payouts/{id}', { path: { id }, query: { page_size: 1000 } })

export const cancelPayoutItem = (id: string): HttpRequestSpec =>
  post('/v1/payments/payouts-item/{payout_item_id}/cancel', { path: { payout_item_id: id } })

/** A text that PayPal would refuse for its length; it is never cut short silently. */
export function atMost(length: number, text: string | undefined, field: string): string | undefined {
  if (text === undefined || text.length <= length) return text
  throw unsupported(`${field} has ${text.length} characters, PayPal takes ${length}`, 'Shorten it.')
}

function partOf(amount: number | undefined, currency: string | undefined) {
  if (amount === undefined) return undefined
  if (currency === undefined) {
    throw unsupported('a part needs the currency too', 'Add currency: the one of the payment.')
  }
  return toMoney(amount, currency)
}
