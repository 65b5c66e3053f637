// Inputs beyond Stripe's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional, word } from './arbitraries.ts'

const amount = fc.integer({ min: 100, max: 99_999_999 })
const currency = fc.constantFrom('GBP', 'usd', 'EUR', 'SEK')

export default {
  'payment.create': fc.record({
    amount,
    currency,
    source: optional(word),
    customer: optional(word),
    capture: fc.boolean(),
    description: optional(anyText),
    reference: optional(anyText),
    native: optional(
      fc.record({ statement_descriptor_suffix: fc.constant('SEAT'), off_session: fc.boolean() }, { requiredKeys: [] }),
    ),
  }),
  'refund.create': fc.record({ payment: word, amount: optional(amount), currency }),
  'customer.create': fc.record({ name: optional(anyText), reference: optional(anyText) }),
  'payment.capture': fc.record({ id: word, amount, currency }),
  'subscription.create': fc.record({
    customer: word,
    plan: word,
    source: optional(word),
    reference: optional(anyText),
  }),
  'subscription.cancel': fc.record({ id: word, reason: optional(anyText) }),
  'payout.create': fc.record({ amount, currency, to: optional(word), reference: optional(anyText) }),
  'checkout.create': fc.record({
    amount,
    currency,
    description: anyText.filter((text) => text.length > 0),
    successUrl: fc.constantFrom('https://shop.example/thanks?session={CHECKOUT_SESSION_ID}', 'http://localhost/x#y'),
    customer: optional(word),
    reference: optional(word),
  }),
  'transaction.list': fc.record({
    from: optional(fc.constantFrom('2026-11-01T00:00:00Z', '2026-11-01T00:00:00.5Z')),
    until: optional(fc.constant('2026-11-25T00:00:00Z')),
    limit: fc.integer({ min: 1, max: 10_000 }),
  }),
} satisfies Record<string, fc.Arbitrary<object>>
