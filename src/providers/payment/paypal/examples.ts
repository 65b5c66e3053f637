// Answers of PayPal, whole as its descriptions have them. Examples and the twin are made from the same shapes.
import type { JsonObject, JsonValue } from '../../../adapter/index.ts'

export const ORDER = '5O190127TN364715T'
export const AUTHORIZATION = '0AW2184448108334S'
export const CAPTURE = '3C679366HH908993F'
export const REFUND = '1JU08902781691411'
export const SUBSCRIPTION = 'I-BW452GLLEP1G'
export const BATCH = '5UXD2E8A7EBQJ'
export const ITEM = '8AELMXH8UB2P8'

const API = 'https://api-m.paypal.com'
const TIME = '2026-11-25T10:00:00Z'

const link = (rel: string, path: string, method = 'GET'): JsonObject => ({ href: API + path, rel, method })

export const money = (currency_code: string, value: string): JsonObject => ({ currency_code, value })

const GBP_25 = money('GBP', '25.00')

export const capture = (changes: JsonObject = {}): JsonObject => {
  const id = String(changes.id ?? CAPTURE)
  return {
    id: CAPTURE,
    status: 'COMPLETED',
    amount: GBP_25,
    final_capture: true,
    create_time: TIME,
    update_time: TIME,
    links: [link('self', `/v2/payments/captures/${id}`), link('refund', `/v2/payments/captures/${id}/refund`, 'POST')],
    ...changes,
  }
}

export const authorization = (changes: JsonObject = {}): JsonObject => {
  const id = String(changes.id ?? AUTHORIZATION)
  return {
    id: AUTHORIZATION,
    status: 'CREATED',
    amount: GBP_25,
    expiration_time: '2026-12-24T10:00:00Z',
    create_time: TIME,
    update_time: TIME,
    links: [
      link('self', `/v2/payments/authorizations/${id}`),
      link('capture', `/v2/payments/authorizations/${id}/capture`, 'POST'),
      link('void', `/v2/payments/authorizations/${id}/void`, 'POST'),
    ],
    ...changes,
  }
}

export const refund = (changes: JsonObject = {}): JsonObject => ({
  id: REFUND,
  status: 'COMPLETED',
  amount: GBP_25,
  create_time: TIME,
  update_time: TIME,
  links: [
    link('self', `/v2/payments/refunds/${String(changes.id ?? REFUND)}`),
    link('up', `/v2/payments/captures/${CAPTURE}`),
  ],
  ...changes,
})

/** An order of GBP 25.00 that waits for nothing, with changes to it and to its one unit. */
export function order(changes: JsonObject = {}, unit: JsonObject = {}): JsonObject {
  const id = String(changes.id ?? ORDER)
  return {
    id: ORDER,
    intent: 'CAPTURE',
    status: 'COMPLETED',
    purchase_units: [{ reference_id: 'default', amount: GBP_25, payments: { captures: [capture()] }, ...unit }],
    create_time: TIME,
    update_time: TIME,
    links: [link('self', `/v2/checkout/orders/${id}`)],
    ...changes,
  }
}

/** Links of an order that its buyer has to look at. */
export const approvalLinks = (id: string, rel: 'approve' | 'payer-action' = 'payer-action'): JsonValue[] => [
  link('self', `/v2/checkout/orders/${id}`),
  { href: `https://www.paypal.com/checkoutnow?token=${id}`, rel, method: 'GET' },
]

export const waitingOrder = (changes: JsonObject = {}, unit: JsonObject = {}): JsonObject => {
  const { payments: _none, ...rest } = { reference_id: 'default', amount: GBP_25, payments: null, ...unit }
  return order({ status: 'PAYER_ACTION_REQUIRED', purchase_units: [rest], links: approvalLinks(ORDER), ...changes })
}

export const heldOrder = (changes: JsonObject = {}, of: JsonObject = {}): JsonObject =>
  order({ intent: 'AUTHORIZE', ...changes }, { payments: { authorizations: [authorization(of)] } })

export const subscription = (changes: JsonObject = {}): JsonObject => {
  const id = String(changes.id ?? SUBSCRIPTION)
  return {
    id: SUBSCRIPTION,
    status: 'APPROVAL_PENDING',
    status_update_time: TIME,
    plan_id: 'P-5ML4271244454362WXNWU5NQ',
    start_time: TIME,
    quantity: '1',
    subscriber: { email_address: 'customer@example.com' },
    create_time: TIME,
    links: [
      {
        href: `https://www.paypal.com/webapps/billing/subscriptions?ba_token=BA-${id}`,
        rel: 'approve',
        method: 'GET',
      },
      link('self', `/v1/billing/subscriptions/${id}`),
    ],
    ...changes,
  }
}

export const payoutItem = (changes: JsonObject = {}): JsonObject => ({
  payout_item_id: ITEM,
  payout_batch_id: BATCH,
  transaction_id: '0C413693MN970190K',
  transaction_status: 'UNCLAIMED',
  payout_item: {
    recipient_type: 'EMAIL',
    amount: { currency: 'GBP', value: '25.00' },
    receiver: 'receiver@example.com',
    sender_item_id: '1842',
  },
  time_processed: TIME,
  ...changes,
})

export const payoutBatch = (header: JsonObject = {}, items?: readonly JsonObject[]): JsonObject => ({
  batch_header: {
    payout_batch_id: BATCH,
    batch_status: 'PENDING',
    sender_batch_header: { sender_batch_id: 'd3b07384d113edec', email_subject: 'You have money' },
    ...header,
  },
  links: [link('self', `/v1/payments/payouts/${String(header.payout_batch_id ?? BATCH)}`)],
  ...(items ? { total_items: items.length, total_pages: 1, items: [...items] } : {}),
})

export const BALANCES: JsonObject = {
  balances: [
    {
      currency: 'GBP',
      primary: true,
      total_balance: money('GBP', '1276.00'),
      available_balance: money('GBP', '1200.50'),
      withheld_balance: money('GBP', '75.50'),
    },
    {
      currency: 'JPY',
      primary: false,
      total_balance: money('JPY', '9000'),
      available_balance: money('JPY', '9000'),
      withheld_balance: money('JPY', '0'),
    },
  ],
  account_id: 'MV4X8C5DHTWNM',
  as_of_time: TIME,
  last_refresh_time: TIME,
}

export const transaction = (info: JsonObject = {}): JsonObject => ({
  transaction_info: {
    transaction_id: '5TY05013RG002845M',
    transaction_event_code: 'T0006',
    transaction_initiation_date: '2026-11-24T09:30:00Z',
    transaction_updated_date: '2026-11-24T09:30:05Z',
    transaction_amount: money('GBP', '25.00'),
    fee_amount: money('GBP', '-1.02'),
    transaction_status: 'S',
    transaction_subject: 'Two books',
    ...info,
  },
})

export const transactions = (
  changes: JsonObject = {},
  details: readonly JsonObject[] = [transaction()],
): JsonObject => ({
  transaction_details: [...details],
  account_number: 'XZXSPECPDZHZU',
  start_date: '2026-11-01T00:00:00Z',
  end_date: '2026-11-25T00:00:00Z',
  last_refreshed_datetime: '2026-11-25T00:29:59Z',
  page: 1,
  total_items: details.length,
  total_pages: 1,
  links: [link('self', '/v1/reporting/transactions')],
  ...changes,
})

export const EVENT_TYPES: JsonObject = {
  event_types: [
    { name: 'PAYMENT.CAPTURE.COMPLETED', description: 'A payment capture completes.', status: 'ENABLED' },
    { name: 'PAYMENT.CAPTURE.REFUNDED', description: 'A merchant refunds a payment capture.', status: 'ENABLED' },
  ],
}
