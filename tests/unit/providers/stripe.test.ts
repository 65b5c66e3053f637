import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeForm, type JsonObject, sentinelFor } from '../../../src/adapter/index.ts'
import { fromStripeAmount, toStripeAmount } from '../../../src/providers/payment/stripe/amount.ts'
import { intent } from '../../../src/providers/payment/stripe/examples.ts'
import { paymentFee } from '../../../src/providers/payment/stripe/fee.ts'
import stripe from '../../../src/providers/payment/stripe/index.ts'
import { paymentStatus, toBalance, toPayment, toRefund } from '../../../src/providers/payment/stripe/shapes.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const create = stripe.operations['payment.create']
const capture = stripe.operations['payment.capture']
const cancel = stripe.operations['payment.cancel']
const refund = stripe.operations['refund.create']
const customer = stripe.operations['customer.create']
if (!create || !capture || !cancel || !refund || !customer) throw new Error('stripe lacks an operation')

const formOf = (spec: ReturnType<typeof create.request>) =>
  spec.transport === 'http' && spec.body?.encoding === 'form' ? encodeForm(spec.body.value) : undefined

describe('Stripe: amounts', () => {
  it.each([
    [2500, 'GBP', 2500],
    [700, 'JPY', 700],
    [500, 'MGA', 5],
    [5, 'ISK', 500],
    [5, 'UGX', 500],
    [5120, 'KWD', 5120],
    [1045, 'HUF', 1045],
  ])('counts %i minor units of %s as %i', (minor, currency, theirs) => {
    expect(toStripeAmount(minor, currency)).toBe(theirs)
    expect(fromStripeAmount(theirs, currency)).toBe(minor)
  })

  it.each([
    [550, 'MGA'],
    [5124, 'KWD'],
  ])('refuses %i of %s, which Stripe would round', (minor, currency) => {
    expect(() => toStripeAmount(minor, currency)).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
  })

  it('reads back every amount that it could send', () => {
    const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'MGA', 'ISK', 'UGX', 'KWD', 'TND', 'HUF')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), currency, (tens, code) => {
        const minor = tens * 100
        expect(fromStripeAmount(toStripeAmount(minor, code), code)).toBe(minor)
      }),
    )
  })
})

describe('Stripe: fees', () => {
  it('estimates a domestic card and reserves for a foreign one, in pounds', () => {
    // 25.00 × 1.5 % + 0.20 = 0.575; × 1.1761 / 0.8641 = 0.78262…
    const cost = paymentFee(2500, 'GBP')

    expect(cost).toMatchObject({ kind: 'priced', estimateMicroUsd: 782_615 })
    // 25.00 × 3.25 % + 0.20 = 1.0125, converted and 15 % more.
    expect(cost).toMatchObject({ maxMicroUsd: 1_584_796 })
    expect(cost).toMatchObject({ basis: expect.stringMatching(/1\.5 % \+ £0\.20.*2026-05-08/) })
  })

  it('needs no rate for dollars', () => {
    expect(paymentFee(1000, 'USD')).toMatchObject({ estimateMicroUsd: 590_000, maxMicroUsd: 740_000 })
  })

  it('says that it does not know, instead of guessing', () => {
    expect(paymentFee(1000, 'JPY')).toMatchObject({ kind: 'unknown' })
    expect(paymentFee(sentinelFor('number', 3), 'GBP')).toMatchObject({ kind: 'unknown' })
  })

  it('never reserves less than it estimates', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.constantFrom('GBP', 'EUR', 'USD'), (minor, code) => {
        const cost = paymentFee(minor, code)
        expect(cost.kind === 'priced' && cost.maxMicroUsd >= cost.estimateMicroUsd).toBe(true)
      }),
    )
  })

  it('does not claim that a refund is free', () => {
    expect(typeof refund.cost === 'function' && refund.cost({ payment: 'pi_1' })).toMatchObject({ kind: 'unknown' })
    expect(typeof create.cost === 'function' && create.cost({ amount: 100, currency: 'USD', capture: true }).kind).toBe(
      'priced',
    )
  })
})

describe('Stripe: requests', () => {
  it('confirms at once with a source, and sends nobody away', () => {
    const input = { amount: 2500, currency: 'GBP', source: 'pm_card_visa', capture: true, reference: '1842' }

    expect(formOf(create.request(input))).toBe(
      'amount=2500&currency=gbp&payment_method=pm_card_visa&confirm=true&metadata[reference]=1842' +
        '&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never',
    )
  })

  it.each([{ return_url: 'https://shop.example/done' }, { off_session: true }, { payment_method_types: ['card'] }])(
    'leaves redirects to the extras %j',
    (native) => {
      const form = formOf(create.request({ amount: 1, currency: 'GBP', source: 'pm_1', capture: true, native }))
      expect(form).not.toContain('allow_redirects')
    },
  )

  it('only authorises where it shall not capture', () => {
    const form = formOf(create.request({ amount: 1, currency: 'GBP', capture: false }))
    expect(form).toBe('amount=1&currency=gbp&capture_method=manual')
  })

  it.each(['amount', 'currency', 'confirm', 'capture_method', 'customer', 'transfer_data', 'metadata'])(
    'refuses the extra %s, which the standard input decides',
    (name) => {
      const input = { amount: 1, currency: 'GBP', capture: true, native: { [name]: 1 } }
      expect(() => create.request(input)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
    },
  )

  it('pins the version and puts a key on every POST', () => {
    expect(stripe.headers).toEqual({ 'Stripe-Version': '2026-10-28.endive' })
    expect(stripe.idempotency).toEqual({ header: 'Idempotency-Key', windowHours: 24, methods: ['POST'] })
  })

  it('captures a part only with its currency', () => {
    expect(() => capture.request({ id: 'pi_1', amount: 5 })).toThrow(/needs the currency/)
    expect(formOf(capture.request({ id: 'pi_1', amount: 5, currency: 'ISK' }))).toBe('amount_to_capture=500')
    expect(formOf(capture.request({ id: 'pi_1' }))).toBe('')
  })

  it('refunds in the units of Stripe where the currency is known', () => {
    expect(formOf(refund.request({ payment: 'pi_1', amount: 5, currency: 'UGX' }))).toBe(
      'payment_intent=pi_1&amount=500',
    )
    expect(formOf(refund.request({ payment: 'pi_1', amount: 500 }))).toBe('payment_intent=pi_1&amount=500')
    expect(formOf(refund.request({ payment: 'pi_1' }))).toBe('payment_intent=pi_1')
  })

  it('nests the extras of a customer', () => {
    const native = { address: { city: 'Leeds' }, preferred_locales: ['en', 'cy'], phone: null }
    expect(formOf(customer.request({ native }))).toBe(
      'address[city]=Leeds&preferred_locales[0]=en&preferred_locales[1]=cy&phone=',
    )
  })
})

describe('Stripe: what money moves', () => {
  it('takes in what is created and captured, pays out what is refunded', () => {
    expect(create.moves?.({ amount: 5, currency: 'gbp', capture: true })).toEqual({
      amountMinor: 5,
      currency: 'GBP',
      direction: 'in',
    })
    expect(capture.moves?.({ id: 'pi_1', amount: 5, currency: 'gbp' })).toMatchObject({ direction: 'in' })
    expect(refund.moves?.({ payment: 'pi_1', amount: 5, currency: 'gbp' })).toMatchObject({ direction: 'out' })
  })

  it('does not name a sum that it does not know', () => {
    expect(capture.moves?.({ id: 'pi_1' })).toEqual({ direction: 'in' })
    expect(refund.moves?.({ payment: 'pi_1' })).toEqual({ direction: 'out' })
    expect(refund.moves?.({ payment: 'pi_1', amount: 5 })).toEqual({ direction: 'out', amountMinor: 5 })
  })
})

describe('Stripe: results', () => {
  it.each([
    ['requires_payment_method', null, 'needs_action'],
    ['requires_payment_method', { code: 'card_declined' }, 'failed'],
    ['requires_confirmation', null, 'needs_action'],
    ['requires_action', null, 'needs_action'],
    ['processing', null, 'pending'],
    ['requires_capture', null, 'authorized'],
    ['succeeded', null, 'succeeded'],
    ['canceled', null, 'canceled'],
    ['something_new', null, 'pending'],
  ])('reads %s after %j as %s', (status, error, expected) => {
    expect(paymentStatus(status, error)).toBe(expected)
  })

  it('counts in minor units whatever Stripe counts in', () => {
    expect(toPayment(intent({ amount: 500, amount_received: 500, currency: 'isk' }))).toMatchObject({
      amount: 5,
      captured: 5,
      currency: 'ISK',
    })
    expect(toBalance({ available: [{ amount: -500, currency: 'ugx' }], pending: [] })).toEqual({
      available: [{ amount: -5, currency: 'UGX' }],
      pending: [],
    })
  })

  it('reads a refund without a status, or with a new one, as pending', () => {
    const body = { id: 're_1', amount: 5, currency: 'gbp' }
    expect(toRefund({ ...body, status: null }).status).toBe('pending')
    expect(toRefund({ ...body, status: 'something_new' }).status).toBe('pending')
    expect(toRefund({ ...body, status: 'requires_action' }).status).toBe('needs_action')
  })

  it('names the place where an answer is not as documented', () => {
    expect(() => toPayment({ id: 'pi_1', status: 'succeeded', amount: '25.00', currency: 'gbp' })).toThrow(/amount/)
  })

  it('tells in which currencies there is a balance', () => {
    expect(stripe.health.tell({ available: [{ currency: 'GBP' }, { currency: 'EUR' }] })).toBe('balance in GBP, EUR')
    expect(stripe.health.tell({ available: [] })).toBe('balance in no currency yet')
  })

  it('goes on behind the last payment of a page', () => {
    const next = stripe.native?.['payment.list']?.pages?.next
    const FIRST = { headers: {}, input: {}, count: 0, pages: 1 }
    expect(next?.({ has_more: true, data: [{ id: 'pi_1' }, { id: 'pi_2' }] }, FIRST)).toEqual({
      query: { starting_after: 'pi_2' },
    })
    expect(next?.({ has_more: false, data: [{ id: 'pi_1' }] }, FIRST)).toBeUndefined()
    expect(next?.({ has_more: true, data: [] }, FIRST)).toBeUndefined()
  })
})

describe('Stripe: undo and read-back', () => {
  const input = { amount: 2500, currency: 'GBP', capture: true }
  const paid = { id: 'pi_1', status: 'succeeded', amount: 2500, currency: 'GBP', captured: 2500 } as const
  const undoCreate = typeof create.undo === 'function' ? create.undo : undefined

  it('cancels before anything was taken and refunds afterwards', () => {
    expect(undoCreate?.({ input, result: paid, before: undefined })).toEqual({
      operation: 'refund.create',
      input: { payment: 'pi_1' },
    })
    const held = { ...paid, status: 'authorized', captured: 0 } as const
    expect(undoCreate?.({ input, result: held, before: undefined })).toEqual({
      operation: 'payment.cancel',
      input: { id: 'pi_1' },
    })
    const gone = { ...paid, status: 'canceled', captured: 0 } as const
    expect(undoCreate?.({ input, result: gone, before: undefined })).toBeUndefined()
  })

  it('refunds a capture and deletes a made customer', () => {
    const undoCapture = typeof capture.undo === 'function' ? capture.undo : undefined
    const undoCustomer = typeof customer.undo === 'function' ? customer.undo : undefined

    expect(undoCapture?.({ input: { id: 'pi_1' }, result: paid, before: undefined })).toEqual({
      operation: 'refund.create',
      input: { payment: 'pi_1' },
    })
    expect(undoCustomer?.({ input: {}, result: { id: 'cus_1' }, before: undefined })).toEqual({
      operation: 'stripe:customer.delete',
      input: { id: 'cus_1' },
    })
  })

  it('says why the rest cannot be taken back', () => {
    expect(cancel.undo).toHaveProperty('none')
    expect(refund.undo).toHaveProperty('none')
    expect(stripe.native?.['customer.delete']?.undo).toHaveProperty('none')
  })

  it('reads each effect back, at once', () => {
    const reads = [
      [create.verify?.({ input, result: paid }), { id: 'pi_1' }, { id: 'pi_2' }],
      [
        capture.verify?.({ input: { id: 'pi_1' }, result: undefined }),
        { status: 'succeeded' },
        { status: 'authorized' },
      ],
      [cancel.verify?.({ input: { id: 'pi_1' }, result: undefined }), { status: 'canceled' }, { status: 'succeeded' }],
      [
        refund.verify?.({
          input: { payment: 'pi_1' },
          result: { id: 're_1', status: 'pending', amount: 1, currency: 'GBP' },
        }),
        { id: 're_1', status: 'succeeded' },
        { id: 're_1', status: 'failed' },
      ],
      [
        customer.verify?.({ input: {}, result: { id: 'cus_1' } }),
        { id: 'cus_1', deleted: false },
        { id: 'cus_1', deleted: true },
      ],
      [
        stripe.native?.['customer.delete']?.verify?.({ input: { id: 'cus_1' }, result: undefined }),
        { deleted: true },
        { deleted: false },
      ],
    ] as const
    for (const [read, yes, no] of reads) {
      expect(read?.consistency).toBe('immediate')
      expect(read?.holds(yes as JsonObject)).toBe(true)
      expect(read?.holds(no as JsonObject)).toBe(false)
    }
  })

  it('cannot read back what never got an id', () => {
    expect(create.verify?.({ input, result: undefined })).toBeUndefined()
    expect(refund.verify?.({ input: { payment: 'pi_1' }, result: undefined })).toBeUndefined()
    expect(customer.verify?.({ input: {}, result: undefined })).toBeUndefined()
  })
})

describe('Stripe: faults', () => {
  const fault = (status: number, error: JsonObject, headers = {}) => stripe.errors(answer(status, { error }, headers))

  it.each([
    [401, { type: 'invalid_request_error' }, 'IF_ERR_AUTH_FAILED'],
    [403, { type: 'invalid_request_error' }, 'IF_ERR_AUTH_FAILED'],
    [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'IF_ERR_NOT_FOUND'],
    [400, { type: 'invalid_request_error', code: 'resource_missing' }, 'IF_ERR_NOT_FOUND'],
    [400, { type: 'invalid_request_error', code: 'parameter_missing' }, 'IF_ERR_ACTION_FAILED'],
    [402, { type: 'card_error', code: 'card_declined' }, 'IF_ERR_ACTION_FAILED'],
    [400, { type: 'idempotency_error' }, 'IF_ERR_CONFLICT'],
    [409, { type: 'idempotency_error' }, 'IF_ERR_CONFLICT'],
    [429, { type: 'invalid_request_error', code: 'rate_limit' }, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [500, { type: 'api_error' }, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [503, { type: 'api_error' }, 'IF_ERR_PROVIDER_UNAVAILABLE'],
  ])('reads %i %j as %s', (status, error, code) => {
    expect(fault(status, error)?.code).toBe(code)
  })

  it('leaves the outcome open where the payment may have gone through', () => {
    expect(fault(500, { type: 'api_error' })?.outcome).toBe('unknown')
    expect(fault(409, { type: 'invalid_request_error' })?.outcome).toBe('unknown')
    expect(fault(402, { type: 'card_error' })?.outcome).toBeUndefined()
  })

  it('keeps the bank’s own word for a decline', () => {
    const declined = { type: 'card_error', code: 'card_declined', decline_code: 'lost_card', message: 'No.' }
    expect(fault(402, declined)).toMatchObject({ vendorCode: 'lost_card', message: 'No.' })
  })

  it('names the parameter that Stripe names', () => {
    expect(fault(400, { type: 'invalid_request_error', param: 'amount' })?.hint).toContain('amount')
  })

  it('waits as long as Stripe says', () => {
    expect(fault(429, {}, { 'retry-after': '2' })?.retryAfterMs).toBe(2000)
    expect(fault(429, {})).not.toHaveProperty('retryAfterMs')
  })

  it('speaks by the status where the body says nothing', () => {
    expect(stripe.errors(answer(502, '<html>'))).toMatchObject({ message: 'Stripe answered 502', outcome: 'unknown' })
    expect(stripe.errors(answer(400, { error: 'x' }))).toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
    expect(stripe.errors(answer(200, { error: {} }))).toBeUndefined()
  })

  it('keeps the id of the request', () => {
    expect(stripe.requestId?.(answer(200, {}, { 'request-id': 'req_1' }))).toBe('req_1')
  })
})

describe('Stripe: the twin', () => {
  const PAY = {
    amount: '2500',
    currency: 'gbp',
    payment_method: 'pm_card_visa',
    confirm: 'true',
    automatic_payment_methods: { enabled: 'true', allow_redirects: 'never' },
  }

  it('takes a payment and gives it back, in parts and no more than all', () => {
    const twin = rehearse(stripe)
    const paid = bodyOf(twin.call('payment.create', { body: { ...PAY, metadata: { reference: '7' } } }))
    expect(paid).toMatchObject({
      id: 'pi_twin_1',
      status: 'succeeded',
      amount_received: 2500,
      metadata: { reference: '7' },
    })

    const part = { payment_intent: 'pi_twin_1', amount: '1000' }
    expect(bodyOf(twin.call('refund.create', { body: part }))).toMatchObject({ amount: 1000, status: 'succeeded' })
    expect(twin.call('refund.create', { body: { ...part, amount: '1501' } }).status).toBe(400)
    expect(bodyOf(twin.call('refund.create', { body: { payment_intent: 'pi_twin_1' } }))).toMatchObject({
      amount: 1500,
    })
    expect(bodyOf(twin.call('refund.create', { body: { payment_intent: 'pi_twin_1' } })).error).toMatchObject({
      code: 'charge_already_refunded',
    })
    expect(bodyOf(twin.call('balance.get')).available).toMatchObject([{ amount: 0, currency: 'gbp' }])
    expect(bodyOf(twin.call('refund.get', { path: { refund: 're_twin_1' } })).amount).toBe(1000)
  })

  it('authorises, captures a part, and refuses to do so again', () => {
    const twin = rehearse(stripe)
    const held = bodyOf(twin.call('payment.create', { body: { ...PAY, capture_method: 'manual' } }))
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2500, amount_received: 0 })

    const path = { intent: String(held.id) }
    expect(bodyOf(twin.call('refund.create', { body: { payment_intent: path.intent } })).error).toMatchObject({
      code: 'charge_not_captured',
    })
    expect(twin.call('payment.capture', { path, body: { amount_to_capture: '2501' } }).status).toBe(400)
    expect(bodyOf(twin.call('payment.capture', { path, body: { amount_to_capture: '900' } }))).toMatchObject({
      status: 'succeeded',
      amount_received: 900,
    })
    expect(bodyOf(twin.call('payment.capture', { path })).error).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
    expect(twin.call('payment.cancel', { path }).status).toBe(400)
    expect(bodyOf(twin.call('payment.get', { path }))).toMatchObject({ amount_received: 900 })
  })

  it('captures all of what it holds where no amount is named', () => {
    const twin = rehearse(stripe)
    const { id } = bodyOf(twin.call('payment.create', { body: { ...PAY, capture_method: 'manual' } }))
    expect(bodyOf(twin.call('payment.capture', { path: { intent: String(id) } })).amount_received).toBe(2500)
  })

  it('waits for a confirmation and can be given up before', () => {
    const twin = rehearse(stripe)
    const { confirm: _, ...later } = PAY
    const waiting = bodyOf(twin.call('payment.create', { body: later }))
    const bare = bodyOf(twin.call('payment.create', { body: { amount: '1', currency: 'gbp' } }))
    expect([waiting.status, bare.status]).toEqual(['requires_confirmation', 'requires_payment_method'])

    const confirm = 'POST /v1/payment_intents/{intent}/confirm'
    expect(twin.call(confirm, { path: { intent: String(bare.id) } }).status).toBe(400)
    expect(bodyOf(twin.call(confirm, { path: { intent: String(waiting.id) } })).status).toBe('succeeded')
    expect(twin.call(confirm, { path: { intent: String(waiting.id) } }).status).toBe(400)
    expect(bodyOf(twin.call('payment.cancel', { path: { intent: String(bare.id) } }))).toMatchObject({
      status: 'canceled',
    })
  })

  it('declines the cards that decline, and remembers the failure', () => {
    const twin = rehearse(stripe)
    const declined = twin.call('payment.create', { body: { ...PAY, payment_method: 'pm_card_chargeDeclined' } })

    expect(declined.status).toBe(402)
    expect(bodyOf(declined).error).toMatchObject({ code: 'card_declined', decline_code: 'generic_decline' })
    expect(toPayment(twin.call('payment.get', { path: { intent: 'pi_twin_1' } }).body).status).toBe('failed')
  })

  it.each([
    [{ ...PAY, amount: '0' }, 'amount'],
    [{ ...PAY, amount: '25.00' }, 'amount'],
    [{ ...PAY, currency: 'GBP' }, 'currency'],
    [{ ...PAY, automatic_payment_methods: {} }, 'return_url'],
  ])('refuses %j and names %s', (body, param) => {
    const refused = rehearse(stripe).call('payment.create', { body })

    expect(refused.status).toBe(400)
    expect(bodyOf(refused).error).toMatchObject({ param, type: 'invalid_request_error' })
  })

  it.each([{ return_url: 'https://x.example' }, { off_session: 'true' }, { payment_method_types: ['card'] }])(
    'confirms with %j as well',
    (body) => {
      const { automatic_payment_methods: _, ...bare } = PAY
      expect(bodyOf(rehearse(stripe).call('payment.create', { body: { ...bare, ...body } })).status).toBe('succeeded')
    },
  )

  it('makes customers, charges only those it knows, and forgets the deleted', () => {
    const twin = rehearse(stripe)
    expect(twin.call('payment.create', { body: { ...PAY, customer: 'cus_twin_1' } }).status).toBe(404)

    twin.call('customer.create', { body: { email: 'a@example.com', metadata: 'not a map' } })
    const path = { customer: 'cus_twin_1' }
    expect(bodyOf(twin.call('payment.create', { body: { ...PAY, customer: 'cus_twin_1' } })).customer).toBe(
      'cus_twin_1',
    )
    expect(bodyOf(twin.call('customer.get', { path }))).toMatchObject({ email: 'a@example.com', metadata: {} })
    expect(bodyOf(twin.call('customer.delete', { path }))).toEqual({
      id: 'cus_twin_1',
      object: 'customer',
      deleted: true,
    })
    expect(twin.call('customer.delete', { path }).status).toBe(404)
    expect(bodyOf(twin.call('customer.get', { path })).deleted).toBe(true)
    expect(bodyOf(twin.call('GET /v1/customers')).data).toEqual([])
  })

  it('lists newest first, by page and by customer', () => {
    const twin = rehearse(stripe)
    twin.call('customer.create')
    for (const customer of [undefined, 'cus_twin_1', undefined]) {
      twin.call('payment.create', { body: { ...PAY, ...(customer ? { customer } : {}) } })
    }
    const ids = (query: Record<string, string>) =>
      (bodyOf(twin.call('payment.list', { query })).data as { id: string }[]).map(({ id }) => id)

    expect(ids({ limit: '2' })).toEqual(['pi_twin_3', 'pi_twin_2'])
    expect(ids({ limit: '2', starting_after: 'pi_twin_2' })).toEqual(['pi_twin_1'])
    expect(ids({ customer: 'cus_twin_1' })).toEqual(['pi_twin_2'])
    expect(bodyOf(twin.call('payment.list', { query: { limit: '2' } })).has_more).toBe(true)
    expect(bodyOf(twin.call('GET /v1/refunds')).data).toEqual([])
  })

  it.each([
    ['payment.get', { path: { intent: 'pi_0' } }],
    ['payment.get', {}],
    ['refund.create', { body: { payment_intent: 'pi_0' } }],
    ['refund.create', {}],
    ['refund.get', { path: { refund: 're_0' } }],
    ['refund.get', {}],
    ['customer.get', {}],
    ['customer.delete', {}],
  ])('answers 404 to %s of %j', (operation, call) => {
    const missed = rehearse(stripe).call(operation, call)
    expect(missed.status).toBe(404)
    expect(stripe.errors(answer(404, missed.body))?.code).toBe('IF_ERR_NOT_FOUND')
  })

  it('shows faults that its own definition reads as meant', () => {
    const codes = (['unauthorized', 'not-found', 'invalid', 'rate-limited', 'unavailable'] as const).map((kind) => {
      const { status = 200, body, headers } = stripe.twin.fault(kind, 'why')
      return stripe.errors(answer(status, body, headers))?.code
    })

    expect(codes).toEqual([
      'IF_ERR_AUTH_FAILED',
      'IF_ERR_NOT_FOUND',
      'IF_ERR_ACTION_FAILED',
      'IF_ERR_RATE_LIMIT_EXCEEDED',
      'IF_ERR_PROVIDER_UNAVAILABLE',
    ])
    expect(stripe.twin.keyReused?.('again')).toMatchObject({
      status: 400,
      body: { error: { type: 'idempotency_error' } },
    })
  })
})
