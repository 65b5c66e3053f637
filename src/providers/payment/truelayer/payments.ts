// Payments by bank transfer, refunds, payouts and mandates. Nobody's money moves before the payer has said yes at the bank,
// except under a mandate that was given before.
import {
  type Cost,
  type FurtherRequest,
  get,
  type HttpRequestSpec,
  type InputOf,
  type JsonObject,
  knownExtras,
  type Operation,
  ProviderFault,
  post,
  type ReadBack,
  type ResultOf,
  readAs,
  type StandardOperationId,
  type StepAnswer,
  unsupported,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { createdAnswer, paymentStatus, toPayment, toRefund } from './shapes.ts'

type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

export const agreedFee = (): Cost => ({
  kind: 'unknown',
  why: 'TrueLayer publishes no prices: they are agreed one by one',
})

export const readPayment = (id: string): HttpRequestSpec => get('/v3/payments/{id}', { path: { id } })

/** TrueLayer promises nothing about when a read sees a write. */
const readBack = (operation: string, id: string, holds: ReadBack['holds']): ReadBack => ({
  operation,
  input: { id },
  holds,
  consistency: 'eventual',
})

/** A text among the extras; IF_ERR_UNSUPPORTED says what for where it is missing. */
function textExtra(extras: JsonObject, name: string, purpose: string): string {
  const value = extras[name]
  if (typeof value === 'string' && value !== '') return value
  throw unsupported(`native.${name} is missing: ${purpose}`, `Give native.${name}.`)
}

const OWN_ACCOUNT = 'the merchant account that receives (truelayer:merchant-account.list)'

// Who receives is the own merchant account alone: an extra never names somebody else.
const PAYMENT_EXTRAS = ['merchant_account_id', 'provider_selection', 'user']

function paymentMethod({ source, description }: InputOf<'payment.create'>, extras: JsonObject) {
  if (source !== undefined) return { type: 'mandate', mandate_id: source, reference: description }
  return {
    type: 'bank_transfer',
    provider_selection: extras.provider_selection ?? { type: 'user_selected' },
    beneficiary: {
      type: 'merchant_account',
      merchant_account_id: textExtra(extras, 'merchant_account_id', OWN_ACCOUNT),
      reference: description,
    },
  }
}

const referenceOf = (reference: string | undefined) => (reference === undefined ? undefined : { reference })

const paymentCreate: Standard<'payment.create'> = {
  summary: 'Ask a payer for a bank transfer, or take one under a mandate.',
  effect: 'charge',
  scope: 'payments',
  request: (input) => {
    if (!input.capture) {
      throw unsupported('a bank transfer cannot be authorised first and taken later', 'Leave capture out.')
    }
    const extras = knownExtras(input.native, PAYMENT_EXTRAS)
    return post('/v3/payments', {
      auth: 'signed',
      json: {
        amount_in_minor: input.amount,
        currency: input.currency,
        payment_method: paymentMethod(input, extras),
        user: input.customer === undefined ? extras.user : { id: input.customer },
        metadata: referenceOf(input.reference),
      },
    })
  },
  result: (body, { input }) => {
    const { id, status = 'authorization_required' } = readAs(createdAnswer, body)
    const standard = paymentStatus(status)
    return {
      id,
      status: standard,
      amount: input.amount,
      currency: input.currency,
      captured: standard === 'succeeded' ? input.amount : 0,
    }
  },
  cost: agreedFee,
  moves: ({ amount, currency }) => ({ amountMinor: amount, currency: currency.toUpperCase(), direction: 'in' }),
  undo: ({ result: { id, status } }) => {
    if (status === 'failed' || status === 'canceled') return undefined
    return status === 'succeeded'
      ? { operation: 'refund.create', input: { payment: id } }
      : { operation: 'payment.cancel', input: { id } }
  },
  undoLabel: 'payment.cancel before the bank has executed it, refund.create after',
  // Without an answer there is no id to read: the idempotency key repeats the request safely instead.
  verify: ({ result }) =>
    result && readBack('payment.get', result.id, (read) => read.id === result.id && read.status !== 'failed'),
  examples: [
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        customer: sample.USER,
        capture: true,
        description: 'Order 1842',
        reference: '1842',
        native: { merchant_account_id: sample.MERCHANT_ACCOUNT },
      },
      status: 201,
      response: sample.created(),
    },
    {
      input: { amount: 999, currency: 'GBP', source: sample.MANDATE, capture: true, description: 'June' },
      status: 201,
      response: sample.created({ status: 'authorized' }),
    },
    {
      input: {
        amount: 2500,
        currency: 'EUR',
        capture: true,
        native: {
          merchant_account_id: sample.MERCHANT_ACCOUNT,
          provider_selection: { type: 'user_selected', filter: { countries: ['FR'] } },
          user: { name: 'Ada Lovelace', email: 'ada@example.org' },
        },
      },
      status: 201,
      response: sample.created(),
    },
  ],
}

const paymentGet: Standard<'payment.get'> = {
  summary: 'Read a payment.',
  effect: 'read',
  labels: OWN,
  scope: 'payments',
  request: ({ id }) => readPayment(id),
  result: toPayment,
  cost: 'free',
  examples: [{ input: { id: sample.PAYMENT }, response: sample.payment() }],
}

const paymentCancel: Standard<'payment.cancel'> = {
  summary: 'Give up a payment that the bank has not executed.',
  effect: 'update',
  labels: OWN,
  scope: 'payments',
  request: ({ id }) => post('/v3/payments/{id}/actions/cancel', { auth: 'signed', path: { id }, answer: 'empty' }),
  result: toPayment,
  *more({ input }) {
    // The answer is empty; whether it was in time only the payment tells.
    const { body } = yield { request: readPayment(input.id), reads: true }
    return toPayment(body)
  },
  cost: 'free',
  undo: { none: 'TrueLayer does not revive a cancelled payment; create another one.' },
  verify: ({ input }) => readBack('payment.get', input.id, (read) => read.status === 'canceled'),
  examples: [
    {
      input: { id: sample.PAYMENT },
      status: 202,
      response: null,
      more: [{ body: sample.payment({ status: 'failed', failure_reason: 'canceled' }) }],
    },
  ],
}

type Refund = ResultOf<'refund.create'>

function* payBack(
  { payment, amount, currency }: InputOf<'refund.create'>,
  found: ReturnType<typeof toPayment>,
): Generator<FurtherRequest, Refund, StepAnswer> {
  if (currency !== undefined && currency !== found.currency) {
    throw new ProviderFault({
      code: 'IF_ERR_INVALID_INPUT',
      message: `currency: payment ${payment} is in ${found.currency}, not in ${currency}`,
      hint: `Give ${found.currency}.`,
      outcome: 'not-done',
    })
  }
  const { body } = yield {
    request: post('/v3/payments/{id}/refunds', {
      auth: 'signed',
      path: { id: payment },
      json: { amount_in_minor: amount ?? found.amount, reference: 'Refund' },
    }),
  }
  const { id, status } = readAs(createdAnswer, body)
  // The answer has an id alone; what was asked for is what is pending.
  return toRefund({
    id,
    status: status ?? 'pending',
    amount_in_minor: amount ?? found.amount,
    currency: found.currency,
  })
}

const refundCreate: Standard<'refund.create'> = {
  summary: 'Pay a payment back, whole or in part, from the merchant account that received it.',
  effect: 'charge',
  labels: OWN,
  scope: 'payments',
  // The payer would read it on a statement.
  without: ['reason'],
  looksFirst: true,
  request: ({ payment }) => readPayment(payment),
  result: toRefund,
  *more({ input, answer }) {
    return yield* payBack(input, toPayment(answer.body))
  },
  cost: agreedFee,
  moves: ({ amount, currency }) => ({
    ...(amount === undefined ? {} : { amountMinor: amount }),
    ...(currency === undefined ? {} : { currency: currency.toUpperCase() }),
    direction: 'out',
  }),
  undo: { none: 'What was paid back can only be taken again with the payer’s consent, as another payment.' },
  verify: ({ input, result }) =>
    result && {
      operation: 'truelayer:refund.list',
      input: { payment: input.payment },
      holds: ({ refunds }) =>
        Array.isArray(refunds) && refunds.some((one) => JSON.stringify(one).includes(`"${result.id}"`)),
      consistency: 'eventual',
    },
  examples: [
    {
      input: { payment: sample.PAYMENT },
      response: sample.payment(),
      more: [{ body: { id: sample.REFUND }, status: 202 }],
    },
    {
      input: { payment: sample.PAYMENT, amount: 1000, currency: 'GBP' },
      response: sample.payment(),
      more: [{ body: { id: sample.REFUND }, status: 202 }],
    },
  ],
}

const PAYOUT_EXTRAS = ['account_holder_name', 'date_of_birth', 'address', 'user_id']

/** `sort code:account number`, an IBAN, or `payment_source:` and its id. */
function payee(to: string, reference: string, extras: JsonObject) {
  const { account_holder_name: _name, user_id: _user, ...about } = extras
  const [, source] = /^payment_source:(.+)$/.exec(to) ?? []
  if (source !== undefined) {
    const user_id = textExtra(extras, 'user_id', 'whose payment source it is')
    return { type: 'payment_source', payment_source_id: source, user_id, reference }
  }
  const [, sort_code, account_number] = /^(\d{6}):(\d{8})$/.exec(to) ?? []
  return {
    type: 'external_account',
    account_holder_name: textExtra(extras, 'account_holder_name', 'whose account it is'),
    account_identifier:
      sort_code === undefined
        ? { type: 'iban', iban: to }
        : { type: 'sort_code_account_number', sort_code, account_number },
    ...about,
    reference,
  }
}

const payoutCreate: Standard<'payout.create'> = {
  summary: 'Pay out of a merchant account: to an account, back to a payer, or to the own business account.',
  effect: 'charge',
  labels: { returns: 'trusted' },
  scope: 'payments',
  request: ({ amount, currency, to, source, reference, description, native: extras }) => {
    if (source === undefined) {
      throw unsupported(
        'source is missing: the merchant account that pays',
        'Give one of truelayer:merchant-account.list.',
      )
    }
    const statement = description ?? reference ?? 'Payout'
    const known = knownExtras(extras, PAYOUT_EXTRAS)
    return post('/v3/payouts', {
      auth: 'signed',
      json: {
        merchant_account_id: source,
        amount_in_minor: amount,
        currency,
        beneficiary:
          to === undefined ? { type: 'business_account', reference: statement } : payee(to, statement, known),
        metadata: referenceOf(reference),
      },
    })
  },
  result: (body, { input }) => {
    const { id, status = 'pending' } = readAs(createdAnswer, body)
    return { id, status, amount: input.amount, currency: input.currency }
  },
  cost: agreedFee,
  moves: ({ amount, currency }) => ({ amountMinor: amount, currency: currency.toUpperCase(), direction: 'out' }),
  undo: { none: 'A payout cannot be called back; the receiver has to send the money back.' },
  verify: ({ result }) =>
    result && readBack('truelayer:payout.get', result.id, (read) => read.id === result.id && read.status !== 'failed'),
  examples: [
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        source: sample.MERCHANT_ACCOUNT,
        to: '040662:00002723',
        description: 'Payout 7',
        reference: '7',
        native: { account_holder_name: 'Ada Lovelace' },
      },
      status: 202,
      response: { id: sample.PAYOUT },
    },
    {
      input: {
        amount: 2500,
        currency: 'EUR',
        source: sample.MERCHANT_ACCOUNT,
        to: 'GB53CLRB04066200002723',
        native: { account_holder_name: 'Ada Lovelace' },
      },
      status: 202,
      response: { id: sample.PAYOUT },
    },
    {
      input: { amount: 2500, currency: 'GBP', source: sample.MERCHANT_ACCOUNT },
      status: 202,
      response: { id: sample.PAYOUT },
    },
  ],
}

const MANDATE_EXTRAS = [
  'merchant_account_id',
  'periodic_limits',
  'provider_selection',
  'type',
  'user',
  'valid_from',
  'valid_to',
]

const mandateCreate: Standard<'mandate.create'> = {
  summary: "Ask for the right to take money from a payer's account again and again.",
  effect: 'create',
  scope: 'recurring_payments:sweeping',
  request: ({ customer, currency, maximum, reference, native }) => {
    if (maximum === undefined) {
      throw unsupported('TrueLayer wants the most that one payment may take', 'Give maximum, in minor units.')
    }
    const extras = knownExtras(native, MANDATE_EXTRAS)
    const { type = 'sweeping', periodic_limits, valid_from, valid_to } = extras
    if (type !== 'sweeping' && type !== 'commercial') {
      throw unsupported(`native.type ${JSON.stringify(type)} is no kind of mandate`, 'Give sweeping or commercial.')
    }
    return post('/v3/mandates', {
      auth: type,
      json: {
        mandate: {
          type,
          provider_selection: extras.provider_selection ?? { type: 'user_selected' },
          beneficiary: {
            type: 'merchant_account',
            merchant_account_id: textExtra(extras, 'merchant_account_id', OWN_ACCOUNT),
          },
          reference,
        },
        currency,
        user: customer === undefined ? extras.user : { id: customer },
        constraints: { valid_from, valid_to, maximum_individual_amount: maximum, periodic_limits },
      },
    })
  },
  result: (body) => {
    const { id, status = 'authorization_required' } = readAs(createdAnswer, body)
    return { id, status, url: null }
  },
  cost: agreedFee,
  // Of the kind that was asked for: the two kinds have credentials of their own.
  undo: ({ input, result }) => ({
    operation: 'truelayer:mandate.revoke',
    input: { id: result.id, type: input.native?.type === 'commercial' ? 'commercial' : 'sweeping' },
  }),
  undoLabel: 'truelayer:mandate.revoke, once it is authorised',
  examples: [
    {
      input: {
        customer: sample.USER,
        currency: 'GBP',
        maximum: 10000,
        reference: 'Club',
        native: {
          merchant_account_id: sample.MERCHANT_ACCOUNT,
          periodic_limits: { month: { maximum_amount: 20000, period_alignment: 'calendar' } },
        },
      },
      status: 201,
      response: sample.created({ id: sample.MANDATE }),
    },
    {
      input: {
        currency: 'GBP',
        maximum: 10000,
        native: {
          type: 'commercial',
          merchant_account_id: sample.MERCHANT_ACCOUNT,
          user: { name: 'Ada Lovelace', email: 'ada@example.org' },
        },
      },
      status: 201,
      response: sample.created({ id: sample.MANDATE }),
    },
  ],
}

export const payments = {
  'payment.create': paymentCreate,
  'payment.get': paymentGet,
  'payment.cancel': paymentCancel,
  'refund.create': refundCreate,
  'payout.create': payoutCreate,
  'mandate.create': mandateCreate,
}
