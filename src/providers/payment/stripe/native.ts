// What Stripe has beyond the vocabulary.
import { del, get, type NativeOperation, native, readAs, z } from '../../../adapter/index.ts'
import { checkoutNatives } from './checkout.ts'
import * as sample from './examples.ts'
import { LARGEST_PAGE, nextPage } from './pages.ts'
import { payoutNatives } from './payouts.ts'
import { customerAnswer, toPaymentList, toRefund } from './shapes.ts'
import { subscriptionNatives } from './subscriptions.ts'
import { webhookNatives } from './webhook-endpoints.ts'

const id = z.string().min(1).max(512)

const payment = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.int(),
  currency: z.string(),
  captured: z.int(),
})

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'payment.list': native({
    summary: 'List payments, newest first.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'PaymentIntents read',
    input: z.strictObject({
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many payments.'),
      customer: id.optional().describe('Only of this customer.'),
    }),
    output: z.object({ payments: z.array(payment) }),
    request: ({ limit, customer }) =>
      get('/v1/payment_intents', { query: { limit: Math.min(limit, LARGEST_PAGE), customer } }),
    result: (body) => ({ payments: toPaymentList(body) }),
    cost: 'free',
    pages: { field: 'payments', next: nextPage },
    examples: [
      {
        input: { limit: 3 },
        response: { object: 'list', url: '/v1/payment_intents', has_more: false, data: [sample.intent()] },
      },
    ],
  }),
  'refund.get': native({
    summary: 'Read a refund.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'Refunds read',
    input: z.strictObject({ id }),
    output: payment.omit({ captured: true }),
    request: (input) => get('/v1/refunds/{refund}', { path: { refund: input.id } }),
    result: toRefund,
    cost: 'free',
    examples: [{ input: { id: 're_1Nispe2eZvKYlo2Cd31jOCgZ' }, response: sample.refund() }],
  }),
  'customer.get': native({
    summary: 'Read whether a customer exists.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'Customers read',
    input: z.strictObject({ id }),
    output: customerAnswer,
    request: (input) => get('/v1/customers/{customer}', { path: { customer: input.id } }),
    result: (body) => readAs(customerAnswer, body),
    cost: 'free',
    examples: [{ input: { id: 'cus_NffrFeUfNV2Hib' }, response: sample.customer() }],
  }),
  'customer.delete': native({
    summary: 'Delete a customer and end its subscriptions at once.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'Customers write',
    input: z.strictObject({ id }),
    output: customerAnswer,
    request: (input) => del('/v1/customers/{customer}', { path: { customer: input.id } }),
    result: (body) => readAs(customerAnswer, body),
    cost: 'free',
    undo: { none: 'Stripe does not bring a deleted customer back.' },
    verify: ({ input }) => ({
      operation: 'stripe:customer.get',
      input,
      holds: (read) => read.deleted === true,
      consistency: 'immediate',
    }),
    examples: [
      {
        input: { id: 'cus_NffrFeUfNV2Hib' },
        response: { id: 'cus_NffrFeUfNV2Hib', object: 'customer', deleted: true },
      },
    ],
  }),
  ...subscriptionNatives,
  ...payoutNatives,
  ...checkoutNatives,
  ...webhookNatives,
}
