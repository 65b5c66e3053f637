// Payments. Each is an order of one unit; taking, giving up and paying back look the order up first, because what acts is
// the authorisation or the capture below it.
import {
  type Cost,
  type Fault,
  type FurtherRequest,
  type InputOf,
  knownExtras,
  type Moves,
  type Operation,
  ProviderFault,
  post,
  type ReadBack,
  type ResultOf,
  readAs,
  type StandardOperationId,
  type StepAnswer,
  unsupported,
} from '../../../adapter/index.ts'
import { toMoney } from './amount.ts'
import * as sample from './examples.ts'
import {
  atMost,
  captureAuthorization,
  captureOrder,
  readOrder,
  refundCapture,
  voidAuthorization,
  WHOLE,
} from './requests.ts'
import {
  approvalPage,
  authorizationsOf,
  capturedIn,
  capturesOf,
  type Order,
  orderAmount,
  orderAnswer,
  toPart,
  toPayment,
  toRefund,
} from './shapes.ts'

type Standard<K extends StandardOperationId> = Operation<InputOf<K>, ResultOf<K>>

const OWN = { reads: 'private', returns: 'trusted', sends: 'none' } as const
const SCOPE = 'https://uri.paypal.com/services/payments/payment'

export const takingFee = (): Cost => ({
  kind: 'unknown',
  why: "PayPal's fee depends on country, currency, kind of payment and agreement (paypal.com/webapps/mpp/merchant-fees)",
})
export const refundFee = (): Cost => ({
  kind: 'unknown',
  why: 'what of the fee of the payment comes back depends on the agreement (paypal.com/webapps/mpp/merchant-fees)',
})

/** What a part, or all where no amount is given, moves. */
export const movedBy = (
  { amount, currency }: { amount?: number | undefined; currency?: string | undefined },
  direction: Moves['direction'],
): Moves => ({
  ...(amount === undefined ? {} : { amountMinor: amount }),
  ...(currency === undefined ? {} : { currency: currency.toUpperCase() }),
  direction,
})

const refused = (code: Fault['code'], message: string, hint: string): ProviderFault =>
  new ProviderFault({ code, message, hint, outcome: 'not-done' })

/** PayPal promises nothing about when a read sees a write. */
const readPayment = (id: string, holds: ReadBack['holds']): ReadBack => ({
  operation: 'payment.get',
  input: { id },
  holds,
  consistency: 'eventual',
})

// Members of a purchase unit and of an order that neither move other money nor pay somebody else.
const UNIT_EXTRAS = ['invoice_id', 'reference_id', 'shipping', 'soft_descriptor']
const CHECKOUT_EXTRAS = ['brand_name', 'landing_page', 'locale', 'shipping_preference']

/** What stored ids stand for; PayPal's own ids do not tell. */
const SOURCE = /^(card|paypal|venmo):([0-9A-Za-z_-]{1,255})$/

function sourceOf(source: string | undefined) {
  if (source === undefined) return undefined
  const [, kind, id] = SOURCE.exec(source) ?? []
  if (kind !== undefined && id !== undefined) return { [kind]: { vault_id: id } }
  throw unsupported(
    `source ${JSON.stringify(source)} does not say what it is`,
    'Give card:, paypal: or venmo: and the id of the payment token in the vault.',
  )
}

const paymentCreate: Standard<'payment.create'> = {
  summary: 'Take a payment from a stored card or wallet, or make an order that its buyer has to approve.',
  effect: 'charge',
  scope: SCOPE,
  without: ['customer'],
  request: ({ amount, currency, source, capture, description, reference, native: extras }) =>
    post('/v2/checkout/orders', {
      headers: WHOLE,
      json: {
        intent: capture ? 'CAPTURE' : 'AUTHORIZE',
        purchase_units: [
          {
            amount: toMoney(amount, currency),
            description: atMost(127, description, 'description'),
            custom_id: atMost(127, reference, 'reference'),
            ...knownExtras(extras, UNIT_EXTRAS),
          },
        ],
        payment_source: sourceOf(source),
      },
    }),
  result: toPayment,
  cost: takingFee,
  moves: ({ amount, currency }) => movedBy({ amount, currency }, 'in'),
  undo: ({ result: { id, status } }) => {
    // An order that nobody paid cannot be deleted; it lapses, and takes nothing unless it is captured.
    if (status === 'needs_action' || status === 'failed' || status === 'canceled') return undefined
    return status === 'authorized'
      ? { operation: 'payment.cancel', input: { id } }
      : { operation: 'refund.create', input: { payment: id } }
  },
  undoLabel: 'payment.cancel before capture, refund.create after',
  // Without an answer there is no id to read: the idempotency key repeats the request safely instead.
  verify: ({ result }) => result && readPayment(result.id, (read) => read.id === result.id && read.status !== 'failed'),
  examples: [
    {
      input: { amount: 2500, currency: 'GBP', source: 'card:8kk8451t', capture: true, reference: '1842' },
      status: 201,
      response: sample.order({}, { custom_id: '1842' }),
    },
    {
      input: {
        amount: 700,
        currency: 'JPY',
        source: 'paypal:9lh04712a',
        capture: false,
        description: 'Seat 12',
        native: { soft_descriptor: 'SEAT 12', invoice_id: 'INV-12' },
      },
      status: 201,
      response: sample.order(
        { intent: 'AUTHORIZE' },
        {
          amount: sample.money('JPY', '700'),
          description: 'Seat 12',
          payments: { authorizations: [sample.authorization({ amount: sample.money('JPY', '700') })] },
        },
      ),
    },
    {
      input: { amount: 1045_00, currency: 'HUF', capture: true },
      status: 201,
      response: sample.waitingOrder(
        { status: 'CREATED', links: sample.approvalLinks(sample.ORDER, 'approve') },
        { amount: sample.money('HUF', '1045') },
      ),
    },
  ],
}

const paymentGet: Standard<'payment.get'> = {
  summary: 'Read a payment, by the id of its order.',
  effect: 'read',
  labels: OWN,
  scope: SCOPE,
  request: ({ id }) => readOrder(id),
  result: toPayment,
  cost: 'free',
  examples: [{ input: { id: sample.ORDER }, response: sample.order() }],
}

/** The one authorisation of an order that can still be taken or given up. */
function openAuthorization(order: Order) {
  const open = authorizationsOf(order).find(({ status }) => ['CREATED', 'PARTIALLY_CAPTURED'].includes(status))
  if (open) return open
  throw order.status === 'APPROVED'
    ? refused(
        'IF_ERR_CONFLICT',
        `order ${order.id} is approved and not authorised yet`,
        'Do paypal:order.authorize first.',
      )
    : refused('IF_ERR_CONFLICT', `order ${order.id} holds no open authorisation`, `It is ${order.status}.`)
}

function checkedCurrency(currency: string | undefined, order: Order): string {
  const own = orderAmount(order).currency
  if (currency === undefined || currency === own) return own
  throw refused('IF_ERR_INVALID_INPUT', `currency: order ${order.id} is in ${own}, not in ${currency}`, `Give ${own}.`)
}

type Steps<R> = Generator<FurtherRequest, R, StepAnswer>

function* takeHeld(order: Order, amount: number | undefined): Steps<ResultOf<'payment.capture'>> {
  const { id } = openAuthorization(order)
  const { currency } = orderAmount(order)
  // What is left is released, as with every other provider: a second part is paypal:authorization.capture.
  const { body } = yield { request: captureAuthorization(id, { amount, currency, final_capture: true }) }
  const taken = toPart(body)
  if (['DECLINED', 'FAILED'].includes(taken.status)) throw declined(order)
  const isTaken = taken.status === 'COMPLETED'
  return {
    id: order.id,
    status: isTaken ? 'succeeded' : 'pending',
    ...orderAmount(order),
    captured: capturedIn(order) + (isTaken ? taken.amount : 0),
  }
}

function* takeWhole(order: Order, amount: number | undefined): Steps<ResultOf<'payment.capture'>> {
  const whole = orderAmount(order)
  if (amount !== undefined && amount !== whole.amount) {
    throw refused(
      'IF_ERR_UNSUPPORTED',
      `order ${order.id} can only be taken whole`,
      'Create the payment with capture: false to take a part later.',
    )
  }
  const { body } = yield { request: captureOrder(order.id) }
  const payment = toPayment(body)
  if (payment.status === 'failed') throw declined(order)
  return payment
}

const declined = ({ id }: Order): ProviderFault =>
  refused('IF_ERR_ACTION_FAILED', `order ${id}: the payment was declined`, 'Ask the buyer for another way to pay.')

const paymentCapture: Standard<'payment.capture'> = {
  summary: 'Take an authorised payment, whole or in part, or one that its buyer has approved.',
  effect: 'charge',
  labels: OWN,
  scope: SCOPE,
  looksFirst: true,
  request: ({ id }) => readOrder(id),
  result: toPayment,
  *more({ input, answer }) {
    const order = readAs(orderAnswer, answer.body)
    checkedCurrency(input.currency, order)
    return order.intent === 'AUTHORIZE' ? yield* takeHeld(order, input.amount) : yield* takeWhole(order, input.amount)
  },
  cost: takingFee,
  moves: (input) => movedBy(input, 'in'),
  undo: ({ result }) => ({ operation: 'refund.create', input: { payment: result.id } }),
  undoLabel: 'refund.create',
  verify: ({ input }) => readPayment(input.id, (read) => read.status === 'succeeded' || read.status === 'pending'),
  examples: [
    {
      input: { id: sample.ORDER },
      response: sample.waitingOrder({ status: 'APPROVED' }),
      more: [{ body: sample.order(), status: 201 }],
    },
    {
      input: { id: sample.ORDER, amount: 1000, currency: 'GBP' },
      response: sample.heldOrder(),
      more: [{ body: sample.capture({ amount: sample.money('GBP', '10.00') }), status: 201 }],
    },
  ],
}

const paymentCancel: Standard<'payment.cancel'> = {
  summary: 'Release a payment that was authorised and not taken.',
  effect: 'update',
  labels: OWN,
  scope: SCOPE,
  looksFirst: true,
  request: ({ id }) => readOrder(id),
  result: toPayment,
  *more({ answer }) {
    const order = readAs(orderAnswer, answer.body)
    if (approvalPage(order) !== null && authorizationsOf(order).length === 0) {
      throw refused(
        'IF_ERR_UNSUPPORTED',
        `order ${order.id} is not paid, and PayPal has no way to cancel it`,
        'It lapses by itself and takes nothing unless it is captured.',
      )
    }
    yield { request: voidAuthorization(openAuthorization(order).id) }
    return { id: order.id, status: 'canceled' as const, ...orderAmount(order), captured: capturedIn(order) }
  },
  cost: 'free',
  undo: { none: 'PayPal does not revive an authorisation; create another payment.' },
  verify: ({ input }) => readPayment(input.id, (read) => read.status !== 'authorized'),
  examples: [
    {
      input: { id: sample.ORDER },
      response: sample.heldOrder(),
      more: [{ body: sample.authorization({ status: 'VOIDED' }) }],
    },
  ],
}

/** The one capture of an order that has something to pay back. */
function refundable(order: Order) {
  const open = capturesOf(order).filter(({ status }) => ['COMPLETED', 'PARTIALLY_REFUNDED'].includes(status))
  const [only, ...others] = open
  if (only === undefined) {
    throw refused('IF_ERR_CONFLICT', `order ${order.id} has nothing to pay back`, `It is ${order.status}.`)
  }
  if (others.length > 0) {
    const ids = open.map(({ id }) => id).join(', ')
    throw refused(
      'IF_ERR_CONFLICT',
      `order ${order.id} was taken in parts: ${ids}`,
      'Use paypal:capture.refund for each.',
    )
  }
  return only
}

const refundCreate: Standard<'refund.create'> = {
  summary: 'Pay a payment back, whole or in part, by the id of its order.',
  effect: 'charge',
  labels: OWN,
  scope: 'https://uri.paypal.com/services/payments/refund',
  // The buyer would read a note; these reasons are not meant for them.
  without: ['reason'],
  looksFirst: true,
  request: ({ payment }) => readOrder(payment),
  result: toRefund,
  *more({ input: { amount, currency }, answer }) {
    const order = readAs(orderAnswer, answer.body)
    const own = checkedCurrency(currency, order)
    const { body } = yield { request: refundCapture(refundable(order).id, { amount, currency: own }) }
    return toRefund(body)
  },
  cost: refundFee,
  moves: (input) => movedBy(input, 'out'),
  undo: { none: 'What was paid back can only be taken again with the payer’s consent, as another payment.' },
  verify: ({ result }) =>
    result && {
      operation: 'paypal:refund.get',
      input: { id: result.id },
      holds: (read) => read.id === result.id && read.status !== 'failed' && read.status !== 'canceled',
      consistency: 'eventual',
    },
  examples: [
    { input: { payment: sample.ORDER }, response: sample.order(), more: [{ body: sample.refund(), status: 201 }] },
    {
      input: { payment: sample.ORDER, amount: 1000, currency: 'GBP' },
      response: sample.order(),
      more: [{ body: sample.refund({ amount: sample.money('GBP', '10.00') }), status: 201 }],
    },
  ],
}

const checkoutCreate: Standard<'checkout.create'> = {
  summary: 'Make an order with the page on which its buyer approves it; payment.capture then takes the money.',
  effect: 'create',
  scope: SCOPE,
  without: ['customer'],
  request: ({ amount, currency, description, successUrl, cancelUrl, reference, native: extras }) =>
    post('/v2/checkout/orders', {
      headers: WHOLE,
      json: {
        intent: 'CAPTURE',
        purchase_units: [
          {
            amount: toMoney(amount, currency),
            description: atMost(127, description, 'description'),
            custom_id: atMost(127, reference, 'reference'),
          },
        ],
        payment_source: {
          paypal: {
            experience_context: {
              user_action: 'PAY_NOW',
              return_url: successUrl,
              // PayPal wants one: who gives up comes back where who pays does.
              cancel_url: cancelUrl ?? successUrl,
              ...knownExtras(extras, CHECKOUT_EXTRAS),
            },
          },
        },
      },
    }),
  result: (body) => {
    const order = readAs(orderAnswer, body)
    return { id: order.id, status: order.status, url: approvalPage(order) }
  },
  cost: 'free',
  undo: { none: 'PayPal does not delete an order; it lapses, and takes nothing unless it is captured.' },
  verify: ({ result }) => result && readPayment(result.id, (read) => read.id === result.id),
  examples: [
    {
      input: {
        amount: 2500,
        currency: 'GBP',
        description: 'Two books',
        successUrl: 'https://shop.example/thanks',
        cancelUrl: 'https://shop.example/basket',
        reference: '1842',
        native: { brand_name: 'The Shop', shipping_preference: 'NO_SHIPPING' },
      },
      response: sample.waitingOrder({}, { description: 'Two books', custom_id: '1842' }),
    },
  ],
}

export const orders = {
  'payment.create': paymentCreate,
  'payment.get': paymentGet,
  'payment.capture': paymentCapture,
  'payment.cancel': paymentCancel,
  'refund.create': refundCreate,
  'checkout.create': checkoutCreate,
}
