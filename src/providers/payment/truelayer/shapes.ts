// What TrueLayer answers, as far as the definition reads it, in standard terms. Amounts are whole minor units, but for those
// of the Data API, which are decimal numbers.
import { fromDecimalNumber, type JsonValue, readAs, utcTime, z } from '../../../adapter/index.ts'

const currency = z.string().transform((code) => code.toUpperCase())

export const createdAnswer = z.object({ id: z.string(), status: z.string().optional() })

const moneyAnswer = z.object({ id: z.string(), status: z.string(), amount_in_minor: z.int(), currency })

const paymentAnswer = moneyAnswer.extend({ failure_reason: z.string().optional() })

type PaymentStatus = 'pending' | 'needs_action' | 'succeeded' | 'canceled' | 'failed'

// docs.truelayer.com/docs/payment-statuses. `authorized` is the payer's word to the bank, not money that is held: it goes on
// by itself. A status that this version does not know is `pending`: it claims neither that money moved nor that it will not.
export function paymentStatus(status: string, reason?: string): PaymentStatus {
  if (status === 'authorization_required') return 'needs_action'
  if (status === 'executed' || status === 'settled') return 'succeeded'
  if (status === 'failed') return reason === 'canceled' ? 'canceled' : 'failed'
  return 'pending'
}

export function toPayment(body: JsonValue) {
  const { id, status, failure_reason, amount_in_minor, currency: code } = readAs(paymentAnswer, body)
  const standard = paymentStatus(status, failure_reason)
  return {
    id,
    status: standard,
    amount: amount_in_minor,
    currency: code,
    captured: standard === 'succeeded' ? amount_in_minor : 0,
  }
}

/** Of refunds and payouts: pending, authorized, executed, failed. */
export function toMovement(body: JsonValue) {
  const { id, status, amount_in_minor, currency: code } = readAs(moneyAnswer, body)
  return { id, status, amount: amount_in_minor, currency: code }
}

export function toRefund(body: JsonValue) {
  const { status, ...rest } = toMovement(body)
  const standard = status === 'executed' ? 'succeeded' : status === 'failed' ? 'failed' : 'pending'
  return { ...rest, status: standard as 'succeeded' | 'failed' | 'pending' }
}

export const toRefunds = (body: JsonValue) =>
  readAs(z.object({ items: z.array(z.json()) }), body).items.map((item) => toRefund(item as JsonValue)) // JSON of JSON

const flowAnswer = z.object({
  status: z.string(),
  authorization_flow: z
    .object({ actions: z.object({ next: z.looseObject({ type: z.string(), uri: z.string().optional() }) }).optional() })
    .optional(),
})

/** What the payer has to do next; `url` where that is to go to the bank. */
export function toFlow(body: JsonValue) {
  const { status, authorization_flow } = readAs(flowAnswer, body)
  const next = authorization_flow?.actions?.next
  return { status, next: next?.type ?? null, url: next?.uri ?? null }
}

const merchantAccount = z.object({
  id: z.string(),
  currency,
  account_holder_name: z.string().optional(),
  available_balance_in_minor: z.int(),
  current_balance_in_minor: z.int(),
})

export function toMerchantAccount(body: JsonValue) {
  const { id, currency: code, ...account } = readAs(merchantAccount, body)
  return {
    id,
    name: account.account_holder_name ?? null,
    currency: code,
    available: account.available_balance_in_minor,
    current: account.current_balance_in_minor,
  }
}

export const toMerchantAccounts = (body: JsonValue) =>
  readAs(z.object({ items: z.array(z.json()) }), body).items.map((item) => toMerchantAccount(item as JsonValue)) // JSON of JSON

/** What is not at hand yet is pending. */
export function toBalance(body: JsonValue) {
  const accounts = toMerchantAccounts(body)
  return {
    available: accounts.map(({ available, currency: code }) => ({ amount: available, currency: code })),
    pending: accounts.map(({ available, current, currency: code }) => ({
      amount: current - available,
      currency: code,
    })),
  }
}

const merchantTransactions = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      status: z.string(),
      amount_in_minor: z.int(),
      currency,
      settled_at: utcTime.optional(),
      executed_at: utcTime.optional(),
      created_at: utcTime.optional(),
    }),
  ),
})

/** Kinds of movements that leave the account. */
const OUT = ['payout', 'refund']

export function toMerchantTransactions(body: JsonValue) {
  const transactions = readAs(merchantTransactions, body).items.map((item) => ({
    id: item.id,
    amount: OUT.includes(item.type) ? -item.amount_in_minor : item.amount_in_minor,
    currency: item.currency,
    at: item.settled_at ?? item.executed_at ?? item.created_at ?? null,
    description: item.type,
    status: item.status,
  }))
  return { transactions }
}

const dataAccounts = z.object({
  results: z.array(
    z.object({ account_id: z.string(), display_name: z.string().nullish(), currency: currency.nullish() }),
  ),
})

export const toAccounts = (body: JsonValue) => ({
  accounts: readAs(dataAccounts, body).results.map((account) => ({
    id: account.account_id,
    name: account.display_name ?? null,
    currency: account.currency ?? null,
  })),
})

const dataTransactions = z.object({
  results: z.array(
    z.object({
      transaction_id: z.string(),
      timestamp: utcTime,
      description: z.string().nullish(),
      amount: z.union([z.string(), z.number()]),
      currency,
      transaction_type: z.string(),
      transaction_category: z.string().nullish(),
    }),
  ),
})

export const toAccountTransactions = (body: JsonValue) => ({
  transactions: readAs(dataTransactions, body).results.map((item) => {
    // Banks differ in the sign they give a debit: the type says which it is.
    const size = Math.abs(fromDecimalNumber(item.amount, item.currency))
    return {
      id: item.transaction_id,
      amount: item.transaction_type === 'DEBIT' ? -size : size,
      currency: item.currency,
      at: item.timestamp,
      description: item.description ?? null,
      status: item.transaction_category ?? '',
    }
  }),
})
