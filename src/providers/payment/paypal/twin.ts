// PayPal in rehearsal. Tokens are issued as PayPal does; subscriptions wait for their approval (the page in their links),
// payouts lie unclaimed until they are called back.
import type { JsonObject, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import * as shape from './examples.ts'
import {
  idOf,
  invalid,
  isRefusal,
  listAt,
  missing,
  objectAt,
  refuse,
  shown,
  sumIn,
  textIn,
  timeOf,
  unprocessable,
} from './twin-answers.ts'
import {
  approveOrder,
  authorizeOrder,
  balances,
  captureAuthorization,
  captureOrder,
  createOrder,
  getAuthorization,
  getCapture,
  getOrder,
  getRefund,
  refundCapture,
  voidAuthorization,
} from './twin-orders.ts'

function issueToken({ body, issue }: TwinCall): TwinAnswer {
  if (body.grant_type !== 'client_credentials') {
    return { status: 400, body: { error: 'unsupported_grant_type', error_description: 'unsupported grant_type' } }
  }
  return {
    body: {
      scope: 'https://uri.paypal.com/services/payments/payment https://uri.paypal.com/services/subscriptions',
      access_token: issue('access', 32_400),
      token_type: 'Bearer',
      app_id: 'APP-80W284485P519543T',
      expires_in: 32_400,
      nonce: '2026-11-25T10:00:00Z',
    },
  }
}

function createSubscription(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const plan = textIn(body.plan_id)
  if (plan === undefined) return invalid('/plan_id', 'MISSING_REQUIRED_PARAMETER', 'A required field is missing.')
  const id = `I-${idOf(call, 'S')}`
  const made = shape.subscription({
    id,
    plan_id: plan,
    create_time: timeOf(call),
    status_update_time: timeOf(call),
    start_time: textIn(body.start_time) ?? timeOf(call),
    subscriber: objectAt(body.subscriber),
    ...(textIn(body.custom_id) === undefined ? {} : { custom_id: body.custom_id ?? null }),
    ...(textIn(body.quantity) === undefined ? {} : { quantity: body.quantity ?? null }),
  })
  state('subscriptions').set(id, made)
  return shown(call, made, 201)
}

const withSubscription =
  (act: (call: TwinCall, subscription: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const subscription = call.state('subscriptions').get(call.path.id ?? '')
    return subscription ? act(call, subscription) : missing()
  }

const cancelSubscription = withSubscription((call, subscription) => {
  if (textIn(call.body.reason) === undefined) {
    return invalid('/reason', 'MISSING_REQUIRED_PARAMETER', 'A required field is missing.')
  }
  if (subscription.status !== 'ACTIVE' && subscription.status !== 'SUSPENDED') {
    return unprocessable(
      'SUBSCRIPTION_STATUS_INVALID',
      'Invalid subscription status for cancel action; subscription status should be active or suspended.',
    )
  }
  call
    .state('subscriptions')
    .set(String(subscription.id), { ...subscription, status: 'CANCELLED', status_update_time: timeOf(call) })
  return { status: 204, body: '' }
})

/** The subscriber says yes. */
function approveSubscription({ query, state }: TwinCall): TwinAnswer {
  const id = (query.ba_token ?? '').replace(/^BA-/, '')
  const subscription = state('subscriptions').get(id)
  if (!subscription) return { status: 404, body: 'Things don’t appear to be working.' }
  state('subscriptions').set(id, {
    ...subscription,
    status: 'ACTIVE',
    links: listAt(subscription.links).filter(({ rel }) => rel !== 'approve'),
  })
  return { body: 'Approved.' }
}

function createPayout(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const header = objectAt(body.sender_batch_header)
  const own = textIn(header.sender_batch_id)
  if (own !== undefined && [...state('payouts').values()].some(({ own: known }) => known === own)) {
    return refuse(400, 'USER_BUSINESS_ERROR', 'User business error.', [
      { field: 'SENDER_BATCH_ID', location: 'body', issue: 'Batch with given sender_batch_id already exists' },
    ])
  }
  const items = listAt(body.items)
  const sums = items.map(({ amount }) => sumIn(amount, '/items/amount', 'currency'))
  const refused = sums.find(isRefusal)
  if (refused) return refused

  const batch = idOf(call, 'B')
  const ids = items.map((item) => {
    const id = idOf(call, 'I')
    state('items').set(
      id,
      shape.payoutItem({ payout_item_id: id, payout_batch_id: batch, payout_item: item, time_processed: timeOf(call) }),
    )
    return id
  })
  const { batch_header } = shape.payoutBatch({
    payout_batch_id: batch,
    sender_batch_header: header,
    time_created: timeOf(call),
  })
  state('payouts').set(batch, { own: own ?? null, header: batch_header ?? null, items: ids })
  return { status: 201, body: batchOf(batch, { ...objectAt(batch_header) }) }
}

function batchOf(id: string, header: JsonObject, items?: readonly JsonObject[]): JsonObject {
  return shape.payoutBatch({ ...header, payout_batch_id: id }, items)
}

function getPayout({ path, state }: TwinCall): TwinAnswer {
  const id = path.id ?? ''
  const payout = state('payouts').get(id)
  if (!payout) return missing()
  const ids = Array.isArray(payout.items) ? payout.items : []
  const items = ids.map((item) => state('items').get(String(item)) ?? {})
  return { body: batchOf(id, { ...objectAt(payout.header), batch_status: 'SUCCESS' }, items) }
}

function cancelPayoutItem({ path, state }: TwinCall): TwinAnswer {
  const id = path.payout_item_id ?? ''
  const item = state('items').get(id)
  if (!item) return missing()
  if (item.transaction_status !== 'UNCLAIMED') {
    return refuse(400, 'ITEM_ALREADY_CANCELLED', 'Item is already cancelled or claimed.')
  }
  const returned = { ...item, transaction_status: 'RETURNED' }
  state('items').set(id, returned)
  return { body: returned }
}

const DAY_MS = 86_400_000

function listTransactions(call: TwinCall): TwinAnswer {
  const { query, state } = call
  const from = Date.parse(query.start_date ?? '')
  const until = Date.parse(query.end_date ?? '')
  if (!(until - from <= 31 * DAY_MS)) {
    return invalid('end_date', 'INVALID_PARAMETER_VALUE', 'Date range is greater than 31 days')
  }
  const all = [...state('transactions').values()].filter(({ transaction_info }) => {
    const at = Date.parse(String(objectAt(transaction_info).transaction_initiation_date))
    return at >= from && at <= until
  })
  const size = Number(query.page_size ?? 100)
  const page = Number(query.page ?? 1)
  const offset = (time: number) => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return {
    body: shape.transactions(
      {
        start_date: offset(from),
        end_date: offset(until),
        page,
        total_items: all.length,
        total_pages: Math.ceil(all.length / size),
      },
      all.slice((page - 1) * size, page * size),
    ),
  }
}

/** A delivery is genuine where its signature says so: a twin has no keys of PayPal. */
function verifyWebhook({ body, accepts }: TwinCall): TwinAnswer {
  const isKnown = accepts(String(body.webhook_id))
  return { body: { verification_status: isKnown && body.transmission_sig !== 'forged' ? 'SUCCESS' : 'FAILURE' } }
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') {
      return {
        status: 401,
        body: {
          name: 'AUTHENTICATION_FAILURE',
          message: 'Authentication failed due to missing authorization header, or invalid authentication credentials.',
          error: 'invalid_client',
          error_description: 'Client Authentication failed',
        },
      }
    }
    if (kind === 'not-found') return refuse(404, 'RESOURCE_NOT_FOUND', 'The specified resource does not exist.')
    if (kind === 'invalid') {
      return refuse(
        400,
        'INVALID_REQUEST',
        'Request is not well-formed, syntactically incorrect, or violates schema.',
        [{ location: 'body', issue: 'INVALID_PARAMETER_VALUE', description: message }],
      )
    }
    if (kind === 'rate-limited')
      return refuse(429, 'RATE_LIMIT_REACHED', 'Too many requests. Blocked due to rate limiting.')
    return refuse(503, 'SERVICE_UNAVAILABLE', 'Service Unavailable.')
  },
  operations: {
    'payment.create': createOrder,
    'checkout.create': createOrder,
    'payment.get': getOrder,
    'payment.capture': getOrder,
    'payment.cancel': getOrder,
    'refund.create': getOrder,
    'order.get': getOrder,
    'order.authorize': authorizeOrder,
    'authorization.capture': captureAuthorization,
    'authorization.void': voidAuthorization,
    'capture.refund': refundCapture,
    'refund.get': getRefund,
    'subscription.create': createSubscription,
    'subscription.get': withSubscription((_, subscription) => ({ body: subscription })),
    'subscription.cancel': cancelSubscription,
    'payout.create': createPayout,
    'payout.get': getPayout,
    'payout.cancel': getPayout,
    'payout.item.cancel': cancelPayoutItem,
    'transaction.list': listTransactions,
    'balance.get': balances,
    'webhook.verify': verifyWebhook,
    'webhook.event-type.list': () => ({ body: shape.EVENT_TYPES }),
  },
  routes: {
    'POST /v1/oauth2/token': issueToken,
    'POST /v2/checkout/orders/{id}/capture': captureOrder,
    'GET /v2/payments/authorizations/{authorization_id}': getAuthorization,
    'GET /v2/payments/captures/{capture_id}': getCapture,
    'GET /checkoutnow': approveOrder,
    'GET /webapps/billing/subscriptions': approveSubscription,
  },
  // Several operations begin with a look at the order or the batch.
  discriminate: ({ method, template, body }) => {
    if (method === 'GET' && template === '/v2/checkout/orders/{id}') return 'payment.get'
    if (method === 'GET' && template === '/v1/payments/payouts/{id}') return 'payout.get'
    if (method !== 'POST' || template !== '/v2/checkout/orders') return undefined
    const { paypal } = objectAt(objectAt(body).payment_source)
    return 'experience_context' in objectAt(paypal) ? 'checkout.create' : 'payment.create'
  },
  open: ['GET /checkoutnow', 'GET /webapps/billing/subscriptions'],
}
