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

/** Read as it is: the words of a subscription's status are Stripe's own. */
export const subscriptionAnswer = z.object({ id: z.string(), status: z.string() })

const payout = z.object({ id: z.string(), status: z.string(), amount: z.int(), currency: z.string() })

const session = z.object({
  id: z.string(),
  /** None of sessions from before there were any. */
  status: z.string().nullable(),
  payment_status: z.string(),
  url: z.string().nullish(),
  payment_intent: z.string().nullish(),
})

export const sessionAnswer = z.object({
  id: z.string(),
  status: z.string(),
  paid: z.boolean(),
  url: z.string().nullable(),
  payment: z.string().nullable().describe('Id of the payment, once there is one.'),
})

const price = z.object({
  id: z.string(),
  product: z.string(),
  nickname: z.string().nullish(),
  currency: z.string(),
  unit_amount: z.int().nullish(),
  recurring: z.object({ interval: z.string(), interval_count: z.int() }).nullish(),
})

export const priceAnswer = z.object({
  id: z.string(),
  product: z.string(),
  name: z.string().nullable(),
  amount: z.int().nullable().describe('Minor units; none where it has tiers or fractions.'),
  currency: z.string(),
  interval: z.string().nullable(),
  intervalCount: z.int().nullable(),
})

const account = z.object({
  id: z.string(),
  business_profile: z.object({ name: z.string().nullish() }).nullish(),
  settings: z.object({ dashboard: z.object({ display_name: z.string().nullish() }).nullish() }).nullish(),
  default_currency: z.string().nullish(),
})

const transaction = z.object({
  id: z.string(),
  amount: z.int(),
  currency: z.string(),
  /** Seconds, up to the year 9999. */
  created: z.int().min(0).max(253_402_300_799),
  description: z.string().nullish(),
  status: z.string(),
})

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

export const toSubscription = (body: JsonValue) => readAs(subscriptionAnswer, body)

export function toPayout(body: JsonValue) {
  const { id, status, amount, currency } = readAs(payout, body)
  return { id, status, amount: fromStripeAmount(amount, currency), currency: currency.toUpperCase() }
}

export function toSession(body: JsonValue) {
  const { id, status, payment_status, url, payment_intent } = readAs(session, body)
  return {
    id,
    status: status ?? 'unknown',
    paid: payment_status === 'paid' || payment_status === 'no_payment_required',
    url: url ?? null,
    payment: payment_intent ?? null,
  }
}

export function toPrice(body: unknown) {
  const { id, product, nickname, currency, unit_amount, recurring } = readAs(price, body as JsonValue)
  return {
    id,
    product,
    name: nickname ?? null,
    amount: unit_amount == null ? null : fromStripeAmount(unit_amount, currency),
    currency: currency.toUpperCase(),
    interval: recurring?.interval ?? null,
    intervalCount: recurring?.interval_count ?? null,
  }
}

export function toAccount(body: JsonValue) {
  const { id, business_profile, settings, default_currency } = readAs(account, body)
  return {
    id,
    name: settings?.dashboard?.display_name ?? business_profile?.name ?? null,
    currency: default_currency?.toUpperCase() ?? null,
  }
}

export function toTransaction(body: unknown) {
  const { id, amount, currency, created, description, status } = readAs(transaction, body as JsonValue)
  return {
    id,
    amount: fromStripeAmount(amount, currency),
    currency: currency.toUpperCase(),
    at: new Date(created * 1000).toISOString(),
    description: description ?? null,
    status,
  }
}
