// Inputs beyond PayPal's examples, for the operations that build the most.
import fc from 'fast-check'
import { optional, word } from './arbitraries.ts'

const amount = fc.integer({ min: 1, max: 9_999_999 }).map((units) => units * 100)
const currency = fc.constantFrom('GBP', 'usd', 'JPY', 'HUF', 'TWD', 'EUR')
const vaultId = fc.stringMatching(/^(card|paypal|venmo):[0-9A-Za-z_-]{1,60}$/)
const text = (maxLength: number) => fc.string({ minLength: 1, maxLength })

export default {
  'payment.create': fc.record({
    amount,
    currency,
    source: optional(vaultId),
    capture: fc.boolean(),
    description: optional(text(127)),
    reference: optional(text(127)),
    native: optional(
      fc.record({ soft_descriptor: fc.constant('SEAT'), invoice_id: fc.constant('INV-1') }, { requiredKeys: [] }),
    ),
  }),
  'checkout.create': fc.record({
    amount,
    currency,
    description: text(127),
    successUrl: fc.webUrl(),
    cancelUrl: optional(fc.webUrl()),
    reference: optional(text(127)),
  }),
  'payout.create': fc.record({
    amount,
    currency,
    to: fc.oneof(
      fc.emailAddress().filter((address) => address.length < 128),
      fc.stringMatching(/^\+[1-9]\d{6,14}$/),
    ),
    reference: optional(word),
    description: optional(fc.stringMatching(/^[ -~]{1,200}$/)),
  }),
  'paypal:capture.refund': fc.record({
    id: word,
    amount,
    currency,
    note: optional(fc.stringMatching(/^[ -~]{1,200}$/)),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
