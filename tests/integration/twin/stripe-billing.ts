// Subscriptions, payouts, checkout, events and reports: what the client `stripe` does with the twin, in its own test.
import Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { PRICE } from '../../../src/providers/payment/stripe/examples-billing.ts'
import { STRIPE_VERSION } from '../../../src/providers/payment/stripe/version.ts'
import type { Twin } from '../../../src/twin/index.ts'

interface Rig {
  readonly stripe: Stripe
  readonly twin: Twin
}

const TAKEN = {
  amount: 5000,
  currency: 'gbp',
  payment_method: 'pm_card_visa',
  confirm: true,
  payment_method_types: ['card'],
} as const

const PAGE = {
  mode: 'payment' as const,
  line_items: [
    { quantity: 2, price_data: { currency: 'gbp', unit_amount: 1250, product_data: { name: 'A book & a pen' } } },
  ],
  success_url: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
}

/** Tests of `rig`, whose client and twin are new for each. */
export function describeBilling(rig: Rig): void {
  const customerOf = async () => (await rig.stripe.customers.create({ email: 'ada@example.org' })).id

  describe('subscriptions', () => {
    it('starts one, reads it, and ends it with a comment', async () => {
      const { stripe } = rig
      const customer = await customerOf()
      const made = await stripe.subscriptions.create({
        customer,
        items: [{ price: PRICE }],
        default_payment_method: 'pm_card_visa',
        metadata: { reference: 'C-17' },
      })

      expect(made).toMatchObject({
        object: 'subscription',
        status: 'active',
        customer,
        metadata: { reference: 'C-17' },
      })
      expect(made.items.data[0]).toMatchObject({ price: { id: PRICE }, current_period_end: expect.any(Number) })
      expect(await stripe.subscriptions.retrieve(made.id)).toEqual(made)
      const ended = await stripe.subscriptions.cancel(made.id, { cancellation_details: { comment: 'Moved away' } })
      expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { comment: 'Moved away' } })
      await expect(stripe.subscriptions.cancel(made.id)).rejects.toMatchObject({ code: 'resource_missing' })
      expect(rig.twin.effects.map(({ operation }) => operation)).toEqual([
        'customer.create',
        'subscription.create',
        'subscription.cancel',
      ])
    })

    it('ends one with a last invoice', async () => {
      const { stripe } = rig
      const { id } = await stripe.subscriptions.create({
        customer: await customerOf(),
        items: [{ price: PRICE }],
        trial_period_days: 14,
      })

      const ended = await stripe.subscriptions.cancel(id, { invoice_now: true, prorate: true })

      expect(ended.status).toBe('canceled')
      expect(rig.twin.effects.at(-1)?.operation).toBe('stripe:subscription.settle')
    })

    it('lists those of a customer, and lets them end with the customer', async () => {
      const { stripe } = rig
      const customer = await customerOf()
      const subscribe = () =>
        stripe.subscriptions.create({ customer, items: [{ price: PRICE }], default_payment_method: 'pm_card_visa' })
      const [first, second, third] = [await subscribe(), await subscribe(), await subscribe()]
      await stripe.subscriptions.cancel(second.id)

      const listed: string[] = []
      for await (const { id } of stripe.subscriptions.list({ customer, limit: 1 })) listed.push(id)
      expect(listed).toEqual([third.id, first.id])
      expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toHaveLength(3)

      await stripe.customers.del(customer)
      expect((await stripe.subscriptions.list({ status: 'active' })).data).toEqual([])
    })

    it('subscribes to a price of its own making', async () => {
      const { stripe } = rig
      const price = await stripe.prices.create({
        currency: 'eur',
        unit_amount: 500,
        recurring: { interval: 'year' },
        product_data: { name: 'Yearbook' },
      })
      const once = await stripe.prices.create({ currency: 'eur', unit_amount: 500, product: 'prod_1' })

      const made = await stripe.subscriptions.create({
        customer: await customerOf(),
        items: [{ price: price.id }],
        collection_method: 'send_invoice',
        days_until_due: 14,
      })

      expect(made).toMatchObject({ currency: 'eur', status: 'active', days_until_due: 14 })
      expect((await stripe.prices.list({ type: 'recurring', active: true })).data.map(({ id }) => id)).toEqual([
        price.id,
        PRICE,
      ])
      await expect(
        stripe.subscriptions.create({ customer: made.customer as string, items: [{ price: once.id }] }),
      ).rejects.toMatchObject({ param: 'items[0][price]' })
    })

    it('leaves one incomplete whose first payment is declined, or refuses it where that is asked', async () => {
      const { stripe } = rig
      const declined = {
        customer: await customerOf(),
        items: [{ price: PRICE }],
        default_payment_method: 'pm_card_chargeDeclined',
      }

      expect((await stripe.subscriptions.create(declined)).status).toBe('incomplete')
      await expect(
        stripe.subscriptions.create({ ...declined, payment_behavior: 'error_if_incomplete' }),
      ).rejects.toBeInstanceOf(Stripe.errors.StripeCardError)
    })
  })

  describe('payouts and what moves', () => {
    it('pays out what is there and calls it back', async () => {
      const { stripe } = rig
      await stripe.paymentIntents.create(TAKEN)

      const made = await stripe.payouts.create({ amount: 3000, currency: 'gbp', statement_descriptor: 'TAKINGS' })
      expect(made).toMatchObject({ object: 'payout', status: 'pending', amount: 3000, statement_descriptor: 'TAKINGS' })
      expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 2000 }])
      await expect(stripe.payouts.create({ amount: 3000, currency: 'gbp' })).rejects.toMatchObject({
        code: 'balance_insufficient',
      })

      expect((await stripe.payouts.cancel(made.id)).status).toBe('canceled')
      expect((await stripe.payouts.retrieve(made.id)).status).toBe('canceled')
      expect((await stripe.balance.retrieve()).available).toMatchObject([{ amount: 5000 }])
    })

    it('does not call back what is on its way', async () => {
      const { stripe } = rig
      await stripe.paymentIntents.create(TAKEN)
      const { id } = await stripe.payouts.create({
        amount: 100,
        currency: 'gbp',
        method: 'instant',
        destination: 'card_1',
      })

      await expect(stripe.payouts.cancel(id)).rejects.toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    })

    it('lists what moved, by page and by time', async () => {
      const { stripe } = rig
      const { id } = await stripe.paymentIntents.create(TAKEN)
      await stripe.refunds.create({ payment_intent: id, amount: 1000 })
      await stripe.payouts.create({ amount: 500, currency: 'gbp' })

      const moved: [string, number][] = []
      for await (const { type, amount } of stripe.balanceTransactions.list({ limit: 2 })) moved.push([type, amount])
      const now = Math.floor(Date.now() / 1000)

      expect(moved).toEqual([
        ['payout', -500],
        ['refund', -1000],
        ['charge', 5000],
      ])
      expect(
        (await stripe.balanceTransactions.list({ created: { gte: now - 3600, lte: now + 3600 } })).data,
      ).toHaveLength(3)
      expect((await stripe.balanceTransactions.list({ created: { gte: now + 3600 } })).data).toEqual([])
    })

    it('reads whose account it is', async () => {
      expect(await rig.stripe.accounts.retrieveCurrent()).toMatchObject({
        object: 'account',
        business_profile: { name: 'Twin Studio Ltd' },
        default_currency: 'gbp',
      })
    })
  })

  describe('pages to pay on', () => {
    it('opens one and closes it', async () => {
      const { stripe } = rig
      const made = await stripe.checkout.sessions.create({
        ...PAGE,
        client_reference_id: '1842',
        customer: await customerOf(),
      })

      expect(made).toMatchObject({
        object: 'checkout.session',
        status: 'open',
        payment_status: 'unpaid',
        amount_total: 2500,
        client_reference_id: '1842',
        success_url: PAGE.success_url,
        url: expect.stringMatching(/^https:\/\/checkout\.stripe\.com\//),
      })
      expect(await stripe.checkout.sessions.retrieve(made.id)).toEqual(made)
      expect(await stripe.checkout.sessions.expire(made.id)).toMatchObject({ status: 'expired', url: null })
      await expect(stripe.checkout.sessions.expire(made.id)).rejects.toMatchObject({ statusCode: 400 })
    })
  })

  describe('endpoints for events', () => {
    it('tells the secret of a new one once', async () => {
      const { stripe } = rig
      const made = await stripe.webhookEndpoints.create({
        url: 'https://studio.example/hooks/stripe',
        enabled_events: ['payment_intent.succeeded', 'charge.refunded'],
        description: 'The studio',
        api_version: STRIPE_VERSION,
      })

      expect(made).toMatchObject({
        status: 'enabled',
        api_version: STRIPE_VERSION,
        secret: expect.stringMatching(/^whsec_/),
      })
      const { secret: _, ...rest } = made
      expect((await stripe.webhookEndpoints.list()).data).toEqual([rest])
      expect(await stripe.webhookEndpoints.del(made.id)).toEqual({
        id: made.id,
        object: 'webhook_endpoint',
        deleted: true,
      })
      expect((await stripe.webhookEndpoints.list()).data).toEqual([])
    })
  })

  it.each<[string, (stripe: Stripe) => Promise<unknown>, { code?: string; param?: string; statusCode: number }]>([
    [
      'an unknown customer to subscribe',
      (s) => s.subscriptions.create({ customer: 'cus_none', items: [{ price: PRICE }] }),
      { code: 'resource_missing', statusCode: 404 },
    ],
    [
      'an unknown subscription',
      (s) => s.subscriptions.retrieve('sub_none'),
      { code: 'resource_missing', statusCode: 404 },
    ],
    ['an unknown payout', (s) => s.payouts.cancel('po_none'), { code: 'resource_missing', statusCode: 404 }],
    [
      'a payout to somebody else',
      (s) => s.payouts.create({ amount: 1, currency: 'gbp', destination: 'ada@example.org' }),
      { code: 'resource_missing', statusCode: 404 },
    ],
    ['an unknown page', (s) => s.checkout.sessions.retrieve('cs_none'), { code: 'resource_missing', statusCode: 404 }],
    [
      'a page that leads nowhere',
      (s) => s.checkout.sessions.create({ ...PAGE, success_url: 'thanks' }),
      { param: 'success_url', statusCode: 400 },
    ],
    ['an unknown endpoint', (s) => s.webhookEndpoints.del('we_none'), { code: 'resource_missing', statusCode: 404 }],
    [
      'an endpoint that is no address',
      (s) => s.webhookEndpoints.create({ url: 'studio', enabled_events: ['*'] }),
      { param: 'url', statusCode: 400 },
    ],
    [
      'a page behind an unknown movement',
      (s) => s.balanceTransactions.list({ starting_after: 'txn_none' }),
      { code: 'resource_missing', statusCode: 404 },
    ],
  ])('raises StripeInvalidRequestError for %s', async (_, ask, facts) => {
    const asked = ask(rig.stripe)

    await expect(asked).rejects.toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    await expect(asked).rejects.toMatchObject(facts)
    expect(rig.twin.effects).toEqual([])
  })
}
