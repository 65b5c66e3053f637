// What Stripe answers, as far as the definition reads it, in standard terms.
import { type JsonValue, readAs, z } from '../../../adapter/index.ts'
import { fromStripeAmount } from './amount.ts'

const paymentIntent = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.int(),
  amount_received: z.int().default(0),
  currency: z.string(),
  last_payment_error: z.unknown().optional(),
})

const refund = z.object({ id: z.string(), status: z.string().nullish(), amount: z.int(), currency: z.string() })

const money = z.array(z.object({ amount: z.int(), currency: z.string() }))

const balance = z.object({ available: money, pending: money })

export const customerAnswer = z.object({ id: z.string(), deleted: z.boolean().default(false) })

type PaymentStatus = 'pending' | 'needs_action' | 'authorized' | 'succeeded' | 'canceled' | 'failed'
type RefundStatus = Exclude<PaymentStatus, 'authorized'>

// docs.stripe.com/payments/paymentintents/lifecycle
const PAYMENT_STATUS = new Map<string, PaymentStatus>(
  Object.entries({
    requires_payment_method: 'needs_action',
    requires_confirmation: 'needs_action',
    requires_action: 'needs_action',
    processing: 'pending',
    requires_capture: 'authorized',
    succeeded: 'succeeded',
    canceled: 'canceled',
  }),
)

const REFUND_STATUS = new Map<string, RefundStatus>(
  Object.entries({
    pending: 'pending',
    requires_action: 'needs_action',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
  }),
)

/** A status that this version does not know is `pending`: it claims neither that money moved nor that it will not. */
export function paymentStatus(status: string, lastError: unknown): PaymentStatus {
  // After a failed attempt an intent waits for another payment method.
  if (status === 'requires_payment_method' && lastError) return 'failed'
  return PAYMENT_STATUS.get(status) ?? 'pending'
}

export function toPayment(body: JsonValue) {
  const { id, status, amount, amount_received, currency, last_payment_error } = readAs(paymentIntent, body)
  return {
    id,
    status: paymentStatus(status, last_payment_error),
    amount: fromStripeAmount(amount, currency),
    currency: currency.toUpperCase(),
    captured: fromStripeAmount(amount_received, currency),
  }
}

export function toRefund(body: JsonValue) {
  const { id, status, amount, currency } = readAs(refund, body)
  return {
    id,
    // Stripe leaves the status of old refunds open.
    status: REFUND_STATUS.get(status ?? 'pending') ?? 'pending',
    amount: fromStripeAmount(amount, currency),
    currency: currency.toUpperCase(),
  }
}

export function toBalance(body: JsonValue) {
  const inMinorUnits = ({ amount, currency }: { amount: number; currency: string }) => ({
    amount: fromStripeAmount(amount, currency),
    currency: currency.toUpperCase(),
  })
  const { available, pending } = readAs(balance, body)
  return { available: available.map(inMinorUnits), pending: pending.map(inMinorUnits) }
}

export const toPaymentList = (body: JsonValue) =>
  readAs(z.object({ data: z.array(z.json()) }), body).data.map((item) => toPayment(item as JsonValue))
