import { describe, expect, it } from 'vitest'
import { definedOperations, encodeForm, type JsonObject, labelsOf, sentinelFor } from '../../../src/adapter/index.ts'
import { isSecretName } from '../../../src/foundation/index.ts'
import { toPayoutAmount } from '../../../src/providers/payment/stripe/amount.ts'
import * as sample from '../../../src/providers/payment/stripe/examples-billing.ts'
import stripe from '../../../src/providers/payment/stripe/index.ts'
import { toAccount, toPrice, toSession, toTransaction } from '../../../src/providers/payment/stripe/shapes.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const subscribe = stripe.operations['subscription.create']
const unsubscribe = stripe.operations['subscription.cancel']
const payout = stripe.operations['payout.create']
const checkout = stripe.operations['checkout.create']
const accounts = stripe.operations['account.list']
const transactions = stripe.operations['transaction.list']
if (!subscribe || !unsubscribe || !payout || !checkout || !accounts || !transactions) {
  throw new Error('stripe lacks an operation')
}

function native(name: string) {
  const operation = stripe.native?.[name]
  if (!operation) throw new Error(`stripe lacks ${name}`)
  return operation
}

const formOf = (spec: ReturnType<typeof subscribe.request>) =>
  spec.transport === 'http' && spec.body?.encoding === 'form' ? encodeForm(spec.body.value) : undefined

const effectOf = (id: string) => definedOperations(stripe).find((defined) => defined.id === id)?.operation.effect

const SALE = { amount: 2500, currency: 'GBP', description: 'Two books', successUrl: 'https://shop.example/thanks' }

describe('Stripe: effects', () => {
  it.each(['subscription.create', 'stripe:subscription.settle', 'payout.create', 'checkout.create'])(
    'judges %s as moving money',
    (id) => {
      expect(effectOf(id)).toBe('charge')
    },
  )

  it.each([
    ['subscription.cancel', 'delete'],
    ['stripe:payout.cancel', 'update'],
    ['stripe:checkout.expire', 'update'],
    ['stripe:webhook.create', 'create'],
    ['stripe:webhook.delete', 'delete'],
  ])('judges %s as %s', (id, effect) => {
    expect(effectOf(id)).toBe(effect)
  })

  it('counts an endpoint for events as a way out', () => {
    const { effect, labels } = native('webhook.create')
    expect(labelsOf({ id: 'stripe:webhook.create', native: true, effect, labels }).sends).toBe('external')
  })

  it('says which way money goes, and how much where it knows', () => {
    expect(subscribe.moves?.({ customer: 'cus_1', plan: 'price_1' })).toEqual({ direction: 'in' })
    expect(payout.moves?.({ amount: 5, currency: 'gbp' })).toEqual({
      amountMinor: 5,
      currency: 'GBP',
      direction: 'out',
    })
    expect(checkout.moves?.(SALE)).toEqual({ amountMinor: 2500, currency: 'GBP', direction: 'in' })
    expect(native('subscription.settle').moves?.({ id: 'sub_1' })).toEqual({ direction: 'in' })
  })

  it('does not guess the fee of a subscription, a page or an instant payout; a standard payout is free', () => {
    const costOf = (input: Parameters<typeof payout.request>[0]) =>
      typeof payout.cost === 'function' ? payout.cost(input).kind : payout.cost

    expect(typeof subscribe.cost === 'function' && subscribe.cost({ customer: 'c', plan: 'p' }).kind).toBe('unknown')
    expect(costOf({ amount: 5, currency: 'GBP' })).toBe('free')
    expect(costOf({ amount: 5, currency: 'GBP', native: { method: 'standard' } })).toBe('free')
    expect(costOf({ amount: 5, currency: 'GBP', native: { method: 'instant' } })).toBe('unknown')
    expect(typeof checkout.cost === 'function' && checkout.cost(SALE).kind).toBe('unknown')
  })
})

describe('Stripe: requests for subscriptions, payouts, checkout and events', () => {
  it('subscribes a customer to one price', () => {
    const input = {
      customer: 'cus_1',
      plan: 'price_1',
      source: 'pm_1',
      reference: 'C-17',
      native: { off_session: true },
    }

    expect(formOf(subscribe.request(input))).toBe(
      'customer=cus_1&items[0][price]=price_1&default_payment_method=pm_1&metadata[reference]=C-17&off_session=true',
    )
  })

  it.each(['items', 'customer', 'add_invoice_items', 'transfer_data', 'default_tax_rates', 'metadata'])(
    'refuses the extra %s of a subscription',
    (name) => {
      const input = { customer: 'cus_1', plan: 'price_1', native: { [name]: 1 } }
      expect(() => subscribe.request(input)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
    },
  )

  it('cancels without a bill, and bills only where that is the operation', () => {
    expect(unsubscribe.request({ id: 'sub/1' })).toMatchObject({
      method: 'DELETE',
      path: { subscription_exposed_id: 'sub/1' },
    })
    expect(formOf(unsubscribe.request({ id: 'sub_1' }))).toBe('')
    expect(formOf(unsubscribe.request({ id: 'sub_1', reason: 'Moved away' }))).toBe(
      'cancellation_details[comment]=Moved+away',
    )
    expect(formOf(native('subscription.settle').request({ id: 'sub_1', invoice: true, prorate: false }))).toBe(
      'invoice_now=true&prorate=false',
    )
  })

  it.each([
    [1100, 'USD', 1100],
    [700, 'JPY', 700],
    [5, 'ISK', 500],
    [1000, 'HUF', 1000],
    [200, 'TWD', 200],
  ])('pays out %i of %s as %i', (minor, currency, theirs) => {
    expect(toPayoutAmount(minor, currency)).toBe(theirs)
  })

  it.each([
    [1045, 'HUF'],
    [50, 'TWD'],
    [5124, 'KWD'],
  ])('refuses to pay out %i of %s, which Stripe pays in whole units', (amount, currency) => {
    expect(() => payout.request({ amount, currency })).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
  })

  it('pays out to a bank account, with the amount that the standard input says', () => {
    const input = { amount: 5, currency: 'UGX', to: 'ba_1', native: { method: 'instant' } }

    expect(formOf(payout.request(input))).toBe('amount=500&currency=ugx&destination=ba_1&method=instant')
    expect(() => payout.request({ ...input, native: { amount: 9 } })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
    )
  })

  it('sells one line, and puts the reference on the payment too', () => {
    expect(formOf(checkout.request({ ...SALE, reference: '1842', customer: 'cus_1' }))).toBe(
      'mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=gbp' +
        '&line_items[0][price_data][unit_amount]=2500&line_items[0][price_data][product_data][name]=Two+books' +
        '&success_url=https%3A%2F%2Fshop.example%2Fthanks&customer=cus_1&client_reference_id=1842' +
        '&payment_intent_data[metadata][reference]=1842',
    )
  })

  it('refuses a reference that Stripe would not keep', () => {
    expect(() => checkout.request({ ...SALE, reference: 'x'.repeat(201) })).toThrow(/201 characters/)
  })

  it.each(['line_items', 'mode', 'discounts', 'allow_promotion_codes', 'automatic_tax', 'payment_intent_data'])(
    'refuses the extra %s of a page, which changes the sum or where it goes',
    (name) => {
      expect(() => checkout.request({ ...SALE, native: { [name]: 1 } })).toThrow(
        expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
      )
    },
  )

  it('asks for movements in whole seconds inside the times given', () => {
    const times = { from: '2026-11-01T00:00:00.2Z', until: '2026-11-01T00:00:09.9Z', limit: 500 }

    expect(transactions.request(times)).toMatchObject({
      query: { 'created[gte]': 1793491201, 'created[lte]': 1793491209, limit: 100 },
    })
    expect(transactions.request({ limit: 5 })).toMatchObject({ query: { 'created[gte]': undefined, limit: 5 } })
  })

  it('leaves a time alone that a plan does not know yet', () => {
    const from = sentinelFor('string', 3)
    expect(transactions.request({ from, limit: 5 })).toMatchObject({ query: { 'created[gte]': from } })
  })

  it('has events written in the version that it reads', () => {
    const form = formOf(
      native('webhook.create').request({ url: 'https://a.example/h', events: ['*', 'charge.failed'] }),
    )

    expect(form).toBe(
      'url=https%3A%2F%2Fa.example%2Fh&enabled_events[0]=%2A&enabled_events[1]=charge.failed&api_version=2026-10-28.endive',
    )
  })

  it.each([
    { url: 'ftp://a.example', events: ['*'] },
    { url: 'https://a.example', events: [] },
    { url: 'https://a.example', events: ['charge.failed&url=x'] },
    { url: 'https://a.example', events: ['*'], connect: true },
  ])('takes no endpoint like %j', (input) => {
    expect(native('webhook.create').input.safeParse(input).success).toBe(false)
  })
})

describe('Stripe: results of subscriptions, payouts, checkout and events', () => {
  it('never shows the signing secret of an endpoint, and says where it is', async () => {
    const { result, output } = native('webhook.create')
    const body = sample.endpoint({ secret: 'whsec_canary_of_the_test' })

    const shown = output.parse(await result(body, { input: {}, headers: {} }))

    expect(JSON.stringify(shown)).not.toContain('canary')
    // A field that is called like a secret would be redacted.
    expect(Object.keys(shown as object).filter(isSecretName)).toEqual([])
    expect(shown).toMatchObject({ id: sample.ENDPOINT, next: expect.stringContaining('ifab secret set') })
  })

  it('reads whether a page was paid', () => {
    const open = toSession(sample.session())
    const paid = toSession(
      sample.session({ status: 'complete', payment_status: 'paid', payment_intent: 'pi_1', url: null }),
    )

    expect(open).toMatchObject({ status: 'open', paid: false, payment: null })
    expect(paid).toMatchObject({ status: 'complete', paid: true, payment: 'pi_1', url: null })
    expect(toSession(sample.session({ payment_status: 'something_new', status: null }))).toMatchObject({
      paid: false,
      status: 'unknown',
    })
  })

  it('names an account by what its dashboard shows, else by its business', () => {
    const settings = { dashboard: { display_name: 'The Studio' } }
    expect(toAccount({ id: 'acct_1', settings, business_profile: { name: 'Ltd' } })).toEqual({
      id: 'acct_1',
      name: 'The Studio',
      currency: null,
    })
    expect(toAccount(sample.ACCOUNT)).toEqual({ id: 'acct_1032D82eZvKYlo2C', name: 'Twin Studio Ltd', currency: 'GBP' })
    expect(toAccount({ id: 'acct_1' }).name).toBeNull()
  })

  it('counts what moved in minor units, out as negative', () => {
    expect(toTransaction(sample.transaction({ amount: -500, currency: 'isk' }))).toEqual({
      id: 'txn_1',
      amount: -5,
      currency: 'ISK',
      at: '2025-11-24T00:00:00.000Z',
      description: null,
      status: 'available',
    })
    expect(() => toTransaction(sample.transaction({ created: 1e15 }))).toThrow(/created/)
  })

  it('reads prices with and without one amount', () => {
    expect(toPrice(sample.price())).toMatchObject({
      amount: 1000,
      currency: 'GBP',
      interval: 'month',
      intervalCount: 1,
    })
    expect(toPrice(sample.price({ unit_amount: null, recurring: null, nickname: 'Tiers' }))).toMatchObject({
      name: 'Tiers',
      amount: null,
      interval: null,
    })
  })

  it('goes on behind the last of a page', () => {
    const FIRST = { headers: {}, input: {}, count: 0, pages: 1 }
    const page = { has_more: true, data: [{ id: 'x_1' }] }
    for (const pages of [transactions.pages, native('subscription.list').pages, native('webhook.list').pages]) {
      expect(pages?.next(page, FIRST)).toEqual({ query: { starting_after: 'x_1' } })
    }
  })
})

describe('Stripe: undo and read-back of subscriptions, payouts, checkout and events', () => {
  const undoOf = (operation: { undo?: unknown }, result: JsonObject, input: JsonObject = {}) =>
    typeof operation.undo === 'function' ? operation.undo({ input, result, before: undefined }) : operation.undo

  it.each([
    [subscribe, { id: 'sub_1', status: 'active' }, 'subscription.cancel'],
    [subscribe, { id: 'sub_1', status: 'incomplete' }, 'subscription.cancel'],
    [payout, { id: 'po_1', status: 'pending', amount: 1, currency: 'GBP' }, 'stripe:payout.cancel'],
    [payout, { id: 'po_1', status: 'in_transit', amount: 1, currency: 'GBP' }, 'stripe:payout.cancel'],
    [checkout, { id: 'cs_1', status: 'open', url: null }, 'stripe:checkout.expire'],
    [native('webhook.create'), { id: 'we_1' }, 'stripe:webhook.delete'],
  ])('takes back what was made (%#)', (operation, result, expected) => {
    expect(undoOf(operation, result)).toEqual({ operation: expected, input: { id: result.id } })
  })

  it('has nothing to take back where nothing stands', () => {
    expect(undoOf(subscribe, { id: 'sub_1', status: 'incomplete_expired' })).toBeUndefined()
    expect(undoOf(payout, { id: 'po_1', status: 'failed', amount: 1, currency: 'GBP' })).toBeUndefined()
    expect(undoOf(checkout, { id: 'cs_1', status: 'expired', url: null })).toBeUndefined()
  })

  it.each([
    unsubscribe,
    native('subscription.settle'),
    native('payout.cancel'),
    native('checkout.expire'),
    native('webhook.delete'),
  ])('says why the rest stays (%#)', ({ undo }) => {
    expect(undo).toHaveProperty('none')
  })

  it('reads each effect back, at once', () => {
    const customer = { customer: 'cus_1', plan: 'price_1' }
    const money = { amount: 1, currency: 'GBP' }
    const reads = [
      [
        subscribe.verify?.({ input: customer, result: { id: 's', status: 'active' } }),
        { id: 's', status: 'active' },
        { id: 's', status: 'canceled' },
      ],
      [unsubscribe.verify?.({ input: { id: 's' }, result: undefined }), { status: 'canceled' }, { status: 'active' }],
      [
        native('subscription.settle').verify?.({ input: { id: 's' }, result: undefined }),
        { status: 'canceled' },
        { status: 'past_due' },
      ],
      [
        payout.verify?.({ input: money, result: { id: 'p', status: 'pending', ...money } }),
        { id: 'p', status: 'paid' },
        { id: 'p', status: 'failed' },
      ],
      [
        native('payout.cancel').verify?.({ input: { id: 'p' }, result: undefined }),
        { status: 'canceled' },
        { status: 'in_transit' },
      ],
      [
        checkout.verify?.({ input: SALE, result: { id: 'c', status: 'open', url: null } }),
        { id: 'c', status: 'complete' },
        { id: 'c', status: 'expired' },
      ],
      [
        native('checkout.expire').verify?.({ input: { id: 'c' }, result: undefined }),
        { status: 'expired' },
        { status: 'open' },
      ],
      [
        native('webhook.create').verify?.({ input: {}, result: { id: 'w' } }),
        { endpoints: [{ id: 'w' }] },
        { endpoints: [] },
      ],
      [
        native('webhook.delete').verify?.({ input: { id: 'w' }, result: undefined }),
        { endpoints: [{ id: 'v' }] },
        { endpoints: [{ id: 'w' }] },
      ],
    ] as const
    for (const [read, yes, no] of reads) {
      expect(read?.consistency).toBe('immediate')
      expect(read?.holds(yes as unknown as JsonObject)).toBe(true)
      expect(read?.holds(no as unknown as JsonObject)).toBe(false)
    }
  })

  it('cannot read back what never got an id', () => {
    expect(subscribe.verify?.({ input: { customer: 'c', plan: 'p' }, result: undefined })).toBeUndefined()
    expect(payout.verify?.({ input: { amount: 1, currency: 'GBP' }, result: undefined })).toBeUndefined()
    expect(checkout.verify?.({ input: SALE, result: undefined })).toBeUndefined()
    expect(native('webhook.create').verify?.({ input: {}, result: undefined })).toBeUndefined()
  })
})

describe('Stripe: the twin of subscriptions, payouts, checkout and events', () => {
  const SUBSCRIBE = {
    customer: 'cus_twin_1',
    items: [{ price: sample.PRICE }],
    default_payment_method: 'pm_card_visa',
  }

  function withCustomer() {
    const twin = rehearse(stripe)
    twin.call('customer.create')
    return twin
  }

  it.each([
    [{}, 'active'],
    [{ default_payment_method: 'pm_card_chargeDeclined' }, 'incomplete'],
    [{ payment_behavior: 'default_incomplete', default_payment_method: '' }, 'incomplete'],
    [{ trial_period_days: '14', default_payment_method: '' }, 'trialing'],
    [{ trial_end: '1999999999' }, 'trialing'],
    [{ collection_method: 'send_invoice', days_until_due: '14', default_payment_method: '' }, 'active'],
  ])('starts a subscription with %j as %s', (changes, status) => {
    expect(bodyOf(withCustomer().call('subscription.create', { body: { ...SUBSCRIBE, ...changes } })).status).toBe(
      status,
    )
  })

  it.each([
    [{ customer: 'cus_0' }, 404, 'resource_missing'],
    [{ items: [] }, 400, 'parameter_missing'],
    [{ items: [{ price: 'price_0' }] }, 404, 'resource_missing'],
    [{ default_payment_method: '' }, 400, 'resource_missing'],
    [{ collection_method: 'send_invoice' }, 400, 'parameter_invalid_empty'],
    [
      { payment_behavior: 'error_if_incomplete', default_payment_method: 'pm_card_chargeDeclined' },
      402,
      'card_declined',
    ],
  ])('refuses to start one with %j', (changes, status, code) => {
    const refused = withCustomer().call('subscription.create', { body: { ...SUBSCRIBE, ...changes } })

    expect(refused.status).toBe(status)
    expect(bodyOf(refused).error).toMatchObject({ code })
  })

  it('ends a subscription once, for itself or with its customer', () => {
    const twin = withCustomer()
    const path = { subscription_exposed_id: 'sub_twin_1' }
    twin.call('subscription.create', { body: SUBSCRIBE })
    twin.call('subscription.create', { body: SUBSCRIBE })

    expect(bodyOf(twin.call('subscription.cancel', { path }))).toMatchObject({ status: 'canceled' })
    expect(twin.call('subscription.settle', { path }).status).toBe(404)
    twin.call('customer.delete', { path: { customer: 'cus_twin_1' } })
    expect(bodyOf(twin.call('subscription.get', { path: { subscription_exposed_id: 'sub_twin_2' } })).status).toBe(
      'canceled',
    )
    expect(twin.call('subscription.create', { body: SUBSCRIBE }).status).toBe(404)
  })

  it('tells the two ways to end a subscription apart, in the body and in the query', () => {
    const asked = {
      template: '/v1/subscriptions/{subscription_exposed_id}',
      method: 'DELETE',
      path: {},
      queries: {},
      headers: {},
    }
    const named = (body: JsonObject, query: Record<string, string> = {}) =>
      stripe.twin.discriminate?.({ ...asked, body, value: body, query })

    expect(named({})).toBe('subscription.cancel')
    expect(named({ cancellation_details: { comment: 'x' } })).toBe('subscription.cancel')
    expect(named({ invoice_now: 'false' })).toBe('subscription.settle')
    expect(named({}, { prorate: 'true' })).toBe('subscription.settle')
  })

  it.each([
    [{ amount: '0', currency: 'gbp' }, 400],
    [{ amount: '1', currency: 'GBP' }, 400],
    [{ amount: '1', currency: 'gbp' }, 400],
    [{ amount: '1', currency: 'gbp', destination: 'ada' }, 404],
    [{ amount: '1', currency: 'gbp', statement_descriptor: 'x'.repeat(23) }, 400],
  ])('refuses to pay out %j', (body, status) => {
    expect(rehearse(stripe).call('payout.create', { body }).status).toBe(status)
  })

  it.each([
    [{}, 'line_items'],
    [{ line_items: [{ quantity: '1' }] }, 'line_items[0]'],
  ])('refuses a page for %j and names %s', (body, param) => {
    expect(bodyOf(rehearse(stripe).call('checkout.create', { body })).error).toMatchObject({ param })
  })

  it.each([
    ['webhook.create', { body: { url: 'x', enabled_events: ['*'] } }, 400],
    ['webhook.create', { body: { url: 'https://x.example' } }, 400],
    ['transaction.list', { query: { 'created[gte]': 'yesterday' } }, 400],
    ['transaction.list', { query: { starting_after: 'txn_0' } }, 404],
    ['payout.get', {}, 404],
    ['payout.cancel', { path: { payout: 'po_0' } }, 404],
    ['checkout.get', {}, 404],
    ['checkout.expire', { path: { session: 'cs_0' } }, 404],
    ['subscription.get', {}, 404],
    ['webhook.delete', {}, 404],
  ])('answers %s of %j with %i', (operation, call, status) => {
    const refused = rehearse(stripe).call(operation, call)

    expect(refused.status).toBe(status)
    expect(stripe.errors(answer(status, refused.body))?.code).toBe(
      status === 404 ? 'IF_ERR_NOT_FOUND' : 'IF_ERR_ACTION_FAILED',
    )
  })
})
