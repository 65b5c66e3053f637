// PayPal, REST: payments (orders, authorisations, captures), refunds, subscriptions, payouts, balances. A token is got with
// client id and secret; every POST goes under an idempotency key. The sandbox is another host with other credentials.
import { defineProvider, noAuth, oauth2ClientCredentials, secret, z } from '../../../adapter/index.ts'
import { billing } from './billing.ts'
import { paypalFault } from './errors.ts'
import { natives } from './native.ts'
import { orders } from './orders.ts'
import { reporting } from './reporting.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

const eventTypes = z.object({ types: z.array(z.string()) })

export default defineProvider({
  id: 'paypal',
  name: 'PayPal',
  category: 'payment',
  version: '1.0.0',
  docs: 'https://developer.paypal.com/api/rest/',
  sources: [
    'https://github.com/paypal/paypal-rest-api-specifications (ec4d8f3)',
    'npm @paypal/paypal-server-sdk 2.5.0',
    'https://developer.paypal.com/docs/api/reference/currency-codes/',
    'https://developer.paypal.com/api/rest/webhooks/rest/',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  notes: [
    'A payment is an order: payment.create without a source, and checkout.create, only make one; its buyer approves it on a page of PayPal, then payment.capture takes the money.',
    'A source is card:, paypal: or venmo: with the id of a payment token in the vault; those ids alone do not say what they are.',
    'payment.capture, payment.cancel and refund.create take the id of the order and find what hangs below it; for ids of authorisations and captures there are native operations.',
    'payment.capture of a part releases the rest; paypal:authorization.capture takes several parts.',
    'An order that nobody paid cannot be cancelled; it lapses.',
    'HUF, JPY and TWD have no decimals: an amount with some is refused before it leaves.',
    'customer of subscription.create is the e-mail address of the subscriber; paypal:subscription.get has the page to approve it.',
    'A payout can be called back while nobody has claimed it; PayPal returns it by itself after 30 days.',
    'transaction.list needs from and until. PayPal reports up to three hours late, three years back, and refuses a window with too many results.',
    'Cancelling (subscriptions, payouts) and voiding have no idempotency key: a repeated one is refused by PayPal and changes nothing.',
  ],
  baseUrls: {
    main: 'https://api-m.paypal.com',
    // Certificates of webhooks.
    certificates: 'https://api.paypal.com',
  },
  sandbox: {
    baseUrls: { main: 'https://api-m.sandbox.paypal.com', certificates: 'https://api.sandbox.paypal.com' },
  },
  secrets: {
    PAYPAL_CLIENT_ID: {
      label: 'client id of the app',
      get: 'https://developer.paypal.com/dashboard/applications',
      testPrefix: 'A',
      testDigits: 79,
    },
    PAYPAL_CLIENT_SECRET: {
      label: 'secret of the app',
      get: 'https://developer.paypal.com/dashboard/applications',
      testPrefix: 'E',
      testDigits: 79,
    },
    PAYPAL_WEBHOOK_ID: {
      label: 'id of the webhook, which its signatures hold',
      get: 'https://developer.paypal.com/dashboard/applications → the app → Webhooks',
      pattern: /^[A-Za-z0-9]{1,50}$/,
      testPrefix: '',
      testDigits: 17,
      required: false,
    },
  },
  auth: oauth2ClientCredentials({
    template: '/v1/oauth2/token',
    clientId: secret('PAYPAL_CLIENT_ID'),
    clientSecret: secret('PAYPAL_CLIENT_SECRET'),
    as: 'basic',
  }),
  auths: { none: noAuth() },
  // PayPal publishes no figures; these are the house's own.
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  // Six hours for orders; 72 hours for subscriptions, 30 days for payouts, 45 days for captures and refunds.
  idempotency: { header: 'PayPal-Request-Id', windowHours: 6, methods: ['POST'] },
  errors: paypalFault,
  webhooks,
  requestId: (response) => response.headers['paypal-debug-id'],
  health: {
    operation: 'paypal:webhook.event-type.list',
    input: {},
    tell: (result) => `token accepted, ${eventTypes.parse(result).types.length} kinds of events`,
  },
  operations: { ...orders, ...billing, ...reporting },
  native: natives,
  twin,
})
