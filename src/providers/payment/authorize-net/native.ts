// What Authorize.Net has beyond the vocabulary. It has no plans: a subscription is an amount and an interval of its own.
import {
  type Cost,
  del,
  type FurtherRequest,
  fromDecimalNumber,
  type NativeOperation,
  native,
  type ReadBack,
  readAs,
  type StepAnswer,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { call, decimal, merchantDetails, orderOf, profileOf, transaction, transactionDetails } from './requests.ts'
import {
  askCurrency,
  currencyIn,
  lastFour,
  refusal,
  subscriptionAnswer,
  subscriptionStatus,
  toCustomer,
  toMerchant,
  toTaken,
  toTransaction,
} from './shapes.ts'

const id = z.string().min(1).max(512)
const amount = z.int().min(1).describe("Whole number of the currency's minor unit: 2500 is USD 25.00.")
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'expected a three-letter ISO 4217 code such as USD')
  .transform((code) => code.toUpperCase())

export const transactionCost = (): Cost => ({
  kind: 'unknown',
  why: 'what a transaction costs depends on the plan of the account, and on its processor where that is another one',
})

/** Takes a payment back by what its state allows: nothing has moved before the night, a refund pays it back after. */
function* reverse(paymentId: string, answer: StepAnswer): Generator<FurtherRequest, Reversed, StepAnswer> {
  const found = toTransaction(answer.body)
  const inCurrency = yield* askCurrency()
  const settled = fromDecimalNumber(found.settleAmount, inCurrency)
  if (VOIDABLE.includes(found.transactionStatus)) {
    yield { request: transaction('voidTransaction', { refTransId: paymentId }) }
    return { id: paymentId, how: 'voided', amount: settled, currency: inCurrency }
  }
  if (found.transactionStatus === 'voided') {
    return { id: paymentId, how: 'voided', amount: 0, currency: inCurrency }
  }
  if (found.transactionStatus !== 'settledSuccessfully') {
    throw refusal(`a payment in the state ${found.transactionStatus} can be neither voided nor refunded`)
  }
  const refunded = yield { request: refundOf(found, decimal(settled, inCurrency)) }
  return { id: toTaken(refunded.body).id, how: 'refunded', amount: settled, currency: inCurrency }
}

interface Reversed {
  id: string
  how: 'voided' | 'refunded'
  amount: number
  currency: string
}

const VOIDABLE = [
  'authorizedPendingCapture',
  'capturedPendingSettlement',
  'FDSPendingReview',
  'FDSAuthorizedPendingReview',
  'authorizedPendingRelease',
]

/** Authorize.Net knows the card again by its last digits. */
export const refundOf = (payment: ReturnType<typeof toTransaction>, decimalText: string) =>
  transaction('refundTransaction', {
    amount: decimalText,
    payment: { creditCard: { cardNumber: lastFour(payment), expirationDate: 'XXXX' } },
    refTransId: payment.transId,
  })

/** A read of a subscription, for verifying. */
export const readSubscription = (subscription: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'authorize-net:subscription.get',
  input: { id: subscription },
  holds,
  consistency: 'eventual',
})

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'auth.test': native({
    summary: 'Tell whether the credential is good.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({ ok: z.literal(true) }),
    request: () => call('authenticateTestRequest'),
    result: () => ({ ok: true as const }),
    cost: 'free',
    examples: [{ input: {}, response: sample.ok() }],
  }),
  'merchant.get': native({
    summary: 'Read the account: its name, and the currency that it counts in.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({
      name: z.string(),
      gatewayId: z.string(),
      isTestMode: z.boolean(),
      currencies: z.array(z.string()),
    }),
    request: merchantDetails,
    result: toMerchant,
    cost: 'free',
    examples: [{ input: {}, response: sample.merchant() }],
  }),
  'payment.reverse': native({
    summary: 'Give a whole payment back: voided before it is settled, refunded after.',
    effect: 'charge',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ id: id.describe('Id of the payment.') }),
    output: z.object({
      id: z.string().describe('Of the payment that was voided, or of the refund.'),
      how: z.enum(['voided', 'refunded']),
      amount: z.int(),
      currency: z.string(),
    }),
    looksFirst: true,
    request: (input) => transactionDetails(input.id),
    // Never asked: `more` has the result.
    result: () => undefined,
    more: ({ input, answer }) => reverse(input.id, answer),
    cost: transactionCost,
    moves: () => ({ direction: 'out' }),
    undo: { none: 'What was given back can only be taken again with the payer’s consent, as another payment.' },
    verify: ({ result }) =>
      result?.how === 'voided'
        ? {
            operation: 'payment.get',
            input: { id: result.id },
            holds: (read) => read.status === 'canceled',
            consistency: 'eventual',
          }
        : undefined,
    examples: [
      {
        input: { id: sample.TRANSACTION },
        response: sample.details(),
        more: [{ body: sample.merchant() }, { body: sample.approved({ refTransID: sample.TRANSACTION }) }],
      },
      {
        input: { id: sample.TRANSACTION },
        response: sample.details({ transactionStatus: 'settledSuccessfully' }),
        more: [{ body: sample.merchant() }, { body: sample.approved({ transId: '40005915701', authCode: '' }) }],
      },
    ],
  }),
  'customer.get': native({
    summary: 'Read a customer profile and the ways to pay that it holds.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ id }),
    output: z.object({
      id: z.string(),
      reference: z.string().nullable(),
      email: z.string().nullable(),
      name: z.string().nullable(),
      paymentProfiles: z.array(z.object({ id: z.string(), lastFour: z.string().nullable() })),
    }),
    request: (input) => call('getCustomerProfileRequest', { customerProfileId: input.id }),
    result: toCustomer,
    cost: 'free',
    examples: [{ input: { id: sample.CUSTOMER }, response: sample.ok({ profile: sample.customer() }) }],
  }),
  'customer.delete': native({
    summary: 'Delete a customer profile with the ways to pay that it holds.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ id }),
    output: z.object({ id: z.string() }),
    request: (input) => call('deleteCustomerProfileRequest', { customerProfileId: input.id }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    undo: { none: 'Authorize.Net does not bring a deleted profile back; its cards are forgotten.' },
    examples: [{ input: { id: sample.CUSTOMER }, response: sample.ok() }],
  }),
  'subscription.create': native({
    summary: 'Take an amount again and again from a stored way to pay, until it is cancelled or has run its course.',
    effect: 'charge',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({
      customer: id.optional().describe('Id of the customer profile, where source does not name it.'),
      source: id.describe('What pays: profile:<customer profile>/<payment profile>, or profile:<payment profile>.'),
      amount,
      currency,
      every: z.strictObject({ length: z.int().min(1).max(365), unit: z.enum(['days', 'months']) }),
      startDate: z.iso.date().describe('First payment, as YYYY-MM-DD in the time of the account.'),
      occurrences: z.int().min(1).max(9999).default(9999).describe('Payments in all; 9999 is without end.'),
      name: z.string().min(1).max(50).optional(),
      reference: z.string().min(1).max(20).optional().describe('Invoice number.'),
      description: z.string().min(1).max(255).optional(),
    }),
    output: z.object({ id: z.string(), status: z.string() }),
    looksFirst: true,
    // Subscriptions name no currency: the account's is looked at before.
    request: () => merchantDetails(),
    result: () => undefined,
    *more({ input, answer }) {
      const currencyCode = currencyIn(answer.body, input.currency)
      const { customerProfileId, paymentProfileId } = profileOf(input.source, input.customer)
      const made = yield {
        request: call('ARBCreateSubscriptionRequest', {
          subscription: {
            ...(input.name === undefined ? {} : { name: input.name }),
            paymentSchedule: {
              interval: { length: String(input.every.length), unit: input.every.unit },
              startDate: input.startDate,
              totalOccurrences: String(input.occurrences),
            },
            amount: decimal(input.amount, currencyCode),
            ...orderOf(input.reference, input.description),
            profile: { customerProfileId, customerPaymentProfileId: paymentProfileId },
          },
        }),
      }
      return { id: readAs(subscriptionAnswer, made.body).subscriptionId, status: 'active' }
    },
    cost: transactionCost,
    moves: (input) => ({ amountMinor: input.amount, currency: input.currency, direction: 'in' }),
    undo: ({ result }) => ({ operation: 'subscription.cancel', input: { id: result.id } }),
    undoLabel: 'subscription.cancel (what it took by then stays taken)',
    verify: ({ result }) => result && readSubscription(result.id, (read) => read.status === 'active'),
    examples: [
      {
        input: {
          source: `profile:${sample.CUSTOMER}/${sample.PAYMENT_PROFILE}`,
          amount: 1029,
          currency: 'USD',
          every: { length: 1, unit: 'months' },
          startDate: '2026-12-01',
          occurrences: 12,
          name: 'Studio membership',
          reference: 'M-17',
          description: 'Studio membership, monthly',
        },
        response: sample.merchant(),
        more: [{ body: sample.ok({ subscriptionId: '2341621' }) }],
      },
    ],
  }),
  'subscription.get': native({
    summary: 'Read the state of a subscription.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ id }),
    output: z.object({ id: z.string(), status: z.string() }),
    request: (input) => call('ARBGetSubscriptionStatusRequest', { subscriptionId: input.id }),
    result: (body, { input }) => ({ id: input.id, status: readAs(subscriptionStatus, body).status }),
    cost: 'free',
    examples: [{ input: { id: '2341621' }, response: sample.ok({ status: 'active' }) }],
  }),
  'webhook.delete': native({
    summary: 'Have no more events sent to an address.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ id }),
    output: z.object({ id: z.string() }),
    request: (input) =>
      del('/webhooks/{webhookId}', {
        base: 'webhooks',
        auth: 'rest',
        path: { webhookId: input.id },
        answer: 'empty',
      }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    undo: { none: 'Make it again with webhook.set; it will have another id.' },
    examples: [{ input: { id: '72a55c78-66e6-4b1e-a4d6-3f925c00561f' }, response: null, status: 200 }],
  }),
}
