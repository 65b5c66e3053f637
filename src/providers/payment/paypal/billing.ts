// Subscriptions and payouts.
import {
  type InputOf,
  keyInBody,
  knownExtras,
  type Operation,
  post,
  type ResultOf,
  readAs,
  type StandardOperationId,
  unsupported,
} from '../../../adapter/index.ts'
import { toPayoutMoney } from './amount.ts'
import * as sample from './examples.ts'
import { movedBy, takingFee } from './orders.ts'
import { atMost, WHOLE } from './requests.ts'
import { payoutHeader, toSubscription } from './shapes.ts'

type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const

// What changes the price stays out: plan, shipping_amount.
const SUBSCRIPTION_EXTRAS = ['application_context', 'start_time']

const subscriptionCreate: Standard<'subscription.create'> = {
  summary: 'Ask somebody for a subscription to a plan; it takes money once they have approved it.',
  effect: 'charge',
  scope: 'https://uri.paypal.com/services/subscriptions',
  without: ['source'],
  request: ({ customer, plan, reference, native: extras }) =>
    post('/v1/billing/subscriptions', {
      headers: WHOLE,
      json: {
        plan_id: plan,
        custom_id: atMost(127, reference, 'reference'),
        // PayPal keeps no customers of a shop's own: it knows people by their address.
        subscriber: { email_address: customer },
        ...knownExtras(extras, SUBSCRIPTION_EXTRAS),
      },
    }),
  result: (body) => {
    const { id, status } = toSubscription(body)
    return { id, status }
  },
  cost: takingFee,
  // The plan says how much.
  moves: () => ({ direction: 'in' }),
  undo: ({ result }) => ({ operation: 'subscription.cancel', input: { id: result.id } }),
  undoLabel: 'subscription.cancel, once it is active',
  verify: ({ result }) =>
    result && {
      operation: 'paypal:subscription.get',
      input: { id: result.id },
      holds: (read) => read.id === result.id,
      consistency: 'eventual',
    },
  examples: [
    {
      input: {
        customer: 'customer@example.com',
        plan: 'P-5ML4271244454362WXNWU5NQ',
        reference: 'C-17',
        native: {
          application_context: {
            return_url: 'https://shop.example/thanks',
            cancel_url: 'https://shop.example/basket',
          },
        },
      },
      status: 201,
      response: sample.subscription({ custom_id: 'C-17' }),
    },
  ],
}

const subscriptionCancel: Standard<'subscription.cancel'> = {
  summary: 'End a subscription at once.',
  effect: 'delete',
  labels: OWN,
  scope: 'https://uri.paypal.com/services/subscriptions',
  without: ['native'],
  request: ({ id, reason }) =>
    post('/v1/billing/subscriptions/{id}/cancel', {
      path: { id },
      // PayPal wants one.
      json: { reason: atMost(128, reason, 'reason') ?? 'Cancelled by the merchant' },
      answer: 'empty',
    }),
  result: (_none, { input }) => ({ id: input.id, status: 'CANCELLED' }),
  cost: 'free',
  undo: { none: 'PayPal does not revive a cancelled subscription; the subscriber has to approve another one.' },
  verify: ({ input }) => ({
    operation: 'paypal:subscription.get',
    input: { id: input.id },
    holds: (read) => read.status === 'CANCELLED',
    consistency: 'eventual',
  }),
  examples: [{ input: { id: sample.SUBSCRIPTION, reason: 'Not wanted any more' }, status: 204, response: null }],
}

const PAYOUT_EXTRAS = ['email_message', 'email_subject', 'purpose', 'recipient_type', 'recipient_wallet']
const IN_HEADER = ['email_message', 'email_subject']

/** How PayPal is told what the receiver is. */
function recipientType(to: string): string {
  if (to.includes('@')) return 'EMAIL'
  return /^\+\d+$/.test(to) ? 'PHONE' : 'PAYPAL_ID'
}

const payoutCreate: Standard<'payout.create'> = {
  summary: 'Pay somebody out, by e-mail address, phone number or PayPal id.',
  effect: 'charge',
  labels: { returns: 'trusted' },
  scope: 'https://uri.paypal.com/payments/payouts',
  without: ['source'],
  request: ({ amount, currency, to, reference, description, native: extras }) => {
    if (to === undefined) {
      throw unsupported(
        'PayPal pays nothing out to the own bank account through its API',
        'Give to: an e-mail address, an E.164 number or a PayPal id.',
      )
    }
    const known = Object.entries(knownExtras(extras, PAYOUT_EXTRAS))
    return post('/v1/payments/payouts', {
      json: {
        sender_batch_header: {
          // A second guard beside the key in the header: PayPal refuses an id that it has seen within 30 days.
          sender_batch_id: keyInBody(),
          ...Object.fromEntries(known.filter(([name]) => IN_HEADER.includes(name))),
        },
        items: [
          {
            recipient_type: recipientType(to),
            amount: toPayoutMoney(amount, currency),
            receiver: atMost(127, to, 'to'),
            note: atMost(4000, description, 'description'),
            sender_item_id: atMost(63, reference, 'reference'),
            ...Object.fromEntries(known.filter(([name]) => !IN_HEADER.includes(name))),
          },
        ],
      },
    })
  },
  result: (body, { input }) => {
    const { payout_batch_id, batch_status } = readAs(payoutHeader, body).batch_header
    return { id: payout_batch_id, status: batch_status, amount: input.amount, currency: input.currency }
  },
  cost: () => ({
    kind: 'unknown',
    why: 'the fee of a payout depends on countries and currency, with a maximum for each (paypal.com/webapps/mpp/merchant-fees)',
  }),
  moves: (input) => movedBy(input, 'out'),
  undo: ({ result }) => ({ operation: 'paypal:payout.cancel', input: { id: result.id } }),
  undoLabel: 'paypal:payout.cancel, while nobody has claimed it',
  verify: ({ result }) =>
    result && {
      operation: 'paypal:payout.get',
      input: { id: result.id },
      holds: (read) => read.id === result.id && read.status !== 'DENIED' && read.status !== 'CANCELED',
      consistency: 'eventual',
    },
  examples: [
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        to: 'receiver@example.com',
        reference: '1842',
        description: 'Thank you for the story',
        native: { email_subject: 'You have money' },
      },
      status: 201,
      response: sample.payoutBatch(),
    },
    {
      input: { amount: 700, currency: 'JPY', to: 'MV4X8C5DHTWNM', native: { purpose: 'GOODS' } },
      status: 201,
      response: sample.payoutBatch(),
    },
  ],
}

export const billing = {
  'subscription.create': subscriptionCreate,
  'subscription.cancel': subscriptionCancel,
  'payout.create': payoutCreate,
}
