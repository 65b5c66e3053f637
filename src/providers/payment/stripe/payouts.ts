// Payouts: from the account's balance to a bank account or card of its owner. Somebody else cannot be paid this way.
import {
  bracketed,
  type Cost,
  get,
  knownExtras,
  type NativeOperation,
  native,
  post,
  type ReadBack,
  z,
} from '../../../adapter/index.ts'
import { toPayoutAmount } from './amount.ts'
import * as sample from './examples-billing.ts'
import { OUTWARD, OWN } from './labels.ts'
import { toPayout } from './shapes.ts'
import type { Standard } from './standard.ts'

const PAYOUT_EXTRAS = ['method', 'source_type', 'statement_descriptor']

const id = z.string().min(1).max(512)

const payoutAnswer = z.object({ id: z.string(), status: z.string(), amount: z.int(), currency: z.string() })

const readPayout = (payout: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'stripe:payout.get',
  input: { id: payout },
  holds,
  consistency: 'immediate',
})

/** Both send the money back into the balance. */
const cameBack = (read: { status?: unknown }): boolean => read.status === 'canceled' || read.status === 'failed'

// support.stripe.com/questions/what-are-instant-payouts-and-who-is-eligible: standard payouts "at no additional cost",
// instant ones "1% of the payout amount for most countries (1.5% for Australia)".
function feeOf(method: unknown): Cost {
  if (method === undefined || method === 'standard') return { kind: 'free' }
  return { kind: 'unknown', why: 'an instant payout has a fee of 1 % or more, by country and agreement' }
}

const create: Standard<'payout.create'> = {
  summary: "Pay out of the account's balance to its own bank account or card.",
  effect: 'charge',
  // Texts stand on a bank statement.
  labels: OUTWARD,
  scope: 'Payouts write',
  without: ['source'],
  request: ({ amount, currency, to, reference, description, native: extras }) =>
    post('/v1/payouts', {
      form: {
        amount: toPayoutAmount(amount, currency),
        currency: currency.toLowerCase(),
        destination: to,
        description,
        metadata: reference === undefined ? undefined : { reference },
        ...bracketed(knownExtras(extras, PAYOUT_EXTRAS)),
      },
    }),
  result: toPayout,
  cost: ({ native: extras }) => feeOf(extras?.method),
  moves: ({ amount, currency }) => ({ amountMinor: amount, currency: currency.toUpperCase(), direction: 'out' }),
  undo: ({ result }) =>
    cameBack(result) ? undefined : { operation: 'stripe:payout.cancel', input: { id: result.id } },
  undoLabel: 'stripe:payout.cancel, until it is on its way to the bank',
  verify: ({ result }) => result && readPayout(result.id, (read) => read.id === result.id && !cameBack(read)),
  examples: [
    {
      input: { amount: 1100, currency: 'USD', reference: 'P-3', description: 'Takings of the week' },
      response: sample.payout({ metadata: { reference: 'P-3' }, description: 'Takings of the week' }),
    },
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        to: 'ba_1MtIhL2eZvKYlo2CAElKwKu2',
        native: { method: 'instant', statement_descriptor: 'TAKINGS' },
      },
      response: sample.payout({
        amount: 2500,
        currency: 'gbp',
        destination: 'ba_1MtIhL2eZvKYlo2CAElKwKu2',
        method: 'instant',
        statement_descriptor: 'TAKINGS',
      }),
    },
  ],
}

export const payouts = { 'payout.create': create }

export const payoutNatives: Record<string, NativeOperation> = {
  'payout.get': native({
    summary: 'Read a payout.',
    effect: 'read',
    labels: OWN,
    scope: 'Payouts read',
    input: z.strictObject({ id }),
    output: payoutAnswer,
    request: (input) => get('/v1/payouts/{payout}', { path: { payout: input.id } }),
    result: toPayout,
    cost: 'free',
    examples: [{ input: { id: sample.PAYOUT }, response: sample.payout({ status: 'paid' }) }],
  }),
  'payout.cancel': native({
    summary: 'Call a payout back that is not on its way to the bank yet.',
    effect: 'update',
    labels: OWN,
    scope: 'Payouts write',
    input: z.strictObject({ id }),
    output: payoutAnswer,
    request: (input) => post('/v1/payouts/{payout}/cancel', { path: { payout: input.id }, form: {} }),
    result: toPayout,
    cost: 'free',
    undo: { none: 'The money is in the balance again; pay it out with another payout.create.' },
    verify: ({ input }) => readPayout(input.id, (read) => read.status === 'canceled'),
    examples: [{ input: { id: sample.PAYOUT }, response: sample.payout({ status: 'canceled' }) }],
  }),
}
