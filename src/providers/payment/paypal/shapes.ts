// What PayPal answers, as far as the definition reads it, in standard terms. A payment is an order here: captures,
// authorisations and refunds hang below it, each with an id of its own.
import { type JsonValue, type Money, readAs, utcTime, z } from '../../../adapter/index.ts'
import { moneyAnswer, payoutMoneyAnswer } from './amount.ts'

/** An authorisation, a capture or a refund. */
export const partAnswer = z.object({ id: z.string(), status: z.string(), amount: moneyAnswer })
export type Part = z.output<typeof partAnswer>

export const orderAnswer = z.object({
  id: z.string(),
  intent: z.string().default('CAPTURE'),
  status: z.string(),
  purchase_units: z
    .array(
      z.object({
        amount: moneyAnswer,
        payments: z
          .object({ authorizations: z.array(partAnswer).default([]), captures: z.array(partAnswer).default([]) })
          .default({ authorizations: [], captures: [] }),
      }),
    )
    .min(1),
  links: z.array(z.object({ href: z.string(), rel: z.string() })).default([]),
})
export type Order = z.output<typeof orderAnswer>

type PaymentStatus = 'pending' | 'needs_action' | 'authorized' | 'succeeded' | 'canceled' | 'failed'

const TAKEN = ['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED']

export const authorizationsOf = (order: Order): Part[] =>
  order.purchase_units.flatMap(({ payments }) => payments.authorizations)
export const capturesOf = (order: Order): Part[] => order.purchase_units.flatMap(({ payments }) => payments.captures)

/** Where the buyer approves. `approve` is the older name. */
export const approvalPage = ({ links }: Pick<Order, 'links'>): string | null =>
  links.find(({ rel }) => rel === 'payer-action' || rel === 'approve')?.href ?? null

/** The sum of all units; orders made here have one. */
export function orderAmount(order: Order): Money {
  const [first, ...others] = order.purchase_units.map(({ amount }) => amount)
  const { amount, currency } = first ?? { amount: 0, currency: 'USD' } // the schema wants at least one
  return { currency, amount: others.reduce((sum, other) => sum + other.amount, amount) }
}

/** Minor units that were taken; what is pending or declined does not count. */
export const capturedIn = (order: Order): number =>
  capturesOf(order)
    .filter(({ status }) => TAKEN.includes(status))
    .reduce((sum, { amount }) => sum + amount.amount, 0)

/** A status that this version does not know is `pending`: it claims neither that money moved nor that it will not. */
export function paymentStatus(order: Order): PaymentStatus {
  if (order.status === 'VOIDED') return 'canceled'
  // Approved means that the buyer agreed; nothing is held or taken before the order is captured or authorised.
  if (['CREATED', 'SAVED', 'PAYER_ACTION_REQUIRED', 'APPROVED'].includes(order.status)) return 'needs_action'
  if (order.status !== 'COMPLETED') return 'pending'
  return partsStatus(capturesOf(order), authorizationsOf(order))
}

function partsStatus(captures: readonly Part[], authorizations: readonly Part[]): PaymentStatus {
  const has = (parts: readonly Part[], ...words: string[]) => parts.some(({ status }) => words.includes(status))
  if (has(captures, ...TAKEN)) return 'succeeded'
  if (has(captures, 'PENDING')) return 'pending'
  if (has(authorizations, 'CREATED', 'PARTIALLY_CAPTURED')) return 'authorized'
  if (has(captures, 'DECLINED', 'FAILED') || has(authorizations, 'DENIED')) return 'failed'
  if (has(authorizations, 'VOIDED', 'EXPIRED')) return 'canceled'
  return 'pending'
}

export function toPayment(body: JsonValue) {
  const order = readAs(orderAnswer, body)
  return { id: order.id, status: paymentStatus(order), ...orderAmount(order), captured: capturedIn(order) }
}

/** What the order of a payment holds, with the ids that only PayPal's own operations take. */
export function toOrder(body: JsonValue) {
  const order = readAs(orderAnswer, body)
  const shown = ({ id, status, amount }: Part) => ({ id, status, ...amount })
  return {
    id: order.id,
    status: order.status,
    url: approvalPage(order),
    authorizations: authorizationsOf(order).map(shown),
    captures: capturesOf(order).map(shown),
  }
}

export function toPart(body: JsonValue) {
  const { id, status, amount } = readAs(partAnswer, body)
  return { id, status, ...amount }
}

const REFUND_STATUS = { COMPLETED: 'succeeded', PENDING: 'pending', FAILED: 'failed', CANCELLED: 'canceled' } as const

export function toRefund(body: JsonValue) {
  const { id, status, amount } = readAs(partAnswer, body)
  const known = Object.entries(REFUND_STATUS).find(([word]) => word === status)?.[1]
  return { id, status: known ?? ('pending' as const), ...amount }
}

const subscriptionAnswer = z.object({
  id: z.string(),
  status: z.string(),
  plan_id: z.string().nullish(),
  links: z.array(z.object({ href: z.string(), rel: z.string() })).default([]),
})

export function toSubscription(body: JsonValue) {
  const { id, status, plan_id, links } = readAs(subscriptionAnswer, body)
  return { id, status, plan: plan_id ?? null, url: approvalPage({ links }) }
}

const payoutItemAnswer = z.object({
  payout_item_id: z.string(),
  payout_batch_id: z.string().optional(),
  transaction_status: z.string().default('PENDING'),
  payout_item: z.object({ amount: payoutMoneyAnswer, receiver: z.string() }),
})

export function toPayoutItem(body: JsonValue) {
  const { payout_item_id, transaction_status, payout_item } = readAs(payoutItemAnswer, body)
  return { id: payout_item_id, status: transaction_status, to: payout_item.receiver, ...payout_item.amount }
}

export const payoutHeader = z.object({
  batch_header: z.object({ payout_batch_id: z.string(), batch_status: z.string() }),
})

export function toPayout(body: JsonValue) {
  const { batch_header, items } = readAs(payoutHeader.extend({ items: z.array(z.json()).default([]) }), body)
  return {
    id: batch_header.payout_batch_id,
    status: batch_header.batch_status,
    items: items.map((item) => toPayoutItem(item as JsonValue)), // a member of JSON is JSON
  }
}

const balances = z.object({
  balances: z
    .array(
      z.object({
        currency: z.string(),
        total_balance: moneyAnswer,
        available_balance: moneyAnswer.optional(),
        withheld_balance: moneyAnswer.optional(),
      }),
    )
    .default([]),
})

export function toBalance(body: JsonValue) {
  const all = readAs(balances, body).balances
  return {
    // Where PayPal does not say what is at hand, nothing is claimed to be.
    available: all.flatMap(({ available_balance }) => available_balance ?? []),
    pending: all.flatMap(({ withheld_balance }) => withheld_balance ?? []),
  }
}

const search = z.object({
  transaction_details: z
    .array(
      z.object({
        transaction_info: z.object({
          transaction_id: z.string(),
          transaction_amount: moneyAnswer,
          transaction_status: z.string().default(''),
          transaction_initiation_date: z.string().optional(),
          transaction_subject: z.string().optional(),
          transaction_note: z.string().optional(),
        }),
      }),
    )
    .default([]),
})

export function toTransactions(body: JsonValue) {
  const transactions = readAs(search, body).transaction_details.map(({ transaction_info: info }) => ({
    id: info.transaction_id,
    ...info.transaction_amount,
    at: timeOf(info.transaction_initiation_date),
    description: info.transaction_subject ?? info.transaction_note ?? null,
    status: info.transaction_status,
  }))
  return { transactions: transactions.sort((one, other) => (other.at ?? '').localeCompare(one.at ?? '')) }
}

/** PayPal writes offsets as `+0000` here. */
export function timeOf(text: string | undefined): string | null {
  const parsed = utcTime.safeParse(text?.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return parsed.success ? parsed.data : null
}
