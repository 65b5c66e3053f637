import { describe, expect, it } from 'vitest'
import {
  decodeExactJson,
  encodeBody,
  type HttpRequestSpec,
  type JsonObject,
  type JsonValue,
  type Operation,
  ProviderFault,
  type RequestSpec,
  sentinelFor,
} from '../../../src/adapter/index.ts'
import { authorizeNetFault } from '../../../src/providers/payment/authorize-net/errors.ts'
import * as sample from '../../../src/providers/payment/authorize-net/examples.ts'
import definition from '../../../src/providers/payment/authorize-net/index.ts'
import { decimal, paidBy, within } from '../../../src/providers/payment/authorize-net/requests.ts'
import { paymentStatus } from '../../../src/providers/payment/authorize-net/shapes.ts'
import { schemaFault } from '../../../src/providers/payment/authorize-net/twin-schema.ts'
import { openRig } from '../adapter/webhooks/rig.ts'
import { answer, rehearse } from './answers.ts'

type AnyOperation = Operation<JsonObject, JsonValue>

/** An operation by its name, its types left aside. */
function operation(id: string): AnyOperation {
  const found = { ...definition.operations, ...definition.native }[id as 'payment.create']
  if (!found) throw new Error(`authorize-net has no ${id}`)
  return found as unknown as AnyOperation
}

const textOf = (spec: RequestSpec): string =>
  spec.transport === 'http' && spec.body ? (encodeBody(spec.body).text ?? '') : ''
const bodyOf = (spec: RequestSpec): JsonObject => JSON.parse(textOf(spec)) as JsonObject

const NONCE = 'nonce:eyJjb2RlIjoiNTBfMl8wNjAwMDUyN0VYQU1QTEUifQ'
const PAY = { amount: 2500, currency: 'USD', source: NONCE, capture: true }

/** The definition's requests, answered by the handlers of its twin. */
function rehearsal(now?: number) {
  const twin = rehearse(definition, now === undefined ? {} : { now })
  const send = (spec: HttpRequestSpec) => {
    const { body } = twin.call('payment.create', { body: bodyOf(spec), template: spec.template })
    const response = answer(200, String(body))
    const fault = definition.errors(response)
    if (fault) throw new ProviderFault(fault)
    return { body: decodeExactJson(String(body).replace('\ufeff', '')), status: 200, headers: {} }
  }
  const run = (id: string, input: JsonObject): JsonObject => {
    const { request, result, more } = operation(id)
    const first = request(input)
    if (first.transport !== 'http') throw new Error('not http')
    const told = send(first)
    if (!more) return result(told.body, { input, headers: {} }) as JsonObject
    const steps = more({ input, answer: told })
    let step = steps.next(told)
    while (!step.done) {
      if ('pauseMs' in step.value) throw new Error('nothing here waits')
      step = steps.next(send(step.value.request))
    }
    return step.value as JsonObject
  }
  return { ...twin, run }
}

const faultOf = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof ProviderFault) return thrown.fault
    throw thrown
  }
  return undefined
}

describe('Authorize.Net: requests', () => {
  it('have the credential first, and every member in the order of the schema', () => {
    const spec = operation('payment.create').request({
      ...PAY,
      reference: '1842',
      description: 'Seat 12',
      native: {
        duplicateWindow: 600,
        customerIP: '203.0.113.7',
        shipTo: { zip: '1', firstName: 'A' },
        billTo: { email: 'a@example.com', zip: '44628', firstName: 'Ellen' },
        poNumber: '7',
        customer: { email: 'a@example.com', id: '18' },
      },
    })

    expect(textOf(spec)).toBe(
      '{"createTransactionRequest":{"merchantAuthentication":{"name":"<AUTHORIZENET_API_LOGIN_ID>",' +
        '"transactionKey":"<AUTHORIZENET_TRANSACTION_KEY>"},"transactionRequest":{"transactionType":"authCaptureTransaction",' +
        '"amount":"25.00","currencyCode":"USD","payment":{"opaqueData":{"dataDescriptor":"COMMON.ACCEPT.INAPP.PAYMENT",' +
        '"dataValue":"eyJjb2RlIjoiNTBfMl8wNjAwMDUyN0VYQU1QTEUifQ"}},"order":{"invoiceNumber":"1842","description":"Seat 12"},' +
        '"poNumber":"7","customer":{"id":"18","email":"a@example.com"},"billTo":{"firstName":"Ellen","zip":"44628",' +
        '"email":"a@example.com"},"shipTo":{"firstName":"A","zip":"1"},"customerIP":"203.0.113.7","transactionSettings":' +
        '{"setting":[{"settingName":"allowPartialAuth","settingValue":"false"},{"settingName":"duplicateWindow",' +
        '"settingValue":"600"}]}}}}',
    )
  })

  it('keep to the schema in every example', () => {
    for (const id of [...Object.keys(definition.operations), ...Object.keys(definition.native ?? {})]) {
      for (const { input } of operation(id).examples) {
        const spec = operation(id).request(input)
        if (spec.transport !== 'http' || spec.base !== 'main') continue
        const [[root = '', request] = []] = Object.entries(bodyOf(spec))
        expect(schemaFault(root, request)).toBeUndefined()
      }
    }
  })

  it.each([
    ['nonce:eyJjb2RlIjoiNTBf', undefined, { payment: { opaqueData: { dataValue: 'eyJjb2RlIjoiNTBf' } } }],
    ['profile:12/34', undefined, { profile: { customerProfileId: '12', paymentProfile: { paymentProfileId: '34' } } }],
    ['profile:34', '12', { profile: { customerProfileId: '12', paymentProfile: { paymentProfileId: '34' } } }],
    ['profile:12/34', '12', { profile: { customerProfileId: '12' } }],
    [
      `profile:${sentinelFor('string', 4)}`,
      sentinelFor('string', 3),
      { profile: { customerProfileId: 'ifab-ref-00003' } },
    ],
  ])('pay by %s of customer %s', (source, customer, paid) => {
    expect(paidBy(source, customer)).toMatchObject(paid)
  })

  it.each([
    ['4111111111111111', undefined],
    ['nonce:4111111111111111', undefined],
    ['nonce:4111 1111 1111 1111', undefined],
    ['profile:4111111111111111', '12'],
    ['profile:34', undefined],
    ['profile:12/34', '13'],
    ['profile:12/34/56', undefined],
    ['nonce:eyJjb2RlIjoiNTBf', '12'],
    [undefined, '12'],
    [undefined, undefined],
  ])('refuse the source %s of customer %s, and do not repeat it', (source, customer) => {
    let thrown: unknown
    try {
      paidBy(source, customer)
    } catch (error) {
      thrown = error
    }

    expect(thrown).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
    expect(JSON.stringify(thrown)).not.toContain('4111')
  })

  it.each([
    'payment',
    'creditCard',
    'amount',
    'transactionType',
    'profile',
    'solution',
    'transactionSettings',
    'order',
  ])('refuse the extra %s, which the standard input decides', (name) => {
    expect(() => operation('payment.create').request({ ...PAY, native: { [name]: {} } })).toThrow(/native\./)
  })

  it('refuse strangers inside an extra', () => {
    const native = { billTo: { creditCard: '4111111111111111' } }
    expect(() => operation('payment.create').request({ ...PAY, native })).toThrow(/may not have creditCard/)
    expect(() => operation('payment.create').request({ ...PAY, native: { billTo: 'x' } })).toThrow(/not an object/)
  })

  it('store ways to pay by nonce only', () => {
    const store = (payment: JsonValue) =>
      operation('customer.create').request({ email: 'a@example.com', native: { paymentProfiles: [{ payment }] } })

    expect(() => store({ creditCard: { cardNumber: '4111111111111111', expirationDate: '2030-01' } })).toThrow(
      /never taken|paymentProfiles/,
    )
    expect(() =>
      store({ opaqueData: { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: '4111111111111111' } }),
    ).toThrow(/paymentProfiles/)
    expect(() => operation('customer.create').request({})).toThrow(/needs an email/)
  })

  it('keep to the lengths of the schema, but for what a plan does not know yet', () => {
    expect(() => operation('payment.create').request({ ...PAY, reference: 'x'.repeat(21) })).toThrow(/21 characters/)
    expect(() => operation('payment.create').request({ ...PAY, description: 'x'.repeat(256) })).toThrow(/256/)
    expect(within(sentinelFor('string', 1), 'reference', 5)).toBe('ifab-ref-00001')
  })

  it('count in hundredths, and refuse currencies that do not', () => {
    expect(decimal(5, 'usd')).toBe('0.05')
    expect(decimal(123_456_789_012, 'EUR')).toBe('1234567890.12')
    expect(decimal(sentinelFor('number', 2), 'USD')).toBe('ifab-ref-00002')
    expect(() => decimal(700, 'JPY')).toThrow(/hundredths/)
    expect(() => decimal(700, 'KWD')).toThrow(/hundredths/)
  })

  it('go to the REST API under basic auth for webhooks, with kinds of events', () => {
    const spec = operation('webhook.set').request({
      url: 'https://a.example/x',
      events: ['net.authorize.payment.void.created'],
    })
    expect(spec).toMatchObject({ base: 'webhooks', template: '/webhooks', auth: 'rest' })
    expect(bodyOf(spec)).toEqual({
      url: 'https://a.example/x',
      eventTypes: ['net.authorize.payment.void.created'],
      status: 'active',
    })
    expect(() => operation('webhook.set').request({ url: 'https://a.example/x' })).toThrow(/kinds of events/)
  })

  it('want the currency of a part', () => {
    expect(() => operation('payment.capture').request({ id: '1', amount: 5 })).toThrow(/needs the currency/)
  })
})

describe('Authorize.Net: errors inside 200', () => {
  const call = (code: string, text = 'x') =>
    authorizeNetFault(answer(200, { messages: { resultCode: 'Error', message: [{ code, text }] } }))
  const transaction = (responseCode: string, errorCode: string, resultCode = 'Error') =>
    authorizeNetFault(
      answer(200, {
        transactionResponse: { responseCode, transId: '0', errors: [{ errorCode, errorText: 'no' }] },
        messages: { resultCode, message: [{ code: 'E00027', text: 'The transaction was unsuccessful.' }] },
      }),
    )

  it.each([
    ['E00007', 'IF_ERR_AUTH_FAILED', undefined],
    ['E00040', 'IF_ERR_NOT_FOUND', undefined],
    ['E00039', 'IF_ERR_CONFLICT', undefined],
    ['E00068', 'IF_ERR_RATE_LIMIT_EXCEEDED', 'not-done'],
    ['E00001', 'IF_ERR_PROVIDER_UNAVAILABLE', 'unknown'],
    ['E00003', 'IF_ERR_ACTION_FAILED', 'not-done'],
    ['constructor', 'IF_ERR_ACTION_FAILED', 'not-done'],
  ])('reads %s as %s', (code, meaning, outcome) => {
    const fault = call(code)
    expect(fault).toMatchObject({ code: meaning, vendorCode: code })
    expect(fault?.outcome).toBe(outcome)
  })

  it.each([
    ['2', '2', 'IF_ERR_ACTION_FAILED'],
    ['3', '11', 'IF_ERR_CONFLICT'],
    ['3', '16', 'IF_ERR_NOT_FOUND'],
    ['3', '54', 'IF_ERR_CONFLICT'],
  ])('reads response code %s with error %s as %s, whatever the call says', (responseCode, errorCode, meaning) => {
    expect(transaction(responseCode, errorCode)).toMatchObject({ code: meaning, vendorCode: errorCode, message: 'no' })
    expect(transaction(responseCode, errorCode, 'Ok')).toMatchObject({ code: meaning })
  })

  it('finds none in an approval, in a payment that is held, and behind a byte order mark', () => {
    expect(authorizeNetFault(answer(200, sample.approved()))).toBeUndefined()
    expect(authorizeNetFault(answer(200, sample.approved({ responseCode: '4' })))).toBeUndefined()
    const marked = `\ufeff${JSON.stringify({ messages: { resultCode: 'Error', message: { code: 'E00007', text: 'x' } } })}`
    expect(authorizeNetFault(answer(200, marked))?.code).toBe('IF_ERR_AUTH_FAILED')
  })

  it('reads the statuses of the REST API', () => {
    expect(authorizeNetFault(answer(404, { status: 404, reason: 'NOT_FOUND', message: 'gone' }))).toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: 'gone',
    })
    expect(authorizeNetFault(answer(503, '<html>'))?.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
  })
})

describe('Authorize.Net: payments on the twin', () => {
  it('are taken, read, captured in part, and voided while the day lasts', () => {
    const { run } = rehearsal()
    const paid = run('payment.create', { ...PAY, reference: '1' })
    const held = run('payment.create', { ...PAY, source: 'nonce:authorisedOnly', capture: false, reference: '2' })

    expect(paid).toMatchObject({ status: 'succeeded', amount: 2500, currency: 'USD', captured: 2500 })
    expect(held).toMatchObject({ status: 'authorized', captured: 0 })
    const { id } = held as { id: string }
    expect(run('payment.capture', { id, amount: 1999, currency: 'usd' })).toEqual({
      id,
      status: 'succeeded',
      amount: 2500,
      currency: 'USD',
      captured: 1999,
    })
    expect(run('payment.get', { id })).toMatchObject({ status: 'succeeded', amount: 2500, captured: 1999 })
    expect(run('payment.cancel', { id })).toMatchObject({ status: 'canceled', captured: 0 })
    expect(run('payment.get', { id })).toMatchObject({ status: 'canceled', captured: 0 })
    expect(run('payment.cancel', { id })).toMatchObject({ status: 'canceled' })
    expect(faultOf(() => run('payment.capture', { id }))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('are refused a second capture of more, and of another currency before anything acts', () => {
    const { run } = rehearsal()
    const { id = '' } = run('payment.create', { ...PAY, capture: false })
    const capture = (input: JsonObject) => faultOf(() => run('payment.capture', { id, ...input }))

    expect(capture({ amount: 2501, currency: 'USD' })).toMatchObject({ vendorCode: '47' })
    expect(capture({ amount: 100, currency: 'EUR' })).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
    expect(run('payment.get', { id })).toMatchObject({ status: 'authorized' })
  })

  it('are pending while somebody has to look at them', () => {
    const { run } = rehearsal()
    const { id = '', ...paid } = run('payment.create', { ...PAY, source: 'nonce:heldForReview' })

    expect(paid).toMatchObject({ status: 'pending', captured: 0 })
    expect(run('payment.get', { id })).toMatchObject({ status: 'pending' })
    expect(run('payment.reverse', { id })).toMatchObject({ how: 'voided' })
  })

  it('are refunded once they are settled, and never for more than was paid', () => {
    const { run } = rehearsal()
    const payment = '60199999999'

    expect(run('refund.create', { payment, amount: 1000, currency: 'USD' })).toMatchObject({
      status: 'pending',
      amount: 1000,
    })
    expect(faultOf(() => run('refund.create', { payment }))).toMatchObject({ vendorCode: '55' })
    const { id = '' } = run('payment.create', PAY)
    expect(faultOf(() => run('refund.create', { payment: id }))).toMatchObject({
      vendorCode: '54',
      hint: expect.stringMatching(/payment\.cancel/),
    })
  })

  it('are given back by what their state allows', () => {
    const { run } = rehearsal()
    const { id = '' } = run('payment.create', PAY)

    expect(run('payment.reverse', { id })).toEqual({ id, how: 'voided', amount: 2500, currency: 'USD' })
    expect(run('payment.reverse', { id })).toMatchObject({ how: 'voided', amount: 0 })
    const refunded = run('payment.reverse', { id: '60199999999' })
    expect(refunded).toMatchObject({ how: 'refunded', amount: 2500 })
    expect(run('payment.get', { id: String(refunded.id) })).toMatchObject({ status: 'pending' })
    expect(faultOf(() => run('payment.reverse', { id: String(refunded.id) }))).toMatchObject({
      code: 'IF_ERR_UNSUPPORTED',
    })
  })

  it('are declined, refused twice within the window, and by a nonce that was spent', () => {
    const { run } = rehearsal()
    const customer = run('customer.create', {
      email: 'a@example.com',
      native: {
        paymentProfiles: [
          { payment: { opaqueData: { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: 'abcdefgh' } } },
        ],
      },
    })
    const read = run('customer.get', { id: String(customer.id) })
    const [profile] = read.paymentProfiles as { id: string; lastFour: string }[]
    const pay = { ...PAY, source: `profile:${profile?.id}`, customer: String(customer.id) }
    run('payment.create', { ...pay, reference: '1' })

    expect(faultOf(() => run('payment.create', { ...pay, reference: '1' }))).toMatchObject({
      code: 'IF_ERR_CONFLICT',
      vendorCode: '11',
    })
    expect(run('payment.create', { ...pay, reference: '2' })).toMatchObject({ status: 'succeeded' })
    expect(run('payment.create', { ...pay, reference: '2', native: { duplicateWindow: 0 } })).toMatchObject({
      status: 'succeeded',
    })
    run('payment.create', PAY)
    expect(faultOf(() => run('payment.create', PAY))).toMatchObject({ vendorCode: 'E00114' })
    const zip = { ...PAY, source: 'nonce:anotherone', native: { billTo: { zip: '46282' } } }
    expect(faultOf(() => run('payment.create', zip))).toMatchObject({ code: 'IF_ERR_ACTION_FAILED', vendorCode: '2' })
  })

  it('subscribe a stored way to pay, in the currency of the account alone', () => {
    const { run } = rehearsal()
    const customer = run('customer.create', {
      name: 'Ellen',
      native: {
        paymentProfiles: [
          { payment: { opaqueData: { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: 'abcdefgh' } } },
        ],
      },
    })
    const [profile] = run('customer.get', { id: String(customer.id) }).paymentProfiles as { id: string }[]
    const input = {
      source: `profile:${customer.id}/${profile?.id}`,
      amount: 1029,
      currency: 'USD',
      every: { length: 1, unit: 'months' },
      startDate: '2026-12-01',
      occurrences: 12,
    }

    expect(faultOf(() => run('subscription.create', { ...input, currency: 'EUR' }))).toMatchObject({
      message: 'the account counts in USD, not in EUR',
    })
    const made = run('subscription.create', input)
    const { id = '' } = made
    expect(run('subscription.get', { id })).toEqual({ id, status: 'active' })
    expect(run('subscription.cancel', { id })).toEqual({ id, status: 'canceled' })
    expect(run('subscription.cancel', { id })).toEqual({ id, status: 'canceled' })
    expect(run('subscription.get', { id })).toMatchObject({ status: 'canceled' })
    expect(run('customer.delete', { id: String(customer.id) })).toEqual({ id: customer.id })
    expect(faultOf(() => run('customer.get', { id: String(customer.id) }))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

describe('Authorize.Net: results, undo and verifying', () => {
  it('does not guess what an account of several currencies means', () => {
    const more = operation('payment.get').more?.({ input: { id: '1' }, answer: { body: sample.details() } })
    more?.next({ body: sample.details() })
    expect(faultOf(() => more?.next({ body: sample.merchant({ currencies: ['USD', 'CAD'] }) }))).toMatchObject({
      code: 'IF_ERR_UNSUPPORTED',
      message: expect.stringMatching(/USD, CAD/),
    })
  })

  it.each([
    ['settledSuccessfully', 'succeeded'],
    ['refundPendingSettlement', 'pending'],
    ['voided', 'canceled'],
    ['declined', 'failed'],
    ['somethingNew', 'pending'],
  ])('reads the status %s as %s', (theirs, ours) => {
    expect(paymentStatus(theirs)).toBe(ours)
  })

  it('reads amounts digit by digit', () => {
    const text = JSON.stringify(sample.details({ authAmount: 0, settleAmount: 0 })).replaceAll(
      '"authAmount":0,"settleAmount":0',
      '"authAmount":1018.8800,"settleAmount":70071992547409.93',
    )
    const body = decodeExactJson(text)
    const more = operation('payment.get').more?.({ input: { id: '1' }, answer: { body } })
    more?.next({ body })
    expect(more?.next({ body: sample.merchant() }).value).toMatchObject({
      amount: 101_888,
      captured: 7_007_199_254_740_993,
    })
  })

  it('cannot refund what was not paid by card', () => {
    const body = sample.details({ payment: { bankAccount: { accountNumber: 'XXXX1111' } } })
    const more = operation('refund.create').more?.({ input: { payment: '1' }, answer: { body } })
    more?.next({ body })
    expect(faultOf(() => more?.next({ body: sample.merchant() }))).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
  })

  it('takes an authorisation back by a void, a payment by what its state allows', () => {
    const { undo } = operation('payment.create')
    const result = { id: '7', status: 'succeeded' }
    const undoOf = (capture: boolean) =>
      typeof undo === 'function' ? undo({ input: { ...PAY, capture }, result, before: undefined }) : undefined

    expect(undoOf(true)).toEqual({ operation: 'authorize-net:payment.reverse', input: { id: '7' } })
    expect(undoOf(false)).toEqual({ operation: 'payment.cancel', input: { id: '7' } })
  })

  it('cannot verify a payment that was never answered', () => {
    const { verify } = operation('payment.create')
    expect(verify?.({ input: PAY, result: undefined })).toBeUndefined()
    const read = verify?.({ input: PAY, result: { id: '7' } })
    expect(read).toMatchObject({ operation: 'payment.get', input: { id: '7' }, consistency: 'eventual' })
    expect(read?.holds({ status: 'failed' })).toBe(false)
    expect(read?.holds({ status: 'pending' })).toBe(true)
  })

  it('claims no cost that it does not know', () => {
    for (const id of ['payment.create', 'payment.capture', 'refund.create', 'subscription.create', 'payment.reverse']) {
      const { cost } = operation(id)
      expect(cost === 'free' ? cost : cost({})).toMatchObject({ kind: 'unknown' })
    }
  })
})

describe('Authorize.Net: the twin', () => {
  const CALL = { merchantAuthentication: { name: 'a', transactionKey: 'b' } }

  it.each([
    ['getTransactionDetailsRequest', { transId: '1', ...CALL }, /invalid child element 'merchantAuthentication'/],
    ['getTransactionDetailsRequest', { ...CALL, transaction: '1' }, /invalid child element 'transaction'/],
    [
      'createTransactionRequest',
      { ...CALL, transactionRequest: { amount: '1', transactionType: 'x' } },
      /transactionType/,
    ],
    ['holdTransactionRequest', CALL, /not declared/],
  ])('refuses %s where the members are not in the order of the schema', (root, request, message) => {
    expect(schemaFault(root, request as JsonObject)).toMatch(message)
  })

  it('settles payments and refunds after a day', () => {
    const start = Date.UTC(2026, 5, 1)
    const first = rehearsal(start)
    const { id = '' } = first.run('payment.create', PAY)
    const kept = first.state('transactions').get(String(id))
    const later = rehearsal(start + 86_400_000)
    later.state('transactions').set(String(id), kept ?? {})

    expect(later.run('payment.get', { id })).toMatchObject({ status: 'succeeded' })
    expect(later.run('payment.reverse', { id })).toMatchObject({ how: 'refunded' })
  })
})

describe('Authorize.Net: webhooks', () => {
  it('are signed over the bytes with the text of the key, as a published delivery is', async () => {
    // A delivery and its signature as the tests of github.com/stymiee/authnetjson have them.
    const key =
      '52CB4A002C634B84E397DC8A218E1A160BA7CAB7CBE4C05B35E9CBB05E14FE4A' +
      '2385812E980CCF97D177F17863CE214D1BE6CE8E1E894487AACF3609C1A5FE17'
    const body =
      '{"notificationId":"182cbbff-cab2-4080-931d-80e5d818f23a","eventType":"net.authorize.payment.authcapture.created",' +
      '"eventDate":"2017-08-18T20:40:52.7722007Z","webhookId":"849eb87e-078a-4169-a34b-c0bded5019a8","payload":' +
      '{"responseCode":0,"authCode":"Z3PV5H","avsResponse":"Y","authAmount":0.0,"entityName":"transaction","id":"40005915599"}}'
    const signature =
      'A1E0CC0F8A7B6274E0951CAC5EB63579F70FC6B7B15384B146DCE02B98DEE395' +
      '4A5A8E331661B51DE953E141E88994DFA7D267FFB8428BE0660511B6EFB94960'
    const { webhooks } = definition
    if (!webhooks) throw new Error('authorize-net has no webhooks')
    const receive = (given: string) =>
      openRig({
        definition,
        webhooks,
        secrets: { AUTHORIZENET_SIGNATURE_KEY: key },
      }).receive({ body, headers: { 'content-type': 'application/json', 'X-ANET-Signature': given } })

    expect(await receive(`sha512=${signature}`)).toMatchObject({
      kind: 'events',
      events: [
        {
          id: '182cbbff-cab2-4080-931d-80e5d818f23a',
          type: 'net.authorize.payment.authcapture.created',
          at: '2017-08-18T20:40:52.772Z',
        },
      ],
    })
    expect(await receive(`sha512=${signature.toLowerCase()}`)).toMatchObject({ kind: 'events' })
    expect(await receive(`sha512=${signature.replace('A1', 'A2')}`)).toMatchObject({ kind: 'refused' })
    expect(await receive('')).toMatchObject({ kind: 'refused' })
  })
})
