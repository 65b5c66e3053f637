// The official client `@paypal/paypal-server-sdk` against the twin: it gets its token there, must be content with every
// answer, and raise its own error classes. It has no payouts and no webhooks: those are held against the description only.
import { Agent } from 'node:https'
import { connect } from 'node:net'
import {
  ApiError,
  CheckoutPaymentIntent,
  Client,
  CustomError,
  Environment,
  type Order,
  OrdersController,
  PaymentsController,
  SubscriptionsController,
  TransactionSearchController,
} from '@paypal/paypal-server-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/payment/paypal/index.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against PayPal's descriptions" : 'SKIPPED: no description at hand, the client alone judges'

/** The client knows two hosts only, both under TLS: its connections are led to the twin, which speaks plain HTTP. */
function agentTo(twin: Twin): Agent {
  const { hostname, port } = new URL(twin.url)
  return Object.assign(new Agent({ keepAlive: false }), { createConnection: () => connect(Number(port), hostname) })
}

const clientOf = (twin: Twin, secret = twin.secrets.PAYPAL_CLIENT_SECRET) =>
  new Client({
    environment: Environment.Sandbox,
    clientCredentialsAuthCredentials: {
      oAuthClientId: twin.secrets.PAYPAL_CLIENT_ID ?? '',
      oAuthClientSecret: secret ?? '',
    },
    httpClientOptions: { httpsAgent: agentTo(twin), retryConfig: { maxNumberOfRetries: 0 } as never },
  })

const WHOLE = 'return=representation'
const GBP_25 = { currencyCode: 'GBP', value: '25.00' }

const captureIn = (order: Order) => order.purchaseUnits?.[0]?.payments?.captures?.[0]
const authorizationIn = (order: Order) => order.purchaseUnits?.[0]?.payments?.authorizations?.[0]

const proof = clientProof(definition, '@paypal/paypal-server-sdk')

describe(`the client @paypal/paypal-server-sdk with the twin (${held})`, () => {
  let twin: Twin
  let orders: OrdersController
  let payments: PaymentsController
  let subscriptions: SubscriptionsController
  let search: TransactionSearchController

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    const client = clientOf(twin)
    orders = new OrdersController(client)
    payments = new PaymentsController(client)
    subscriptions = new SubscriptionsController(client)
    search = new TransactionSearchController(client)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  /** An order of a stored card: taken or held at once. */
  const paid = async (intent: CheckoutPaymentIntent, amount = GBP_25, unit: object = {}) =>
    (
      await orders.createOrder({
        prefer: WHOLE,
        paypalRequestId: crypto.randomUUID(),
        body: {
          intent,
          purchaseUnits: [{ amount, ...unit }],
          paymentSource: { card: { vaultId: '8kk8451t' } },
        },
      })
    ).result

  const approve = (id: string | undefined) => fetch(`${twin.url}/checkoutnow?token=${id}`)

  it('takes a payment from a stored card, and reads it back', async () => {
    const order = await paid(CheckoutPaymentIntent.Capture, GBP_25, { customId: '1842', description: 'Zwei Bücher' })

    expect(order).toMatchObject({ status: 'COMPLETED', intent: 'CAPTURE' })
    expect(captureIn(order)).toMatchObject({ status: 'COMPLETED', amount: GBP_25, customId: '1842' })
    expect((await orders.getOrder({ id: order.id ?? '' })).result).toEqual(order)
    expect(twin.effects).toMatchObject([{ operation: 'payment.create', id: order.id, key: expect.any(String) }])
  })

  it('answers with little unless it is asked for all', async () => {
    const { result, statusCode } = await orders.createOrder({
      body: { intent: CheckoutPaymentIntent.Capture, purchaseUnits: [{ amount: GBP_25 }] },
    })

    expect(statusCode).toBe(201)
    expect(result).toMatchObject({ id: expect.any(String), status: 'CREATED' })
    expect(result.purchaseUnits).toBeUndefined()
  })

  it('lets a buyer approve a checkout, and takes the money only then', async () => {
    const { result: order } = await orders.createOrder({
      prefer: WHOLE,
      body: {
        intent: CheckoutPaymentIntent.Capture,
        purchaseUnits: [{ amount: GBP_25 }],
        paymentSource: {
          paypal: {
            experienceContext: {
              returnUrl: 'https://shop.example/thanks',
              cancelUrl: 'https://shop.example/basket',
            },
          },
        },
      },
    })
    const id = order.id ?? ''
    expect(order).toMatchObject({
      status: 'PAYER_ACTION_REQUIRED',
      links: expect.arrayContaining([expect.objectContaining({ rel: 'payer-action' })]),
    })
    await expect(orders.captureOrder({ id, body: {} })).rejects.toMatchObject({
      statusCode: 422,
      result: { details: [{ issue: 'ORDER_NOT_APPROVED' }] },
    })

    await approve(id)
    const { result: taken } = await orders.captureOrder({ id, prefer: WHOLE, body: {} })

    expect(captureIn(taken)).toMatchObject({ status: 'COMPLETED', amount: GBP_25 })
    await expect(orders.captureOrder({ id, body: {} })).rejects.toMatchObject({
      result: { details: [{ issue: 'ORDER_ALREADY_CAPTURED' }] },
    })
    proof.saw('payment.capture')
    proof.saw('paypal:order.get')
  })

  it('holds money, takes parts of it, and releases the rest', async () => {
    const authorizationId = authorizationIn(await paid(CheckoutPaymentIntent.Authorize))?.id ?? ''
    const take = (value: string, finalCapture: boolean) =>
      payments.captureAuthorizedPayment({
        authorizationId,
        prefer: WHOLE,
        body: { amount: { currencyCode: 'GBP', value }, finalCapture },
      })

    const first = (await take('10.00', false)).result
    expect(first).toMatchObject({ status: 'COMPLETED', amount: { value: '10.00' }, finalCapture: false })
    expect((await payments.getAuthorizedPayment({ authorizationId })).result.status).toBe('PARTIALLY_CAPTURED')
    await expect(take('15.01', false)).rejects.toBeInstanceOf(CustomError)
    expect((await take('5.00', true)).result.finalCapture).toBe(true)

    expect((await payments.getAuthorizedPayment({ authorizationId })).result.status).toBe('CAPTURED')
    await expect(payments.voidPayment({ authorizationId })).rejects.toMatchObject({
      result: { details: [{ issue: 'PREVIOUSLY_CAPTURED' }] },
    })
  })

  it('authorises what a buyer has approved, and gives it up', async () => {
    const { result: order } = await orders.createOrder({
      prefer: WHOLE,
      body: { intent: CheckoutPaymentIntent.Authorize, purchaseUnits: [{ amount: GBP_25 }] },
    })
    await approve(order.id)
    const { result: held } = await orders.authorizeOrder({ id: order.id ?? '', prefer: WHOLE, body: {} })
    const authorizationId = authorizationIn({ purchaseUnits: held.purchaseUnits ?? [] })?.id ?? ''

    const voided = await payments.voidPayment({ authorizationId, prefer: WHOLE })

    expect(voided).toMatchObject({ statusCode: 200, result: { status: 'VOIDED' } })
    await expect(payments.voidPayment({ authorizationId })).rejects.toMatchObject({
      result: { details: [{ issue: 'PREVIOUSLY_VOIDED' }] },
    })
    proof.saw('payment.cancel')
  })

  it('pays back in parts until nothing is left', async () => {
    const captureId = captureIn(await paid(CheckoutPaymentIntent.Capture))?.id ?? ''
    const part = await payments.refundCapturedPayment({
      captureId,
      prefer: WHOLE,
      body: { amount: { currencyCode: 'GBP', value: '5.00' }, noteToPayer: 'Sorry' },
    })

    expect(part.result).toMatchObject({ status: 'COMPLETED', amount: { value: '5.00' }, noteToPayer: 'Sorry' })
    expect((await payments.getRefund({ refundId: part.result.id ?? '' })).result).toEqual(part.result)
    expect((await payments.getCapturedPayment({ captureId })).result.status).toBe('PARTIALLY_REFUNDED')
    const rest = await payments.refundCapturedPayment({ captureId, prefer: WHOLE, body: {} })
    expect(rest.result.amount).toEqual({ currencyCode: 'GBP', value: '20.00' })
    await expect(payments.refundCapturedPayment({ captureId, body: {} })).rejects.toMatchObject({
      result: { details: [{ issue: 'CAPTURE_FULLY_REFUNDED' }] },
    })
    expect((await search.searchBalances({})).result.balances).toMatchObject([
      { currency: 'GBP', totalBalance: { value: '0.00' } },
    ])
    proof.saw('refund.create')
  })

  it.each([
    ['JPY', '700', undefined],
    ['HUF', '1045', undefined],
    ['JPY', '700.50', 'DECIMAL_PRECISION'],
    ['TWD', '10.00', 'DECIMAL_PRECISION'],
    ['GBP', '0.00', 'CANNOT_BE_ZERO_OR_NEGATIVE'],
  ])('takes amounts of %s as PayPal counts them: %s', async (currencyCode, value, issue) => {
    const made = paid(CheckoutPaymentIntent.Capture, { currencyCode, value })

    if (issue === undefined) expect(captureIn(await made)?.amount).toEqual({ currencyCode, value })
    else await expect(made).rejects.toMatchObject({ result: { details: [{ issue }] } })
  })

  it('declines a card, and says what the sandbox is told to say', async () => {
    const declined = orders.createOrder({
      body: {
        intent: CheckoutPaymentIntent.Capture,
        purchaseUnits: [{ amount: GBP_25 }],
        paymentSource: { card: { vaultId: 'card_declined' } },
      },
    })
    await expect(declined).rejects.toMatchObject({ result: { details: [{ issue: 'INSTRUMENT_DECLINED' }] } })
    const mocked = orders.createOrder({
      paypalMockResponse: '{"mock_application_codes":"PAYEE_ACCOUNT_RESTRICTED"}',
      body: { intent: CheckoutPaymentIntent.Capture, purchaseUnits: [{ amount: GBP_25 }] },
    })
    await expect(mocked).rejects.toMatchObject({ result: { details: [{ issue: 'PAYEE_ACCOUNT_RESTRICTED' }] } })
    expect(twin.effects).toEqual([])
  })

  it('makes one payment of a request that comes twice', async () => {
    const request = {
      prefer: WHOLE,
      paypalRequestId: 'c9a3f1d0',
      body: {
        intent: CheckoutPaymentIntent.Capture,
        purchaseUnits: [{ amount: GBP_25 }],
        paymentSource: { card: { vaultId: '8kk8451t' } },
      },
    }
    const first = await orders.createOrder(request)
    const second = await orders.createOrder(request)

    expect(second.result).toEqual(first.result)
    expect(twin.effects).toHaveLength(1)
  })

  it('starts a subscription, which can be cancelled once it is approved', async () => {
    const { result: made } = await subscriptions.createSubscription({
      prefer: WHOLE,
      body: {
        planId: 'P-5ML4271244454362WXNWU5NQ',
        customId: 'C-17',
        subscriber: { emailAddress: 'customer@example.com' },
        applicationContext: { returnUrl: 'https://shop.example/thanks', cancelUrl: 'https://shop.example/basket' },
      },
    })
    const id = made.id ?? ''
    expect(made).toMatchObject({ status: 'APPROVAL_PENDING', customId: 'C-17' })
    await expect(subscriptions.cancelSubscription({ id, body: { reason: 'No' } })).rejects.toMatchObject({
      result: { details: [{ issue: 'SUBSCRIPTION_STATUS_INVALID' }] },
    })

    const page = new URL(made.links?.find(({ rel }) => rel === 'approve')?.href ?? '')
    await fetch(twin.url + page.pathname + page.search)
    expect((await subscriptions.getSubscription({ id })).result.status).toBe('ACTIVE')
    await subscriptions.cancelSubscription({ id, body: { reason: 'Not wanted any more' } })

    expect((await subscriptions.getSubscription({ id })).result.status).toBe('CANCELLED')
  })

  it('lists transactions page by page, of 31 days at most', async () => {
    for (let pounds = 1; pounds <= 3; pounds += 1) {
      await paid(CheckoutPaymentIntent.Capture, { currencyCode: 'GBP', value: `${pounds}.00` })
    }
    const day = 86_400_000
    const at = (days: number) => new Date(Date.now() + days * day).toISOString()
    const list = (page: number) =>
      search.searchTransactions({ startDate: at(-1), endDate: at(1), fields: 'transaction_info', pageSize: 2, page })

    const [first, second] = [(await list(1)).result, (await list(2)).result]

    expect(first).toMatchObject({ page: 1, totalItems: 3, totalPages: 2 })
    expect([first, second].map(({ transactionDetails }) => transactionDetails?.length)).toEqual([2, 1])
    await expect(search.searchTransactions({ startDate: at(-40), endDate: at(1) })).rejects.toBeInstanceOf(ApiError)
  })

  it('raises the error classes of the client', async () => {
    await expect(orders.getOrder({ id: 'NOTHING' })).rejects.toMatchObject({
      statusCode: 404,
      result: { name: 'RESOURCE_NOT_FOUND', debug_id: expect.any(String) },
    })
    const stranger = new OrdersController(clientOf(twin, 'wrong'))
    await expect(stranger.getOrder({ id: 'NOTHING' })).rejects.toMatchObject({ statusCode: 401 })
    twin.setFaults([parseFault('payment.get:429')])
    await expect(orders.getOrder({ id: 'NOTHING' })).rejects.toMatchObject({ statusCode: 429 })
  })

  it(proof.title, () => proof.check())
})
