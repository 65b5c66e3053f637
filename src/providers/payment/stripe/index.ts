// Stripe, API v1: payments, refunds, customers, and beside this file subscriptions, payouts, checkout, reports. Every POST goes under an idempotency key. The API version is pinned, so
// that an account's own default never changes what an answer means.
import {
  bearer,
  bracketed,
  defineProvider,
  get,
  knownExtras,
  post,
  type ReadBack,
  readAs,
  secret,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { toStripeAmount } from './amount.ts'
import { checkout } from './checkout.ts'
import { stripeFault } from './errors.ts'
import * as sample from './examples.ts'
import { paymentFee } from './fee.ts'
import { natives } from './native.ts'
import { payouts } from './payouts.ts'
import { reports } from './reports.ts'
import { customerAnswer, toBalance, toPayment, toRefund } from './shapes.ts'
import { subscriptions } from './subscriptions.ts'
import { twin } from './twin.ts'
import { STRIPE_VERSION } from './version.ts'
import { webhooks } from './webhooks.ts'

// Parameters of POST /v1/payment_intents that the vocabulary has no word for. Amounts, currency and what decides whether
// money moves are left out: those the standard input says.
const PAYMENT_EXTRAS = [
  'automatic_payment_methods',
  'mandate',
  'mandate_data',
  'off_session',
  'payment_method_options',
  'payment_method_types',
  'receipt_email',
  'return_url',
  'setup_future_usage',
  'shipping',
  'statement_descriptor',
  'statement_descriptor_suffix',
]
const CUSTOMER_EXTRAS = ['address', 'description', 'phone', 'preferred_locales', 'shipping', 'tax_exempt']

// Since API version 2023-08-16 a confirmed intent wants a return_url, unless methods that redirect are excluded
// (docs.stripe.com/changelog/2023-08-16/automatic-payment-methods). A server has nobody to send away.
const NO_REDIRECTS = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }
const ANSWERS_REDIRECTS = ['automatic_payment_methods', 'off_session', 'payment_method_types', 'return_url']

/** Reads at Stripe see every write before them. */
const readPayment = (payment: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'payment.get',
  input: { id: payment },
  holds,
  consistency: 'immediate',
})

/** What an amount that may be left out moves: Stripe then takes or pays back all, in the currency of the payment. */
const movedBy = (input: { amount?: number | undefined; currency?: string | undefined }, direction: 'in' | 'out') => ({
  ...(input.amount === undefined ? {} : { amountMinor: input.amount }),
  ...(input.currency === undefined ? {} : { currency: input.currency.toUpperCase() }),
  direction,
})

const definition = defineProvider({
  id: 'stripe',
  name: 'Stripe',
  category: 'payment',
  version: '1.1.0',
  docs: 'https://docs.stripe.com/api',
  sources: [
    'https://github.com/stripe/openapi (2023-08-16)',
    'npm stripe 23.1.0',
    'https://docs.stripe.com/currencies',
    'https://docs.stripe.com/idempotency',
    'https://docs.stripe.com/rate-limits',
    'https://docs.stripe.com/api/subscriptions/cancel',
    'https://support.stripe.com/questions/what-are-instant-payouts-and-who-is-eligible',
  ],
  checkedAt: '2026-11-25',
  // The description at hand is older than the pinned version; members that both have are used, no others. Three routes that it
  // lacks are as the client has them, see description.ts.
  confidence: 'high',
  standing: 'active',
  notes: [
    'A subscription whose first payment fails is made all the same, with the status incomplete, and lapses after 23 hours; native.payment_behavior error_if_incomplete refuses it instead.',
    'Taking a subscription back ends it; what its first invoice took stays taken until it is refunded by its payment.',
    'subscription.cancel bills nothing and credits nothing; invoice items that were pending are still charged at the end of the period. stripe:subscription.settle bills what was used and credits what was not.',
    'payout.create pays the owner of the account, to an own bank account or card, never somebody else; it can be called back only while it is pending.',
    'HUF and TWD are paid out in whole units only.',
    'The page of checkout.create takes the money when somebody pays, with no further call; it closes after 24 hours unless native.expires_at says sooner, and stripe:checkout.get has the payment to refund.',
    'Stripe tells the signing secret of an endpoint once, in the answer to its making. webhook.create leaves it out of its result: reveal it at the endpoint in dashboard.stripe.com/webhooks and keep it with ifab secret set INSTANCE STRIPE_WEBHOOK_SECRET.',
    'transaction.list shows whole amounts; the fee that Stripe took of one is not in them.',
  ],
  baseUrls: { main: 'https://api.stripe.com' },
  secrets: {
    STRIPE_SECRET_KEY: {
      label: 'secret key (sk_test_…, sk_live_… or rk_…)',
      get: 'https://dashboard.stripe.com/apikeys',
      pattern: /^(sk|rk)_(test|live)_[A-Za-z0-9_]{8,}$/,
      testPrefix: 'sk_test_',
    },
    STRIPE_WEBHOOK_SECRET: {
      label: 'signing secret of the webhook endpoint (whsec_…)',
      get: 'https://dashboard.stripe.com/webhooks',
      pattern: /^whsec_[A-Za-z0-9+/=_-]{8,}$/,
      testPrefix: 'whsec_',
      required: false,
    },
  },
  // The prefix selects the mode, on one host (docs.stripe.com/keys).
  sandbox: { secrets: { STRIPE_SECRET_KEY: /^(sk|rk)_test_/ } },
  production: { secrets: { STRIPE_SECRET_KEY: /^(sk|rk)_live_/ } },
  auth: bearer(secret('STRIPE_SECRET_KEY')),
  headers: { 'Stripe-Version': STRIPE_VERSION },
  // A sandbox takes 25 requests a second, a live account 100, a single endpoint 25.
  limits: { rps: 25, burst: 25, backoffSeconds: [1, 2, 5, 10, 30] },
  // Keys may be removed once they are at least 24 hours old.
  idempotency: { header: 'Idempotency-Key', windowHours: 24, methods: ['POST'] },
  errors: stripeFault,
  webhooks,
  requestId: (response) => response.headers['request-id'],
  health: {
    operation: 'balance.get',
    input: {},
    tell: (result) => {
      const { available } = toBalanceShape.parse(result)
      return `balance in ${available.map(({ currency }) => currency).join(', ') || 'no currency yet'}`
    },
  },
  operations: {
    'payment.create': {
      summary: 'Take a payment, or authorise one to capture later.',
      effect: 'charge',
      scope: 'PaymentIntents write',
      request: ({ amount, currency, source, customer, capture, description, reference, native: extras }) => {
        const known = knownExtras(extras, PAYMENT_EXTRAS)
        const redirects = ANSWERS_REDIRECTS.some((name) => name in known)
        return post('/v1/payment_intents', {
          form: {
            amount: toStripeAmount(amount, currency),
            currency: currency.toLowerCase(),
            payment_method: source,
            confirm: source === undefined ? undefined : true,
            customer,
            capture_method: capture ? undefined : 'manual',
            description,
            metadata: reference === undefined ? undefined : { reference },
            ...bracketed(known),
            ...(source === undefined || redirects ? {} : NO_REDIRECTS),
          },
        })
      },
      result: toPayment,
      cost: ({ amount, currency }) => paymentFee(amount, currency.toUpperCase()),
      moves: ({ amount, currency }) => ({
        amountMinor: amount,
        currency: currency.toUpperCase(),
        direction: 'in',
      }),
      undo: ({ result }) => {
        if (result.status === 'canceled') return undefined
        return result.captured > 0
          ? { operation: 'refund.create', input: { payment: result.id } }
          : { operation: 'payment.cancel', input: { id: result.id } }
      },
      undoLabel: 'payment.cancel before capture, refund.create after',
      // Without an answer there is no id to read: the idempotency key repeats the request safely instead.
      verify: ({ result }) => result && readPayment(result.id, (read) => read.id === result.id),
      examples: [
        {
          input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa', capture: true, reference: '1842' },
          response: sample.intent({ metadata: { reference: '1842' } }),
        },
        {
          input: {
            amount: 700,
            currency: 'JPY',
            source: 'pm_card_visa',
            customer: 'cus_9s6XKzkNRiz8i3',
            capture: false,
            description: 'Seat 12',
            native: { statement_descriptor_suffix: 'SEAT 12' },
          },
          response: sample.intent({
            amount: 700,
            amount_capturable: 700,
            amount_received: 0,
            capture_method: 'manual',
            currency: 'jpy',
            customer: 'cus_9s6XKzkNRiz8i3',
            description: 'Seat 12',
            status: 'requires_capture',
          }),
        },
        {
          input: { amount: 1099, currency: 'USD', capture: true },
          response: sample.intent({
            amount: 1099,
            amount_received: 0,
            currency: 'usd',
            latest_charge: null,
            payment_method: null,
            status: 'requires_payment_method',
          }),
        },
      ],
    },
    'payment.get': {
      summary: 'Read a payment.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'PaymentIntents read',
      request: (input) => get('/v1/payment_intents/{intent}', { path: { intent: input.id } }),
      result: toPayment,
      cost: 'free',
      examples: [{ input: { id: sample.INTENT }, response: sample.intent() }],
    },
    'payment.capture': {
      summary: 'Take an authorised payment, whole or in part.',
      effect: 'charge',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'PaymentIntents write',
      request: (input) => {
        if (input.amount !== undefined && input.currency === undefined) {
          throw unsupported('payment.capture of a part needs the currency too', 'Add currency: the one of the payment.')
        }
        return post('/v1/payment_intents/{intent}/capture', {
          path: { intent: input.id },
          form: {
            amount_to_capture:
              input.amount === undefined || input.currency === undefined
                ? undefined
                : toStripeAmount(input.amount, input.currency),
          },
        })
      },
      result: toPayment,
      // The fee was reckoned when the payment was created.
      cost: 'free',
      moves: (input) => movedBy(input, 'in'),
      undo: ({ result }) => ({ operation: 'refund.create', input: { payment: result.id } }),
      undoLabel: 'refund.create',
      verify: ({ input }) => readPayment(input.id, (read) => read.status === 'succeeded'),
      examples: [
        { input: { id: sample.INTENT }, response: sample.intent({ capture_method: 'manual' }) },
        {
          input: { id: sample.INTENT, amount: 1000, currency: 'GBP' },
          response: sample.intent({ capture_method: 'manual', amount_received: 1000 }),
        },
      ],
    },
    'payment.cancel': {
      summary: 'Give up a payment that was not taken yet.',
      effect: 'update',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'PaymentIntents write',
      request: (input) => post('/v1/payment_intents/{intent}/cancel', { path: { intent: input.id }, form: {} }),
      result: toPayment,
      cost: 'free',
      undo: { none: 'Stripe does not revive a cancelled payment; create another one.' },
      verify: ({ input }) => readPayment(input.id, (read) => read.status === 'canceled'),
      examples: [
        {
          input: { id: sample.INTENT },
          response: sample.intent({
            amount_received: 0,
            canceled_at: 1680801569,
            latest_charge: null,
            status: 'canceled',
          }),
        },
      ],
    },
    'refund.create': {
      summary: 'Pay a payment back, whole or in part.',
      effect: 'charge',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'Refunds write',
      request: ({ payment: intent, amount, currency, reason }) =>
        post('/v1/refunds', {
          form: {
            payment_intent: intent,
            // Without a currency the amount goes as it is, which is right for all that Stripe counts as ISO 4217 does.
            amount: amount === undefined || currency === undefined ? amount : toStripeAmount(amount, currency),
            reason,
          },
        }),
      result: toRefund,
      cost: () => ({
        kind: 'unknown',
        why: 'a refund may cost a fee, depending on how it was paid (docs.stripe.com/refunds)',
      }),
      moves: (input) => movedBy(input, 'out'),
      undo: { none: 'What was paid back can only be taken again with the payer’s consent, as another payment.' },
      verify: ({ result }) =>
        result && {
          operation: 'stripe:refund.get',
          input: { id: result.id },
          holds: (read) => read.id === result.id && read.status !== 'failed' && read.status !== 'canceled',
          consistency: 'immediate',
        },
      examples: [
        { input: { payment: sample.INTENT }, response: sample.refund() },
        {
          input: { payment: sample.INTENT, amount: 1000, currency: 'GBP', reason: 'requested_by_customer' },
          response: sample.refund({ amount: 1000, reason: 'requested_by_customer' }),
        },
      ],
    },
    'customer.create': {
      summary: 'Make a customer.',
      effect: 'create',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'Customers write',
      request: ({ email, name, reference, native: extras }) =>
        post('/v1/customers', {
          form: {
            email,
            name,
            metadata: reference === undefined ? undefined : { reference },
            ...bracketed(knownExtras(extras, CUSTOMER_EXTRAS)),
          },
        }),
      result: (body) => ({ id: readAs(customerAnswer, body).id }),
      cost: 'free',
      undo: ({ result }) => ({ operation: 'stripe:customer.delete', input: { id: result.id } }),
      undoLabel: 'stripe:customer.delete',
      verify: ({ result }) =>
        result && {
          operation: 'stripe:customer.get',
          input: { id: result.id },
          holds: (read) => read.id === result.id && read.deleted === false,
          consistency: 'immediate',
        },
      examples: [
        {
          input: {
            email: 'jenny.rosen@example.com',
            name: 'Jenny Rosen',
            reference: 'C-17',
            native: { address: { city: 'Leeds', country: 'GB' } },
          },
          response: sample.customer({ metadata: { reference: 'C-17' } }),
        },
      ],
    },
    'balance.get': {
      summary: "Read the account's balance.",
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'Balance read',
      request: () => get('/v1/balance'),
      result: toBalance,
      cost: 'free',
      examples: [{ input: {}, response: sample.BALANCE }],
    },
    ...subscriptions,
    ...payouts,
    ...checkout,
    ...reports,
  },
  native: natives,
  twin,
})

const toBalanceShape = z.object({ available: z.array(z.object({ currency: z.string() })) })

export default definition
