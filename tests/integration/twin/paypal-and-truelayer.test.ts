// The engine itself in front of the twins of PayPal and TrueLayer, through the real door: operations of several requests, what
// undoes them, pages, and a signature that TrueLayer's own verifier takes.
import { createPublicKey } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpMethod, verify } from 'truelayer-signing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  generateManifest,
  instanceSchema,
  type JsonObject,
  manifestDigest,
  type OperationCall,
  operationOf,
  type ProviderDefinition,
  parseInput,
  perform,
} from '../../../src/adapter/index.ts'
import { openDoor } from '../../../src/egress/index.ts'
import { Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'
import paypal from '../../../src/providers/payment/paypal/index.ts'
import { MERCHANT_ACCOUNT, USER } from '../../../src/providers/payment/truelayer/examples.ts'
import truelayer from '../../../src/providers/payment/truelayer/index.ts'
import { openTwin } from '../../../src/twin/index.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An instance of the provider whose twin, or another server at `url`, answers. */
async function instanceOf(definition: ProviderDefinition, url?: string) {
  const twin = await openTwin({ provider: definition })
  const door = openDoor({ redactor: new Redactor(), clock: systemClock, random: () => 0 })
  closing.push(
    () => twin.close(),
    () => door.close(),
  )
  const manifest = generateManifest(definition, 'tests')
  const provider = { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
  const { id } = definition
  const instance = instanceSchema.parse({ version: 1, name: id, provider: id, twin: url ?? twin.url })
  const token = twin.issue('access', 3600)
  let count = 0
  const call = async (operation: string, raw: JsonObject) => {
    count += 1
    const entry = operationOf(provider, operation)
    const secrets = { open: async (name: string) => new Secret(twin.secrets[name] ?? token) }
    const input = parseInput(entry, raw)
    const idempotencyKey = String(count).padStart(64, '0')
    const { result } = await perform({
      provider,
      instance,
      entry,
      input,
      door,
      secrets,
      timeoutMs: 10_000,
      idempotencyKey,
    })
    const { undo, verify: check } = entry.operation
    const taken = typeof undo === 'function' ? undo({ input, result, before: undefined }) : undefined
    return { result, undo: taken as OperationCall | undefined, readBack: check?.({ input, result }) }
  }
  return { twin, call }
}

const HELD = { amount: 2500, currency: 'GBP', source: 'card:8kk8451t', capture: false }

describe('the engine with the twin of PayPal', () => {
  it('holds, takes a part, and pays a bit of it back', async () => {
    const { call } = await instanceOf(paypal)
    const held = await call('payment.create', HELD)
    expect(held.result).toMatchObject({ status: 'authorized', amount: 2500, captured: 0 })
    const id = String(held.result.id)

    const taken = await call('payment.capture', { id, amount: 2000, currency: 'GBP' })
    const refund = await call('refund.create', { payment: id, amount: 500, currency: 'GBP' })

    expect(taken.result).toEqual({ id, status: 'succeeded', amount: 2500, currency: 'GBP', captured: 2000 })
    expect(refund.result).toMatchObject({ status: 'succeeded', amount: 500 })
    expect((await call('payment.get', { id })).result).toMatchObject({ status: 'succeeded', captured: 2000 })
    const { operation = '', input = {}, holds } = refund.readBack ?? {}
    expect(holds?.((await call(operation, input)).result)).toBe(true)
    await expect(call('payment.cancel', { id })).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(call('payment.capture', { id })).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })

  it.each([
    ['what was held', HELD, 'canceled'],
    ['what was taken', { ...HELD, capture: true }, 'succeeded'],
  ])('takes back %s', async (_what, input, status) => {
    const { call } = await instanceOf(paypal)
    const { result, undo } = await call('payment.create', input)

    await call(undo?.operation ?? '', undo?.input ?? {})

    expect((await call('payment.get', { id: String(result.id) })).result.status).toBe(status)
    expect((await call('balance.get', {})).result.available).toMatchObject([{ amount: 0, currency: 'GBP' }])
  })

  it('takes the money of a checkout once its buyer has said yes', async () => {
    const { twin, call } = await instanceOf(paypal)
    const { result } = await call('checkout.create', {
      amount: 2500,
      currency: 'GBP',
      description: 'Two books',
      successUrl: 'https://shop.example/thanks',
    })
    const id = String(result.id)
    await expect(call('payment.capture', { id })).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(call('payment.cancel', { id })).rejects.toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })

    const page = new URL(String(result.url))
    await fetch(twin.url + page.pathname + page.search)

    expect((await call('payment.capture', { id })).result).toMatchObject({ status: 'succeeded', captured: 2500 })
  })

  it('pays out once, and calls it back', async () => {
    const { twin, call } = await instanceOf(paypal)
    const { result, undo } = await call('payout.create', { amount: 700, currency: 'JPY', to: 'a@b.example' })
    expect(result).toMatchObject({ status: 'PENDING', amount: 700, currency: 'JPY' })

    const called = await call(undo?.operation ?? '', undo?.input ?? {})

    expect(called.result).toMatchObject({ items: [{ status: 'RETURNED', amount: 700, currency: 'JPY' }] })
    await expect(call(undo?.operation ?? '', undo?.input ?? {})).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    expect(twin.effects[0]).toMatchObject({ operation: 'payout.create' })
  })

  it('reads the movements of many months, window by window', async () => {
    const { twin, call } = await instanceOf(paypal)
    for (const amount of [100, 200, 300]) await call('payment.create', { ...HELD, amount, capture: true })
    const day = 86_400_000
    const at = (days: number) => new Date(Date.now() + days * day).toISOString()

    const { result } = await call('transaction.list', { from: at(-100), until: at(1) })

    expect(result.transactions).toHaveLength(3)
    expect(twin.calls.log.filter(({ operation }) => operation === 'transaction.list')).toHaveLength(4)
  })

  it('asks PayPal whether a delivery is its own', async () => {
    const { twin, call } = await instanceOf(paypal)
    const genuine = async (transmission_sig: string) =>
      (
        await call('paypal:webhook.verify', {
          auth_algo: 'SHA256withRSA',
          cert_url: 'https://api.paypal.com/v1/notifications/certs/CERT-1',
          transmission_id: 't1',
          transmission_sig,
          transmission_time: '2026-11-25T12:00:00Z',
          webhook_id: twin.secrets.PAYPAL_WEBHOOK_ID ?? '',
          event: '{"id":"WH-1","amount":1.10}',
        })
      ).result.genuine
    expect([await genuine('signed'), await genuine('forged')]).toEqual([true, false])
  })
})

const ASKED = {
  amount: 2500,
  currency: 'GBP',
  customer: USER,
  description: 'Zwei Bücher',
  native: { merchant_account_id: MERCHANT_ACCOUNT },
}

describe('the engine with the twin of TrueLayer', () => {
  it('asks a payer, has the money, pays it back, and cannot give it up any more', async () => {
    const { twin, call } = await instanceOf(truelayer)
    const { result, undo } = await call('payment.create', ASKED)
    const id = String(result.id)
    expect(result).toMatchObject({ status: 'needs_action', captured: 0 })
    expect(undo).toEqual({ operation: 'payment.cancel', input: { id } })

    const begun = await call('truelayer:payment.authorize', { id, returnUrl: 'https://shop.example/thanks' })
    expect(begun.result).toMatchObject({ next: 'redirect', url: expect.any(String) })
    await fetch(twin.url + new URL(String(begun.result.url)).pathname + new URL(String(begun.result.url)).search)
    expect((await call('payment.get', { id })).result).toMatchObject({ status: 'succeeded', captured: 2500 })
    await expect(call('payment.cancel', { id })).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    const refund = await call('refund.create', { payment: id, amount: 1000, currency: 'GBP' })

    const { operation = '', input = {}, holds } = refund.readBack ?? {}
    expect(holds?.((await call(operation, input)).result)).toBe(true)
    await expect(call('refund.create', { payment: id })).rejects.toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
    expect((await call('balance.get', {})).result.available).toEqual([{ amount: 121550, currency: 'GBP' }])
    const day = 86_400_000
    const window = {
      account: MERCHANT_ACCOUNT,
      from: new Date(Date.now() - day).toISOString(),
      until: new Date(Date.now() + day).toISOString(),
    }
    expect((await call('transaction.list', window)).result.transactions).toMatchObject([
      { amount: -1000 },
      { amount: 2500 },
    ])
  })

  it('gives a payment up in time', async () => {
    const { call } = await instanceOf(truelayer)
    const { undo } = await call('payment.create', ASKED)

    expect((await call(undo?.operation ?? '', undo?.input ?? {})).result).toMatchObject({ status: 'canceled' })
  })

  it('reads the accounts of a person to the penny', async () => {
    const { call } = await instanceOf(truelayer)
    const { accounts } = (await call('account.list', {})).result as { accounts: { id: string }[] }
    const listed = await call('truelayer:account.transaction.list', { account: accounts[0]?.id ?? '' })

    expect(listed.result.transactions).toMatchObject([{ amount: -2425 }, { amount: 180000 }])
  })

  it("signs so that TrueLayer's own verifier takes it", async () => {
    const seen: { headers: IncomingHttpHeaders; body: string; path: string }[] = []
    const server = createServer(async (request, response) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      seen.push({ headers: request.headers, body: Buffer.concat(pieces).toString('utf8'), path: request.url ?? '' })
      response.setHeader('content-type', 'application/json')
      response.end('{"id":"p1","status":"authorization_required"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    const { twin, call } = await instanceOf(truelayer, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)

    await call('payment.create', ASKED)

    const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = seen
    const publicKeyPem = String(
      createPublicKey(twin.secrets.TRUELAYER_PRIVATE_KEY ?? '').export({ type: 'spki', format: 'pem' }),
    )
    const check = (text: string) => () =>
      verify({
        publicKeyPem,
        signature: String(headers['tl-signature']),
        method: 'POST' as HttpMethod,
        path,
        headers: { 'Idempotency-Key': String(headers['idempotency-key']) },
        requiredHeaders: ['Idempotency-Key'],
        body: text,
      })
    expect(path).toBe('/v3/payments')
    expect(check(body)).not.toThrow()
    expect(check(body.replace('2500', '1'))).toThrow()
  })
})
