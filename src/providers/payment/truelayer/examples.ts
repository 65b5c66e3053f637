// Answers of TrueLayer as its Java client's tests have them (github.com/TrueLayer/truelayer-java, src/test/resources) and its
// pages on the Data API. Examples and the twin are made from the same shapes.
import type { JsonObject } from '../../../adapter/index.ts'

export const PAYMENT = 'c7f3f6c5-ae17-4d43-829c-0a6f2c0ce1b1'
export const REFUND = '38c76ba9-322f-46a9-b754-7b1c1d3a2f11'
export const PAYOUT = '49c73de7-664a-44b7-b563-3f1f6fbd5d1a'
export const MANDATE = '13d4dda0-ff2c-4d77-a6da-4615e4bad941'
export const MERCHANT_ACCOUNT = 'e83c4c20-b2ad-4b73-8a32-ed855362d72a'
export const USER = 'f9b48c9d-176b-46dd-b2da-fe1a2b77350c'

const TIME = '2026-11-25T10:00:00.214924Z'

export const created = (changes: JsonObject = {}): JsonObject => ({
  id: PAYMENT,
  user: { id: USER },
  resource_token: 'example-resource-token',
  status: 'authorization_required',
  ...changes,
})

/** A payment of GBP 25.00 that has come to the merchant account, with changes. */
export const payment = (changes: JsonObject = {}): JsonObject => ({
  id: PAYMENT,
  amount_in_minor: 2500,
  currency: 'GBP',
  user: { id: USER },
  payment_method: {
    type: 'bank_transfer',
    provider_selection: { type: 'user_selected' },
    beneficiary: { type: 'merchant_account', merchant_account_id: MERCHANT_ACCOUNT, reference: 'Order 1842' },
  },
  created_at: TIME,
  status: 'settled',
  payment_source: { account_identifiers: [{ type: 'iban', iban: 'GB53CLRB04066200002723' }] },
  executed_at: TIME,
  settled_at: TIME,
  ...changes,
})

export const refund = (changes: JsonObject = {}): JsonObject => ({
  id: REFUND,
  amount_in_minor: 2500,
  currency: 'GBP',
  reference: 'Refund',
  status: 'pending',
  created_at: TIME,
  ...changes,
})

export const payout = (changes: JsonObject = {}): JsonObject => ({
  id: PAYOUT,
  merchant_account_id: MERCHANT_ACCOUNT,
  amount_in_minor: 2500,
  currency: 'GBP',
  beneficiary: {
    type: 'external_account',
    reference: 'Payout 7',
    account_holder_name: 'Ada Lovelace',
    account_identifiers: [{ type: 'iban', iban: 'GB53CLRB04066200002723' }],
  },
  scheme_id: 'faster_payments_service',
  status: 'executed',
  created_at: TIME,
  executed_at: TIME,
  ...changes,
})

export const mandate = (changes: JsonObject = {}): JsonObject => ({
  id: MANDATE,
  type: 'sweeping',
  status: 'authorized',
  currency: 'GBP',
  user: { id: USER },
  beneficiary: { type: 'merchant_account', id: MERCHANT_ACCOUNT, account_holder_name: 'The Shop' },
  constraints: { maximum_individual_amount: 10000, periodic_limits: { month: { maximum_amount: 20000 } } },
  created_at: TIME,
  ...changes,
})

export const flow = (changes: JsonObject = {}): JsonObject => ({
  authorization_flow: { actions: { next: { type: 'redirect', uri: 'https://bank.example/authorise?id=1' } } },
  status: 'authorizing',
  ...changes,
})

export const merchantAccount = (changes: JsonObject = {}): JsonObject => ({
  id: MERCHANT_ACCOUNT,
  currency: 'GBP',
  account_identifiers: [{ type: 'sort_code_account_number', sort_code: '112233', account_number: '12345678' }],
  available_balance_in_minor: 120050,
  current_balance_in_minor: 127600,
  account_holder_name: 'The Shop',
  ...changes,
})

export const transaction = (changes: JsonObject = {}): JsonObject => ({
  type: 'merchant_account_payment',
  id: 'da998081-8370-4e18-a7a9-455983c882f3',
  currency: 'GBP',
  amount_in_minor: 2500,
  status: 'settled',
  settled_at: '2026-11-24T15:31:35.410Z',
  payment_id: PAYMENT,
  ...changes,
})

export const account = (changes: JsonObject = {}): JsonObject => ({
  update_timestamp: '2026-11-25T17:29:24.740802Z',
  account_id: 'f1234560abf9f57287637624def390871',
  account_type: 'TRANSACTION',
  display_name: 'Club Lloyds',
  currency: 'GBP',
  account_number: { iban: 'GB35LOYD12345678901234', number: '12345678', sort_code: '12-34-56' },
  provider: { provider_id: 'lloyds' },
  ...changes,
})

/** Amounts are texts where the answer is read digit by digit. */
export const accountTransaction = (changes: JsonObject = {}): JsonObject => ({
  timestamp: '2026-11-24T00:00:00Z',
  description: 'PAYPAL *BOOKS',
  transaction_type: 'DEBIT',
  transaction_category: 'PURCHASE',
  amount: '-24.25',
  currency: 'GBP',
  transaction_id: 'a15d8156569ba848d84c07c34d291bca',
  ...changes,
})

export const page = (items: readonly JsonObject[], cursor?: string): JsonObject => ({
  items: [...items],
  pagination: cursor === undefined ? {} : { next_cursor: cursor },
})
