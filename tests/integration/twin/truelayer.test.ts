// The official signer `truelayer-signing` against the twin: it signs every request that acts, and the twin, which computes the
// signature with code of its own, must take it. TrueLayer has no client of its own for Node that does more than sign.
import { type HttpMethod, sign } from 'truelayer-signing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/adapter/index.ts'
import * as sample from '../../../src/providers/payment/truelayer/examples.ts'
import definition from '../../../src/providers/payment/truelayer/index.ts'
import { openTwin, parseFault, type Twin } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const proof = clientProof(definition, 'truelayer-signing')

const BANK_TRANSFER = {
  amount_in_minor: 2500,
  currency: 'GBP',
  payment_method: {
    type: 'bank_transfer',
    provider_selection: { type: 'user_selected' },
    beneficiary: { type: 'merchant_account', merchant_account_id: sample.MERCHANT_ACCOUNT, reference: 'Zwei Bücher' },
  },
  user: { name: 'Ada Lovelace', email: 'ada@example.org' },
}

interface Answered {
  status: number
  body: JsonObject
}

describe('the signer truelayer-signing with the twin (no description at hand: the signer alone judges)', () => {
  let twin: Twin
  let token: string

  beforeEach(async () => {
    twin = await openTwin({ provider: definition })
    token = await tokenOf(twin.secrets.TRUELAYER_CLIENT_SECRET)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  async function tokenOf(client_secret: string | undefined): Promise<string> {
    const response = await fetch(`${twin.url}/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: twin.secrets.TRUELAYER_CLIENT_ID ?? '',
        client_secret: client_secret ?? '',
        scope: 'payments',
      }),
    })
    return String(((await response.json()) as JsonObject).access_token)
  }

  async function answered(response: Response): Promise<Answered> {
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as JsonObject) }
  }

  const read = async (path: string) =>
    answered(await fetch(twin.url + path, { headers: { authorization: `Bearer ${token}` } }))

  const signatureOf = (path: string, body: string, key: string) =>
    sign({
      kid: twin.secrets.TRUELAYER_KEY_ID ?? '',
      privateKeyPem: twin.secrets.TRUELAYER_PRIVATE_KEY ?? '',
      method: 'POST' as HttpMethod,
      path,
      headers: { 'Idempotency-Key': key },
      body,
    })

  /** Signs `signed`, sends `value`: the same, unless a test forges. */
  async function act(
    path: string,
    value?: object,
    { key = crypto.randomUUID() as string, signed = value as object | undefined } = {},
  ) {
    const text = (body: object | undefined) => (body === undefined ? '' : JSON.stringify(body))
    return answered(
      await fetch(twin.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'idempotency-key': key,
          'tl-signature': signatureOf(path, text(signed), key),
          ...(value === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(value === undefined ? {} : { body: text(value) }),
      }),
    )
  }

  const bank = (query: string) => fetch(`${twin.url}/bank?${query}`)
  const flow = { provider_selection: {}, redirect: { return_uri: 'https://shop.example/thanks' } }

  async function paid(value: object = BANK_TRANSFER): Promise<string> {
    const id = String((await act('/v3/payments', value)).body.id)
    await act(`/v3/payments/${id}/authorization-flow`, flow)
    await bank(`payments=${id}`)
    return id
  }

  it('leads a payer to the bank, and has the money after it', async () => {
    const made = await act('/v3/payments', BANK_TRANSFER)
    const id = String(made.body.id)
    expect(made).toMatchObject({ status: 201, body: { status: 'authorization_required' } })

    const begun = await act(`/v3/payments/${id}/authorization-flow`, flow)
    expect(begun.body).toMatchObject({
      status: 'authorizing',
      authorization_flow: { actions: { next: { type: 'redirect', uri: expect.any(String) } } },
    })
    await bank(`payments=${id}`)

    expect((await read(`/v3/payments/${id}`)).body).toMatchObject({ status: 'executed', amount_in_minor: 2500 })
    expect((await read(`/v3/merchant-accounts/${sample.MERCHANT_ACCOUNT}`)).body).toMatchObject({
      available_balance_in_minor: 122550,
    })
    expect(twin.effects[0]).toMatchObject({ operation: 'payment.create', id })
  })

  it.each([
    ['another amount', { ...BANK_TRANSFER, amount_in_minor: 1 }],
    ['no body', undefined],
  ])('refuses what was signed with %s', async (_what, signed) => {
    const forged = await act('/v3/payments', BANK_TRANSFER, { signed: signed ?? {} })

    expect(forged).toMatchObject({ status: 401, body: { title: 'Unauthenticated' } })
    expect(twin.effects).toEqual([])
  })

  it('gives a payment up in time, and not afterwards', async () => {
    const { body } = await act('/v3/payments', BANK_TRANSFER)
    expect(await act(`/v3/payments/${body.id}/actions/cancel`)).toMatchObject({ status: 202 })
    expect((await read(`/v3/payments/${body.id}`)).body).toMatchObject({ status: 'failed', failure_reason: 'canceled' })

    const late = await act(`/v3/payments/${await paid()}/actions/cancel`)

    expect(late).toMatchObject({ status: 400, body: { title: 'Invalid State' } })
  })

  it('pays back in parts until nothing is left', async () => {
    const id = await paid()
    const refund = (amount_in_minor: number) =>
      act(`/v3/payments/${id}/refunds`, { amount_in_minor, reference: 'Refund' })

    expect(await refund(500)).toMatchObject({ status: 202, body: { id: expect.any(String) } })
    expect((await refund(2001)).body).toMatchObject({ title: 'Invalid Parameters' })
    expect((await refund(2000)).status).toBe(202)

    const { items } = (await read(`/v3/payments/${id}/refunds`)).body
    expect(items).toMatchObject([{ amount_in_minor: 500 }, { amount_in_minor: 2000 }])
    proof.saw('refund.create')
  })

  it('pays out to an account, to a payer and to the own account, as far as there is money', async () => {
    const payout = (beneficiary: object, amount_in_minor = 100) =>
      act('/v3/payouts', {
        merchant_account_id: sample.MERCHANT_ACCOUNT,
        amount_in_minor,
        currency: 'GBP',
        beneficiary: { reference: 'Payout 7', ...beneficiary },
      })
    const made = await payout({
      type: 'external_account',
      account_holder_name: 'Ada Lovelace',
      account_identifier: { type: 'iban', iban: 'GB53CLRB04066200002723' },
    })

    expect(made.status).toBe(202)
    expect((await read(`/v3/payouts/${made.body.id}`)).body).toMatchObject({ status: 'executed', amount_in_minor: 100 })
    expect((await payout({ type: 'business_account' })).status).toBe(202)
    expect((await payout({ type: 'payment_source', payment_source_id: 's', user_id: 'u' })).status).toBe(202)
    expect((await payout({ type: 'business_account' }, 99_999_999)).body).toMatchObject({ title: 'Invalid Parameters' })
    const listed = await read(
      `/v3/merchant-accounts/${sample.MERCHANT_ACCOUNT}/transactions?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z`,
    )
    expect(listed.body.items).toHaveLength(3)
    expect((await read('/v3/merchant-accounts')).body.items).toMatchObject([{ available_balance_in_minor: 119750 }])
  })

  it('takes payments under a mandate until it is revoked', async () => {
    const { body } = await act('/v3/mandates', {
      mandate: {
        type: 'sweeping',
        provider_selection: { type: 'user_selected' },
        beneficiary: { type: 'merchant_account', merchant_account_id: sample.MERCHANT_ACCOUNT },
      },
      currency: 'GBP',
      user: { id: sample.USER },
      constraints: { maximum_individual_amount: 1000 },
    })
    const mandate_id = String(body.id)
    const take = (amount_in_minor: number) =>
      act('/v3/payments', { amount_in_minor, currency: 'GBP', payment_method: { type: 'mandate', mandate_id } })
    expect((await take(500)).status).toBe(400)

    await act(`/v3/mandates/${mandate_id}/authorization-flow`, flow)
    await bank(`mandates=${mandate_id}`)

    expect(await take(500)).toMatchObject({ status: 201, body: { status: 'authorized' } })
    expect((await take(1001)).body).toMatchObject({ title: 'Invalid Parameters' })
    expect((await act(`/v3/mandates/${mandate_id}/revoke`)).status).toBe(204)
    expect((await take(500)).status).toBe(400)
  })

  it('makes one payment of a request that comes twice, and refuses another one under its key', async () => {
    const first = await act('/v3/payments', BANK_TRANSFER, { key: 'k-1' })
    const second = await act('/v3/payments', BANK_TRANSFER, { key: 'k-1' })
    const other = await act('/v3/payments', { ...BANK_TRANSFER, amount_in_minor: 1 }, { key: 'k-1' })

    expect(second).toEqual(first)
    expect(other).toMatchObject({ status: 422, body: { title: 'Idempotency-Key Reuse' } })
    expect(twin.effects).toHaveLength(1)
  })

  it('refuses strangers, and answers as problem details', async () => {
    expect(await tokenOf('wrong')).toBe('undefined')
    token = 'stranger'
    expect(await read('/v3/merchant-accounts')).toMatchObject({ status: 401, body: { trace_id: expect.any(String) } })
    token = twin.issue('access', 60)
    expect(await read('/v3/payments/nothing')).toMatchObject({ status: 404, body: { title: 'Not Found' } })
    twin.setFaults([parseFault('balance.get:429')])
    expect((await read('/v3/merchant-accounts')).status).toBe(429)
  })

  it('shows the accounts of a person', async () => {
    token = twin.issue('access', 60)
    const { results } = (await read('/data/v1/accounts')).body as { results: JsonObject[] }
    const path = `/data/v1/accounts/${results[0]?.account_id}/transactions`

    expect((await read(path)).body.results).toMatchObject([{ amount: -24.25 }, { amount: 1800 }])
    expect((await read('/data/v1/accounts/no/transactions')).status).toBe(404)
  })

  it(proof.title, () => proof.check())
})
