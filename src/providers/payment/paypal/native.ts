// What PayPal has beyond the vocabulary: the parts of an order by their own ids, payouts item by item, webhooks.
import {
  get,
  type JsonValue,
  type NativeOperation,
  native,
  ProviderFault,
  post,
  readAs,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { movedBy, refundFee, takingFee } from './orders.ts'
import {
  cancelPayoutItem,
  captureAuthorization,
  readOrder,
  readPayout,
  refundCapture,
  voidAuthorization,
  WHOLE,
} from './requests.ts'
import { toOrder, toPart, toPayout, toPayoutItem, toRefund, toSubscription } from './shapes.ts'

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const
const PAYMENTS = 'https://uri.paypal.com/services/payments/payment'
const PAYOUTS = 'https://uri.paypal.com/payments/payouts'
const WEBHOOKS = 'https://uri.paypal.com/services/applications/webhooks'

const id = z.string().min(1).max(512)
const byId = z.strictObject({ id })
const amount = z.int().min(1).optional().describe('Minor units; default all that is left.')
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'expected a three-letter ISO 4217 code such as GBP')
  .transform((code) => code.toUpperCase())
  .optional()
  .describe('Needed with amount.')

const part = z.object({ id: z.string(), status: z.string(), amount: z.int(), currency: z.string() })
const order = z.object({
  id: z.string(),
  status: z.string(),
  url: z.string().nullable().describe('Where the buyer approves, while it waits for that.'),
  authorizations: z.array(part),
  captures: z.array(part),
})
const payoutItem = part.extend({ to: z.string() })

const orderNatives = {
  'order.get': native({
    summary: "Read an order: PayPal's own status, the page to approve it, and the ids of what hangs below it.",
    effect: 'read',
    labels: OWN,
    scope: PAYMENTS,
    input: byId,
    output: order,
    request: (input) => readOrder(input.id),
    result: toOrder,
    cost: 'free',
    examples: [{ input: { id: sample.ORDER }, response: sample.waitingOrder() }],
  }),
  'order.authorize': native({
    summary: 'Hold the money of an order that its buyer has approved, to take it later.',
    effect: 'charge',
    labels: OWN,
    scope: PAYMENTS,
    input: byId,
    output: order,
    request: (input) =>
      post('/v2/checkout/orders/{id}/authorize', { path: { id: input.id }, headers: WHOLE, json: {} }),
    result: toOrder,
    cost: takingFee,
    moves: () => ({ direction: 'in' }),
    undo: ({ result }) => ({ operation: 'payment.cancel', input: { id: result.id } }),
    undoLabel: 'payment.cancel',
    verify: ({ input }) => ({
      operation: 'payment.get',
      input: { id: input.id },
      holds: (read) => read.status === 'authorized',
      consistency: 'eventual',
    }),
    examples: [{ input: { id: sample.ORDER }, status: 201, response: sample.heldOrder() }],
  }),
  'authorization.capture': native({
    summary: 'Take an authorisation by its own id, also in several parts.',
    effect: 'charge',
    labels: OWN,
    scope: PAYMENTS,
    input: z.strictObject({
      id,
      amount,
      currency,
      final: z.boolean().default(false).describe('true releases what is left.'),
      note: z.string().min(1).max(255).optional().describe('The payer reads it.'),
    }),
    output: part,
    request: (input) =>
      captureAuthorization(input.id, {
        amount: input.amount,
        currency: input.currency,
        final_capture: input.final,
        note_to_payer: input.note,
      }),
    result: toPart,
    cost: takingFee,
    moves: (input) => movedBy(input, 'in'),
    undo: ({ result }) => ({ operation: 'paypal:capture.refund', input: { id: result.id } }),
    undoLabel: 'paypal:capture.refund',
    examples: [
      {
        input: { id: sample.AUTHORIZATION, amount: 1000, currency: 'GBP', final: false, note: 'Part one' },
        status: 201,
        response: sample.capture({ amount: sample.money('GBP', '10.00'), final_capture: false }),
      },
      { input: { id: sample.AUTHORIZATION, final: true }, status: 201, response: sample.capture() },
    ],
  }),
  'authorization.void': native({
    summary: 'Release an authorisation by its own id.',
    effect: 'update',
    labels: OWN,
    scope: PAYMENTS,
    input: byId,
    output: part,
    request: (input) => voidAuthorization(input.id),
    result: toPart,
    cost: 'free',
    undo: { none: 'PayPal does not revive an authorisation; create another payment.' },
    examples: [{ input: { id: sample.AUTHORIZATION }, response: sample.authorization({ status: 'VOIDED' }) }],
  }),
  'capture.refund': native({
    summary: 'Pay a capture back by its own id, whole or in part.',
    effect: 'charge',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'https://uri.paypal.com/services/payments/refund',
    input: z.strictObject({
      id,
      amount,
      currency,
      note: z.string().min(1).max(255).optional().describe('The payer reads it.'),
    }),
    output: part,
    request: (input) => refundCapture(input.id, { ...input, currency: input.currency }),
    result: toRefund,
    cost: refundFee,
    moves: (input) => movedBy(input, 'out'),
    undo: { none: 'What was paid back can only be taken again with the payer’s consent, as another payment.' },
    verify: ({ result }) =>
      result && {
        operation: 'paypal:refund.get',
        input: { id: result.id },
        holds: (read) => read.id === result.id && read.status !== 'failed' && read.status !== 'canceled',
        consistency: 'eventual',
      },
    examples: [
      { input: { id: sample.CAPTURE }, status: 201, response: sample.refund() },
      {
        input: { id: sample.CAPTURE, amount: 1000, currency: 'GBP', note: 'Sorry' },
        status: 201,
        response: sample.refund({ amount: sample.money('GBP', '10.00'), note_to_payer: 'Sorry' }),
      },
    ],
  }),
  'refund.get': native({
    summary: 'Read a refund.',
    effect: 'read',
    labels: OWN,
    scope: 'https://uri.paypal.com/services/payments/refund',
    input: byId,
    output: part,
    request: (input) => get('/v2/payments/refunds/{refund_id}', { path: { refund_id: input.id } }),
    result: toRefund,
    cost: 'free',
    examples: [{ input: { id: sample.REFUND }, response: sample.refund() }],
  }),
} satisfies Record<string, NativeOperation>

/** The items of a batch that can still be called back; a batch of others changes nothing, and says so. */
function unclaimedIn(body: JsonValue) {
  const batch = toPayout(body)
  const open = batch.items.filter(({ status }) => status === 'UNCLAIMED')
  if (open.length > 0) return { batch, open }
  throw new ProviderFault({
    code: 'IF_ERR_CONFLICT',
    message: `payout ${batch.id} has nothing unclaimed: ${batch.items.map(({ status }) => status).join(', ') || batch.status}`,
    hint: 'What was received can only be asked back from the receiver; what is pending may be unclaimed later.',
    outcome: 'not-done',
  })
}

const billingNatives = {
  'subscription.get': native({
    summary: 'Read a subscription, with the page on which it is approved while it waits for that.',
    effect: 'read',
    labels: OWN,
    scope: 'https://uri.paypal.com/services/subscriptions',
    input: byId,
    output: z.object({ id: z.string(), status: z.string(), plan: z.string().nullable(), url: z.string().nullable() }),
    request: (input) => get('/v1/billing/subscriptions/{id}', { path: { id: input.id } }),
    result: toSubscription,
    cost: 'free',
    examples: [{ input: { id: sample.SUBSCRIPTION }, response: sample.subscription() }],
  }),
  'payout.get': native({
    summary: 'Read a payout and what became of its items.',
    effect: 'read',
    labels: OWN,
    scope: PAYOUTS,
    input: byId,
    output: z.object({ id: z.string(), status: z.string(), items: z.array(payoutItem) }),
    request: (input) => readPayout(input.id),
    result: toPayout,
    cost: 'free',
    examples: [
      {
        input: { id: sample.BATCH },
        response: sample.payoutBatch({ batch_status: 'SUCCESS' }, [sample.payoutItem()]),
      },
    ],
  }),
  'payout.cancel': native({
    summary: 'Call back what nobody has claimed of a payout.',
    effect: 'update',
    labels: OWN,
    scope: PAYOUTS,
    looksFirst: true,
    input: byId,
    output: z.object({ id: z.string(), status: z.string(), items: z.array(payoutItem) }),
    request: (input) => readPayout(input.id),
    result: toPayout,
    *more({ answer }) {
      const { batch, open } = unclaimedIn(answer.body)
      const items = []
      for (const item of open) {
        const { body } = yield { request: cancelPayoutItem(item.id) }
        items.push(toPayoutItem(body))
      }
      return { id: batch.id, status: batch.status, items }
    },
    cost: 'free',
    undo: { none: 'Pay it out again.' },
    examples: [
      {
        input: { id: sample.BATCH },
        response: sample.payoutBatch({ batch_status: 'SUCCESS' }, [sample.payoutItem()]),
        more: [{ body: sample.payoutItem({ transaction_status: 'RETURNED' }) }],
      },
    ],
  }),
  'payout.item.cancel': native({
    summary: 'Call back one item of a payout that nobody has claimed.',
    effect: 'update',
    labels: OWN,
    scope: PAYOUTS,
    input: byId,
    output: payoutItem,
    request: (input) => cancelPayoutItem(input.id),
    result: toPayoutItem,
    cost: 'free',
    undo: { none: 'Pay it out again.' },
    examples: [{ input: { id: sample.ITEM }, response: sample.payoutItem({ transaction_status: 'RETURNED' }) }],
  }),
} satisfies Record<string, NativeOperation>

const verifyInput = z.strictObject({
  auth_algo: z.string().regex(/^[A-Za-z0-9]{1,100}$/),
  cert_url: z.url({ protocol: /^https$/ }).max(500),
  transmission_id: z.string().min(1).max(50),
  transmission_sig: z.string().min(1).max(500),
  transmission_time: z.iso.datetime({ offset: true }),
  webhook_id: z.string().regex(/^[A-Za-z0-9]{1,50}$/),
  event: z.string().min(2).max(1_000_000).describe('The body of the delivery, byte by byte as it came.'),
})

/** The delivery goes on as it came: PayPal signs its bytes, so it is never read and written anew. */
function verifyBody({ event, ...said }: z.output<typeof verifyInput>): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(event)
  } catch {
    parsed = undefined
  }
  // One JSON object alone: nothing of the text can then become a member beside it.
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw unsupported('event is not the JSON object of a delivery', 'Give the raw body of the delivery.')
  }
  return `${JSON.stringify(said).slice(0, -1)},"webhook_event":${event}}`
}

const EVENT =
  '{"id":"8PT597110X687430LKGECATA","event_type":"PAYMENT.AUTHORIZATION.CREATED","resource":{"amount":{"total":"7.47"}}}'

const webhookNatives = {
  'webhook.verify': native({
    summary: 'Have PayPal say whether a delivery is its own.',
    effect: 'read',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: WEBHOOKS,
    input: verifyInput,
    output: z.object({ genuine: z.boolean() }),
    request: (input) =>
      post('/v1/notifications/verify-webhook-signature', {
        raw: { value: verifyBody(input), contentType: 'application/json' },
      }),
    result: (body) => ({
      genuine: readAs(z.object({ verification_status: z.string() }), body).verification_status === 'SUCCESS',
    }),
    cost: 'free',
    examples: [
      {
        input: {
          auth_algo: 'SHA256withRSA',
          cert_url: 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77',
          transmission_id: '69cd13f0-d67a-11e5-baa3-778b53f4ae55',
          transmission_sig: 'lmI95Jx3Y9nhR5SJWlHVIWpg4AgFk7n9bCHSRxbrd8A9zrhdu2rMyFrmz',
          transmission_time: '2016-02-18T20:01:35Z',
          webhook_id: '1JE4291016473214C',
          event: EVENT,
        },
        response: { verification_status: 'SUCCESS' },
      },
    ],
  }),
  'webhook.event-type.list': native({
    summary: 'List the kinds of events that webhooks can have.',
    effect: 'read',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({ types: z.array(z.string()) }),
    request: () => get('/v1/notifications/webhooks-event-types'),
    result: (body) => ({
      types: readAs(z.object({ event_types: z.array(z.object({ name: z.string() })) }), body).event_types.map(
        ({ name }) => name,
      ),
    }),
    cost: 'free',
    examples: [{ input: {}, response: sample.EVENT_TYPES }],
  }),
} satisfies Record<string, NativeOperation>

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = { ...orderNatives, ...billingNatives, ...webhookNatives }
