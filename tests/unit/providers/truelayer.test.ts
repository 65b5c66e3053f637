import { createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type HttpRequestSpec,
  type JsonObject,
  type NativeOperation,
  noAuth,
  type RequestSpec,
  type StepAnswer,
} from '../../../src/adapter/index.ts'
import * as sample from '../../../src/providers/payment/truelayer/examples.ts'
import truelayer from '../../../src/providers/payment/truelayer/index.ts'
import {
  paymentStatus,
  toAccountTransactions,
  toBalance,
  toFlow,
  toMerchantTransactions,
  toPayment,
  toRefund,
} from '../../../src/providers/payment/truelayer/shapes.ts'
import { NOW, openRig, prove } from '../adapter/webhooks/rig.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const operation = <K extends keyof typeof truelayer.operations>(id: K) => {
  const found = truelayer.operations[id]
  if (!found) throw new Error(`truelayer has no ${id}`)
  return found
}

const native = (id: string): NativeOperation => {
  const found = truelayer.native?.[id]
  if (!found) throw new Error(`truelayer has no ${id}`)
  return found
}

const jsonOf = (spec: RequestSpec): unknown =>
  spec.transport === 'http' && spec.body?.encoding === 'json' ? JSON.parse(JSON.stringify(spec.body.value)) : undefined

const authOfSpec = (spec: RequestSpec) => (spec.transport === 'http' ? spec.auth : undefined)

const EXTRAS = { merchant_account_id: sample.MERCHANT_ACCOUNT }

describe('TrueLayer: credentials', () => {
  it('signs what acts over method, path, key and body, and nothing that reads', () => {
    expect(truelayer.auths?.signed?.sign).toMatchObject({
      algorithm: 'ES512',
      header: { kid: { secret: 'TRUELAYER_KEY_ID' }, tl_version: '2', tl_headers: 'Idempotency-Key' },
      over: [
        { of: 'method' },
        { text: ' ' },
        { of: 'path' },
        { text: '\nIdempotency-Key: ' },
        { header: 'Idempotency-Key' },
        { text: '\n' },
        { of: 'body' },
      ],
      put: { in: 'header', name: 'Tl-Signature' },
    })
    expect(truelayer.auth.sign).toBeUndefined()
    for (const { examples, request, effect } of [
      ...Object.values(truelayer.operations),
      ...Object.values(truelayer.native ?? {}),
    ]) {
      const spec = request(examples[0].input as never)
      if (effect !== 'read' && spec.method === 'POST') {
        expect(['signed', 'sweeping', 'commercial']).toContain(authOfSpec(spec))
      }
    }
  })

  it('asks for each scope under a token of its own', () => {
    const names = ['signed', 'sweeping', 'commercial', 'data'].map((name) => truelayer.auths?.[name]?.token?.name)
    expect(names).toEqual(['main', 'sweeping', 'commercial', 'data'])
    expect(truelayer.auths?.signed?.token).toBe(truelayer.auth.token)
    expect(truelayer.auths?.data?.token?.consent?.scopes).toContain('offline_access')
    expect(authOfSpec(operation('account.list').request({ limit: 1 }))).toBe('data')
  })
})

describe('TrueLayer: payments', () => {
  const create = operation('payment.create')
  const base = { amount: 2500, currency: 'GBP', capture: true }

  it('asks a payer for a transfer to the own merchant account', () => {
    const input = { ...base, customer: 'u1', description: 'Order 1', reference: '1842', native: EXTRAS }
    expect(jsonOf(create.request(input))).toEqual({
      amount_in_minor: 2500,
      currency: 'GBP',
      payment_method: {
        type: 'bank_transfer',
        provider_selection: { type: 'user_selected' },
        beneficiary: {
          type: 'merchant_account',
          merchant_account_id: sample.MERCHANT_ACCOUNT,
          reference: 'Order 1',
        },
      },
      user: { id: 'u1' },
      metadata: { reference: '1842' },
    })
  })

  it('takes under a mandate without asking again', () => {
    expect(jsonOf(create.request({ ...base, source: 'm1' }))).toEqual({
      amount_in_minor: 2500,
      currency: 'GBP',
      payment_method: { type: 'mandate', mandate_id: 'm1' },
    })
  })

  it.each(['beneficiary', 'payment_method', 'amount_in_minor', 'currency', 'metadata'])(
    'refuses the extra %s, which could pay somebody else',
    (name) => {
      expect(() => create.request({ ...base, native: { ...EXTRAS, [name]: {} } })).toThrow(
        expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
      )
    },
  )

  it('needs to know where the money comes to, and holds none', () => {
    expect(() => create.request({ ...base, customer: 'u1' })).toThrow(/native\.merchant_account_id is missing/)
    expect(() => create.request({ ...base, native: { merchant_account_id: '' } })).toThrow(/is missing/)
    expect(() => create.request({ ...base, capture: false, native: EXTRAS })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }),
    )
  })

  it.each([
    ['authorization_required', undefined, 'needs_action', 0],
    ['authorizing', undefined, 'pending', 0],
    ['authorized', undefined, 'pending', 0],
    ['executed', undefined, 'succeeded', 2500],
    ['settled', undefined, 'succeeded', 2500],
    ['failed', 'canceled', 'canceled', 0],
    ['failed', 'provider_rejected', 'failed', 0],
    ['something_new', undefined, 'pending', 0],
  ])('reads %s after %s as %s', (status, failure_reason, expected, captured) => {
    const body = sample.payment({ status, ...(failure_reason ? { failure_reason } : {}) })
    expect(toPayment(body)).toEqual({ id: sample.PAYMENT, status: expected, amount: 2500, currency: 'GBP', captured })
    expect(paymentStatus(status, failure_reason)).toBe(expected)
  })

  it('is taken back by what its state allows', () => {
    const undoOf = (status: 'needs_action' | 'pending' | 'succeeded' | 'failed') =>
      typeof create.undo === 'function'
        ? create.undo({
            input: base,
            result: { id: 'p1', status, amount: 1, currency: 'GBP', captured: 0 },
            before: undefined,
          })
        : 'none'
    expect(undoOf('needs_action')).toEqual({ operation: 'payment.cancel', input: { id: 'p1' } })
    expect(undoOf('pending')).toEqual({ operation: 'payment.cancel', input: { id: 'p1' } })
    expect(undoOf('succeeded')).toEqual({ operation: 'refund.create', input: { payment: 'p1' } })
    expect(undoOf('failed')).toBeUndefined()
  })

  it('names the place where an answer is not as documented', () => {
    expect(() => toPayment({ ...sample.payment(), amount_in_minor: 25.5 })).toThrow(/amount_in_minor/)
  })
})

describe('TrueLayer: refunds and payouts', () => {
  const refund = (input: { payment: string; amount?: number; currency?: string }, body: JsonObject) => {
    const { more } = operation('refund.create')
    if (!more) throw new Error('refund.create has one request')
    return more({ input, answer: { body, status: 200 } })
  }

  function follow(steps: ReturnType<typeof refund>, next: StepAnswer) {
    const first = steps.next()
    if (first.done || !('request' in first.value)) throw new Error('it asks for nothing')
    const last = steps.next(next)
    return { request: first.value.request as HttpRequestSpec, result: last.done ? last.value : undefined }
  }

  it('pays the whole payment back where no amount is given', () => {
    const { request, result } = follow(refund({ payment: 'p1' }, sample.payment()), { body: { id: 'r1' }, status: 202 })

    expect(request).toMatchObject({ auth: 'signed', template: '/v3/payments/{id}/refunds', path: { id: 'p1' } })
    expect(jsonOf(request)).toEqual({ amount_in_minor: 2500, reference: 'Refund' })
    expect(result).toEqual({ id: 'r1', status: 'pending', amount: 2500, currency: 'GBP' })
  })

  it('pays a part back, in the currency of the payment alone', () => {
    const { request } = follow(refund({ payment: 'p1', amount: 1000, currency: 'GBP' }, sample.payment()), {
      body: { id: 'r1' },
    })
    expect(jsonOf(request)).toMatchObject({ amount_in_minor: 1000 })
    expect(() => refund({ payment: 'p1', currency: 'EUR' }, sample.payment()).next()).toThrow(/is in GBP/)
  })

  it.each([
    ['executed', 'succeeded'],
    ['failed', 'failed'],
    ['pending', 'pending'],
    ['authorized', 'pending'],
  ])('reads a refund that is %s as %s', (status, expected) => {
    expect(toRefund(sample.refund({ status })).status).toBe(expected)
  })

  it('finds its refund again among those of the payment', () => {
    const { verify } = operation('refund.create')
    const result = { id: 'r1', status: 'pending' as const, amount: 1, currency: 'GBP' }
    const back = verify?.({ input: { payment: 'p1' }, result })
    expect(back).toMatchObject({ operation: 'truelayer:refund.list', input: { payment: 'p1' } })
    expect([
      back?.holds({ refunds: [{ id: 'r1' }] }),
      back?.holds({ refunds: [{ id: 'r2' }] }),
      back?.holds({}),
    ]).toEqual([true, false, false])
    expect(verify?.({ input: { payment: 'p1' }, result: undefined })).toBeUndefined()
  })

  it.each([
    [
      '040662:00002723',
      { account_identifier: { type: 'sort_code_account_number', sort_code: '040662', account_number: '00002723' } },
    ],
    ['GB53CLRB04066200002723', { account_identifier: { type: 'iban', iban: 'GB53CLRB04066200002723' } }],
  ])('pays out to %s', (to, expected) => {
    const spec = operation('payout.create').request({
      amount: 100,
      currency: 'GBP',
      source: 'a1',
      to,
      description: 'Share',
      native: { account_holder_name: 'Ada' },
    })
    expect(jsonOf(spec)).toMatchObject({
      merchant_account_id: 'a1',
      beneficiary: { type: 'external_account', account_holder_name: 'Ada', reference: 'Share', ...expected },
    })
  })

  it('pays back to a payer, and to the own account where nobody is named', () => {
    const { request } = operation('payout.create')
    const base = { amount: 100, currency: 'GBP', source: 'a1' }
    expect(jsonOf(request({ ...base, to: 'payment_source:s1', native: { user_id: 'u1' } }))).toMatchObject({
      beneficiary: { type: 'payment_source', payment_source_id: 's1', user_id: 'u1', reference: 'Payout' },
    })
    expect(jsonOf(request({ ...base, reference: '7' }))).toMatchObject({
      beneficiary: { type: 'business_account', reference: '7' },
      metadata: { reference: '7' },
    })
    expect(() => request({ amount: 100, currency: 'GBP' })).toThrow(/source is missing/)
    expect(() => request({ ...base, to: 'GB53' })).toThrow(/account_holder_name is missing/)
    expect(() => request({ ...base, to: 'payment_source:s1' })).toThrow(/user_id is missing/)
    expect(() => request({ ...base, native: { beneficiary: {} } })).toThrow(/native\.beneficiary/)
  })
})

describe('TrueLayer: mandates and the way to the bank', () => {
  const create = operation('mandate.create')

  it('asks for as much as one payment may take, under the credential of its kind', () => {
    const spec = create.request({
      customer: 'u1',
      currency: 'GBP',
      maximum: 1000,
      reference: 'Club',
      native: { ...EXTRAS, periodic_limits: { month: { maximum_amount: 5000 } } },
    })
    expect(authOfSpec(spec)).toBe('sweeping')
    expect(jsonOf(spec)).toMatchObject({
      mandate: { type: 'sweeping', reference: 'Club', beneficiary: { type: 'merchant_account' } },
      constraints: { maximum_individual_amount: 1000, periodic_limits: { month: { maximum_amount: 5000 } } },
    })
    const commercial = { currency: 'GBP', maximum: 1, native: { ...EXTRAS, type: 'commercial' } }
    expect(authOfSpec(create.request(commercial))).toBe('commercial')
    expect(() => create.request({ currency: 'GBP', native: EXTRAS })).toThrow(/Give maximum|the most/)
    expect(() => create.request({ ...commercial, native: { ...EXTRAS, type: 'other' } })).toThrow(/no kind of mandate/)
    expect(() => create.request({ ...commercial, native: { ...EXTRAS, constraints: {} } })).toThrow(
      /native\.constraints/,
    )
  })

  it('is revoked under the credential of its kind', () => {
    const undo = typeof create.undo === 'function' ? create.undo : undefined
    const result = { id: 'm1', status: 'authorization_required', url: null }
    const input = { currency: 'GBP', native: { type: 'commercial' } }
    expect(undo?.({ input, result, before: undefined })).toEqual({
      operation: 'truelayer:mandate.revoke',
      input: { id: 'm1', type: 'commercial' },
    })
    expect(undo?.({ input: { currency: 'GBP' }, result, before: undefined })?.input).toMatchObject({ type: 'sweeping' })
    expect(authOfSpec(native('mandate.revoke').request({ id: 'm1', type: 'commercial' }))).toBe('commercial')
  })

  it('says what the payer does next', () => {
    expect(toFlow(sample.flow())).toEqual({
      status: 'authorizing',
      next: 'redirect',
      url: 'https://bank.example/authorise?id=1',
    })
    expect(toFlow({ status: 'failed' })).toEqual({ status: 'failed', next: null, url: null })
  })
})

describe('TrueLayer: accounts', () => {
  it('reads balances, with what is not at hand yet as pending', () => {
    expect(toBalance(sample.page([sample.merchantAccount()]))).toEqual({
      available: [{ amount: 120050, currency: 'GBP' }],
      pending: [{ amount: 7550, currency: 'GBP' }],
    })
  })

  it('gives what leaves an account a minus', () => {
    const items = [
      sample.transaction(),
      sample.transaction({
        type: 'payout',
        status: 'executed',
        settled_at: undefined as never,
        executed_at: '2026-11-24T10:00:00Z',
      }),
      sample.transaction({ type: 'refund', status: 'pending', settled_at: undefined as never }),
    ]
    expect(toMerchantTransactions({ items }).transactions).toMatchObject([
      { amount: 2500, at: '2026-11-24T15:31:35.410Z', description: 'merchant_account_payment' },
      { amount: -2500, at: '2026-11-24T10:00:00.000Z' },
      { amount: -2500, at: null, status: 'pending' },
    ])
  })

  it('lists one account between two times, cursor by cursor', () => {
    const { request, pages } = operation('transaction.list')
    const input = { account: 'a1', from: '2026-11-01T00:00:00Z', until: '2026-11-02T00:00:00Z', limit: 1 }
    expect(request(input)).toMatchObject({ path: { id: 'a1' }, query: { from: input.from, to: input.until } })
    expect(() => request({ limit: 1 })).toThrow(/Give account, from and until|between two times/)
    const facts = { headers: {}, input, count: 1, pages: 1 }
    expect(pages?.next(sample.page([], 'c2'), facts)).toEqual({ query: { cursor: 'c2' } })
    expect(pages?.next(sample.page([]), facts)).toBeUndefined()
  })

  it('goes by the kind of a movement, whatever sign the bank gives it', () => {
    const results = [
      sample.accountTransaction({ amount: '24.10' }),
      sample.accountTransaction({ amount: '-24.10' }),
      sample.accountTransaction({ amount: '1800.00', transaction_type: 'CREDIT', description: null }),
      sample.accountTransaction({ amount: 1e3, currency: 'JPY', transaction_type: 'CREDIT' }),
    ]
    expect(toAccountTransactions({ results }).transactions.map(({ amount }) => amount)).toEqual([
      -2410, -2410, 180000, 1000,
    ])
  })
})

describe('TrueLayer: failures', () => {
  const problem = (kind: string, more: JsonObject = {}) => ({
    type: `https://docs.truelayer.com/docs/error-types#${kind}`,
    title: 'Title',
    detail: 'What went wrong.',
    trace_id: 't1',
    ...more,
  })

  it.each([
    [401, problem('unauthenticated'), 'IF_ERR_AUTH_FAILED', 'unauthenticated'],
    [403, problem('forbidden'), 'IF_ERR_AUTH_FAILED', 'forbidden'],
    [400, { error: 'invalid_client' }, 'IF_ERR_AUTH_FAILED', 'invalid_client'],
    [400, { error: 'invalid_grant' }, 'IF_ERR_AUTH_FAILED', 'invalid_grant'],
    [400, problem('invalid-parameters'), 'IF_ERR_ACTION_FAILED', 'invalid-parameters'],
    [400, problem('invalid-state'), 'IF_ERR_CONFLICT', 'invalid-state'],
    [404, problem('not-found'), 'IF_ERR_NOT_FOUND', 'not-found'],
    [409, problem('concurrency-conflict'), 'IF_ERR_CONFLICT', 'concurrency-conflict'],
    [429, problem('rate-limit-exceeded'), 'IF_ERR_RATE_LIMIT_EXCEEDED', 'rate-limit-exceeded'],
    [502, problem('provider-error'), 'IF_ERR_PROVIDER_UNAVAILABLE', 'provider-error'],
    [500, '<html>', 'IF_ERR_PROVIDER_UNAVAILABLE', undefined],
  ])('reads %i %j as %s', (status, body, code, vendorCode) => {
    const fault = truelayer.errors(answer(status, body))
    expect(fault?.code).toBe(code)
    expect(fault?.vendorCode).toBe(vendorCode)
  })

  it('does not call an action failed that may yet happen', () => {
    for (const kind of ['idempotency-key-concurrency-conflict', 'idempotency-key-reuse']) {
      expect(truelayer.errors(answer(409, problem(kind)))).toMatchObject({ outcome: 'unknown' })
    }
  })

  it('names the field, and keeps the id for support', () => {
    const body = problem('invalid-parameters', { errors: { 'user.email': ['Must be an address.'] } })
    expect(truelayer.errors(answer(400, body))?.hint).toBe('TrueLayer names user.email: Must be an address.')
    expect(truelayer.errors(answer(400, problem('invalid-parameters', { errors: {} })))?.hint).toBeUndefined()
    expect(truelayer.requestId?.(answer(400, body))).toBe('t1')
    expect(truelayer.errors(answer(202, ''))).toBeUndefined()
  })
})

describe('TrueLayer: webhooks', () => {
  const JWKS = 'https://webhooks.truelayer.com/.well-known/jwks'
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES512' }] })
  const { webhooks } = truelayer
  if (!webhooks) throw new Error('truelayer has no webhooks')
  const rig = {
    definition: { baseUrls: truelayer.baseUrls, auths: { none: noAuth() } },
    webhooks,
    answers: { [JWKS]: jwks },
  }
  const body = JSON.stringify(webhooks.example.body)

  function sent({ jku = JWKS, at = NOW, covers = 'X-Tl-Webhook-Timestamp' } = {}) {
    const time = new Date(at).toISOString()
    const header = { alg: 'ES512', kid: 'k1', tl_version: '2', tl_headers: covers, jku }
    const head = Buffer.from(JSON.stringify(header)).toString('base64url')
    const lines = covers === '' ? '' : `${covers}: ${time}\n`
    const payload = Buffer.from(`POST /hooks/acme\n${lines}${body}`).toString('base64url')
    const signature = createSign('sha512')
      .update(`${head}.${payload}`)
      .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')
    const headers = {
      'content-type': 'application/json',
      'Tl-Signature': `${head}..${signature}`,
      'X-Tl-Webhook-Timestamp': time,
    }
    return { headers, body }
  }

  it('are taken where TrueLayer signed them', async () => {
    const received = await openRig(rig).receive(sent())

    expect(received).toMatchObject({
      kind: 'events',
      events: [
        {
          id: '18b2842b-a57b-4887-a0a6-d3c7c36f1020',
          type: 'payment_executed',
          at: '2026-11-25T10:00:00.214Z',
        },
      ],
    })
  })

  it.each([
    ['a key of somebody else', { jku: 'https://evil.example/.well-known/jwks' }],
    ['a key of the sandbox', { jku: 'https://webhooks.truelayer-sandbox.com/.well-known/jwks' }],
    ['a time that is over', { at: NOW - 3_600_000 }],
    ['a time that is not covered', { covers: '' }],
  ])('are refused under %s', async (_what, options) => {
    expect(await prove(rig, sent(options))).toMatch(/^401|not the vendor/)
  })

  it('are refused where the body is another', async () => {
    expect(await prove(rig, { ...sent(), body: body.replace('executed', 'settled') })).toMatch(/^401/)
  })
})

describe('TrueLayer: the twin', () => {
  it('issues and renews tokens', () => {
    const twin = rehearse(truelayer)
    const token = (body: JsonObject) => twin.call('POST /connect/token', { body })
    const { refresh_token } = bodyOf(token({ grant_type: 'authorization_code', code: 'c' }))

    expect(bodyOf(token({ grant_type: 'client_credentials', scope: 'payments' }))).toMatchObject({ scope: 'payments' })
    expect(bodyOf(token({ grant_type: 'refresh_token', refresh_token: refresh_token ?? '' }))).toMatchObject({
      refresh_token,
    })
    expect(token({ grant_type: 'refresh_token', refresh_token: 'no' }).status).toBe(400)
    expect(token({ grant_type: 'password' }).status).toBe(400)
  })

  it('refuses what TrueLayer would', () => {
    const twin = rehearse(truelayer)
    const status = (id: string, body: JsonObject) => twin.call(id, { body }).status
    const user = { id: 'u1' }
    const payment_method = { type: 'bank_transfer', beneficiary: EXTRAS }
    const payment = { amount_in_minor: 1, currency: 'GBP', payment_method, user }
    expect(status('payment.create', payment)).toBe(201)
    for (const change of [
      { amount_in_minor: 1.5 },
      { currency: 'gbp' },
      { user: { name: 'Ada' } },
      { payment_method: { type: 'cash' } },
      { payment_method: { type: 'bank_transfer', beneficiary: {} } },
    ]) {
      expect(status('payment.create', { ...payment, ...change })).toBe(400)
    }
    const payout = { merchant_account_id: sample.MERCHANT_ACCOUNT, amount_in_minor: 1, currency: 'GBP' }
    for (const change of [
      { merchant_account_id: 'no' },
      { amount_in_minor: 0 },
      { currency: 'EUR' },
      { beneficiary: { type: 'cash' } },
      { beneficiary: { type: 'external_account' } },
    ]) {
      expect(
        status('payout.create', { ...payout, beneficiary: { type: 'business_account', reference: 'x' }, ...change }),
      ).toBe(400)
    }
    const mandate = {
      mandate: { type: 'sweeping' },
      currency: 'GBP',
      user,
      constraints: { maximum_individual_amount: 1 },
    }
    for (const change of [{ mandate: {} }, { constraints: {} }, { user: {} }]) {
      expect(status('mandate.create', { ...mandate, ...change })).toBe(400)
    }
    const { id } = bodyOf(twin.call('mandate.create', { body: mandate }))
    expect(twin.call('mandate.revoke', { path: { id: String(id) } }).status).toBe(400)
    expect(twin.call('mandate.authorize', { path: { id: String(id) } }).status).toBe(400)
    expect(twin.call('transaction.list', { path: { id: sample.MERCHANT_ACCOUNT } }).status).toBe(400)
    expect(twin.call('GET /bank', { query: { payments: 'no' } }).status).toBe(404)
  })

  it('has a bank that refuses very large payments', () => {
    const twin = rehearse(truelayer)
    const body = {
      amount_in_minor: 10_000_001,
      currency: 'GBP',
      payment_method: { type: 'bank_transfer', beneficiary: EXTRAS },
      user: { id: 'u1' },
    }
    const id = String(bodyOf(twin.call('payment.create', { body })).id)
    twin.call('payment.authorize', { path: { id }, body: { redirect: { return_uri: 'https://x.example' } } })
    twin.call('GET /bank', { query: { payments: id } })

    expect(bodyOf(twin.call('payment.get', { path: { id } }))).toMatchObject({ status: 'failed' })
    expect(twin.call('POST /v3/payments/{id}/refunds', { path: { id }, body: {} }).status).toBe(400)
    expect(twin.call('payment.authorize', { path: { id } }).status).toBe(400)
  })
})
