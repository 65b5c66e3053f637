// Prices and subscriptions of Stripe's twin. A first payment succeeds unless the payment method is one of those that are
// declined; time does not pass, so no second one comes.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'
import { PRICE, price as priceShape, subscription as subscriptionShape } from './examples-billing.ts'
import {
  amountIn,
  DECLINES,
  invalid,
  keep,
  metadataIn,
  missing,
  pageOf,
  refuse,
  secondsOf,
  text,
  withThing,
} from './twin-answers.ts'

const ENDED = new Set<JsonValue | undefined>(['canceled', 'incomplete_expired'])

function createSubscription(call: TwinCall): TwinAnswer {
  const { body, nextId, state } = call
  const customer = text(body.customer) ?? ''
  const known = state('customers').get(customer)
  if (!known || known.deleted === true) return missing('customer', customer)
  const [item] = Array.isArray(body.items) ? body.items : []
  const wanted = text(metadataIn(item).price)
  if (wanted === undefined) return invalid('Missing required param: items.', 'items', 'parameter_missing')
  const price = state('prices').get(wanted)
  if (!price) return missing('price', wanted)
  if (price.type !== 'recurring') {
    return invalid(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      'items[0][price]',
      'parameter_invalid',
    )
  }

  const starts = firstPayment(body)
  if ('refused' in starts) return starts.refused
  const id = nextId('sub_')
  const now = secondsOf(call)
  const trialEnd = trialEndIn(body, now)
  const shape = subscriptionShape(
    {
      id,
      billing_cycle_anchor: trialEnd ?? now,
      cancel_at_period_end: body.cancel_at_period_end === 'true',
      collection_method: text(body.collection_method) ?? 'charge_automatically',
      created: now,
      customer,
      days_until_due: body.days_until_due === undefined ? null : Number(body.days_until_due),
      default_payment_method: text(body.default_payment_method) ?? null,
      description: text(body.description) ?? null,
      latest_invoice: nextId('in_'),
      metadata: metadataIn(body.metadata),
      start_date: now,
      status: starts.status,
      trial_end: trialEnd ?? null,
      trial_start: trialEnd === undefined ? null : now,
    },
    price,
  )
  return keep(call, 'subscriptions', shape)
}

function trialEndIn({ trial_period_days, trial_end }: JsonObject, now: number): number | undefined {
  if (text(trial_period_days) !== undefined) return now + Number(trial_period_days) * 86_400
  return /^\d+$/.test(text(trial_end) ?? '') ? Number(trial_end) : undefined
}

/** docs.stripe.com/billing/subscriptions/overview, "Payment behavior". */
function firstPayment(body: JsonObject): { status: string } | { refused: TwinAnswer } {
  if (trialEndIn(body, 0) !== undefined) return { status: 'trialing' }
  if (body.collection_method === 'send_invoice') {
    if (text(body.days_until_due) !== undefined) return { status: 'active' }
    return {
      refused: invalid('If `collection_method` is `send_invoice`, `days_until_due` is needed.', 'days_until_due'),
    }
  }
  if (body.payment_behavior === 'default_incomplete') return { status: 'incomplete' }
  const method = text(body.default_payment_method)
  if (method === undefined) {
    const message = 'This customer has no attached payment source or default payment method.'
    return { refused: refuse(400, { type: 'invalid_request_error', code: 'resource_missing', message }) }
  }
  const decline = DECLINES.get(method)
  if (decline === undefined) return { status: 'active' }
  if (body.payment_behavior !== 'error_if_incomplete') return { status: 'incomplete' }
  const error = { type: 'card_error', code: 'card_declined', decline_code: decline, message: 'Your card was declined.' }
  return { refused: refuse(402, error) }
}

/** It ends; one that has ended stays as it is. */
export function endOf(call: TwinCall, subscription: JsonObject): TwinAnswer {
  if (ENDED.has(subscription.status)) return missing('subscription', String(subscription.id))
  const asked = metadataIn(call.body.cancellation_details)
  // Stripe's client sends what it asks for in the query.
  const comment = text(asked.comment) ?? call.query['cancellation_details[comment]'] ?? null
  const now = secondsOf(call)
  return keep(call, 'subscriptions', {
    ...subscription,
    canceled_at: now,
    cancellation_details: { comment, feedback: null, reason: 'cancellation_requested' },
    ended_at: now,
    status: 'canceled',
  })
}

function listSubscriptions(call: TwinCall): TwinAnswer {
  const { customer, status } = call.query
  const asked = [...call.state('subscriptions').values()]
    .filter((one) => customer === undefined || one.customer === customer)
    .filter((one) => (status === undefined ? one.status !== 'canceled' : status === 'all' || one.status === status))
  return pageOf(call, asked, '/v1/subscriptions')
}

function createPrice(call: TwinCall): TwinAnswer {
  const { body, nextId } = call
  const amount = amountIn(body.unit_amount)
  if (amount === undefined) return invalid('Invalid positive integer', 'unit_amount', 'parameter_invalid_integer')
  const recurring = body.recurring === undefined ? undefined : metadataIn(body.recurring)
  const made = priceShape({
    id: nextId('price_'),
    created: secondsOf(call),
    currency: text(body.currency) ?? null,
    metadata: metadataIn(body.metadata),
    nickname: text(body.nickname) ?? null,
    product: text(body.product) ?? nextId('prod_'),
    recurring: recurring
      ? {
          interval: recurring.interval ?? 'month',
          interval_count: Number(recurring.interval_count ?? 1),
          trial_period_days: null,
          usage_type: 'licensed',
        }
      : null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: amount,
    unit_amount_decimal: String(amount),
  })
  return keep(call, 'prices', made)
}

function listPrices(call: TwinCall): TwinAnswer {
  const { active, type } = call.query
  const asked = [...call.state('prices').values()]
    .filter((price) => active === undefined || String(price.active) === active)
    .filter((price) => type === undefined || price.type === type)
  return pageOf(call, asked, '/v1/prices')
}

const subscription = (act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  withThing('subscriptions', { kind: 'subscription', name: 'subscription_exposed_id' }, act)

export const subscriptionOperations: Record<string, (call: TwinCall) => TwinAnswer> = {
  'subscription.create': createSubscription,
  'subscription.cancel': subscription(endOf),
  'subscription.settle': subscription(endOf),
  'subscription.get': subscription((_, made) => ({ body: made })),
  'subscription.list': listSubscriptions,
  'price.list': listPrices,
}

/** What only Stripe's client asks for. */
export const subscriptionRoutes: Record<string, (call: TwinCall) => TwinAnswer> = {
  'POST /v1/prices': createPrice,
}

/** A price to subscribe to: GBP 10.00 a month. */
export const subscriptionSeed = (state: TwinState): void => {
  state('prices').set(PRICE, priceShape())
}
