import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  buildRequest,
  type Instance,
  operationOf,
  type PerformOptions,
  perform,
  readAs,
  z,
} from '../../../src/adapter/index.ts'
import type { Attempt } from '../../../src/egress/index.ts'
import { digestOf, type FabricError, type JsonObject, type JsonValue } from '../../../src/foundation/index.ts'
import { acme, instanceOf, load, withFacts } from './fixtures/acme.ts'
import { deferred, json, openTestDoor, secrets, serve, type TestServer } from './fixtures/server.ts'

const PAYMENT = { id: 'pay_1', status: 'succeeded', amount: 2500, currency: 'GBP', captured: 2500 }
const PAY = { amount: 2500, currency: 'GBP' }

const provider = load()
const door = openTestDoor()
const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const start = async (...args: Parameters<typeof serve>): Promise<TestServer> => {
  const server = await serve(...args)
  servers.push(server)
  return server
}

const call = (origin: string, operation: string, input: JsonObject, more: Partial<PerformOptions> = {}) =>
  perform({
    provider,
    instance: instanceOf({ twin: origin } as Partial<Instance>),
    entry: operationOf(more.provider ?? provider, operation),
    input,
    door,
    secrets,
    timeoutMs: 5000,
    ...more,
  })

const failureOf = async (work: Promise<unknown>): Promise<FabricError> => {
  try {
    await work
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing failed')
}

describe('performing an operation', () => {
  it('sends what was planned with secret and key filled in, and returns the standard result', async () => {
    const server = await start((_seen, response) => json(response, { ...PAYMENT, extra: 1 }))
    const seenAttempts: Attempt[] = []

    const performed = await call(server.origin, 'payment.create', PAY, {
      idempotencyKey: 'key-1',
      onAttempt: (attempt) => seenAttempts.push(attempt),
    })

    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/api/main/payments',
        body: 'amount=2500&currency=gbp',
        headers: {
          authorization: 'Bearer value-of-ACME_TOKEN',
          'idempotency-key': 'key-1',
          'acme-version': '2026-01-01',
        },
      },
    ])
    const built = buildRequest({
      provider,
      instance: instanceOf({ twin: server.origin } as Partial<Instance>),
      entry: operationOf(provider, 'payment.create'),
      input: PAY,
    })
    expect(performed).toEqual({
      result: PAYMENT,
      requestDigest: digestOf(built.planned),
      responseDigest: createHash('sha256')
        .update(JSON.stringify({ ...PAYMENT, extra: 1 }))
        .digest('hex'),
      vendorRequestId: 'req_1',
      status: 200,
      attempts: seenAttempts,
    })
    expect(seenAttempts).toHaveLength(1)
  })

  it('keeps ids beyond 2^53 exact', async () => {
    const server = await start((_seen, response) =>
      json(response, '{"ids":["x\\"12345678901234567890"],"items":[{"id":12345678901234567890,"name":"n"}]}'),
    )

    const { result } = await call(server.origin, 'channel.list', { limit: 1 })

    expect(result).toEqual({ channels: [{ id: '12345678901234567890', name: 'n' }] })
  })

  it('refuses to send while a setting is unset', async () => {
    const error = await failureOf(
      call('http://127.0.0.1:1', 'payment.get', { id: 'p' }, { instance: instanceOf({ settings: {} }) }),
    )

    expect(error).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      message: 'acme-eu: the setting host has no value',
      hint: 'Host name of the server.',
      details: { outcome: 'not-done', attempts: [] },
    })
  })

  it('says that nothing was done where the request cannot be built', async () => {
    const error = await failureOf(call('http://127.0.0.1:1', 'payment.cancel', { id: '..' }))

    expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT', details: { outcome: 'not-done', field: 'id' } })
  })

  it('reaches a private address only where the instance or its twin says so', async () => {
    const server = await start((_seen, response) => json(response, PAYMENT))
    const lax = withFacts({ baseUrls: { ...acme.baseUrls, main: 'http://{host}/api/{account}' } })
    const settings = { host: server.origin.slice('http://'.length) }
    const from = (instance: Partial<Instance>) =>
      call(
        server.origin,
        'payment.get',
        { id: 'p' },
        { provider: lax, instance: instanceOf({ settings, ...instance }) },
      )

    expect(await failureOf(from({}))).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { outcome: 'not-done' } })
    expect((await from({ privateNetwork: true })).result).toEqual(PAYMENT)
  })
})

describe('faults', () => {
  it("carry the vendor's words, code and request id, and say that nothing happened", async () => {
    const server = await start((_seen, response) => json(response, { error: 'Card declined', code: 'E2' }, 402))

    const error = await failureOf(call(server.origin, 'payment.create', PAY, { idempotencyKey: 'k' }))

    expect(error).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'acme-eu answered 402: Card declined (E2)',
      details: { outcome: 'not-done', status: 402, vendorCode: 'E2', vendorRequestId: 'req_1' },
    })
    expect(server.seen).toHaveLength(1)
  })

  it('are found inside an answer with status 200', async () => {
    const server = await start((_seen, response) => json(response, { error: 'not_in_channel' }))

    const error = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }))

    expect(error).toMatchObject({
      message: 'acme-eu refused: not_in_channel',
      details: { outcome: 'not-done', status: 200 },
    })
  })

  it('are tried again under an idempotency key, with the same key, and end as unknown when it stays at 503', async () => {
    const server = await start((_seen, response) => json(response, { error: 'busy' }, 503))

    const error = await failureOf(call(server.origin, 'payment.create', PAY, { idempotencyKey: 'k' }))

    expect(error).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      message: 'acme-eu answered 503 three times: busy',
      details: { outcome: 'unknown' },
    })
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'k', 'k'])
  })

  it('are not tried again where repeating could do it twice', async () => {
    const server = await start((_seen, response) => json(response, { error: 'busy' }, 503))

    const error = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }))

    expect(error.details).toMatchObject({ outcome: 'unknown', attempts: [{ status: 503 }] })
    expect(server.seen).toHaveLength(1)
  })

  it('of a read never leave anything unknown', async () => {
    const server = await start((_seen, response) => json(response, 'busy', 500))

    const error = await failureOf(call(server.origin, 'payment.get', { id: 'p' }))

    expect(error.details).toMatchObject({ outcome: 'not-done', status: 500 })
    expect(server.seen).toHaveLength(3)
  })

  it('with 429 are tried again even without a key, because the vendor did nothing', async () => {
    const server = await start((_seen, response, count) =>
      count === 1 ? json(response, { error: 'slow down' }, 429) : json(response, PAYMENT),
    )

    expect((await call(server.origin, 'payment.cancel', { id: 'p' })).result).toEqual(PAYMENT)
    expect(server.seen).toHaveLength(2)
  })

  it('with 429 to the end are not done', async () => {
    const server = await start((_seen, response) => json(response, { error: 'slow down' }, 429))

    const error = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }))

    expect(error).toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      details: { outcome: 'not-done', retryAfterMs: 1 },
    })
  })

  it('after an earlier try that may have arrived prove nothing', async () => {
    const server = await start((_seen, response, count) =>
      count === 1 ? json(response, { error: 'busy' }, 503) : json(response, { error: 'no' }, 401),
    )

    const error = await failureOf(call(server.origin, 'payment.create', PAY, { idempotencyKey: 'k' }))

    expect(error).toMatchObject({
      code: 'IF_ERR_AUTH_FAILED',
      message: 'acme-eu answered 401: no',
      hint: 'Get a new token.',
      details: { outcome: 'unknown' },
    })
  })

  it('follow the definition where it knows the outcome and whether to try again', async () => {
    const server = await start((_seen, response) => json(response, { error: 'maintenance' }, 503))
    const sure = withFacts({
      errors: () => ({
        code: 'IF_ERR_PROVIDER_UNAVAILABLE',
        message: 'maintenance',
        outcome: 'not-done',
        retryable: false,
      }),
    })

    const error = await failureOf(call(server.origin, 'payment.create', PAY, { provider: sure, idempotencyKey: 'k' }))

    expect(error).toMatchObject({ retryable: false, details: { outcome: 'not-done' } })
    expect(server.seen).toHaveLength(1)
  })
})

describe('a connection', () => {
  it('that breaks after the request left is unknown for an effect and harmless for a read', async () => {
    const server = await start((_seen, response) => response.socket?.destroy())

    const effect = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }))
    const read = await failureOf(call(server.origin, 'payment.get', { id: 'p' }))

    expect(effect).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'unknown' } })
    expect(effect.details.attempts).toHaveLength(1)
    expect(read.details).toMatchObject({ outcome: 'not-done' })
    expect(read.details.attempts).toHaveLength(3)
  })

  it('that cannot be opened leaves nothing done', async () => {
    const origin = await closedOrigin()

    const error = await failureOf(call(origin, 'payment.cancel', { id: 'p' }))

    expect(error).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'not-done' } })
  })

  it('without an answer in time, or cancelled, is unknown for an effect', async () => {
    const waiting = deferred()
    const server = await start(() => waiting.resolve())
    const controller = new AbortController()

    const late = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }, { timeoutMs: 50 }))
    const pending = failureOf(call(server.origin, 'payment.cancel', { id: 'p' }, { signal: controller.signal }))
    await expect.poll(() => server.seen.length).toBe(2)
    controller.abort()

    expect(late).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { outcome: 'unknown' } })
    expect(await pending).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'unknown' } })
  })

  it('is not opened without the secret', async () => {
    const server = await start((_seen, response) => json(response, PAYMENT))
    const broken = { open: () => Promise.reject(new Error('vault on fire')) }

    const error = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }, { secrets: broken }))

    expect(error.details.outcome).toBeDefined()
    expect(server.seen).toHaveLength(0)
  })
})

describe('an answer that cannot be read', () => {
  it.each([
    ['is not JSON', '<html>', /the answer \(200\) is not JSON: "<html>"/],
    ['lacks a field', { ...PAYMENT, status: 'odd' }, /the answer's status: .*expected one of/],
    ['is null', 'null', /the answer's body: /],
  ])('because it %s is unknown for an effect and harmless for a read', async (_how, body, message) => {
    const server = await start((_seen, response) => json(response, body))

    const effect = await failureOf(call(server.origin, 'payment.create', PAY, { idempotencyKey: 'k' }))
    const read = await failureOf(call(server.origin, 'payment.get', { id: 'p' }))

    expect(effect).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { outcome: 'unknown', status: 200 } })
    expect(effect.message).toMatch(message)
    expect(effect.details).toMatchObject({ vendorRequestId: 'req_1' })
    expect(read.details).toMatchObject({ outcome: 'not-done' })
  })

  it('because the mapping trips over it says where', async () => {
    const server = await start((_seen, response) => json(response, 'null'))

    const error = await failureOf(call(server.origin, 'channel.list', { limit: 1 }))

    expect(error).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('does not have the promised shape'),
    })
  })

  it('shortens what it shows of it', async () => {
    const server = await start((_seen, response) => json(response, 'x'.repeat(10_000)))

    expect((await failureOf(call(server.origin, 'payment.get', { id: 'p' }))).message.length).toBeLessThan(200)
  })

  it('because a definition stumbles over its faults is unknown for an effect', async () => {
    const server = await start((_seen, response) => json(response, PAYMENT))
    const stumbling = withFacts({
      errors: () => {
        throw new TypeError('no error field')
      },
    })

    const error = await failureOf(call(server.origin, 'payment.cancel', { id: 'p' }, { provider: stumbling }))

    expect(error.details).toMatchObject({ outcome: 'unknown' })
  })

  it('because the definition itself refuses it says why', async () => {
    const server = await start((_seen, response) => json(response, {}))
    const get = acme.operations['payment.get']
    if (!get) throw new Error('the fixture has no payment.get')
    const reading = { ...get, result: (body: JsonValue) => readAs(z.object({ id: z.string() }), body) as never }

    const error = await failureOf(
      call(
        server.origin,
        'payment.get',
        { id: 'p' },
        { provider: withFacts({ operations: { 'payment.get': reading } }) },
      ),
    )

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('documented at id') })
  })

  it('reads an empty body as null', async () => {
    const server = await start((_seen, response) => response.writeHead(204).end())

    expect((await failureOf(call(server.origin, 'payment.get', { id: 'p' }))).message).toMatch(/the answer's body/)
  })
})

describe('pages', () => {
  const items = (from: number) => [from, from + 1].map((n) => ({ id: `c${n}`, name: `n${n}` }))

  it('are collected until there are enough and trimmed to the limit', async () => {
    const server = await start((_seen, response, count) =>
      json(response, { items: items(count * 2), next: `page ${count + 1}` }),
    )

    const performed = await call(server.origin, 'channel.list', { limit: 5 })

    expect((performed.result.channels as { id: string }[]).map(({ id }) => id)).toEqual(['c2', 'c3', 'c4', 'c5', 'c6'])
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/api/main/channels?limit=2',
      '/api/main/channels?limit=2&cursor=page%202',
      '/api/main/channels?limit=2&cursor=page%203',
    ])
    expect(performed.attempts).toHaveLength(3)
  })

  it('end where the vendor says so, empty pages in between included', async () => {
    const server = await start((_seen, response, count) =>
      json(response, count === 3 ? { items: items(1) } : { items: [], next: `p${count}` }),
    )

    const { result } = await call(server.origin, 'channel.list', { limit: 100 })

    expect(result.channels).toHaveLength(2)
  })

  it('are hashed together', async () => {
    const bodies = [JSON.stringify({ items: items(1), next: 'b' }), JSON.stringify({ items: items(3) })]
    const server = await start((_seen, response, count) => json(response, bodies[count - 1]))

    const { responseDigest } = await call(server.origin, 'channel.list', { limit: 100 })

    expect(responseDigest).toBe(createHash('sha256').update(bodies.join('')).digest('hex'))
  })

  it('that go in a circle are refused', async () => {
    const server = await start((_seen, response) => json(response, { items: [], next: 'again' }))

    expect(await failureOf(call(server.origin, 'channel.list', { limit: 100 }))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('the same next page twice'),
    })
  })

  it('whose next one cannot be read are refused', async () => {
    const server = await start((_seen, response) => json(response, { items: [] }))
    const list = acme.operations['channel.list']
    if (!list) throw new Error('the fixture has no channel.list')
    const tripping = withFacts({
      operations: {
        ...acme.operations,
        'channel.list': {
          ...list,
          pages: {
            field: 'channels',
            next: () => {
              throw new TypeError('no cursor here')
            },
          },
        },
      },
    })

    const error = await failureOf(call(server.origin, 'channel.list', { limit: 100 }, { provider: tripping }))

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('no cursor here') })
  })
})

/** A port where nobody listens. */
async function closedOrigin(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`
}
