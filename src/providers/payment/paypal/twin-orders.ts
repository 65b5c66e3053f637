// Orders in rehearsal: made, approved by their buyer (who opens /checkoutnow, as on PayPal's own page), authorised, taken in
// parts, voided, paid back. A vault id that holds `declined` is declined; PayPal-Mock-Response is heard as in the sandbox.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import * as shape from './examples.ts'
import {
  idOf,
  invalid,
  isRefusal,
  listAt,
  minorOf,
  missing,
  moneyOf,
  objectAt,
  shown,
  sumIn,
  textIn,
  timeOf,
  unprocessable,
} from './twin-answers.ts'

const WALLETS = ['card', 'paypal', 'venmo']

/** What a payment source means for an order: paid at once, refused, or the buyer's turn. */
function sourceIn(body: JsonObject): 'stored' | 'declined' | 'buyer' | 'none' {
  const source = objectAt(body.payment_source)
  const kind = WALLETS.find((name) => name in source)
  if (kind === undefined) return 'none'
  const { vault_id, number } = objectAt(source[kind])
  const stored = textIn(vault_id) ?? (kind === 'card' ? textIn(number) : undefined)
  if (stored === undefined) return 'buyer'
  return stored.includes('declined') ? 'declined' : 'stored'
}

const DECLINED = unprocessable(
  'INSTRUMENT_DECLINED',
  "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment.",
)

/** The sandbox answers with the code that this header names (developer.paypal.com/tools/sandbox/negative-testing). */
function mocked({ headers }: TwinCall): TwinAnswer | undefined {
  const code = /"mock_application_codes"\s*:\s*"([A-Z_]+)"/.exec(headers['paypal-mock-response'] ?? '')?.[1]
  return code === undefined ? undefined : unprocessable(code)
}

export function createOrder(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const [unit] = listAt(body.purchase_units)
  if (unit === undefined)
    return invalid('/purchase_units', 'MISSING_REQUIRED_PARAMETER', 'A required parameter is missing.')
  const sum = sumIn(unit.amount, "/purchase_units/@reference_id=='default'/amount")
  if (isRefusal(sum)) return sum
  if (body.intent !== 'CAPTURE' && body.intent !== 'AUTHORIZE') {
    return invalid('/intent', 'INVALID_PARAMETER_VALUE', 'A parameter value is not valid.')
  }
  const invoice = textIn(unit.invoice_id)
  if (invoice !== undefined && [...state('captures').values()].some(({ invoice_id }) => invoice_id === invoice)) {
    return unprocessable(
      'DUPLICATE_INVOICE_ID',
      'Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique for each transaction.',
    )
  }
  const source = sourceIn(body)
  const refused = mocked(call) ?? (source === 'declined' ? DECLINED : undefined)
  if (refused) return refused

  const id = idOf(call, 'O')
  const { payment_instruction: _none, items: _items, supplementary_data: _data, ...kept } = unit
  const made: JsonObject = {
    id,
    intent: body.intent,
    status: source === 'buyer' ? 'PAYER_ACTION_REQUIRED' : 'CREATED',
    purchase_units: [{ reference_id: 'default', ...kept, amount: moneyOf(sum) }],
    create_time: timeOf(call),
    links: shape.approvalLinks(id, source === 'buyer' ? 'payer-action' : 'approve'),
  }
  state('orders').set(id, made)
  const finished = source === 'stored' ? finish(call, made) : made
  return shown(call, finished, 201)
}

/** Takes or holds the whole of an order, as its intent says. */
function finish(call: TwinCall, order: JsonObject): JsonObject {
  const [unit = {}] = listAt(order.purchase_units)
  const id = idOf(call, order.intent === 'CAPTURE' ? 'C' : 'A')
  const common = {
    id,
    amount: unit.amount ?? null,
    ...(unit.invoice_id === undefined ? {} : { invoice_id: unit.invoice_id }),
    ...(unit.custom_id === undefined ? {} : { custom_id: unit.custom_id }),
    create_time: timeOf(call),
    update_time: timeOf(call),
  }
  if (order.intent === 'CAPTURE') return addCapture(call, order, shape.capture(common))
  return addPart(call, order, 'authorizations', shape.authorization(common))
}

function addCapture(call: TwinCall, order: JsonObject, capture: JsonObject): JsonObject {
  const { amount } = capture
  call.state('transactions').set(String(capture.id), {
    transaction_info: {
      transaction_id: String(capture.id),
      transaction_event_code: 'T0006',
      transaction_initiation_date: timeOf(call),
      transaction_updated_date: timeOf(call),
      transaction_amount: amount ?? null,
      transaction_status: 'S',
    },
  })
  return addPart(call, order, 'captures', capture)
}

type Parts = 'authorizations' | 'captures' | 'refunds'

/** Writes a part below its order, new or changed, and the order with it. */
function addPart({ state }: TwinCall, order: JsonObject, kind: Parts, part: JsonObject): JsonObject {
  const [unit = {}] = listAt(order.purchase_units)
  const payments = objectAt(unit.payments)
  const others = listAt(payments[kind]).filter(({ id }) => id !== part.id)
  const changed: JsonObject = {
    ...order,
    status: 'COMPLETED',
    purchase_units: [{ ...unit, payments: { ...payments, [kind]: [...others, part] } }],
    links: listAt(order.links).filter(({ rel }) => rel === 'self'),
  }
  state('orders').set(String(order.id), changed)
  state(kind).set(String(part.id), part)
  state('owners').set(String(part.id), { order: String(order.id) })
  return changed
}

const orderIn = ({ path, state }: TwinCall): JsonObject | undefined => state('orders').get(path.id ?? '')

export function getOrder(call: TwinCall): TwinAnswer {
  const order = orderIn(call)
  return order ? { body: order } : missing()
}

/** Captures or authorises an order; `verb` is what PayPal calls it. */
const finishOrder =
  (intent: 'CAPTURE' | 'AUTHORIZE', done: string) =>
  (call: TwinCall): TwinAnswer => {
    const order = orderIn(call)
    if (!order) return missing()
    if (order.intent !== intent) {
      return unprocessable('ACTION_DOES_NOT_MATCH_INTENT')
    }
    if (order.status === 'COMPLETED') return unprocessable(done)
    const source = sourceIn(call.body)
    const refused = mocked(call) ?? (source === 'declined' ? DECLINED : undefined)
    if (refused) return refused
    if (order.status !== 'APPROVED' && source !== 'stored') {
      return unprocessable('ORDER_NOT_APPROVED')
    }
    return shown(call, finish(call, order), 201)
  }

export const captureOrder = finishOrder('CAPTURE', 'ORDER_ALREADY_CAPTURED')
export const authorizeOrder = finishOrder('AUTHORIZE', 'ORDER_ALREADY_AUTHORIZED')

/** The buyer says yes. */
export function approveOrder({ query, state }: TwinCall): TwinAnswer {
  const id = query.token ?? ''
  const order = state('orders').get(id)
  if (!order) return { status: 404, body: 'Things don’t appear to be working.' }
  if (order.status !== 'COMPLETED') state('orders').set(id, { ...order, status: 'APPROVED' })
  return { body: 'Approved.' }
}

/** The part of the path with the order above it. */
const withPart =
  (kind: Parts, name: string, act: (call: TwinCall, part: JsonObject, order: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const { path, state } = call
    const part = state(kind).get(path[name] ?? '')
    const order = state('orders').get(String(state('owners').get(path[name] ?? '')?.order))
    return part && order ? act(call, part, order) : missing()
  }

/** Of an authorisation. */
const takenOf = ({ state }: TwinCall, authorization: JsonObject): number =>
  [...state('captures').values()]
    .filter((capture) => capture.authorization === authorization.id)
    .reduce((sum, { amount }) => sum + minorOf(amount), 0)

export const captureAuthorization = withPart('authorizations', 'authorization_id', (call, authorization, order) => {
  const { status } = authorization
  if (status === 'VOIDED')
    return unprocessable('AUTHORIZATION_VOIDED', 'A voided authorization cannot be captured or reauthorized. ')
  if (status === 'CAPTURED')
    return unprocessable('AUTHORIZATION_ALREADY_CAPTURED', 'Authorization has previously been captured.')
  const currency = String(objectAt(authorization.amount).currency_code)
  const left = minorOf(authorization.amount) - takenOf(call, authorization)
  const sum = call.body.amount === undefined ? { minor: left, currency } : sumIn(call.body.amount, '/amount')
  if (isRefusal(sum)) return sum
  if (sum.currency !== currency)
    return unprocessable(
      'AUTH_CAPTURE_CURRENCY_MISMATCH',
      'Currency of capture must be the same as currency of authorization.',
    )
  if (sum.minor > left) return unprocessable('MAX_CAPTURE_AMOUNT_EXCEEDED')
  const final = call.body.final_capture === true
  const capture = shape.capture({
    id: idOf(call, 'C'),
    amount: moneyOf(sum),
    final_capture: final,
    create_time: timeOf(call),
    update_time: timeOf(call),
  })
  const taken = addCapture(call, order, capture)
  // What it belongs to is the twin's own knowledge, not PayPal's answer.
  call.state('captures').set(String(capture.id), { ...capture, authorization: authorization.id ?? null })
  const isDone = final || sum.minor === left
  addPart(call, taken, 'authorizations', { ...authorization, status: isDone ? 'CAPTURED' : 'PARTIALLY_CAPTURED' })
  return shown(call, capture, 201)
})

export const voidAuthorization = withPart('authorizations', 'authorization_id', (call, authorization, order) => {
  if (authorization.status === 'CAPTURED') {
    return unprocessable(
      'PREVIOUSLY_CAPTURED',
      'Authorization has been previously captured and hence cannot be voided.',
    )
  }
  if (authorization.status === 'VOIDED') {
    return unprocessable(
      'PREVIOUSLY_VOIDED',
      'Authorization has been previously voided and hence cannot be voided again.',
    )
  }
  const voided = { ...authorization, status: 'VOIDED', update_time: timeOf(call) }
  addPart(call, order, 'authorizations', voided)
  return call.headers.prefer === 'return=representation' ? { body: voided } : { status: 204, body: '' }
})

export const getAuthorization = withPart('authorizations', 'authorization_id', (_, authorization) => ({
  body: authorization,
}))

const asAnswered = ({ authorization: _own, ...capture }: JsonObject): JsonObject => capture

export const getCapture = withPart('captures', 'capture_id', (_, capture) => ({ body: asAnswered(capture) }))

export const getRefund = withPart('refunds', 'refund_id', (_, refund) => ({ body: refund }))

const refundsOf = ({ state }: TwinCall, capture: JsonObject): number =>
  [...state('refunds').values()]
    .filter(({ id }) => state('owners').get(`${String(id)} of`)?.capture === capture.id)
    .reduce((sum, { amount }) => sum + minorOf(amount), 0)

export const refundCapture = withPart('captures', 'capture_id', (call, capture, order) => {
  const currency = String(objectAt(capture.amount).currency_code)
  const left = minorOf(capture.amount) - refundsOf(call, capture)
  if (left <= 0) return unprocessable('CAPTURE_FULLY_REFUNDED', 'The capture has already been fully refunded')
  const sum = call.body.amount === undefined ? { minor: left, currency } : sumIn(call.body.amount, '/amount')
  if (isRefusal(sum)) return sum
  if (sum.currency !== currency)
    return unprocessable('REFUND_CAPTURE_CURRENCY_MISMATCH', 'Refund must be in the same currency as the capture')
  if (sum.minor > left) {
    return unprocessable(
      'REFUND_AMOUNT_EXCEEDED',
      'The refund amount must be less than or equal to the capture amount that has not yet been refunded.',
    )
  }
  const id = idOf(call, 'R')
  const note = textIn(call.body.note_to_payer)
  const refund = shape.refund({
    id,
    amount: moneyOf(sum),
    create_time: timeOf(call),
    update_time: timeOf(call),
    ...(note === undefined ? {} : { note_to_payer: note }),
  })
  const refunded = addPart(call, order, 'refunds', refund)
  call.state('owners').set(`${id} of`, { capture: capture.id ?? null })
  const status = sum.minor === left ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
  addPart(call, refunded, 'captures', { ...asAnswered(capture), status })
  call.state('captures').set(String(capture.id), { ...capture, status })
  return shown(call, refund, 201)
})

/** Adds up what was taken less what was paid back, by currency. */
export function balances(call: TwinCall): TwinAnswer {
  const sums = new Map([['GBP', 0]])
  const add = (money: JsonValue | undefined, sign: 1 | -1) => {
    const currency = String(objectAt(money).currency_code)
    sums.set(currency, (sums.get(currency) ?? 0) + sign * minorOf(money))
  }
  for (const { amount } of call.state('captures').values()) add(amount, 1)
  for (const { amount } of call.state('refunds').values()) add(amount, -1)
  const wanted = call.query.currency_code
  return {
    body: {
      balances: [...sums]
        .filter(([currency]) => wanted === undefined || wanted === 'ALL' || wanted === currency)
        .map(([currency, minor]) => {
          const money = moneyOf({ minor, currency })
          const none = moneyOf({ minor: 0, currency })
          return {
            currency,
            primary: currency === 'GBP',
            total_balance: money,
            available_balance: money,
            withheld_balance: none,
          }
        }),
      account_id: 'MV4X8C5DHTWNM',
      as_of_time: timeOf(call),
      last_refresh_time: timeOf(call),
    },
  }
}
