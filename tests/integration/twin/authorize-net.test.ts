// The official client `authorizenet` against the twin: requests as its classes write them, answers as its classes read them. It has nothing for the
// webhooks' REST API, which is tried by plain requests.
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/adapter/index.ts'
import definition from '../../../src/providers/payment/authorize-net/index.ts'
import { openTwin, type Twin } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

/** What is used of the client, which brings no types: classes with a setter for each member. */
interface Contract {
  getJSON: () => object
  [setter: `set${string}`]: (value: unknown) => void
}
interface Controller {
  setEnvironment: (url: string) => void
  execute: (callback: () => void) => void
  getResponse: () => JsonObject | null
}
interface Client {
  APIContracts: Record<string, (new () => Contract) | undefined>
  APIControllers: Record<string, (new (request: object) => Controller) | undefined>
}
const { APIContracts, APIControllers } = createRequire(import.meta.url)('authorizenet') as Client

/** An object of the client's class, its members set by its setters. */
function make(name: string, members: Record<string, unknown>): Contract {
  const Class = APIContracts[name]
  if (!Class) throw new Error(`the client has no ${name}`)
  const made = new Class()
  for (const [member, value] of Object.entries(members)) {
    made[`set${member[0]?.toUpperCase()}${member.slice(1)}`]?.(value)
  }
  return made
}

const proof = clientProof(definition, 'authorizenet')
const SETTLED = '60199999999'

describe('the client authorizenet with the twin', () => {
  let twin: Twin

  beforeEach(async () => {
    twin = await openTwin({ provider: definition })
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  /** Sends `<name>Request` through its controller and reads the answer with its response class. */
  async function call(name: string, members: Record<string, unknown>, key = twin.secrets.AUTHORIZENET_TRANSACTION_KEY) {
    const request = make(`${name}Request`, {
      merchantAuthentication: make('MerchantAuthenticationType', {
        name: twin.secrets.AUTHORIZENET_API_LOGIN_ID,
        transactionKey: key,
      }),
      ...members,
    })
    const Class = APIControllers[`${name}Controller`]
    if (!Class) throw new Error(`the client has no controller of ${name}`)
    const controller = new Class(request.getJSON())
    controller.setEnvironment(`${twin.url}/xml/v1/request.api`)
    await new Promise<void>((resolve) => controller.execute(resolve))
    const Answer = APIContracts[`${name}Response`] as unknown as new (body: object) => JsonObject
    return new Answer(controller.getResponse() ?? {})
  }

  const transact = (members: Record<string, unknown>) =>
    call('CreateTransaction', { transactionRequest: make('TransactionRequestType', members) })

  const nonce = (dataValue: string) =>
    make('PaymentType', {
      opaqueData: make('OpaqueDataType', { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue }),
    })

  const authorise = async (dataValue: string, transactionType = 'authOnlyTransaction') => {
    const { transactionResponse } = await transact({ transactionType, amount: '25.00', payment: nonce(dataValue) })
    return String((transactionResponse as JsonObject).transId)
  }

  const statusOf = async (transId: string) => {
    const { transaction } = await call('GetTransactionDetails', { transId })
    return (transaction as JsonObject).transactionStatus
  }

  it('tests its credential, and reads the account', async () => {
    expect(await call('AuthenticateTest', {})).toMatchObject({ messages: { resultCode: 'Ok' } })
    expect(await call('GetMerchantDetails', {})).toMatchObject({ merchantName: 'Studio Shop', gatewayId: '565697' })
    expect(await call('AuthenticateTest', {}, 'wrong')).toMatchObject({
      messages: { resultCode: 'Error', message: [{ code: 'E00007' }] },
    })
  })

  it('takes a payment with order, address and settings', async () => {
    const paid = await transact({
      transactionType: 'authCaptureTransaction',
      amount: '25.00',
      currencyCode: 'USD',
      payment: nonce('one'),
      order: make('OrderType', { invoiceNumber: '1842', description: 'Seat 12' }),
      customer: make('CustomerDataType', { id: '18', email: 'ellen@example.com' }),
      billTo: make('CustomerAddressType', { firstName: 'Ellen', lastName: 'Johnson', zip: '44628' }),
      transactionSettings: make('ArrayOfSetting', {
        setting: [make('SettingType', { settingName: 'duplicateWindow', settingValue: '0' })],
      }),
    })

    expect(paid).toMatchObject({
      transactionResponse: { responseCode: '1', messages: expect.anything() },
      messages: { resultCode: 'Ok', message: [{ code: 'I00001' }] },
    })
    const { transId } = paid.transactionResponse as { transId: string }
    expect(await call('GetTransactionDetails', { transId })).toMatchObject({
      transaction: {
        transactionStatus: 'capturedPendingSettlement',
        authAmount: 25,
        settleAmount: 25,
        order: { invoiceNumber: '1842' },
      },
    })
  })

  it('captures a part of an authorisation, and not more than it', async () => {
    const refTransId = await authorise('one')

    expect(
      await transact({ transactionType: 'priorAuthCaptureTransaction', amount: '25.01', refTransId }),
    ).toMatchObject({ transactionResponse: { responseCode: '3' }, messages: { resultCode: 'Error' } })
    expect(
      await transact({ transactionType: 'priorAuthCaptureTransaction', amount: '10.00', refTransId }),
    ).toMatchObject({ transactionResponse: { responseCode: '1', transId: refTransId } })
    expect(await statusOf(refTransId)).toBe('capturedPendingSettlement')
    proof.saw('payment.capture')
  })

  it('voids a payment, twice without harm', async () => {
    const refTransId = await authorise('one', 'authCaptureTransaction')

    expect(await transact({ transactionType: 'voidTransaction', refTransId })).toMatchObject({
      transactionResponse: { responseCode: '1', transId: refTransId },
    })
    expect(await statusOf(refTransId)).toBe('voided')
    expect(await transact({ transactionType: 'voidTransaction', refTransId })).toMatchObject({
      messages: { resultCode: 'Ok' },
    })
    proof.saw('payment.cancel')
    proof.saw('authorize-net:payment.reverse')
  })

  it('refunds what is settled, by the last digits of the card', async () => {
    const refund = (cardNumber: string, amount: string, refTransId = SETTLED) =>
      transact({
        transactionType: 'refundTransaction',
        amount,
        payment: make('PaymentType', {
          creditCard: make('CreditCardType', { cardNumber, expirationDate: 'XXXX' }),
        }),
        refTransId,
      })

    expect(await refund('1111', '10.00')).toMatchObject({ transactionResponse: { responseCode: '1' } })
    expect(await refund('1111', '15.01')).toMatchObject({ transactionResponse: { responseCode: '3' } })
    expect(await refund('2222', '5.00')).toMatchObject({ transactionResponse: { responseCode: '3' } })
    expect(await refund('1111', '5.00', await authorise('one'))).toMatchObject({ messages: { resultCode: 'Error' } })
    proof.saw('refund.create')
  })

  it('keeps customers with a way to pay, charges it, and deletes them', async () => {
    const profile = make('CustomerProfileType', {
      merchantCustomerId: 'C-17',
      description: 'Ellen Johnson',
      email: 'ellen@example.com',
      paymentProfiles: [make('CustomerPaymentProfileType', { customerType: 'individual', payment: nonce('one') })],
    })
    const made = await call('CreateCustomerProfile', { profile, validationMode: 'none' })
    const customerProfileId = String(made.customerProfileId)
    const read = await call('GetCustomerProfile', { customerProfileId })
    const { paymentProfiles } = read.profile as { paymentProfiles: [{ customerPaymentProfileId: string }] }
    const paymentProfileId = paymentProfiles[0].customerPaymentProfileId

    const pay = {
      transactionType: 'authCaptureTransaction',
      amount: '7.00',
      profile: make('CustomerProfilePaymentType', {
        customerProfileId,
        paymentProfile: make('PaymentProfile', { paymentProfileId }),
      }),
    }
    expect(await transact(pay)).toMatchObject({ transactionResponse: { responseCode: '1' } })
    expect(await transact(pay)).toMatchObject({ transactionResponse: { responseCode: '3' } })
    expect(await call('CreateCustomerProfile', { profile })).toMatchObject({
      messages: { message: [{ code: 'E00039' }] },
    })
    expect(await call('DeleteCustomerProfile', { customerProfileId })).toMatchObject({ messages: { resultCode: 'Ok' } })
    expect(await call('GetCustomerProfile', { customerProfileId })).toMatchObject({
      messages: { message: [{ code: 'E00040' }] },
    })
  })

  it('subscribes a stored way to pay, reads and cancels it', async () => {
    const made = await call('CreateCustomerProfile', {
      profile: make('CustomerProfileType', {
        email: 'ellen@example.com',
        paymentProfiles: [make('CustomerPaymentProfileType', { payment: nonce('one') })],
      }),
    })
    const customerProfileId = String(made.customerProfileId)
    const read = await call('GetCustomerProfile', { customerProfileId })
    const { paymentProfiles } = read.profile as { paymentProfiles: [{ customerPaymentProfileId: string }] }
    const subscription = make('ARBSubscriptionType', {
      name: 'Studio membership',
      paymentSchedule: make('PaymentScheduleType', {
        interval: { length: '1', unit: 'months' },
        startDate: '2026-12-01',
        totalOccurrences: '12',
      }),
      amount: '10.29',
      profile: make('CustomerProfileIdType', {
        customerProfileId,
        customerPaymentProfileId: paymentProfiles[0].customerPaymentProfileId,
      }),
    })

    const { subscriptionId } = await call('ARBCreateSubscription', { subscription })
    expect(await call('ARBGetSubscriptionStatus', { subscriptionId })).toMatchObject({ status: 'active' })
    expect(await call('ARBCancelSubscription', { subscriptionId })).toMatchObject({ messages: { resultCode: 'Ok' } })
    expect(await call('ARBGetSubscriptionStatus', { subscriptionId })).toMatchObject({ status: 'canceled' })
    expect(await call('ARBCancelSubscription', { subscriptionId: '1' })).toMatchObject({
      messages: { message: [{ code: 'E00035' }] },
    })
    proof.saw('authorize-net:subscription.create')
  })

  it('reads declines, holds and spent nonces', async () => {
    const pay = (dataValue: string, zip: string) =>
      transact({
        transactionType: 'authCaptureTransaction',
        amount: '25.00',
        payment: nonce(dataValue),
        billTo: make('CustomerAddressType', { zip }),
      })

    expect(await pay('one', '46282')).toMatchObject({ transactionResponse: { responseCode: '2' } })
    expect(await pay('one', '44628')).toMatchObject({ messages: { message: [{ code: 'E00114' }] } })
    expect(await pay('heldForReview', '44628')).toMatchObject({ transactionResponse: { responseCode: '4' } })
    expect(await call('GetTransactionDetails', { transId: '1' })).toMatchObject({
      messages: { message: [{ code: 'E00040' }] },
    })
  })

  it(proof.title, () => proof.check())
})

it('serves webhooks over REST, under basic auth', async () => {
  const twin = await openTwin({ provider: definition })
  const { AUTHORIZENET_API_LOGIN_ID: login, AUTHORIZENET_TRANSACTION_KEY: key } = twin.secrets
  const headers = { authorization: `Basic ${btoa(`${login}:${key}`)}`, 'content-type': 'application/json' }
  const make = (body: JsonObject) =>
    fetch(`${twin.url}/rest/v1/webhooks`, { method: 'POST', headers, body: JSON.stringify(body) })

  const made = await make({ url: 'https://a.example/x', eventTypes: ['net.authorize.payment.void.created'] })
  const { webhookId } = (await made.json()) as { webhookId: string }
  const address = `${twin.url}/rest/v1/webhooks/${webhookId}`

  expect((await make({ url: 'https://a.example/x', eventTypes: ['other'] })).status).toBe(400)
  expect((await make({ url: 'https://a.example/x' })).status).toBe(400)
  expect((await fetch(address, { method: 'DELETE', headers })).status).toBe(200)
  expect((await fetch(address, { method: 'DELETE', headers })).status).toBe(404)
  expect(twin.problems).toEqual([])
  await twin.close()
})
