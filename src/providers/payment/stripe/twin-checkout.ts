// Pages of checkout, and endpoints for events, of Stripe's twin. Nobody pays on its pages, and it sends no events.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { endpoint as endpointShape, session as sessionShape } from './examples-billing.ts'
import {
  amountIn,
  invalid,
  keep,
  listOf,
  metadataIn,
  missing,
  refuse,
  secondsOf,
  text,
  withThing,
} from './twin-answers.ts'

/** What one line costs, undefined where it is not as Stripe wants it. */
function lineAmount(line: JsonValue): number | undefined {
  const { quantity, price_data } = metadataIn(line)
  const { currency, unit_amount, product_data } = metadataIn(price_data)
  const [amount, count] = [amountIn(unit_amount), amountIn(quantity)]
  const whole = text(currency) !== undefined && text(metadataIn(product_data).name) !== undefined
  return whole && amount !== undefined && count !== undefined ? amount * count : undefined
}

function createSession(call: TwinCall): TwinAnswer {
  const { body, nextId, state } = call
  const lines = Array.isArray(body.line_items) ? body.line_items : []
  const [first] = lines
  if (first === undefined) return invalid('You must pass `line_items`.', 'line_items', 'parameter_missing')
  const amounts = lines.map(lineAmount)
  const wrong = amounts.indexOf(undefined)
  if (wrong >= 0) return invalid('Invalid line item', `line_items[${wrong}]`, 'parameter_missing')
  for (const name of ['success_url', 'cancel_url']) {
    if (body[name] !== undefined && !/^https?:\/\//.test(String(body[name])))
      return invalid('Not a valid URL', name, 'url_invalid')
  }
  const customer = text(body.customer)
  if (customer && !state('customers').has(customer)) return missing('customer', customer)

  const now = secondsOf(call)
  return keep(
    call,
    'sessions',
    sessionShape({
      id: nextId('cs_test_'),
      amount_total: amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0),
      cancel_url: text(body.cancel_url) ?? null,
      client_reference_id: text(body.client_reference_id) ?? null,
      created: now,
      currency: text(metadataIn(metadataIn(first).price_data).currency) ?? null,
      customer: customer ?? null,
      customer_email: text(body.customer_email) ?? null,
      expires_at: now + 86_400,
      locale: text(body.locale) ?? null,
      metadata: metadataIn(body.metadata),
      success_url: text(body.success_url) ?? null,
    }),
  )
}

function expireSession(call: TwinCall, session: JsonObject): TwinAnswer {
  if (session.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`
    return refuse(400, { type: 'invalid_request_error', message })
  }
  return keep(call, 'sessions', { ...session, status: 'expired', url: null })
}

const session = (act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  withThing('sessions', { kind: 'checkout.session', name: 'session' }, act)

export const checkoutOperations: Record<string, (call: TwinCall) => TwinAnswer> = {
  'checkout.create': createSession,
  'checkout.get': session((_, made) => ({ body: made })),
  'checkout.expire': session(expireSession),
}

function createEndpoint(call: TwinCall): TwinAnswer {
  const { body, nextId } = call
  const url = text(body.url)
  if (url === undefined || !/^https?:\/\//.test(url)) return invalid('Not a valid URL', 'url', 'url_invalid')
  const events = Array.isArray(body.enabled_events) ? body.enabled_events : []
  if (events.length === 0) return invalid('You must pass in at least one event.', 'enabled_events')
  const made = endpointShape({
    id: nextId('we_'),
    api_version: text(body.api_version) ?? null,
    created: secondsOf(call),
    description: text(body.description) ?? null,
    enabled_events: events,
    metadata: metadataIn(body.metadata),
    url,
  })
  keep(call, 'webhook_endpoints', made)
  // Told in this answer and never again.
  return { body: { ...made, secret: nextId('whsec_') } }
}

function deleteEndpoint({ state }: TwinCall, { id }: JsonObject): TwinAnswer {
  state('webhook_endpoints').delete(String(id))
  return { body: { id: id ?? null, object: 'webhook_endpoint', deleted: true } }
}

export const endpointOperations: Record<string, (call: TwinCall) => TwinAnswer> = {
  'webhook.create': createEndpoint,
  'webhook.list': listOf('webhook_endpoints', '/v1/webhook_endpoints'),
  'webhook.delete': withThing(
    'webhook_endpoints',
    { kind: 'webhook endpoint', name: 'webhook_endpoint' },
    deleteEndpoint,
  ),
}
