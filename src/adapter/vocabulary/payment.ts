// Family payment, refund, customer: money of others. Amounts are whole minor units; the definition converts to what
// the vendor wants and refuses what it cannot represent.
import { z } from 'zod'
import { amount, currency, extras, id } from './shapes.ts'

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
  'balance.get': {
    summary: "Read the account's balance.",
    input: z.strictObject({}),
    result: z.object({
      available: z.array(z.object({ amount: z.int(), currency })),
      pending: z.array(z.object({ amount: z.int(), currency })),
    }),
  },
} as const
