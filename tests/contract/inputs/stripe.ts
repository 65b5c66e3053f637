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
} satisfies Record<string, fc.Arbitrary<object>>
