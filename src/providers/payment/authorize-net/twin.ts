// Authorize.Net in rehearsal: one path for all of the XML API, whose members must stand in the order of its schema, and the
// REST API of the webhooks. There is one settled payment at the start (60199999999, USD 25.00, card XXXX1111).
import type { JsonObject, JsonValue, TwinAnswer, TwinAsked, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import * as shape from './examples.ts'
import { answered, refused } from './twin-answers.ts'
import { schemaFault } from './twin-schema.ts'
import { createTransaction, objectOf, SETTLED, transactionDetails } from './twin-transactions.ts'

const XML_API = 'POST /xml/v1/request.api'

const textIn = (value: JsonValue | undefined): string => (value === undefined || value === null ? '' : String(value))

const listIn = (value: JsonValue | undefined): JsonValue[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

const numberOf = ({ nextId }: TwinCall, base: number): string =>
  String(base + Number(/\d+$/.exec(nextId('n'))?.[0] ?? 1))

function createCustomer(call: TwinCall): TwinAnswer {
  const { merchantCustomerId, description, email, paymentProfiles } = objectOf(
    objectOf(call.body.createCustomerProfileRequest).profile,
  )
  if (merchantCustomerId === undefined && description === undefined && email === undefined) {
    return refused('E00041', 'One or more fields in the profile must contain a value.')
  }
  const own = JSON.stringify([merchantCustomerId, description, email])
  const same = [...call.state('customers').values()].find((known) => known.own === own)
  if (same) return refused('E00039', `A duplicate record with ID ${textIn(same.customerProfileId)} already exists.`)
  const id = numberOf(call, 1_500_000_000)
  const profiles = listIn(paymentProfiles).map(() => ({
    customerPaymentProfileId: numberOf(call, 700_000_000),
    payment: { creditCard: { cardNumber: 'XXXX1111', expirationDate: 'XXXX', cardType: 'Visa' } },
  }))
  call.state('customers').set(id, {
    own,
    customerProfileId: id,
    ...(merchantCustomerId === undefined ? {} : { merchantCustomerId }),
    ...(description === undefined ? {} : { description }),
    ...(email === undefined ? {} : { email }),
    paymentProfiles: profiles,
  })
  return answered({
    customerProfileId: id,
    customerPaymentProfileIdList: profiles.map(({ customerPaymentProfileId }) => customerPaymentProfileId),
    customerShippingAddressIdList: [],
    validationDirectResponseList: [],
  })
}

const NO_RECORD = () => refused('E00040', 'The record cannot be found.')

function getCustomer(call: TwinCall): TwinAnswer {
  const id = textIn(objectOf(call.body.getCustomerProfileRequest).customerProfileId)
  const found = call.state('customers').get(id)
  if (!found) return NO_RECORD()
  const { own: _, ...profile } = found
  return answered({ profile })
}

function deleteCustomer(call: TwinCall): TwinAnswer {
  const id = textIn(objectOf(call.body.deleteCustomerProfileRequest).customerProfileId)
  return call.state('customers').delete(id) ? answered({}) : NO_RECORD()
}

function createSubscription(call: TwinCall): TwinAnswer {
  const asked = objectOf(objectOf(call.body.ARBCreateSubscriptionRequest).subscription)
  const { customerProfileId, customerPaymentProfileId } = objectOf(asked.profile)
  const customer = call.state('customers').get(textIn(customerProfileId))
  const isStored = listIn(customer?.paymentProfiles).some(
    (known) => objectOf(known).customerPaymentProfileId === customerPaymentProfileId,
  )
  if (!isStored) return NO_RECORD()
  if (!/^\d+(\.\d{1,4})?$/.test(textIn(asked.amount))) return refused('E00013', 'Amount is invalid.')
  const id = numberOf(call, 2_000_000)
  call.state('subscriptions').set(id, { ...asked, status: 'active' })
  return answered({ subscriptionId: id })
}

/** Runs `act` with the subscription that a request names. */
const withSubscription =
  (root: string, act: (call: TwinCall, id: string, subscription: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const id = textIn(objectOf(call.body[root]).subscriptionId)
    const found = call.state('subscriptions').get(id)
    return found ? act(call, id, found) : refused('E00035', 'The subscription cannot be found.')
  }

const cancelSubscription = withSubscription('ARBCancelSubscriptionRequest', (call, id, subscription) => {
  if (subscription.status === 'canceled') {
    const message = [{ code: 'I00002', text: 'The subscription has already been canceled.' }]
    return answered({ messages: { resultCode: 'Ok', message } })
  }
  call.state('subscriptions').set(id, { ...subscription, status: 'canceled' })
  return answered({})
})

const getSubscription = withSubscription('ARBGetSubscriptionStatusRequest', (_call, _id, { status = '' }) =>
  answered({ status }),
)

const BY_ROOT = new Map<string, (call: TwinCall) => TwinAnswer>(
  Object.entries({
    authenticateTestRequest: () => answered({}),
    getMerchantDetailsRequest: () => answered(shape.merchant({ isTestMode: true })),
    createTransactionRequest: createTransaction,
    getTransactionDetailsRequest: transactionDetails,
    createCustomerProfileRequest: createCustomer,
    getCustomerProfileRequest: getCustomer,
    deleteCustomerProfileRequest: deleteCustomer,
    ARBCreateSubscriptionRequest: createSubscription,
    ARBCancelSubscriptionRequest: cancelSubscription,
    ARBGetSubscriptionStatusRequest: getSubscription,
  }),
)

/** Whatever the root member asks for, once the schema takes it. */
function request(call: TwinCall): TwinAnswer {
  const [root = ''] = Object.keys(call.body)
  const fault = schemaFault(root, call.body[root])
  if (fault !== undefined) return refused('E00003', fault)
  return BY_ROOT.get(root)?.(call) ?? refused('E00003', `The element '${root}' is not declared.`)
}

/** The operation whose first request has this root. */
const OPERATIONS = new Map(
  Object.entries({
    authenticateTestRequest: 'auth.test',
    getMerchantDetailsRequest: 'merchant.get',
    getTransactionDetailsRequest: 'payment.get',
    createCustomerProfileRequest: 'customer.create',
    getCustomerProfileRequest: 'customer.get',
    deleteCustomerProfileRequest: 'customer.delete',
    ARBCancelSubscriptionRequest: 'subscription.cancel',
    ARBGetSubscriptionStatusRequest: 'subscription.get',
  }),
)

function discriminate({ template, body }: TwinAsked): string | undefined {
  if (!template.endsWith('/request.api')) return undefined
  const [root = ''] = Object.keys(body)
  const asked = objectOf(objectOf(body[root]).transactionRequest)
  const takes = ['authCaptureTransaction', 'authOnlyTransaction'].includes(textIn(asked.transactionType))
  // What other operations send after they have looked is served by the route of all.
  return takes ? 'payment.create' : (OPERATIONS.get(root) ?? XML_API)
}

function createWebhook({ body, nextId, state }: TwinCall): TwinAnswer {
  const url = textIn(body.url)
  const eventTypes = listIn(body.eventTypes)
  if (url === '' || eventTypes.length === 0) return restFault(400, 'MISSING_DATA', 'url and eventTypes are required')
  const unknown = eventTypes.find((type) => !textIn(type).startsWith('net.authorize.'))
  if (unknown !== undefined) return restFault(400, 'INVALID_DATA', `${textIn(unknown)} is not an event type`)
  const number = (/\d+$/.exec(nextId('w'))?.[0] ?? '1').padStart(12, '0')
  const webhookId = `72a55c78-66e6-4b1e-a4d6-${number}`
  const made = shape.webhook({
    _links: { self: { href: `/rest/v1/webhooks/${webhookId}` } },
    webhookId,
    eventTypes,
    status: textIn(body.status || 'active'),
    url,
    ...(body.name === undefined ? {} : { name: body.name }),
  })
  state('webhooks').set(webhookId, made)
  return { body: made }
}

function deleteWebhook({ path, state }: TwinCall): TwinAnswer {
  return state('webhooks').delete(path.webhookId ?? '')
    ? { status: 200, body: '' }
    : restFault(404, 'NOT_FOUND', 'The webhook cannot be found.')
}

const restFault = (status: number, reason: string, message: string): TwinAnswer => ({
  status,
  body: { status, reason, message },
})

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') {
      return refused('E00007', 'User authentication failed due to invalid authentication values.')
    }
    if (kind === 'rate-limited') return { ...refused('E00068', message), status: 429, headers: { 'retry-after': '1' } }
    if (kind === 'unavailable') return { ...refused('E00053', 'The server is currently too busy.'), status: 503 }
    if (kind === 'not-found') return { status: 404, body: { status: 404, reason: 'NOT_FOUND', message } }
    return refused('E00003', message)
  },
  seed: (state) => void state('transactions').set(textIn(SETTLED.transId), SETTLED),
  discriminate,
  operations: {
    'auth.test': request,
    'merchant.get': request,
    'payment.create': request,
    'payment.get': request,
    // Their first request looks, and is served by payment.get; what they do after is on the route of all.
    'payment.capture': request,
    'payment.cancel': request,
    'payment.reverse': request,
    'refund.create': request,
    'subscription.create': request,
    'customer.create': request,
    'customer.get': request,
    'customer.delete': request,
    'subscription.cancel': request,
    'subscription.get': request,
    'webhook.set': createWebhook,
    'webhook.delete': deleteWebhook,
  },
  routes: { [XML_API]: request },
}
