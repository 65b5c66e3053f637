import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Clock, createLogger, type JsonObject, Redactor, systemClock } from '../../../src/foundation/index.ts'
import { openTwin, parseFault, type Twin, type TwinOptions } from '../../../src/twin/index.ts'
import { shop } from '../../unit/twin/shop-provider.ts'

const open: Twin[] = []

async function start(options: Partial<TwinOptions> = {}): Promise<Twin> {
  const twin = await openTwin({ provider: shop, ...options })
  open.push(twin)
  return twin
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((twin) => twin.close()))
})

interface Asked {
  method?: string
  json?: JsonObject
  form?: string
  key?: string
  headers?: Record<string, string>
  credential?: string
}

function ask(twin: Twin, path: string, asked: Asked = {}): Promise<Response> {
  const body = asked.json ? JSON.stringify(asked.json) : asked.form
  const type = asked.json ? 'application/json' : 'application/x-www-form-urlencoded'
  return fetch(`${twin.url}${path}`, {
    method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${asked.credential ?? twin.secrets.SHOP_KEY}`,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(asked.key === undefined ? {} : { 'idempotency-key': asked.key }),
      ...asked.headers,
    },
    ...(body === undefined ? {} : { body }),
  })
}

const order = (twin: Twin, item: string, asked: Asked = {}) => ask(twin, '/v1/orders', { json: { item }, ...asked })

describe('a twin', () => {
  it('keeps what was made, so that get, list and delete agree', async () => {
    const twin = await start()

    const made = await order(twin, 'tea')
    expect(made.status).toBe(201)
    expect(made.headers.get('x-request-id')).toBe('req_1')
    expect(await made.json()).toEqual({ id: 'ord_twin_1', item: 'tea' })

    expect(await (await ask(twin, '/v1/orders/ord_twin_1')).json()).toEqual({ id: 'ord_twin_1', item: 'tea' })
    expect(await (await ask(twin, '/v1/orders?a=1&a=2')).json()).toEqual({
      query: { a: '2' },
      orders: [
        { id: 'seeded', item: 'milk' },
        { id: 'ord_twin_1', item: 'tea' },
      ],
    })
    const deleted = await ask(twin, '/v1/orders/ord_twin_1', { method: 'DELETE' })
    expect(deleted.status).toBe(204)
    expect(await deleted.text()).toBe('')
    expect((await ask(twin, '/v1/orders/ord_twin_1')).status).toBe(404)
    expect(twin.snapshot()).toEqual({ orders: { seeded: { id: 'seeded', item: 'milk' } } })
  })

  it('sends text as it is', async () => {
    const answer = await ask(await start(), '/v1/text')

    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect(await answer.text()).toBe('plain text')
  })

  it.each([
    ['an unknown path', '/v2/orders', {}, 404, 'there is no GET /v2/orders'],
    ['an unknown method', '/v1/orders', { method: 'PATCH' }, 404, 'there is no PATCH /v1/orders'],
    ['a wrong credential', '/v1/orders', { credential: 'shop_test_wrong' }, 401, 'credential'],
    ['a missing parameter', '/v1/orders', { json: {} }, 400, 'missing required parameter: item'],
    ['an empty parameter', '/v1/orders', { json: { item: '' } }, 400, 'missing required parameter: item'],
    ['a missing nested one', '/v1/orders/a/pay', { form: 'amount=1&card[name]=x' }, 400, 'parameter: card.number'],
    ['a body of another kind', '/v1/echo', { form: 'x', headers: { 'content-type': 'text/csv' } }, 415, 'text/csv'],
    ['broken JSON', '/v1/echo', { form: '{', headers: { 'content-type': 'application/json' } }, 400, 'not JSON'],
  ])("answers %s in the vendor's shape", async (_, path, asked: Asked, status, message) => {
    const twin = await start()

    const answer = await ask(twin, path, asked)

    expect(answer.status).toBe(status)
    expect(await answer.json()).toEqual({
      error: { kind: expect.any(String), message: expect.stringContaining(message) },
    })
    expect([twin.effects, twin.problems]).toEqual([[], []])
  })

  it('takes nested parameters of a form', async () => {
    const twin = await start()

    const paid = await ask(twin, '/v1/orders/seeded/pay', { form: 'amount=1&card[number]=4242&items[0][n]=1' })

    expect(paid.status).toBe(200)
    expect(twin.snapshot().orders?.seeded?.paid).toEqual({ amount: '1', card: { number: '4242' }, items: [{ n: '1' }] })
  })

  it('refuses a body beyond its limit without keeping it', async () => {
    const twin = await start({ maxBodyBytes: 1000 })

    const answer = await order(twin, 'x'.repeat(300_000))

    expect(answer.status).toBe(413)
    expect(twin.calls.log).toMatchObject([{ operation: 'shop:order.create', status: 413, body: {} }])
    expect((await order(twin, 'tea')).status).toBe(201)
  })

  it('goes on when a client goes away in the middle of a body', async () => {
    const twin = await start()
    const client = createConnection(Number(new URL(twin.url).port), '127.0.0.1')
    client.write('POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"item":', () => client.destroy())
    await once(client, 'close')

    expect((await order(twin, 'tea')).status).toBe(201)
    expect(twin.calls.count).toBe(1)
  })

  it('counts an effect only where the provider reads the answer as a success', async () => {
    const twin = await start({ clock: { ...systemClock, now: () => 5 } })

    for (const item of ['tea', 'nothing', 'declined']) await order(twin, item, { key: `key-${item}` })
    await ask(twin, '/v1/orders')
    await ask(twin, '/v1/orders/seeded/pay', { form: 'amount=1&card[number]=4242' })

    expect(twin.effects).toEqual([
      { operation: 'shop:order.create', key: 'key-tea', at: 5, id: 'ord_twin_1' },
      { operation: 'shop:order.pay', key: undefined, at: 5, id: 'seeded' },
    ])
  })

  it('keeps its calls without a secret in them', async () => {
    const twin = await start()
    const secret = twin.secrets.SHOP_KEY ?? ''

    await ask(twin, `/v1/orders?leak=${secret}`)
    await ask(twin, '/v1/echo', { json: { deep: [Buffer.from(secret).toString('base64')] } })

    expect(twin.calls.log).toMatchObject([
      { operation: 'shop:order.list', method: 'GET', target: '/v1/orders?leak=<redacted>', status: 200 },
      { operation: 'POST /v1/echo', method: 'POST' },
    ])
    expect(JSON.stringify(twin.calls.log)).not.toContain(Buffer.from(secret).toString('base64').slice(2, -4))
  })

  it('listens on loopback, says when its port is taken, and frees it when closed', async () => {
    const twin = await start()
    const port = Number(new URL(twin.url).port)

    await expect(openTwin({ provider: shop, port })).rejects.toMatchObject({
      code: 'IF_ERR_ALREADY_EXISTS',
      message: expect.stringContaining(`127.0.0.1:${port}: the port is taken`),
    })
    await twin.close()
    await twin.close()
    const again = await start({ port, secrets: twin.secrets })

    expect(again.secrets).toEqual(twin.secrets)
    expect((await order(again, 'tea', { credential: twin.secrets.SHOP_KEY ?? '' })).status).toBe(201)
  })

  it('answers many calls at once', async () => {
    const twin = await start()

    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, at) => order(twin, `tea ${at}`, { key: `k${at % 30}` })),
    )

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(30)
    expect(new Set(twin.effects.map(({ key }) => key)).size).toBe(30)
  })
})

describe('idempotency keys at a twin', () => {
  it('give the first answer again, marked, and act once', async () => {
    const twin = await start()

    const first = await order(twin, 'tea', { key: 'k1' })
    const second = await order(twin, 'tea', { key: 'k1' })

    expect(await second.text()).toBe(await first.text())
    expect(second.status).toBe(201)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(twin.effects).toHaveLength(1)
    expect(twin.calls.log.map(({ replayed }) => replayed)).toEqual([undefined, true])
  })

  it('are refused with other parameters', async () => {
    const twin = await start()
    await order(twin, 'tea', { key: 'k1' })

    const other = await order(twin, 'coffee', { key: 'k1' })
    const elsewhere = await ask(twin, '/v1/echo', { json: { item: 'tea' }, key: 'k1' })

    expect([other.status, elsewhere.status]).toEqual([400, 400])
    expect(await other.json()).toMatchObject({ error: { message: expect.stringContaining('other parameters') } })
    expect(twin.effects).toHaveLength(1)
  })

  it("get the vendor's own answer to other parameters where the definition has one", async () => {
    const twin = { ...shop.twin, keyReused: (message: string) => ({ status: 422, body: { reused: message } }) }
    const served = await start({ provider: { ...shop, twin } })
    await order(served, 'tea', { key: 'k1' })

    expect((await order(served, 'coffee', { key: 'k1' })).status).toBe(422)
  })

  it('remember failures of the action, but not of a refused request', async () => {
    const twin = await start()

    expect((await order(twin, 'nothing', { key: 'k1' })).status).toBe(402)
    expect((await order(twin, 'nothing', { key: 'k1' })).headers.get('idempotent-replayed')).toBe('true')
    expect((await ask(twin, '/v1/orders', { json: {}, key: 'k2' })).status).toBe(400)
    expect((await order(twin, 'tea', { key: 'k2' })).status).toBe(201)
  })

  it('are in conflict while the first request is still being served', async () => {
    const { clock, release, waiting } = heldClock()
    const twin = await start({ clock, faults: [parseFault('shop:order.create:latency=1s')] })

    const first = order(twin, 'tea', { key: 'k1' })
    await waiting
    const second = await order(twin, 'tea', { key: 'k1' })
    release()

    expect(second.status).toBe(409)
    expect(await second.json()).toMatchObject({ error: { message: expect.stringContaining('still being served') } })
    expect((await first).status).toBe(201)
    expect((await order(twin, 'tea', { key: 'k1' })).headers.get('idempotent-replayed')).toBe('true')
  })

  it('act even when the client is gone before the answer', async () => {
    const { clock, release, waiting } = heldClock()
    const twin = await start({ clock, faults: [parseFault('shop:order.create:latency=1s')] })
    const leaving = new AbortController()
    const gone = fetch(`${twin.url}/v1/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${twin.secrets.SHOP_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': 'k1',
      },
      body: '{"item":"tea"}',
      signal: leaving.signal,
    }).catch(() => 'gone')
    await waiting
    leaving.abort()
    expect(await gone).toBe('gone')
    release()
    twin.setFaults([])

    const again = await order(twin, 'tea', { key: 'k1' })

    expect(again.status).toBe(201)
    expect(twin.effects).toHaveLength(1)
  })
})

describe('faults injected into a twin', () => {
  it.each([
    ['shop:order.create:503', 503, 'unavailable'],
    ['*:500', 500, 'unavailable'],
    ['*:429;retry-after=7', 429, 'rate-limited'],
    ['*:404', 404, 'not-found'],
    ['*:401', 401, 'unauthorized'],
    ['*:403', 403, 'invalid'],
  ])("%s is answered in the vendor's shape, and nothing happens", async (fault, status, kind) => {
    const twin = await start({ faults: [parseFault(fault)] })

    const answer = await order(twin, 'tea')

    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { kind } })
    expect(answer.headers.get('retry-after')).toBe(status === 429 ? '7' : null)
    expect(twin.effects).toEqual([])
    expect(twin.calls.log).toMatchObject([{ fault: fault.replace(/^.*:/, '') }])
  })

  it('cut the connection before or after the action', async () => {
    const twin = await start({ faults: [parseFault('shop:order.create:drop')] })

    await expect(order(twin, 'tea', { key: 'k1' })).rejects.toThrow('fetch failed')
    expect(twin.effects).toHaveLength(0)
    twin.setFaults([parseFault('*:drop-after')])
    await expect(order(twin, 'tea', { key: 'k1' })).rejects.toThrow('fetch failed')
    expect(twin.effects).toHaveLength(1)
    twin.setFaults([])

    expect((await order(twin, 'tea', { key: 'k1' })).headers.get('idempotent-replayed')).toBe('true')
    expect(twin.calls.log.map(({ status }) => status)).toEqual([undefined, undefined, 201])
  })

  it('act, and answer with garbage', async () => {
    const twin = await start({ faults: [parseFault('*:garbage')] })

    const answer = await order(twin, 'tea')

    expect(answer.status).toBe(200)
    await expect(answer.json()).rejects.toThrow()
    expect(twin.effects).toHaveLength(1)
  })

  it('are refused when they name an unknown operation', async () => {
    await expect(openTwin({ provider: shop, faults: [parseFault('order.make:503')] })).rejects.toMatchObject({
      code: 'IF_ERR_UNKNOWN_OPERATION',
    })
  })

  it('end a wait when the twin is closed', async () => {
    const { clock, waiting } = heldClock()
    const twin = await start({ clock, faults: [parseFault('*:latency=60s')] })

    const asked = order(twin, 'tea').catch(() => 'cut')
    await waiting
    await twin.close()

    expect(await asked).toBe('cut')
    expect(twin.effects).toEqual([])
  })
})

describe('faults of a twin itself', () => {
  it.each(['bug', 'vandal'])('are answered with 500, logged, and listed: %s', async (item) => {
    const lines: string[] = []
    const logger = createLogger({ clock: systemClock, redactor: new Redactor(), write: (line) => lines.push(line) })
    const twin = await start({ logger })

    const answer = await order(twin, item, { key: 'k1' })

    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('the twin is at fault') } })
    expect(twin.problems).toEqual([{ operation: 'shop:order.create', message: expect.any(String) }])
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      provider: 'shop',
      operation: 'shop:order.create',
    })
    expect(twin.snapshot().orders?.seeded?.item).toBe('milk')
  })
})

describe('the websocket of a twin', () => {
  it('greets, checks the credential, and tells of changes made over HTTP and over any socket', async () => {
    const twin = await start()
    const [one, two] = [await line(twin), await line(twin)]
    expect(await one.next()).toMatchObject({ type: 'hello', now: expect.any(Number) })
    await two.next()
    for (const { send, next } of [one, two]) {
      send({ type: 'auth', key: twin.secrets.SHOP_KEY ?? '' })
      expect(await next()).toEqual({ type: 'welcome' })
    }

    await order(twin, 'tea')
    const made = { type: 'changed', id: 'ord_twin_1', before: null, after: { id: 'ord_twin_1', item: 'tea' } }
    expect([await one.next(), await two.next()]).toEqual([made, made])

    await ask(twin, '/v1/orders/seeded/pay', { form: 'amount=1&card[number]=1' })
    expect(await two.next()).toMatchObject({
      before: { id: 'seeded', item: 'milk' },
      after: { id: 'seeded', paid: {} },
    })
    await one.next()

    one.send({ type: 'order', item: 'coffee' })
    expect(await one.next()).toEqual({ type: 'done', id: 'ord_twin_2' })
    expect(await two.next()).toMatchObject({ type: 'changed', id: 'ord_twin_2' })

    await ask(twin, '/v1/orders/seeded', { method: 'DELETE' })
    one.send({ type: 'order', item: 'cake' })
    expect(await two.next()).toMatchObject({ id: 'ord_twin_3' })
  })

  it('closes on a wrong credential', async () => {
    const { send, next, closed } = await line(await start())
    await next()

    send({ type: 'auth', key: 'shop_test_wrong' })

    expect(await next()).toEqual({ type: 'refused' })
    expect(await closed).toBe(1005)
  })

  it.each(['[1]', 'nonsense', 'null'])('closes on %s, which is no JSON object', async (text) => {
    const { raw, closed } = await line(await start())

    raw.send(text)

    expect(await closed).toBe(1003)
  })

  it('closes on bytes', async () => {
    const { raw, closed } = await line(await start())

    raw.send(new Uint8Array([1]))

    expect(await closed).toBe(1003)
  })

  it('cuts a socket whose handler fails, and lists the problem', async () => {
    const twin = await start()
    const { send, closed } = await line(twin)

    send({ type: 'bug' })

    expect(await closed).toBe(1006)
    expect(twin.problems).toEqual([{ operation: 'websocket /socket', message: 'the socket handler has a bug' }])
  })

  it('stands at its own path only', async () => {
    const twin = await start()

    await expect(line(twin, '/elsewhere')).rejects.toThrow('404')
  })

  it.each([
    ['drop', 'socket hang up'],
    ['503', '503'],
    ['garbage', '200'],
  ])('can be told to refuse the opening: %s', async (fault, problem) => {
    const twin = await start({ faults: [parseFault(`shop:order.watch:${fault}`)] })

    await expect(line(twin)).rejects.toThrow(problem)
  })

  it.each([
    ['drop', 0],
    ['drop-after', 1],
  ])('can be told to cut a message: %s', async (fault, orders) => {
    const twin = await start()
    const { send, next, closed } = await line(twin)
    await next()
    twin.setFaults([parseFault(`*:${fault}`)])

    send({ type: 'order', item: 'tea' })

    expect(await closed).toBe(1006)
    expect(Object.keys(twin.snapshot().orders ?? {})).toHaveLength(1 + orders)
    expect(await next()).toBeUndefined()
  })

  it('can be told to answer with garbage', async () => {
    const twin = await start()
    const { raw, send, next } = await line(twin)
    await next()
    twin.setFaults([parseFault('*:garbage')])
    const heard = once(raw, 'message')

    send({ type: 'order', item: 'tea' })

    expect(String((await heard)[0])).toBe('<html>')
    expect(twin.calls.log).toMatchObject([{ method: 'MESSAGE', fault: 'garbage', body: { item: 'tea' } }])
  })

  it('keeps messages in order while one is held back, and ends held ones at the close', async () => {
    const { clock, release, waiting } = heldClock()
    const twin = await start({ clock })
    const { send, next, closed } = await line(twin)
    await next()
    twin.setFaults([parseFault('*:latency=1s')])
    send({ type: 'order', item: 'first' })
    await waiting
    twin.setFaults([])
    send({ type: 'order', item: 'second' })
    release()

    expect([await next(), await next()]).toEqual([
      { type: 'done', id: 'ord_twin_1' },
      { type: 'done', id: 'ord_twin_2' },
    ])
    expect(twin.snapshot().orders?.ord_twin_1?.item).toBe('first')
    await twin.close()
    expect(await closed).toBe(1006)
  })

  it('ends an opening that is held back when the twin is closed', async () => {
    const { clock, waiting } = heldClock()
    const twin = await start({ clock, faults: [parseFault('*:latency=60s')] })

    const opening = line(twin).catch(() => 'cut')
    await waiting
    await twin.close()

    expect(await opening).toBe('cut')
  })
})

interface Line {
  raw: WebSocket
  send: (message: JsonObject) => void
  /** The next JSON message; undefined at the end. */
  next: () => Promise<JsonObject | undefined>
  closed: Promise<number>
}

async function line(twin: Twin, path = '/socket'): Promise<Line> {
  const raw = new WebSocket(`${twin.url.replace('http', 'ws')}${path}`)
  const heard: JsonObject[] = []
  raw.on('message', (content) => {
    const text = content.toString()
    if (text.startsWith('{')) heard.push(JSON.parse(text))
    raw.emit('heard')
  })
  const closed = new Promise<number>((resolve) => raw.on('close', resolve))
  await once(raw, 'open')
  return {
    raw,
    closed,
    send: (message) => raw.send(JSON.stringify(message)),
    next: async () => {
      while (heard.length === 0 && raw.readyState !== WebSocket.CLOSED) await Promise.race([once(raw, 'heard'), closed])
      return heard.shift()
    },
  }
}

/** A clock whose waits last until they are released. */
function heldClock(): { clock: Clock; release: () => void; waiting: Promise<void> } {
  let entered = () => {}
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    entered = resolve
  })
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const sleep = (_: number, signal?: AbortSignal) =>
    Promise.race([
      held,
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        entered()
      }),
    ])
  return { clock: { ...systemClock, sleep }, release: () => release(), waiting }
}
