// Subscriptions: a customer and a price that is taken again and again. Cancelling ends one at once and takes or gives back
// nothing; what is left to bill or to credit is a matter of its own, subscription.settle, because it moves money.
import {
  bracketed,
  del,
  get,
  knownExtras,
  type NativeOperation,
  native,
  post,
  type ReadBack,
  readAs,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples-billing.ts'
import { OUTWARD, OWN } from './labels.ts'
import { LARGEST_PAGE, nextPage } from './pages.ts'
import { priceAnswer, subscriptionAnswer, toPrice, toSubscription } from './shapes.ts'
import type { Standard } from './standard.ts'

// What adds to the price, or sends money elsewhere, stays out: add_invoice_items, default_tax_rates, backdate_start_date,
// transfer_data, on_behalf_of, application_fee_percent; so do coupon and promotion_code, which newer versions lack.
const SUBSCRIPTION_EXTRAS = [
  'billing_cycle_anchor',
  'cancel_at',
  'cancel_at_period_end',
  'collection_method',
  'days_until_due',
  'description',
  'off_session',
  'payment_behavior',
  'payment_settings',
  'proration_behavior',
  'trial_end',
  'trial_period_days',
  'trial_settings',
]

const id = z.string().min(1).max(512)

const TEMPLATE = '/v1/subscriptions/{subscription_exposed_id}'

/** Reads at Stripe see every write before them. */
const readSubscription = (subscription: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'stripe:subscription.get',
  input: { id: subscription },
  holds,
  consistency: 'immediate',
})

const gone = (read: { status?: unknown }): boolean => read.status === 'canceled' || read.status === 'incomplete_expired'

const NOT_REVIVED = 'Stripe does not revive a cancelled subscription; start another one.'

const create: Standard<'subscription.create'> = {
  summary: 'Start a subscription; it takes money now, unless it begins with a trial, and again until it is cancelled.',
  effect: 'charge',
  // The payer gets invoices and receipts.
  labels: OUTWARD,
  scope: 'Subscriptions write',
  request: ({ customer, plan, source, reference, native: extras }) =>
    post('/v1/subscriptions', {
      form: {
        customer,
        items: [{ price: plan }],
        default_payment_method: source,
        metadata: reference === undefined ? undefined : { reference },
        ...bracketed(knownExtras(extras, SUBSCRIPTION_EXTRAS)),
      },
    }),
  result: toSubscription,
  cost: () => ({
    kind: 'unknown',
    why: 'each payment has the fee of a payment and that of Billing, a share of a price which only Stripe knows',
  }),
  // The price says how much.
  moves: () => ({ direction: 'in' }),
  undo: ({ result }) => (gone(result) ? undefined : { operation: 'subscription.cancel', input: { id: result.id } }),
  undoLabel: 'subscription.cancel; what was taken stays taken until refund.create',
  // Without an answer there is no id to read: the idempotency key repeats the request safely instead.
  verify: ({ result }) => result && readSubscription(result.id, (read) => read.id === result.id && !gone(read)),
  examples: [
    {
      input: { customer: sample.CUSTOMER, plan: sample.PRICE, source: 'pm_card_visa', reference: 'C-17' },
      response: sample.subscription({ default_payment_method: 'pm_card_visa', metadata: { reference: 'C-17' } }),
    },
    {
      input: {
        customer: sample.CUSTOMER,
        plan: sample.PRICE,
        native: { trial_period_days: 14, trial_settings: { end_behavior: { missing_payment_method: 'cancel' } } },
      },
      response: sample.subscription({ status: 'trialing', trial_start: 1679609767, trial_end: 1680819367 }),
    },
  ],
}

const cancel: Standard<'subscription.cancel'> = {
  summary: 'End a subscription at once; nothing is billed and nothing is given back.',
  effect: 'delete',
  labels: OWN,
  scope: 'Subscriptions write',
  without: ['native'],
  request: ({ id: subscription, reason }) =>
    del(TEMPLATE, {
      path: { subscription_exposed_id: subscription },
      form: { cancellation_details: reason === undefined ? undefined : { comment: reason } },
    }),
  result: toSubscription,
  cost: 'free',
  undo: { none: NOT_REVIVED },
  verify: ({ input }) => readSubscription(input.id, gone),
  examples: [
    { input: { id: sample.SUBSCRIPTION }, response: sample.canceledSubscription() },
    {
      input: { id: sample.SUBSCRIPTION, reason: 'Moved away' },
      response: sample.canceledSubscription({ comment: 'Moved away' }),
    },
  ],
}

export const subscriptions = { 'subscription.create': create, 'subscription.cancel': cancel }

export const subscriptionNatives: Record<string, NativeOperation> = {
  'subscription.get': native({
    summary: 'Read a subscription.',
    effect: 'read',
    labels: OWN,
    scope: 'Subscriptions read',
    input: z.strictObject({ id }),
    output: subscriptionAnswer,
    request: (input) => get(TEMPLATE, { path: { subscription_exposed_id: input.id } }),
    result: toSubscription,
    cost: 'free',
    examples: [{ input: { id: sample.SUBSCRIPTION }, response: sample.subscription() }],
  }),
  'subscription.list': native({
    summary: 'List subscriptions, newest first.',
    effect: 'read',
    labels: OWN,
    scope: 'Subscriptions read',
    input: z.strictObject({
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many subscriptions.'),
      customer: id.optional().describe('Only of this customer.'),
      status: z.string().min(1).max(64).optional().describe('Only in this state; `all` for ended ones too.'),
    }),
    output: z.object({ subscriptions: z.array(subscriptionAnswer) }),
    request: ({ limit, customer, status }) =>
      get('/v1/subscriptions', { query: { limit: Math.min(limit, LARGEST_PAGE), customer, status } }),
    result: (body) => ({
      subscriptions: readAs(z.object({ data: z.array(subscriptionAnswer) }), body).data,
    }),
    cost: 'free',
    pages: { field: 'subscriptions', next: nextPage },
    examples: [
      {
        input: { limit: 10, customer: sample.CUSTOMER, status: 'active' },
        response: { object: 'list', url: '/v1/subscriptions', has_more: false, data: [sample.subscription()] },
      },
    ],
  }),
  'subscription.settle': native({
    summary: 'End a subscription at once and bill what was used, credit what was not, or both.',
    effect: 'charge',
    labels: OUTWARD,
    scope: 'Subscriptions write',
    input: z.strictObject({
      id,
      invoice: z.boolean().default(true).describe('Bill what is not billed yet, now.'),
      prorate: z.boolean().default(false).describe('Credit the unused rest of the period.'),
      reason: z.string().max(500).optional(),
    }),
    output: subscriptionAnswer,
    request: ({ id: subscription, invoice, prorate, reason }) =>
      del(TEMPLATE, {
        path: { subscription_exposed_id: subscription },
        form: {
          invoice_now: invoice,
          prorate,
          cancellation_details: reason === undefined ? undefined : { comment: reason },
        },
      }),
    result: toSubscription,
    cost: () => ({ kind: 'unknown', why: 'a last payment has a fee; how much it takes, only Stripe knows' }),
    moves: () => ({ direction: 'in' }),
    undo: { none: `${NOT_REVIVED} The last invoice stays, and so does a credit.` },
    verify: ({ input }) => readSubscription(input.id, gone),
    examples: [
      {
        input: { id: sample.SUBSCRIPTION, invoice: true, prorate: true, reason: 'Too dear' },
        response: sample.canceledSubscription({ comment: 'Too dear' }),
      },
    ],
  }),
  'price.list': native({
    summary: 'List prices that can be subscribed to, newest first.',
    effect: 'read',
    labels: OWN,
    scope: 'Prices read',
    input: z.strictObject({ limit: z.int().min(1).max(10_000).default(100).describe('At most so many prices.') }),
    output: z.object({ prices: z.array(priceAnswer) }),
    request: ({ limit }) =>
      get('/v1/prices', { query: { limit: Math.min(limit, LARGEST_PAGE), active: true, type: 'recurring' } }),
    result: (body) => ({ prices: readAs(z.object({ data: z.array(z.json()) }), body).data.map(toPrice) }),
    cost: 'free',
    pages: { field: 'prices', next: nextPage },
    examples: [
      {
        input: { limit: 10 },
        response: { object: 'list', url: '/v1/prices', has_more: false, data: [sample.price()] },
      },
    ],
  }),
}
