// Checkout: a page of Stripe on which somebody pays one sum. The money moves when they pay, with no further call.
import {
  bracketed,
  get,
  knownExtras,
  type NativeOperation,
  native,
  post,
  type ReadBack,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { toStripeAmount } from './amount.ts'
import * as sample from './examples-billing.ts'
import { OUTWARD, OWN } from './labels.ts'
import { sessionAnswer, toSession } from './shapes.ts'
import type { Standard } from './standard.ts'

// What changes the sum, or where it goes, stays out: allow_promotion_codes, automatic_tax, discounts, shipping_options,
// payment_intent_data. payment_method_types is gone from newer versions.
const CHECKOUT_EXTRAS = [
  'billing_address_collection',
  'consent_collection',
  'custom_text',
  'customer_creation',
  'customer_email',
  'expires_at',
  'locale',
  'phone_number_collection',
  'shipping_address_collection',
  'submit_type',
  'tax_id_collection',
]

/** docs.stripe.com/api/checkout/sessions/create, client_reference_id. */
const LONGEST_REFERENCE = 200

const id = z.string().min(1).max(512)

const readSession = (session: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'stripe:checkout.get',
  input: { id: session },
  holds,
  consistency: 'immediate',
})

const create: Standard<'checkout.create'> = {
  summary: 'Make a page on which somebody pays; the money is taken when they do.',
  effect: 'charge',
  labels: OUTWARD,
  scope: 'Checkout Sessions write',
  request: ({ amount, currency, description, successUrl, cancelUrl, customer, reference, native: extras }) => {
    if (reference !== undefined && reference.length > LONGEST_REFERENCE) {
      throw unsupported(
        `a reference of ${reference.length} characters`,
        `Stripe keeps ${LONGEST_REFERENCE} of a checkout.`,
      )
    }
    return post('/v1/checkout/sessions', {
      form: {
        mode: 'payment',
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: currency.toLowerCase(),
              unit_amount: toStripeAmount(amount, currency),
              product_data: { name: description },
            },
          },
        ],
        success_url: successUrl,
        cancel_url: cancelUrl,
        customer,
        client_reference_id: reference,
        // On the payment too, as payment.create puts it.
        payment_intent_data: reference === undefined ? undefined : { metadata: { reference } },
        ...bracketed(knownExtras(extras, CHECKOUT_EXTRAS)),
      },
    })
  },
  result: (body) => {
    const { id: session, status, url } = toSession(body)
    return { id: session, status, url }
  },
  // Cards cost what payment.create reckons; other ways to pay that the dashboard allows cost more.
  cost: () => ({ kind: 'unknown', why: 'the fee depends on how the payer pays, which is chosen on the page' }),
  moves: ({ amount, currency }) => ({ amountMinor: amount, currency: currency.toUpperCase(), direction: 'in' }),
  undo: ({ result }) =>
    result.status === 'expired' ? undefined : { operation: 'stripe:checkout.expire', input: { id: result.id } },
  undoLabel: 'stripe:checkout.expire, until somebody has paid; then refund.create',
  verify: ({ result }) =>
    result && readSession(result.id, (read) => read.id === result.id && read.status !== 'expired'),
  examples: [
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        description: 'Two books',
        successUrl: 'https://shop.example/thanks',
        cancelUrl: 'https://shop.example/basket',
        reference: '1842',
        native: { customer_email: 'jenny.rosen@example.com', locale: 'en-GB' },
      },
      response: sample.session({ client_reference_id: '1842', customer_email: 'jenny.rosen@example.com' }),
    },
    {
      input: {
        amount: 700,
        currency: 'JPY',
        description: 'Seat 12',
        successUrl: 'https://shop.example/thanks',
        customer: sample.CUSTOMER,
      },
      response: sample.session({ amount_total: 700, currency: 'jpy', customer: sample.CUSTOMER, cancel_url: null }),
    },
  ],
}

export const checkout = { 'checkout.create': create }

export const checkoutNatives: Record<string, NativeOperation> = {
  'checkout.get': native({
    summary: 'Read whether a page was paid, and by which payment.',
    effect: 'read',
    labels: OWN,
    scope: 'Checkout Sessions read',
    input: z.strictObject({ id }),
    output: sessionAnswer,
    request: (input) => get('/v1/checkout/sessions/{session}', { path: { session: input.id } }),
    result: toSession,
    cost: 'free',
    examples: [
      {
        input: { id: sample.SESSION },
        response: sample.session({
          payment_intent: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
          payment_status: 'paid',
          status: 'complete',
          url: null,
        }),
      },
    ],
  }),
  'checkout.expire': native({
    summary: 'Close a page on which nobody has paid yet.',
    effect: 'update',
    labels: OWN,
    scope: 'Checkout Sessions write',
    input: z.strictObject({ id }),
    output: sessionAnswer,
    request: (input) => post('/v1/checkout/sessions/{session}/expire', { path: { session: input.id }, form: {} }),
    result: toSession,
    cost: 'free',
    undo: { none: 'An expired page does not open again; make another one.' },
    verify: ({ input }) => readSession(input.id, (read) => read.status === 'expired'),
    examples: [{ input: { id: sample.SESSION }, response: sample.session({ status: 'expired', url: null }) }],
  }),
}
