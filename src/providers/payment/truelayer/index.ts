// TrueLayer: payments by bank transfer (v3), refunds, payouts, mandates, merchant accounts, and the bank accounts of people
// who consented (Data API). What acts is signed with a key of the client's own. The sandbox is other hosts.
import { defineProvider, objectIn, textOf, z } from '../../../adapter/index.ts'
import { accounts } from './accounts.ts'
import { auth, auths } from './auths.ts'
import { truelayerFault } from './errors.ts'
import { natives } from './native.ts'
import { payments } from './payments.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

const balance = z.object({ available: z.array(z.object({ currency: z.string() })) })

export default defineProvider({
  id: 'truelayer',
  name: 'TrueLayer',
  category: 'payment',
  version: '1.0.0',
  docs: 'https://docs.truelayer.com/reference/welcome-api-reference',
  sources: [
    'https://github.com/TrueLayer/truelayer-signing (95fdf17)',
    'https://github.com/TrueLayer/truelayer-java',
    'https://docs.truelayer.com/docs/payments-api-errors',
    'https://docs.truelayer.com/docs/payments-v3-webhook-notifications',
    'https://docs.truelayer.com/docs/create-a-payment-mandate',
    'https://docs.truelayer.com/docs/account-data-requests',
  ],
  checkedAt: '2026-11-25',
  // The vendor's description was not at hand: requests and answers are those of its clients and pages.
  confidence: 'medium',
  standing: 'active',
  notes: [
    'payment.create makes a payment that its payer has to authorise at the bank: truelayer:payment.authorize gives what comes next. Under a mandate (source) nobody is asked again.',
    'A payment goes to a merchant account of your own, native.merchant_account_id; no extra can name another receiver.',
    'A payment that the payer authorised cannot be held: it goes on by itself, and payment.cancel may come too late.',
    'payment.cancel is accepted before it is done; its result is the payment as it stood just after.',
    'refund.create without an amount pays the whole payment back, and is refused where a part already was.',
    'to of payout.create is 6 digits of sort code, a colon and 8 of account number, an IBAN, or payment_source: with its id; without it the own business account is paid.',
    'Mandates of the two kinds, sweeping and commercial, need scopes of their own, which TrueLayer gives one by one.',
    'The resource token that belongs to a payment or mandate is not passed on, so a hosted payment page cannot be built from a result.',
    'Accounts of a person need that person’s consent: ifab provider connect.',
  ],
  baseUrls: {
    main: 'https://api.truelayer.com',
    auth: 'https://auth.truelayer.com',
    webhooks: 'https://webhooks.truelayer.com',
  },
  sandbox: {
    baseUrls: {
      main: 'https://api.truelayer-sandbox.com',
      auth: 'https://auth.truelayer-sandbox.com',
      webhooks: 'https://webhooks.truelayer-sandbox.com',
    },
  },
  secrets: {
    TRUELAYER_CLIENT_ID: {
      label: 'client id',
      get: 'https://console.truelayer.com → App Settings',
      testPrefix: 'infrafabric-',
      testDigits: 6,
    },
    TRUELAYER_CLIENT_SECRET: { label: 'client secret', get: 'https://console.truelayer.com → App Settings' },
    TRUELAYER_KEY_ID: {
      label: 'id of the signing key (kid)',
      get: 'https://console.truelayer.com → Payments → Settings, where the public key was uploaded',
      testPrefix: '',
      testDigits: 32,
    },
    TRUELAYER_PRIVATE_KEY: {
      label: 'private signing key, PEM of the curve P-521',
      get: 'openssl ecparam -genkey -name secp521r1 -noout -out ec512-private.pem',
      testKey: 'P-521',
    },
  },
  auth,
  auths,
  // TrueLayer publishes no figures; these are the house's own.
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  // "Idempotency keys remain valid for 30 days from creation" (docs.truelayer.com/docs/payments-api-errors).
  idempotency: { header: 'Idempotency-Key', windowHours: 720, methods: ['POST'] },
  errors: truelayerFault,
  webhooks,
  requestId: (response) => textOf(objectIn(response).trace_id),
  health: {
    operation: 'balance.get',
    input: {},
    tell: (result) =>
      `merchant accounts in ${
        balance
          .parse(result)
          .available.map(({ currency }) => currency)
          .join(', ') || 'no currency yet'
      }`,
  },
  operations: { ...payments, ...accounts },
  native: natives,
  twin,
})
