// Authorize.Net: payments, refunds, customer profiles, subscriptions. Numbers of cards are refused: what pays is a nonce of
// Accept.js or a stored profile. There is no idempotency key; equal transactions are refused for the duplicate window alone.
import {
  defineProvider,
  fromDecimalNumber,
  type JsonObject,
  knownExtras,
  post,
  type ReadBack,
  readAs,
  unsupported,
} from '../../../adapter/index.ts'
import { createCustomer } from './customers.ts'
import { authorizeNetFault } from './errors.ts'
import * as sample from './examples.ts'
import { natives, readSubscription, refundOf, transactionCost } from './native.ts'
import {
  auth,
  billTo,
  call,
  decimal,
  inOrder,
  orderOf,
  paidBy,
  restAuth,
  shipTo,
  transaction,
  transactionDetails,
} from './requests.ts'
import { askCurrency, toPayment, toTaken, toTransaction, webhookAnswer } from './shapes.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

// Of a payment's extras these become `transactionSettings`; the others go where the schema has them.
const SETTINGS = ['duplicateWindow', 'emailCustomer', 'recurringBilling']
const PAYMENT_EXTRAS = ['billTo', 'customer', 'customerIP', 'poNumber', 'shipTo', ...SETTINGS]

/** Details may lag behind what was just done. */
const readPayment = (payment: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'payment.get',
  input: { id: payment },
  holds,
  consistency: 'eventual',
})

/** A part of an authorised partial amount is never taken silently. */
function settingsOf(extras: JsonObject) {
  const given = SETTINGS.filter((name) => extras[name] !== undefined)
  return {
    setting: [
      { settingName: 'allowPartialAuth', settingValue: 'false' },
      ...given.map((name) => ({ settingName: name, settingValue: String(extras[name]) })),
    ],
  }
}

/** What an amount that may be left out moves: then all of it, in the currency of the account. */
const movedBy = (input: { amount?: number | undefined; currency?: string | undefined }, direction: 'in' | 'out') => ({
  ...(input.amount === undefined ? {} : { amountMinor: input.amount }),
  ...(input.currency === undefined ? {} : { currency: input.currency.toUpperCase() }),
  direction,
})

const definition = defineProvider({
  id: 'authorize-net',
  name: 'Authorize.Net',
  category: 'payment',
  version: '1.0.0',
  docs: 'https://developer.authorize.net/api/reference/',
  sources: [
    'https://github.com/AuthorizeNet/sdk-php (AnetApiSchema.xsd)',
    'https://github.com/stymiee/authnetjson (samples of requests, answers and a signed webhook)',
    'https://developer.authorize.net/api/reference/responseCodes.html',
    'https://developer.authorize.net/api/reference/features/webhooks.html',
    'npm authorizenet 1.0.10',
  ],
  checkedAt: '2026-11-25',
  confidence: 'medium',
  standing: 'active',
  notes: [
    'Numbers of cards are refused: source is `nonce:…` (Accept.js, good once for fifteen minutes), `profile:<customer profile>/<payment profile>`, or `profile:<payment profile>` with customer.',
    'There is no idempotency key. A transaction of the same amount, card and invoice number is refused for two minutes, or for `native.duplicateWindow` seconds (up to 28800); give every payment a reference of its own.',
    'A payment is settled in the night. Until then it can be voided (payment.cancel) and not refunded; afterwards it is the other way round. `authorize-net:payment.reverse` does what the state allows, and is the undo of payments.',
    'An account counts in one currency. Answers do not name it, so reads of payments ask for the account too; amounts in another currency are refused.',
    'The name of a customer is kept as the description of the profile, which has no other field for it.',
    'A payment that fraud filters hold for review is pending until somebody decides in the Merchant Interface.',
    'Authorize.Net has no plans: subscriptions are made by `authorize-net:subscription.create` with amount and interval.',
    'Limits are not published; the ones here are our own.',
  ],
  baseUrls: { main: 'https://api.authorize.net', webhooks: 'https://api.authorize.net/rest/v1' },
  sandbox: {
    baseUrls: { main: 'https://apitest.authorize.net', webhooks: 'https://apitest.authorize.net/rest/v1' },
  },
  secrets: {
    AUTHORIZENET_API_LOGIN_ID: {
      label: 'API login id',
      get: 'Merchant Interface → Account → Settings → API Credentials & Keys',
      pattern: /^[A-Za-z0-9]{1,25}$/,
      testDigits: 10,
    },
    AUTHORIZENET_TRANSACTION_KEY: {
      label: 'transaction key',
      get: 'Merchant Interface → Account → Settings → API Credentials & Keys',
      pattern: /^[A-Za-z0-9]{16}$/,
      testDigits: 16,
    },
    AUTHORIZENET_SIGNATURE_KEY: {
      label: 'signature key (128 hex digits), for webhooks',
      get: 'Merchant Interface → Account → Settings → API Credentials & Keys',
      pattern: /^[0-9A-Fa-f]{128}$/,
      testDigits: 128,
      required: false,
    },
  },
  auth,
  auths: { rest: restAuth },
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: authorizeNetFault,
  webhooks,
  health: {
    operation: 'authorize-net:merchant.get',
    input: {},
    tell: (result) => `${result.name}, account ${result.gatewayId}${result.isTestMode === true ? ' in test mode' : ''}`,
  },
  operations: {
    'payment.create': {
      summary: 'Take a payment, or authorise one to capture later.',
      effect: 'charge',
      request: ({ amount, currency, source, customer, capture, description, reference, native: given }) => {
        const extras = knownExtras(given, PAYMENT_EXTRAS)
        return transaction(capture ? 'authCaptureTransaction' : 'authOnlyTransaction', {
          amount: decimal(amount, currency),
          currencyCode: currency.toUpperCase(),
          ...paidBy(source, customer),
          ...orderOf(reference, description),
          poNumber: extras.poNumber,
          customer: inOrder(extras.customer, ['type', 'id', 'email'], 'customer'),
          billTo: billTo(extras.billTo),
          shipTo: shipTo(extras.shipTo),
          customerIP: extras.customerIP,
          transactionSettings: settingsOf(extras),
        })
      },
      result: (body, { input }) => {
        const { id, isHeld } = toTaken(body)
        const status = isHeld ? 'pending' : input.capture ? 'succeeded' : 'authorized'
        return {
          id,
          status,
          amount: input.amount,
          currency: input.currency.toUpperCase(),
          captured: status === 'succeeded' ? input.amount : 0,
        }
      },
      cost: transactionCost,
      moves: ({ amount, currency }) => ({ amountMinor: amount, currency: currency.toUpperCase(), direction: 'in' }),
      undo: ({ input, result }) =>
        input.capture
          ? { operation: 'authorize-net:payment.reverse', input: { id: result.id } }
          : { operation: 'payment.cancel', input: { id: result.id } },
      undoLabel: 'payment.cancel of an authorisation, authorize-net:payment.reverse of a payment',
      // Without an answer there is no id to read.
      verify: ({ result }) =>
        result && readPayment(result.id, (read) => read.status !== 'failed' && read.status !== 'canceled'),
      examples: [
        {
          input: {
            amount: 2500,
            currency: 'USD',
            source: 'nonce:eyJjb2RlIjoiNTBfMl8wNjAwMDUyN0VYQU1QTEUifQ',
            capture: true,
            reference: '1842',
          },
          response: sample.approved(),
        },
        {
          input: {
            amount: 700,
            currency: 'USD',
            source: `profile:${sample.PAYMENT_PROFILE}`,
            customer: sample.CUSTOMER,
            capture: false,
            description: 'Seat 12',
            native: { duplicateWindow: 600, billTo: { zip: '44628' }, customerIP: '203.0.113.7' },
          },
          response: sample.approved({
            profile: { customerProfileId: sample.CUSTOMER, customerPaymentProfileId: sample.PAYMENT_PROFILE },
          }),
        },
      ],
    },
    'payment.get': {
      summary: 'Read a payment.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      request: (input) => transactionDetails(input.id),
      result: () => undefined,
      *more({ answer }) {
        const found = toTransaction(answer.body)
        return toPayment(found, yield* askCurrency())
      },
      cost: 'free',
      examples: [
        { input: { id: sample.TRANSACTION }, response: sample.details(), more: [{ body: sample.merchant() }] },
      ],
    },
    'payment.capture': {
      summary: 'Take an authorised payment, whole or in part.',
      effect: 'charge',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      looksFirst: true,
      request: (input) => {
        if (input.amount !== undefined && input.currency === undefined) {
          throw unsupported('payment.capture of a part needs the currency too', 'Add currency: the one of the account.')
        }
        return transactionDetails(input.id)
      },
      result: () => undefined,
      *more({ input, answer }) {
        const found = toTransaction(answer.body)
        const currency = yield* askCurrency(input.currency)
        const authorised = fromDecimalNumber(found.authAmount, currency)
        const captured = input.amount ?? authorised
        const taken = yield {
          request: transaction('priorAuthCaptureTransaction', {
            amount: decimal(captured, currency),
            refTransId: input.id,
          }),
        }
        const isHeld = toTaken(taken.body).isHeld
        return {
          id: input.id,
          status: isHeld ? ('pending' as const) : ('succeeded' as const),
          amount: authorised,
          currency,
          captured: isHeld ? 0 : captured,
        }
      },
      cost: transactionCost,
      moves: (input) => movedBy(input, 'in'),
      undo: ({ result }) => ({ operation: 'authorize-net:payment.reverse', input: { id: result.id } }),
      undoLabel: 'authorize-net:payment.reverse',
      verify: ({ input }) => readPayment(input.id, (read) => read.status === 'succeeded'),
      examples: [
        {
          input: { id: sample.TRANSACTION },
          response: sample.details({ transactionStatus: 'authorizedPendingCapture' }),
          more: [{ body: sample.merchant() }, { body: sample.approved({ refTransID: sample.TRANSACTION }) }],
        },
        {
          input: { id: sample.TRANSACTION, amount: 1000, currency: 'USD' },
          response: sample.details({ transactionStatus: 'authorizedPendingCapture' }),
          more: [{ body: sample.merchant() }, { body: sample.approved({ refTransID: sample.TRANSACTION }) }],
        },
      ],
    },
    'payment.cancel': {
      summary: 'Void a payment that is not settled yet, captured or not.',
      effect: 'update',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      looksFirst: true,
      request: (input) => transactionDetails(input.id),
      result: () => undefined,
      *more({ input, answer }) {
        const found = toTransaction(answer.body)
        const currency = yield* askCurrency()
        yield { request: transaction('voidTransaction', { refTransId: input.id }) }
        const amount = fromDecimalNumber(found.authAmount, currency)
        return { id: input.id, status: 'canceled' as const, amount, currency, captured: 0 }
      },
      cost: transactionCost,
      undo: { none: 'Authorize.Net does not revive a voided payment; create another one.' },
      verify: ({ input }) => readPayment(input.id, (read) => read.status === 'canceled'),
      examples: [
        {
          input: { id: sample.TRANSACTION },
          response: sample.details({ transactionStatus: 'authorizedPendingCapture' }),
          more: [{ body: sample.merchant() }, { body: sample.approved({ refTransID: sample.TRANSACTION }) }],
        },
      ],
    },
    'refund.create': {
      summary: 'Pay a settled payment back, whole or in part.',
      effect: 'charge',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      without: ['reason'],
      looksFirst: true,
      request: (input) => transactionDetails(input.payment),
      result: () => undefined,
      *more({ input, answer }) {
        const paid = toTransaction(answer.body)
        const currency = yield* askCurrency(input.currency)
        const amount = input.amount ?? fromDecimalNumber(paid.settleAmount, currency)
        const refunded = yield { request: refundOf(paid, decimal(amount, currency)) }
        // Approved, and paid out with the next settlement.
        return { id: toTaken(refunded.body).id, status: 'pending' as const, amount, currency }
      },
      cost: transactionCost,
      moves: (input) => movedBy(input, 'out'),
      undo: { none: 'What was paid back can only be taken again with the payer’s consent, as another payment.' },
      verify: ({ result }) =>
        result && readPayment(result.id, (read) => read.status === 'pending' || read.status === 'succeeded'),
      examples: [
        {
          input: { payment: sample.TRANSACTION },
          response: sample.details({ transactionStatus: 'settledSuccessfully' }),
          more: [{ body: sample.merchant() }, { body: sample.approved({ transId: '40005915701', authCode: '' }) }],
        },
        {
          input: { payment: sample.TRANSACTION, amount: 1000, currency: 'USD' },
          response: sample.details({ transactionStatus: 'settledSuccessfully' }),
          more: [{ body: sample.merchant() }, { body: sample.approved({ transId: '40005915702', authCode: '' }) }],
        },
      ],
    },
    'customer.create': createCustomer,
    'subscription.cancel': {
      summary: 'End a subscription; what it took stays taken.',
      effect: 'delete',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      without: ['reason'],
      request: ({ id, native: given }) => {
        knownExtras(given, [])
        return call('ARBCancelSubscriptionRequest', { subscriptionId: id })
      },
      result: (_body, { input }) => ({ id: input.id, status: 'canceled' }),
      cost: 'free',
      undo: { none: 'Authorize.Net does not revive a cancelled subscription; make another one.' },
      verify: ({ input }) => readSubscription(input.id, (read) => read.status === 'canceled'),
      examples: [{ input: { id: '2341621' }, response: sample.ok() }],
    },
    'webhook.set': {
      summary: 'Have kinds of events sent to an address.',
      effect: 'create',
      labels: { reads: 'private', returns: 'trusted', sends: 'external' },
      request: ({ url, events, native: given }) => {
        if (events === undefined) {
          throw unsupported(
            'Authorize.Net wants to know which kinds of events to send',
            'Add events, such as net.authorize.payment.authcapture.created.',
          )
        }
        const { name, status = 'active' } = knownExtras(given, ['name', 'status'])
        return post('/webhooks', {
          base: 'webhooks',
          auth: 'rest',
          json: { name, url, eventTypes: events, status },
        })
      },
      result: (body) => ({ id: readAs(webhookAnswer, body).webhookId }),
      cost: 'free',
      undo: ({ result }) =>
        result.id === null ? undefined : { operation: 'authorize-net:webhook.delete', input: { id: result.id } },
      undoLabel: 'authorize-net:webhook.delete',
      examples: [
        {
          input: {
            url: 'https://hooks.example.com/hooks/shop',
            events: ['net.authorize.payment.authcapture.created'],
          },
          response: sample.webhook(),
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
