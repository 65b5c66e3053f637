// Families payment, refund, customer, subscription, mandate, payout, checkout, account, card, balance: money. Amounts are whole minor units; the definition converts to what
// the vendor wants and refuses what it cannot represent.
import { z } from 'zod'
import { amount, currency, extras, id, limit, name, rfc3339, status, webAddress } from './shapes.ts'

const PAYMENT_STATUS = ['pending', 'needs_action', 'authorized', 'succeeded', 'canceled', 'failed'] as const

const paymentResult = z.object({
  id,
  status: z.enum(PAYMENT_STATUS),
  amount,
  currency,
  captured: z.int().min(0).describe('Minor units taken so far.'),
})

export const payment = {
  'payment.create': {
    summary: 'Take a payment, or authorise one to capture later.',
    input: z.strictObject({
      amount,
      currency,
      source: id.optional().describe('What pays: the id of a payment method.'),
      customer: id.optional().describe('Id of the customer at the provider.'),
      capture: z.boolean().default(true).describe('false authorises only.'),
      description: z.string().max(1000).optional().describe('Shown to the payer where the provider can.'),
      reference: z.string().max(500).optional().describe('Your own number for it.'),
      native: extras,
    }),
    result: paymentResult,
  },
  'payment.get': { summary: 'Read a payment.', input: z.strictObject({ id }), result: paymentResult },
  'payment.capture': {
    summary: 'Take an authorised payment, whole or in part.',
    input: z.strictObject({
      id,
      amount: amount.optional().describe('Minor units to take; default all.'),
      currency: currency.optional().describe('Needed with amount, to convert it.'),
    }),
    result: paymentResult,
  },
  'payment.cancel': {
    summary: 'Give up a payment that was not taken yet.',
    input: z.strictObject({ id }),
    result: paymentResult,
  },
  'refund.create': {
    summary: 'Pay a payment back, whole or in part.',
    input: z.strictObject({
      payment: id.describe('Id of the payment.'),
      amount: amount.optional().describe('Minor units to pay back; default all.'),
      currency: currency.optional().describe('Needed with amount where the provider counts other than ISO 4217.'),
      reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
    }),
    result: z.object({
      id,
      status: z.enum(['pending', 'needs_action', 'succeeded', 'failed', 'canceled']),
      amount,
      currency,
    }),
  },
  'customer.create': {
    summary: 'Make a customer at the payment provider.',
    input: z.strictObject({
      email: z.email().optional(),
      name: z.string().max(500).optional(),
      reference: z.string().max(500).optional().describe('Your own number for it.'),
      native: extras,
    }),
    result: z.object({ id }),
  },
  'subscription.create': {
    summary: 'Start a subscription; it takes money again and again until it is cancelled.',
    input: z.strictObject({
      customer: id.describe('Id of the customer.'),
      plan: id.describe('Id of the price or plan at the provider.'),
      source: id.optional().describe('What pays: the id of a payment method.'),
      reference: z.string().max(500).optional().describe('Your own number for it.'),
      native: extras,
    }),
    result: z.object({ id, status }),
  },
  'subscription.cancel': {
    summary: 'End a subscription.',
    input: z.strictObject({ id, reason: z.string().max(500).optional(), native: extras }),
    result: z.object({ id, status }),
  },
  'mandate.create': {
    summary: "Ask for the right to take money from a payer's account.",
    input: z.strictObject({
      customer: id.optional().describe('Id of the payer at the provider.'),
      currency,
      maximum: amount.optional().describe('Most of one payment, in minor units.'),
      reference: z.string().max(500).optional(),
      native: extras,
    }),
    result: z.object({ id, status, url: z.string().nullable().describe('Where the payer consents.') }),
  },
  'payout.create': {
    summary: 'Pay money out to somebody.',
    input: z.strictObject({
      amount,
      currency,
      to: z
        .string()
        .min(1)
        .max(512)
        .optional()
        .describe('Account, e-mail or recipient id; default the own bank account.'),
      source: id.optional().describe('Account that pays, where there are several.'),
      reference: z.string().max(500).optional().describe('Your own number for it.'),
      description: z.string().max(1000).optional().describe('Shown to the recipient where the provider can.'),
      native: extras,
    }),
    result: z.object({ id, status, amount, currency }),
  },
  'checkout.create': {
    summary: 'Make a page on which somebody pays.',
    input: z.strictObject({
      amount,
      currency,
      description: z.string().min(1).max(1000).describe('What is paid for.'),
      successUrl: webAddress.describe('Where the payer goes after paying.'),
      cancelUrl: webAddress.optional(),
      customer: id.optional(),
      reference: z.string().max(500).optional().describe('Your own number for it.'),
      native: extras,
    }),
    result: z.object({ id, status, url: z.string().nullable().describe('The page.') }),
  },
  'account.list': {
    summary: 'List accounts.',
    input: z.strictObject({ limit }),
    result: z.object({
      accounts: z.array(z.object({ id, name: z.string().nullable(), currency: currency.nullable() })),
    }),
  },
  'transaction.list': {
    summary: 'List movements of money, newest first.',
    input: z.strictObject({
      account: id.optional().describe('Id of the account, where there are several.'),
      from: rfc3339.optional(),
      until: rfc3339.optional(),
      limit,
    }),
    result: z.object({
      transactions: z.array(
        z.object({
          id,
          amount: z.int().describe('Minor units; negative where money leaves.'),
          currency,
          at: rfc3339.nullable(),
          description: z.string().nullable(),
          status,
        }),
      ),
    }),
  },
  'card.create': {
    summary: 'Issue a card.',
    input: z.strictObject({
      holder: id.optional().describe('Id of the cardholder at the provider.'),
      kind: z.enum(['virtual', 'physical']).default('virtual'),
      name: name.optional(),
      limit: amount.optional().describe('Most it may spend, in minor units.'),
      currency: currency.optional(),
      native: extras,
    }),
    result: z.object({ id, status, lastFour: z.string().nullable() }),
  },
  'card.update': {
    summary: 'Change what a card may do.',
    input: z.strictObject({
      id,
      state: z.enum(['active', 'paused', 'closed']).optional(),
      limit: amount.optional().describe('Most it may spend, in minor units.'),
      currency: currency.optional(),
      native: extras,
    }),
    result: z.object({ id, status }),
  },
  'balance.get': {
    summary: "Read the account's balance.",
    input: z.strictObject({}),
    result: z.object({
      available: z.array(z.object({ amount: z.int(), currency })),
      pending: z.array(z.object({ amount: z.int(), currency })),
    }),
  },
} as const
