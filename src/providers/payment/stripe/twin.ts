// Stripe in rehearsal: intents that confirm, capture, cancel and refund as Stripe's do, and the test payment methods of
// docs.stripe.com/testing that are declined. Every answer is whole enough for Stripe's description and its own clients.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import { described } from './description.ts'
import * as shape from './examples.ts'
import { amountIn, DECLINES, invalid, listOf, metadataIn, missing, refuse, text } from './twin-answers.ts'
import { checkoutOperations, endpointOperations } from './twin-checkout.ts'
import { moneyOperations } from './twin-money.ts'
import { endOf, subscriptionOperations, subscriptionRoutes, subscriptionSeed } from './twin-subscriptions.ts'

function createIntent(call: TwinCall): TwinAnswer {
  const { body, state, nextId, now } = call
  const amount = amountIn(body.amount)
  if (amount === undefined) return invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer')
  const currency = text(body.currency)
  if (!currency || !/^[a-z]{3}$/.test(currency)) return invalid('Invalid currency', 'currency')
  const customer = text(body.customer)
  if (customer && !state('customers').has(customer)) return missing('customer', customer)
  if (body.confirm === 'true' && !answersRedirects(body)) {
    return invalid('You must provide a `return_url` when confirming using automatic payment methods.', 'return_url')
  }

  const id = nextId('pi_')
  const intent = shape.intent({
    id,
    amount,
    amount_received: 0,
    // Stripe's descriptions have booleans where a form has texts.
    automatic_payment_methods: body.payment_method_types ? null : { allow_redirects: redirectsIn(body), enabled: true },
    capture_method: text(body.capture_method) ?? 'automatic',
    client_secret: `${id}_secret_twin`,
    created: Math.floor(now / 1000),
    currency,
    customer: customer ?? null,
    description: text(body.description) ?? null,
    latest_charge: null,
    metadata: metadataIn(body.metadata),
    payment_method: text(body.payment_method) ?? null,
    receipt_email: text(body.receipt_email) ?? null,
    statement_descriptor: text(body.statement_descriptor) ?? null,
    statement_descriptor_suffix: text(body.statement_descriptor_suffix) ?? null,
    status: body.payment_method ? 'requires_confirmation' : 'requires_payment_method',
  })
  state('payment_intents').set(id, intent)
  return body.confirm === 'true' ? confirm(call, intent) : { body: intent }
}

const answersRedirects = (body: JsonObject): boolean =>
  text(body.return_url) !== undefined ||
  body.off_session === 'true' ||
  body.payment_method_types !== undefined ||
  redirectsIn(body) === 'never'

const redirectsIn = (body: JsonObject): JsonValue =>
  metadataIn(body.automatic_payment_methods).allow_redirects ?? 'always'

function confirm(call: TwinCall, intent: JsonObject): TwinAnswer {
  const { state, nextId } = call
  const method = text(call.body.payment_method) ?? text(intent.payment_method)
  if (!method)
    return invalid('You cannot confirm this PaymentIntent because it’s missing a payment method.', 'payment_method')
  const id = String(intent.id)
  const decline = DECLINES.get(method)
  if (decline !== undefined) {
    const error = {
      type: 'card_error',
      code: 'card_declined',
      decline_code: decline,
      message: 'Your card was declined.',
    }
    const failed = { ...intent, last_payment_error: error, payment_method: null, status: 'requires_payment_method' }
    state('payment_intents').set(id, failed)
    return refuse(402, { ...error, payment_intent: failed })
  }

  const manual = intent.capture_method === 'manual'
  const confirmed = {
    ...intent,
    payment_method: method,
    latest_charge: nextId('ch_'),
    amount_capturable: manual ? Number(intent.amount) : 0,
    amount_received: manual ? 0 : Number(intent.amount),
    status: manual ? 'requires_capture' : 'succeeded',
  }
  state('payment_intents').set(id, confirmed)
  return { body: confirmed }
}

/** Runs `act` with the intent of the path, or answers that there is none. */
const withIntent =
  (act: (call: TwinCall, intent: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const id = call.path.intent ?? ''
    const intent = call.state('payment_intents').get(id)
    return intent ? act(call, intent) : missing('payment_intent', id)
  }

const unexpectedState = (intent: JsonObject, verb: string): TwinAnswer =>
  refuse(400, {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent could not be ${verb} because it has a status of ${intent.status}.`,
  })

function capture(call: TwinCall, intent: JsonObject): TwinAnswer {
  if (intent.status !== 'requires_capture') return unexpectedState(intent, 'captured')
  const wanted = call.body.amount_to_capture
  const amount = wanted === undefined ? Number(intent.amount_capturable) : amountIn(wanted)
  if (amount === undefined || amount > Number(intent.amount_capturable)) {
    return invalid('The amount to capture is more than can be captured.', 'amount_to_capture', 'amount_too_large')
  }
  const captured = { ...intent, amount_capturable: 0, amount_received: amount, status: 'succeeded' }
  call.state('payment_intents').set(String(intent.id), captured)
  return { body: captured }
}

function cancel(call: TwinCall, intent: JsonObject): TwinAnswer {
  if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpectedState(intent, 'canceled')
  const canceled = {
    ...intent,
    amount_capturable: 0,
    canceled_at: Math.floor(call.now / 1000),
    cancellation_reason: text(call.body.cancellation_reason) ?? null,
    status: 'canceled',
  }
  call.state('payment_intents').set(String(intent.id), canceled)
  return { body: canceled }
}

function createRefund(call: TwinCall): TwinAnswer {
  const { body, state, nextId, now } = call
  const id = text(body.payment_intent) ?? ''
  const intent = state('payment_intents').get(id)
  if (!intent) return missing('payment_intent', id)
  const refunded = [...state('refunds').values()]
    .filter((refund) => refund.payment_intent === id)
    .reduce((sum, refund) => sum + Number(refund.amount), 0)
  const left = Number(intent.amount_received) - refunded
  if (left <= 0) {
    return refuse(400, {
      type: 'invalid_request_error',
      code: refunded > 0 ? 'charge_already_refunded' : 'charge_not_captured',
      message:
        refunded > 0
          ? 'Charge has already been refunded.'
          : 'This PaymentIntent does not have a successful charge to refund.',
    })
  }
  const amount = body.amount === undefined ? left : amountIn(body.amount)
  if (amount === undefined || amount > left) {
    return invalid(`Refund amount is greater than unrefunded amount on charge (${left}).`, 'amount', 'amount_too_large')
  }
  const refund = shape.refund({
    id: nextId('re_'),
    amount,
    balance_transaction: nextId('txn_'),
    charge: intent.latest_charge ?? null,
    created: Math.floor(now / 1000),
    currency: intent.currency ?? null,
    metadata: metadataIn(body.metadata),
    payment_intent: id,
    reason: text(body.reason) ?? null,
  })
  state('refunds').set(String(refund.id), refund)
  return { body: refund }
}

function createCustomer({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const id = nextId('cus_')
  const customer = shape.customer({
    id,
    created: Math.floor(now / 1000),
    description: text(body.description) ?? null,
    email: text(body.email) ?? null,
    invoice_prefix: id.replace(/\W/g, '').slice(-8).toUpperCase(),
    metadata: metadataIn(body.metadata),
    name: text(body.name) ?? null,
    phone: text(body.phone) ?? null,
  })
  state('customers').set(id, customer)
  return { body: customer }
}

function deleteCustomer(call: TwinCall): TwinAnswer {
  const { path, state } = call
  const id = path.customer ?? ''
  const customer = state('customers').get(id)
  if (!customer || customer.deleted === true) return missing('customer', id)
  const deleted = { id, object: 'customer', deleted: true }
  for (const subscription of state('subscriptions').values()) {
    if (subscription.customer === id) endOf(call, subscription)
  }
  // Stripe still answers for it, with nothing but that it is gone.
  state('customers').set(id, deleted)
  return { body: deleted }
}

function getCustomer({ path, state }: TwinCall): TwinAnswer {
  const id = path.customer ?? ''
  const customer = state('customers').get(id)
  return customer ? { body: customer } : missing('customer', id)
}

function getRefund({ path, state }: TwinCall): TwinAnswer {
  const id = path.refund ?? ''
  const refund = state('refunds').get(id)
  return refund ? { body: refund } : missing('refund', id)
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    const type = 'invalid_request_error'
    if (kind === 'unauthorized') return refuse(401, { type, message: 'Invalid API Key provided' })
    if (kind === 'not-found') return refuse(404, { type, code: 'resource_missing', message })
    if (kind === 'invalid') return refuse(400, { type, code: 'parameter_missing', message })
    if (kind === 'rate-limited') {
      return { ...refuse(429, { type, code: 'rate_limit', message }), headers: { 'retry-after': '1' } }
    }
    return refuse(503, { type: 'api_error', message })
  },
  keyReused: (message) => refuse(400, { type: 'idempotency_error', message }),
  operations: {
    'payment.create': createIntent,
    'payment.get': withIntent((_, intent) => ({ body: intent })),
    'payment.capture': withIntent(capture),
    'payment.cancel': withIntent(cancel),
    'payment.list': listOf('payment_intents', '/v1/payment_intents'),
    'refund.create': createRefund,
    'refund.get': getRefund,
    'customer.create': createCustomer,
    'customer.get': getCustomer,
    'customer.delete': deleteCustomer,
    ...moneyOperations,
    ...subscriptionOperations,
    ...checkoutOperations,
    ...endpointOperations,
  },
  routes: {
    'POST /v1/payment_intents/{intent}/confirm': withIntent((call, intent) =>
      ['requires_confirmation', 'requires_payment_method'].includes(String(intent.status))
        ? confirm(call, intent)
        : unexpectedState(intent, 'confirmed'),
    ),
    'GET /v1/customers': listOf('customers', '/v1/customers'),
    'GET /v1/refunds': listOf('refunds', '/v1/refunds'),
    ...subscriptionRoutes,
  },
  // Both end a subscription, and what tells them apart is what they ask for besides.
  discriminate: ({ method, template, body, query }) => {
    if (method !== 'DELETE' || !template.startsWith('/v1/subscriptions/')) return undefined
    const asked = { ...query, ...body }
    return 'invoice_now' in asked || 'prorate' in asked ? 'subscription.settle' : 'subscription.cancel'
  },
  described,
  seed: subscriptionSeed,
}
