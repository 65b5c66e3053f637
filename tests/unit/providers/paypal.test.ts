import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeBody,
  type HttpRequestSpec,
  type JsonObject,
  type JsonValue,
  type NativeOperation,
  type RequestSpec,
  type StepAnswer,
} from '../../../src/adapter/index.ts'
import { moneyAnswer, toMoney, toPayoutMoney } from '../../../src/providers/payment/paypal/amount.ts'
import * as sample from '../../../src/providers/payment/paypal/examples.ts'
import paypal from '../../../src/providers/payment/paypal/index.ts'
import {
  timeOf,
  toBalance,
  toOrder,
  toPayment,
  toRefund,
  toTransactions,
} from '../../../src/providers/payment/paypal/shapes.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const operation = <K extends keyof typeof paypal.operations>(id: K) => {
  const found = paypal.operations[id]
  if (!found) throw new Error(`paypal has no ${id}`)
  return found
}

const native = (id: string): NativeOperation => {
  const found = paypal.native?.[id]
  if (!found) throw new Error(`paypal has no ${id}`)
  return found
}

const jsonOf = (spec: RequestSpec): unknown =>
  spec.transport === 'http' && spec.body?.encoding === 'json' ? JSON.parse(JSON.stringify(spec.body.value)) : undefined

/** The requests that follow a first answer, each answered by the next of `answers`, and what comes of them. */
function follow(
  steps: Generator<{ request: HttpRequestSpec } | { pauseMs: number }, unknown, StepAnswer>,
  answers: readonly JsonValue[],
) {
  const requests: HttpRequestSpec[] = []
  let step = steps.next()
  for (const body of answers) {
    if (step.done || !('request' in step.value)) break
    requests.push(step.value.request)
    step = steps.next({ body, status: 201 })
  }
  return { requests, result: step.done ? step.value : undefined }
}

const refusal = (code: string) =>
  expect.objectContaining({ fault: expect.objectContaining({ code, outcome: 'not-done' }) })

describe('PayPal: amounts', () => {
  it.each([
    [2500, 'GBP', '25.00'],
    [5, 'USD', '0.05'],
    [700, 'JPY', '700'],
    [104500, 'HUF', '1045'],
    [104500, 'TWD', '1045'],
  ])('writes %i minor units of %s as %s', (minor, currency, text) => {
    expect(toMoney(minor, currency)).toEqual({ currency_code: currency, value: text })
    expect(toPayoutMoney(minor, currency)).toEqual({ currency, value: text })
    expect(moneyAnswer.parse({ currency_code: currency, value: text })).toEqual({ amount: minor, currency })
  })

  it.each([
    [50, 'HUF'],
    [1050, 'TWD'],
  ])('refuses %i of %s, which has no decimals there', (minor, currency) => {
    expect(() => toMoney(minor, currency)).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
  })

  it('reads back every amount that it could send', () => {
    const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'HUF', 'TWD', 'USD')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), currency, (units, code) => {
        expect(moneyAnswer.parse(toMoney(units * 100, code))).toEqual({ amount: units * 100, currency: code })
      }),
    )
  })
})

describe('PayPal: payments', () => {
  const create = operation('payment.create')
  const base = { amount: 2500, currency: 'GBP', capture: true }

  it('pays with what is stored, and says what it is', () => {
    expect(jsonOf(create.request({ ...base, source: 'card:8kk8451t', reference: '1842' }))).toEqual({
      intent: 'CAPTURE',
      purchase_units: [{ amount: { currency_code: 'GBP', value: '25.00' }, custom_id: '1842' }],
      payment_source: { card: { vault_id: '8kk8451t' } },
    })
    expect(jsonOf(create.request({ ...base, capture: false, source: 'paypal:9l' }))).toMatchObject({
      intent: 'AUTHORIZE',
      payment_source: { paypal: { vault_id: '9l' } },
    })
  })

  it.each(['8kk8451t', 'bank:1', 'card:', 'card:a/b', 'card:"}'])('refuses the source %j', (source) => {
    expect(() => create.request({ ...base, source })).toThrow(/card:, paypal: or venmo:|does not say/)
  })

  it.each(['amount', 'payee', 'payment_instruction', 'custom_id', 'items', 'intent', 'payment_source'])(
    'refuses the extra %s, which could move other money or pay somebody else',
    (name) => {
      expect(() => create.request({ ...base, native: { [name]: {} } })).toThrow(
        expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
      )
    },
  )

  it('never cuts a text short', () => {
    expect(() => create.request({ ...base, description: 'x'.repeat(128) })).toThrow(/description has 128 characters/)
  })

  it('asks for the whole answer, under a key', () => {
    expect(create.request(base).headers).toEqual({ Prefer: 'return=representation' })
    expect(paypal.idempotency).toEqual({ header: 'PayPal-Request-Id', windowHours: 6, methods: ['POST'] })
  })

  it('is taken back by what its state allows', () => {
    const undoOf = (status: 'succeeded' | 'authorized' | 'pending' | 'needs_action' | 'failed') =>
      typeof create.undo === 'function'
        ? create.undo({
            input: base,
            result: { id: 'O1', status, amount: 2500, currency: 'GBP', captured: 0 },
            before: undefined,
          })
        : 'none'

    expect(undoOf('succeeded')).toEqual({ operation: 'refund.create', input: { payment: 'O1' } })
    expect(undoOf('pending')).toEqual({ operation: 'refund.create', input: { payment: 'O1' } })
    expect(undoOf('authorized')).toEqual({ operation: 'payment.cancel', input: { id: 'O1' } })
    expect(undoOf('needs_action')).toBeUndefined()
    expect(undoOf('failed')).toBeUndefined()
  })

  it('never tells a cost that it does not know', () => {
    for (const id of ['payment.create', 'payment.capture', 'refund.create', 'payout.create'] as const) {
      const { cost } = operation(id)
      expect(typeof cost === 'function' && cost({} as never).kind).toBe('unknown')
    }
  })

  it.each([
    [sample.order(), 'succeeded', 2500],
    [sample.waitingOrder(), 'needs_action', 0],
    [sample.waitingOrder({ status: 'APPROVED' }), 'needs_action', 0],
    [sample.heldOrder(), 'authorized', 0],
    [sample.heldOrder({}, { status: 'VOIDED' }), 'canceled', 0],
    [sample.heldOrder({}, { status: 'DENIED' }), 'failed', 0],
    [sample.heldOrder({}, { status: 'PENDING' }), 'pending', 0],
    [sample.order({ status: 'VOIDED' }), 'canceled', 2500],
    [sample.order({ status: 'SOMETHING_NEW' }), 'pending', 2500],
    [sample.order({}, { payments: { captures: [sample.capture({ status: 'PENDING' })] } }), 'pending', 0],
    [sample.order({}, { payments: { captures: [sample.capture({ status: 'DECLINED' })] } }), 'failed', 0],
    [sample.order({}, { payments: { captures: [sample.capture({ status: 'REFUNDED' })] } }), 'succeeded', 2500],
  ])('reads an order as it stands: case %#', (body, status, captured) => {
    expect(toPayment(body)).toEqual({ id: sample.ORDER, status, amount: 2500, currency: 'GBP', captured })
  })

  it('adds up the units of orders that others made', () => {
    const unit = { amount: sample.money('GBP', '25.00') }
    expect(toPayment(sample.waitingOrder({ purchase_units: [unit, unit] }))).toMatchObject({ amount: 5000 })
  })

  it('names the place where an answer is not as documented', () => {
    expect(() => toPayment({ id: 'O1', status: 'CREATED', purchase_units: [] })).toThrow(/purchase_units/)
    expect(() => toPayment(sample.order({}, { amount: { currency_code: 'GBP', value: 'x' } }))).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })
})

describe('PayPal: taking, releasing and paying back', () => {
  const more = (id: 'payment.capture' | 'payment.cancel' | 'refund.create', input: object, order: JsonObject) => {
    const { more: steps } = operation(id)
    if (!steps) throw new Error(`${id} has one request`)
    return steps({ input: input as never, answer: { body: order, status: 200 } })
  }

  it('takes a part of what is held and releases the rest', () => {
    const part = sample.capture({ amount: sample.money('GBP', '10.00') })
    const { requests, result } = follow(
      more('payment.capture', { id: 'O1', amount: 1000, currency: 'GBP' }, sample.heldOrder()),
      [part],
    )

    expect(requests).toMatchObject([
      {
        template: '/v2/payments/authorizations/{authorization_id}/capture',
        path: { authorization_id: sample.AUTHORIZATION },
        body: { value: { amount: { currency_code: 'GBP', value: '10.00' }, final_capture: true } },
      },
    ])
    expect(result).toEqual({ id: sample.ORDER, status: 'succeeded', amount: 2500, currency: 'GBP', captured: 1000 })
  })

  it('takes an approved order whole', () => {
    const approved = sample.waitingOrder({ status: 'APPROVED' })
    const { requests, result } = follow(more('payment.capture', { id: 'O1', amount: 2500 }, approved), [sample.order()])

    expect(requests).toMatchObject([{ template: '/v2/checkout/orders/{id}/capture', body: { value: {} } }])
    expect(result).toMatchObject({ status: 'succeeded', captured: 2500 })
    expect(() => more('payment.capture', { id: 'O1', amount: 1 }, approved).next()).toThrow(
      refusal('IF_ERR_UNSUPPORTED'),
    )
  })

  it('says of a capture that was declined inside a success that it failed', () => {
    const declinedOrder = sample.order({}, { payments: { captures: [sample.capture({ status: 'DECLINED' })] } })
    const whole = more('payment.capture', { id: 'O1' }, sample.waitingOrder({ status: 'APPROVED' }))
    expect(() => follow(whole, [declinedOrder])).toThrow(refusal('IF_ERR_ACTION_FAILED'))
    const held = more('payment.capture', { id: 'O1' }, sample.heldOrder())
    expect(() => follow(held, [sample.capture({ status: 'DECLINED' })])).toThrow(refusal('IF_ERR_ACTION_FAILED'))
  })

  it('waits with a capture that PayPal still examines', () => {
    const { result } = follow(more('payment.capture', { id: 'O1' }, sample.heldOrder()), [
      sample.capture({ status: 'PENDING' }),
    ])
    expect(result).toMatchObject({ status: 'pending', captured: 0 })
  })

  it('refuses what cannot be taken before it asks PayPal to', () => {
    const gone = sample.heldOrder({}, { status: 'VOIDED' })
    expect(() => more('payment.capture', { id: 'O1' }, gone).next()).toThrow(refusal('IF_ERR_CONFLICT'))
    const approved = sample.waitingOrder({ status: 'APPROVED', intent: 'AUTHORIZE' })
    expect(() => more('payment.capture', { id: 'O1' }, approved).next()).toThrow(/not authorised yet/)
    expect(() => more('payment.capture', { id: 'O1', currency: 'EUR' }, sample.heldOrder()).next()).toThrow(
      refusal('IF_ERR_INVALID_INPUT'),
    )
  })

  it('releases what is held, and says that an unpaid order only lapses', () => {
    const { requests, result } = follow(more('payment.cancel', { id: 'O1' }, sample.heldOrder()), [
      sample.authorization({ status: 'VOIDED' }),
    ])
    expect(requests).toMatchObject([{ template: '/v2/payments/authorizations/{authorization_id}/void' }])
    expect(result).toMatchObject({ status: 'canceled', captured: 0 })
    expect(() => more('payment.cancel', { id: 'O1' }, sample.waitingOrder()).next()).toThrow(
      refusal('IF_ERR_UNSUPPORTED'),
    )
    expect(() => more('payment.cancel', { id: 'O1' }, sample.order()).next()).toThrow(refusal('IF_ERR_CONFLICT'))
  })

  it('pays back in the currency of the order', () => {
    const { requests, result } = follow(more('refund.create', { payment: 'O1', amount: 1000 }, sample.order()), [
      sample.refund({ amount: sample.money('GBP', '10.00') }),
    ])
    expect(requests).toMatchObject([
      {
        template: '/v2/payments/captures/{capture_id}/refund',
        path: { capture_id: sample.CAPTURE },
        body: { value: { amount: { currency_code: 'GBP', value: '10.00' } } },
      },
    ])
    expect(result).toEqual({ id: sample.REFUND, status: 'succeeded', amount: 1000, currency: 'GBP' })
    expect(
      jsonOf(follow(more('refund.create', { payment: 'O1' }, sample.order()), [sample.refund()]).requests[0] as never),
    ).toEqual({})
  })

  it('does not guess which of several captures to pay back', () => {
    const captures = [sample.capture({ id: 'C1' }), sample.capture({ id: 'C2', status: 'PARTIALLY_REFUNDED' })]
    const inParts = sample.order({}, { payments: { captures } })
    expect(() => more('refund.create', { payment: 'O1' }, inParts).next()).toThrow(/taken in parts: C1, C2/)
    expect(() => more('refund.create', { payment: 'O1' }, sample.waitingOrder()).next()).toThrow(/nothing to pay back/)
    expect(() => more('refund.create', { payment: 'O1', currency: 'USD' }, sample.order()).next()).toThrow(/is in GBP/)
  })

  it.each([
    ['COMPLETED', 'succeeded'],
    ['PENDING', 'pending'],
    ['CANCELLED', 'canceled'],
    ['FAILED', 'failed'],
    ['SOMETHING_NEW', 'pending'],
  ])('reads a refund that is %s as %s', (status, expected) => {
    expect(toRefund(sample.refund({ status })).status).toBe(expected)
  })

  it('captures and refunds by own ids only with both amount and currency', () => {
    const capture = native('authorization.capture')
    expect(() => capture.request({ id: 'A1', amount: 5, final: false })).toThrow(/needs the currency/)
    expect(jsonOf(native('capture.refund').request({ id: 'C1', amount: 500, currency: 'JPY', note: 'Sorry' }))).toEqual(
      {
        amount: { currency_code: 'JPY', value: '500' },
        note_to_payer: 'Sorry',
      },
    )
  })

  it('names what money moves, and in which direction', () => {
    expect(operation('payment.create').moves?.({ amount: 5, currency: 'gbp', capture: true })).toEqual({
      amountMinor: 5,
      currency: 'GBP',
      direction: 'in',
    })
    expect(operation('refund.create').moves?.({ payment: 'O1' })).toEqual({ direction: 'out' })
    expect(operation('payout.create').moves?.({ amount: 5, currency: 'USD', to: 'a@b.c' })).toMatchObject({
      direction: 'out',
    })
  })
})

describe('PayPal: checkout, subscriptions, payouts', () => {
  it('makes a page, and sends who gives up where who pays goes', () => {
    const checkout = operation('checkout.create')
    const input = { amount: 2500, currency: 'GBP', description: 'Two books', successUrl: 'https://shop.example/ok' }

    expect(jsonOf(checkout.request(input))).toMatchObject({
      payment_source: {
        paypal: {
          experience_context: {
            user_action: 'PAY_NOW',
            return_url: 'https://shop.example/ok',
            cancel_url: 'https://shop.example/ok',
          },
        },
      },
    })
    expect(() => checkout.request({ ...input, native: { return_url: 'https://evil.example' } })).toThrow(
      /native\.return_url/,
    )
    expect(toOrder(sample.waitingOrder())).toMatchObject({
      url: `https://www.paypal.com/checkoutnow?token=${sample.ORDER}`,
    })
    expect(toOrder(sample.order()).url).toBeNull()
  })

  it('gives a subscription no other price than its plan has', () => {
    const create = operation('subscription.create')
    const input = { customer: 'a@b.example', plan: 'P-1' }
    expect(jsonOf(create.request(input))).toEqual({ plan_id: 'P-1', subscriber: { email_address: 'a@b.example' } })
    for (const name of ['plan', 'plan_id', 'shipping_amount', 'quantity', 'subscriber']) {
      expect(() => create.request({ ...input, native: { [name]: '1' } })).toThrow(new RegExp(`native\\.${name}`))
    }
  })

  it('gives a reason for cancelling where nobody did', () => {
    const cancel = operation('subscription.cancel')
    expect(jsonOf(cancel.request({ id: 'I-1' }))).toEqual({ reason: 'Cancelled by the merchant' })
    expect(cancel.result(null, { input: { id: 'I-1' }, headers: {} })).toEqual({ id: 'I-1', status: 'CANCELLED' })
  })

  it.each([
    ['a@b.example', 'EMAIL'],
    ['+442071838750', 'PHONE'],
    ['MV4X8C5DHTWNM', 'PAYPAL_ID'],
  ])('pays out to %s as %s', (to, type) => {
    const spec = operation('payout.create').request({ amount: 700, currency: 'JPY', to, reference: '1' })
    expect(jsonOf(spec)).toEqual({
      sender_batch_header: { sender_batch_id: '$key' },
      items: [{ recipient_type: type, amount: { currency: 'JPY', value: '700' }, receiver: to, sender_item_id: '1' }],
    })
  })

  it('does not pay out to nobody, and not by what an extra says', () => {
    const { request } = operation('payout.create')
    expect(() => request({ amount: 700, currency: 'JPY' })).toThrow(/Give to|own bank account/)
    for (const name of ['amount', 'receiver', 'items', 'sender_batch_id', 'sender_item_id']) {
      expect(() => request({ amount: 700, currency: 'JPY', to: 'a@b.c', native: { [name]: 'x' } })).toThrow(/native\./)
    }
  })

  it('calls back what nobody has claimed, and says so where everything is', () => {
    const cancel = native('payout.cancel').more
    const batch = (...items: JsonObject[]) => ({
      body: sample.payoutBatch({ batch_status: 'SUCCESS' }, items),
      status: 200,
    })
    const open = sample.payoutItem({ payout_item_id: 'I2' })
    const claimed = sample.payoutItem({ payout_item_id: 'I1', transaction_status: 'SUCCESS' })
    if (!cancel) throw new Error('payout.cancel has one request')

    const { requests, result } = follow(cancel({ input: { id: 'B1' }, answer: batch(claimed, open) }), [
      { ...open, transaction_status: 'RETURNED' },
    ])

    expect(requests.map(({ path }) => path)).toEqual([{ payout_item_id: 'I2' }])
    expect(result).toMatchObject({ items: [{ id: 'I2', status: 'RETURNED', amount: 2500, currency: 'GBP' }] })
    expect(() => cancel({ input: { id: 'B1' }, answer: batch(claimed) }).next()).toThrow(/nothing unclaimed: SUCCESS/)
  })
})

describe('PayPal: reports', () => {
  const list = operation('transaction.list')
  const next = (input: JsonObject, body: JsonObject) =>
    list.pages?.next(body, { headers: {}, input, count: 1, pages: 1 })

  it('asks for 31 days at a time, the newest first', () => {
    const input = { from: '2026-08-01T00:00:00Z', until: '2026-10-10T00:00:00Z', limit: 1000 }
    const first = list.request(input).query
    expect(first).toMatchObject({
      start_date: '2026-09-09T00:00:00.000Z',
      end_date: input.until,
      page: 1,
      page_size: 500,
    })

    const page = (start_date: string, now: number, total_pages: number) => ({ start_date, page: now, total_pages })
    expect(next(input, page('2026-09-09T00:00:00+0000', 1, 2))).toEqual({
      query: { start_date: '2026-09-09T00:00:00.000Z', end_date: input.until, page: 2 },
    })
    const second = { start_date: '2026-08-08T23:59:59.000Z', end_date: '2026-09-08T23:59:59.000Z', page: 1 }
    expect(next(input, page('2026-09-09T00:00:00Z', 2, 2))).toEqual({ query: second })
    expect(next(input, page('2026-08-08T23:59:59Z', 1, 0))).toEqual({
      query: { start_date: input.from, end_date: '2026-08-08T23:59:58.000Z', page: 1 },
    })
    expect(next(input, page('2026-08-01T00:00:00Z', 1, 1))).toBeUndefined()
    expect(() => next(input, page('2020-01-01T00:00:00Z', 1, 1))).toThrow(/was not asked for/)
  })

  it('needs both times, in their order', () => {
    expect(() => list.request({ limit: 1 })).toThrow(/Give from and until|between two times/)
    expect(() => list.request({ limit: 1, from: '2026-10-02T00:00:00Z', until: '2026-10-01T00:00:00Z' })).toThrow(
      /from is after until/,
    )
  })

  it('reads movements in both directions, and an empty report', () => {
    const older = sample.transaction({
      transaction_id: 'T1',
      transaction_amount: sample.money('JPY', '-700'),
      transaction_initiation_date: '2026-11-01T12:00:00+0900',
      transaction_subject: undefined as never,
    })
    const { transactions } = toTransactions(sample.transactions({}, [older, sample.transaction()]))

    expect(transactions.map(({ id }) => id)).toEqual(['5TY05013RG002845M', 'T1'])
    expect(transactions[1]).toEqual({
      id: 'T1',
      amount: -700,
      currency: 'JPY',
      at: '2026-11-01T03:00:00.000Z',
      description: null,
      status: 'S',
    })
    expect(toTransactions({ page: 1 })).toEqual({ transactions: [] })
    expect(timeOf('not a time')).toBeNull()
  })

  it('reads balances, and claims none that PayPal does not tell', () => {
    expect(toBalance(sample.BALANCES)).toEqual({
      available: [
        { amount: 120050, currency: 'GBP' },
        { amount: 9000, currency: 'JPY' },
      ],
      pending: [
        { amount: 7550, currency: 'GBP' },
        { amount: 0, currency: 'JPY' },
      ],
    })
    expect(toBalance({ balances: [{ currency: 'EUR', total_balance: sample.money('EUR', '1.00') }] })).toEqual({
      available: [],
      pending: [],
    })
  })
})

describe('PayPal: failures', () => {
  const detailed = (issue: string, more: JsonObject = {}) => ({
    name: 'UNPROCESSABLE_ENTITY',
    message: 'The requested action could not be performed.',
    debug_id: 'd1',
    details: [{ issue, description: 'What went wrong.', ...more }],
  })

  it.each([
    [
      401,
      { error: 'invalid_client', error_description: 'Client Authentication failed' },
      'IF_ERR_AUTH_FAILED',
      'invalid_client',
    ],
    [401, { name: 'AUTHENTICATION_FAILURE', message: 'No' }, 'IF_ERR_AUTH_FAILED', 'AUTHENTICATION_FAILURE'],
    [403, detailed('PERMISSION_DENIED'), 'IF_ERR_AUTH_FAILED', 'PERMISSION_DENIED'],
    [404, detailed('INVALID_RESOURCE_ID'), 'IF_ERR_NOT_FOUND', 'INVALID_RESOURCE_ID'],
    [422, detailed('ORDER_ALREADY_CAPTURED'), 'IF_ERR_CONFLICT', 'ORDER_ALREADY_CAPTURED'],
    [422, detailed('INSTRUMENT_DECLINED'), 'IF_ERR_ACTION_FAILED', 'INSTRUMENT_DECLINED'],
    [429, { name: 'RATE_LIMIT_REACHED', message: 'Slow down' }, 'IF_ERR_RATE_LIMIT_EXCEEDED', 'RATE_LIMIT_REACHED'],
    [500, { name: 'INTERNAL_SERVER_ERROR', message: 'Oops' }, 'IF_ERR_PROVIDER_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'],
    [503, '<html>', 'IF_ERR_PROVIDER_UNAVAILABLE', undefined],
  ])('reads %i %j as %s', (status, body, code, vendorCode) => {
    const fault = paypal.errors(answer(status, body))
    expect(fault?.code).toBe(code)
    expect(fault?.vendorCode).toBe(vendorCode)
  })

  it('does not call an action failed that may yet happen', () => {
    expect(paypal.errors(answer(422, detailed('PREVIOUS_REQUEST_IN_PROGRESS')))).toMatchObject({ outcome: 'unknown' })
  })

  it('says what to do, or which field it is', () => {
    expect(paypal.errors(answer(422, detailed('ORDER_NOT_APPROVED')))?.hint).toMatch(/approve/)
    expect(paypal.errors(answer(400, detailed('INVALID_PARAMETER_SYNTAX', { field: '/plan_id' })))?.hint).toMatch(
      /\/plan_id/,
    )
    expect(paypal.errors(answer(422, detailed('SUBSCRIPTION_STATUS_INVALID', { field: '/id' })))?.hint).toMatch(
      /active/,
    )
  })

  it('takes a success for one, and keeps the id for support', () => {
    expect(paypal.errors(answer(204, ''))).toBeUndefined()
    expect(paypal.requestId?.(answer(200, {}, { 'paypal-debug-id': 'b1' }))).toBe('b1')
  })
})

describe('PayPal: webhooks', () => {
  const verify = native('webhook.verify')
  const said = {
    auth_algo: 'SHA256withRSA',
    cert_url: 'https://api.paypal.com/v1/notifications/certs/CERT-1',
    transmission_id: 't1',
    transmission_sig: 's1',
    transmission_time: '2026-11-25T12:00:00Z',
    webhook_id: '1JE4291016473214C',
  }

  it('hands the delivery on byte by byte', () => {
    const event = '{ "id":"WH-1",  "amount": 1.10, "emoji":"\\u00e9é" }'
    const spec = verify.request({ ...said, event })
    const text = spec.transport === 'http' && spec.body ? String(encodeBody(spec.body).body) : ''

    expect(text.endsWith(`,"webhook_event":${event}}`)).toBe(true)
    expect(JSON.parse(text)).toEqual({ ...said, webhook_event: JSON.parse(event) })
  })

  it.each(['{}, "webhook_id": "other"', '[]', '"text"', 'no JSON', '{}}{'])('refuses %j as a delivery', (event) => {
    expect(() => verify.request({ ...said, event })).toThrow(/not the JSON object of a delivery/)
  })

  it('reads what PayPal says, and nothing else as a yes', () => {
    const context = { input: {}, headers: {} }
    expect(verify.result({ verification_status: 'SUCCESS' }, context)).toEqual({ genuine: true })
    expect(verify.result({ verification_status: 'FAILURE' }, context)).toEqual({ genuine: false })
  })

  it('fetches certificates from PayPal alone', () => {
    const scheme = paypal.webhooks?.verify
    if (scheme?.scheme !== 'public-key' || !('published' in scheme.key)) throw new Error('another scheme')
    const { request } = scheme.key.published

    expect(request({ url: said.cert_url })).toMatchObject({ base: 'certificates', path: { certificate: 'CERT-1' } })
    for (const url of [
      'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
      'http://api.paypal.com/v1/notifications/certs/CERT-1',
      'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
      'https://api.paypal.com/v1/notifications/certs/../CERT-1',
      undefined,
    ]) {
      expect(request(url === undefined ? {} : { url })).toBeUndefined()
    }
  })
})

describe('PayPal: the twin', () => {
  it('pays out once under one id, and calls back what is unclaimed', () => {
    const twin = rehearse(paypal)
    const body = {
      sender_batch_header: { sender_batch_id: 'k1' },
      items: [{ recipient_type: 'EMAIL', amount: { currency: 'GBP', value: '25.00' }, receiver: 'a@b.example' }],
    }
    const made = bodyOf(twin.call('payout.create', { body })).batch_header as JsonObject
    expect(twin.call('payout.create', { body })).toMatchObject({ status: 400, body: { name: 'USER_BUSINESS_ERROR' } })
    const read = bodyOf(twin.call('payout.get', { path: { id: String(made.payout_batch_id) } }))
    const [item] = read.items as JsonObject[]
    const path = { payout_item_id: String(item?.payout_item_id) }

    expect(bodyOf(twin.call('payout.item.cancel', { path })).transaction_status).toBe('RETURNED')
    expect(twin.call('payout.item.cancel', { path }).status).toBe(400)
    expect(twin.call('payout.item.cancel', { path: { payout_item_id: 'no' } }).status).toBe(404)
    expect(twin.call('payout.get', { path: { id: 'no' } }).status).toBe(404)
  })

  it('refuses what PayPal would', () => {
    const twin = rehearse(paypal)
    const create = (body: JsonObject) => twin.call('payment.create', { body }).status
    const unit = { amount: sample.money('GBP', '25.00') }
    expect(create({ intent: 'CAPTURE' })).toBe(400)
    expect(create({ intent: 'SALE', purchase_units: [unit] })).toBe(400)
    expect(create({ intent: 'CAPTURE', purchase_units: [{ amount: { currency_code: 'gbp', value: '1' } }] })).toBe(400)
    expect(create({ intent: 'CAPTURE', purchase_units: [{ amount: sample.money('GBP', 'x') }] })).toBe(400)
    expect(create({ intent: 'CAPTURE', purchase_units: [{ amount: sample.money('GBP', '1.001') }] })).toBe(422)
    const paid = {
      intent: 'CAPTURE',
      purchase_units: [{ ...unit, invoice_id: 'I1' }],
      payment_source: { card: { vault_id: 'v' } },
    }
    expect([create(paid), create(paid)]).toEqual([201, 422])
    expect(twin.call('subscription.create', { body: {} }).status).toBe(400)
    expect(twin.call('POST /v1/oauth2/token', { body: { grant_type: 'password' } }).status).toBe(400)
    expect(twin.call('GET /checkoutnow', { query: { token: 'no' } }).status).toBe(404)
    expect(twin.call('GET /webapps/billing/subscriptions', { query: { ba_token: 'no' } }).status).toBe(404)
    expect(twin.call('order.authorize', { path: { id: 'no' } }).status).toBe(404)
  })

  it('knows a forged delivery', () => {
    const twin = rehearse(paypal)
    const verdict = (webhook_id: string, transmission_sig: string) =>
      bodyOf(twin.call('webhook.verify', { body: { webhook_id, transmission_sig } })).verification_status
    expect(verdict('accepted1', 's')).toBe('SUCCESS')
    expect(verdict('accepted1', 'forged')).toBe('FAILURE')
    expect(verdict('other', 's')).toBe('FAILURE')
  })
})
