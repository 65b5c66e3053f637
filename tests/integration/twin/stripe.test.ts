// The official client `stripe` against the twin: it must be content with every answer, and raise its own error classes.

import Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import stripeProvider from '../../../src/providers/payment/stripe/index.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'
import { describeBilling } from './stripe-billing.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, stripeProvider) : undefined
const held = specs ? "held against Stripe's description" : 'SKIPPED: no description at hand, the client alone judges'

/** The client's own retries are off, but for the one that it always makes after a cut connection. */
function clientOf(twin: Twin, options: { key?: string; retries?: number } = {}): Stripe {
  const { hostname, port } = new URL(twin.url)
  return new Stripe(options.key ?? twin.secrets.STRIPE_SECRET_KEY ?? '', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: options.retries ?? 0,
    telemetry: false,
  })
}

const CARD = {
  amount: 2500,
  currency: 'gbp',
  payment_method: 'pm_card_visa',
  confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
} as const

describe(`the client stripe with the twin (${held})`, () => {
  const proof = clientProof(stripeProvider, 'stripe')
  let twin: Twin
  let stripe: Stripe

  beforeAll(() => {
    process.env.STRIPE_SUPPRESS_NOTICES = 'true'
  })
  afterAll(() => {
    delete process.env.STRIPE_SUPPRESS_NOTICES
  })
  beforeEach(async () => {
    twin = await openTwin({ provider: stripeProvider, ...(specs ? { specs } : {}) })
    stripe = clientOf(twin)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('takes a payment and reads it back', async () => {
    const made = await stripe.paymentIntents.create({
      ...CARD,
      metadata: { reference: '1842' },
      description: 'Zwei Bücher',
    })

    expect(made).toMatchObject({
      object: 'payment_intent',
      status: 'succeeded',
      amount: 2500,
      amount_received: 2500,
      currency: 'gbp',
      description: 'Zwei Bücher',
      metadata: { reference: '1842' },
      livemode: false,
    })
    expect(await stripe.paymentIntents.retrieve(made.id)).toEqual(made)
    expect(twin.effects).toMatchObject([{ operation: 'payment.create', id: made.id, key: expect.any(String) }])
  })

  it('authorises, captures a part, and gives an uncaptured one up', async () => {
    const held = await stripe.paymentIntents.create({ ...CARD, capture_method: 'manual' })
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2500, amount_received: 0 })

    const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1000 })
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 1000 })
    const other = await stripe.paymentIntents.create({ ...CARD, capture_method: 'manual' })
    const canceled = await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'requested_by_customer' })

    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'requested_by_customer' })
    await expect(stripe.paymentIntents.cancel(held.id)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      code: 'payment_intent_unexpected_state',
    })
  })

  it('makes an intent first and confirms it later', async () => {
    const made = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' })
    expect(made.status).toBe('requires_payment_method')

    const confirmed = await stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' })

    expect(confirmed).toMatchObject({ id: made.id, status: 'succeeded' })
  })

  it('pays back in parts until nothing is left', async () => {
    const { id } = await stripe.paymentIntents.create(CARD)

    const part = await stripe.refunds.create({ payment_intent: id, amount: 500, reason: 'requested_by_customer' })
    const rest = await stripe.refunds.create({ payment_intent: id })

    expect(part).toMatchObject({ object: 'refund', status: 'succeeded', amount: 500, payment_intent: id })
    expect(rest.amount).toBe(2000)
    expect(await stripe.refunds.retrieve(part.id)).toEqual(part)
    expect((await stripe.refunds.list()).data.map((refund) => refund.id)).toEqual([rest.id, part.id])
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await stripe.balance.retrieve()).available).toMatchObject([{ currency: 'gbp', amount: 0 }])
  })

  it('keeps customers, and says of a deleted one that it is', async () => {
    const made = await stripe.customers.create({ email: 'ada@example.org', name: 'Ada', metadata: { reference: 'c1' } })
    expect(made).toMatchObject({
      object: 'customer',
      email: 'ada@example.org',
      name: 'Ada',
      metadata: { reference: 'c1' },
    })
    expect(await stripe.customers.retrieve(made.id)).toEqual(made)
    const paid = await stripe.paymentIntents.create({ ...CARD, customer: made.id })
    expect(paid.customer).toBe(made.id)

    expect(await stripe.customers.del(made.id)).toEqual({ id: made.id, object: 'customer', deleted: true })
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true })
    expect((await stripe.customers.list()).data).toEqual([])
  })

  it('pages through lists by itself', async () => {
    const made: string[] = []
    for (let amount = 101; amount <= 107; amount += 1) {
      made.unshift((await stripe.paymentIntents.create({ ...CARD, amount })).id)
    }

    const first = await stripe.paymentIntents.list({ limit: 3 })
    const listed: string[] = []
    for await (const intent of stripe.paymentIntents.list({ limit: 3 })) listed.push(intent.id)

    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' })
    expect(listed).toEqual(made)
  })

  it('gets the first answer again under the same idempotency key', async () => {
    const first = await stripe.paymentIntents.create(CARD, { idempotencyKey: 'order-1842' })
    const second = await stripe.paymentIntents.create(CARD, { idempotencyKey: 'order-1842' })

    expect(second).toEqual(first)
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(twin.effects).toHaveLength(1)
  })

  it('raises StripeIdempotencyError for other parameters under the same key', async () => {
    await stripe.paymentIntents.create(CARD, { idempotencyKey: 'order-1842' })

    await expect(
      stripe.paymentIntents.create({ ...CARD, amount: 2600 }, { idempotencyKey: 'order-1842' }),
    ).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
    expect(twin.effects).toHaveLength(1)
  })

  it('repeats by itself after a connection cut behind the action, and pays once', async () => {
    twin.setFaults([parseFault('payment.create:drop-after@0.5')])
    const patient = clientOf(twin, { retries: 8 })

    for (let amount = 1000; amount < 1004; amount += 1) await patient.paymentIntents.create({ ...CARD, amount })

    expect(twin.effects).toHaveLength(4)
    expect(twin.calls.count).toBeGreaterThan(4)
    expect((await stripe.paymentIntents.list()).data).toHaveLength(4)
  })

  it('repeats by itself after 503 until it succeeds', async () => {
    twin.setFaults([parseFault('payment.create:503@0.5')])

    const paid = await clientOf(twin, { retries: 8 }).paymentIntents.create(CARD)

    expect(paid.status).toBe('succeeded')
    expect(twin.effects).toHaveLength(1)
  })

  it.each([
    ['pm_card_chargeDeclined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ])('raises StripeCardError for %s', async (payment_method, decline_code) => {
    const declined = stripe.paymentIntents.create({ ...CARD, payment_method })

    await expect(declined).rejects.toBeInstanceOf(Stripe.errors.StripeCardError)
    await expect(declined).rejects.toMatchObject({
      code: 'card_declined',
      decline_code,
      payment_intent: { status: 'requires_payment_method' },
    })
    expect(twin.effects).toEqual([])
  })

  it('raises StripeAuthenticationError for a wrong key', async () => {
    await expect(clientOf(twin, { key: 'sk_test_wrong' }).balance.retrieve()).rejects.toBeInstanceOf(
      Stripe.errors.StripeAuthenticationError,
    )
  })

  it.each<[string, (stripe: Stripe) => Promise<unknown>, { code?: string; param?: string; statusCode: number }]>([
    ['an unknown payment', (s) => s.paymentIntents.retrieve('pi_none'), { code: 'resource_missing', statusCode: 404 }],
    ['an unknown customer', (s) => s.customers.retrieve('cus_none'), { code: 'resource_missing', statusCode: 404 }],
    [
      'an amount of nothing',
      (s) => s.paymentIntents.create({ ...CARD, amount: 0 }),
      { param: 'amount', statusCode: 400 },
    ],
    ['a path that Stripe has and the twin has not', (s) => s.plans.list(), { statusCode: 404 }],
  ])('raises StripeInvalidRequestError for %s', async (_, ask, facts) => {
    const asked = ask(stripe)

    await expect(asked).rejects.toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    await expect(asked).rejects.toMatchObject(facts)
  })

  it.each([
    ['*:429;retry-after=3', Stripe.errors.StripeRateLimitError, { headers: { 'retry-after': '3' } }],
    ['*:500', Stripe.errors.StripeAPIError, { statusCode: 500 }],
    ['*:403', Stripe.errors.StripePermissionError, {}],
    ['*:garbage', Stripe.errors.StripeAPIError, { message: 'Invalid JSON received from the Stripe API' }],
    ['*:drop', Stripe.errors.StripeConnectionError, {}],
  ])('raises the right error for the injected fault %s', async (fault, kind, facts) => {
    twin.setFaults([parseFault(fault)])
    const asked = stripe.balance.retrieve()

    await expect(asked).rejects.toBeInstanceOf(kind)
    await expect(asked).rejects.toMatchObject(facts)
  })

  it.skipIf(!specs).each<[string, string, string]>([
    ['an unknown parameter', 'amount=1&currency=gbp&ammount=2', 'ammount'],
    ['an amount that is no number', 'amount=much&currency=gbp', 'amount'],
    ['a missing currency', 'amount=100', 'currency'],
    ['an unknown capture method', 'amount=100&currency=gbp&capture_method=later', 'capture_method'],
  ])("refuses %s, as Stripe's description does, and names it", async (_, form, name) => {
    const answer = await fetch(`${twin.url}/v1/payment_intents`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${twin.secrets.STRIPE_SECRET_KEY}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form,
    })

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining(name) },
    })
    expect(twin.effects).toEqual([])
  })

  it.skipIf(!specs)(
    "answers 500 and lists a problem where its own answer is not what Stripe's description says",
    async () => {
      const operations = { ...stripeProvider.twin.operations, 'balance.get': () => ({ body: { object: 'balance' } }) }
      const wrong = await openTwin({
        provider: { ...stripeProvider, twin: { ...stripeProvider.twin, operations } },
        ...(specs ? { specs } : {}),
      })
      try {
        await expect(clientOf(wrong).balance.retrieve()).rejects.toMatchObject({ statusCode: 500 })
        expect(wrong.problems).toMatchObject([
          { operation: 'balance.get', message: expect.stringContaining('the description refuses the answer 200') },
        ])
      } finally {
        await wrong.close()
      }
    },
  )

  describeBilling({
    get stripe() {
      return stripe
    },
    get twin() {
      return twin
    },
  })

  it(proof.title, () => proof.check())
})
