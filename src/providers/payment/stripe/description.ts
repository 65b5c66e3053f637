// Stripe's description at hand is of 2023-08-16, older than the pinned version; where the two are known to differ.
import type { Described } from '../../../adapter/index.ts'

export const described: Described = {
  faults: [
    {
      reason:
        'The description was cut to 38 paths, these not among them; npm stripe 23.1.0 has them (resources/Checkout/Sessions.js, resources/BalanceTransactions.js).',
      excuses: {
        operations:
          /^(GET \/v1\/checkout\/sessions\/[^/]+|POST \/v1\/checkout\/sessions\/[^/]+\/expire|GET \/v1\/balance_transactions)$/,
        kind: 'route',
        where: /./,
      },
    },
    {
      reason:
        'Since 2025 the period of a subscription stands at its items (docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end; npm stripe 23.1.0 has it nowhere else).',
      excuses: {
        operations: /^(GET|POST|DELETE) \/v1\/subscriptions/,
        kind: 'response',
        where: /^\/(data\/\d+)?$/,
        message: /required property 'current_period_(start|end)'/,
      },
    },
    {
      reason:
        'The description has what DELETE takes in its body only; Stripe takes it in the query too, where npm stripe 23.1.0 puts it (StripeResource.js, dataInQuery).',
      excuses: {
        operations: /^DELETE \/v1\/subscriptions\//,
        kind: 'query',
        where: /^(invoice_now|prorate|cancellation_details)$/,
      },
    },
    {
      reason: 'Its list of API versions ends in August 2023.',
      excuses: { operations: /^POST \/v1\/webhook_endpoints$/, kind: 'body', where: /^\/api_version$/ },
    },
  ],
}
