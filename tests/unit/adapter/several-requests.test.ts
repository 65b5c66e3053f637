import { afterEach, describe, expect, it } from 'vitest'
import {
  buildRequest,
  type Fault,
  get,
  type Instance,
  type JsonObject,
  type JsonValue,
  keyInBody,
  type NativeOperation,
  native,
  operationOf,
  type PerformOptions,
  ProviderFault,
  paginate,
  pathValuesIn,
  perform,
  post,
  secret,
  secretInBody,
  untilDone,
  z,
} from '../../../src/adapter/index.ts'
import type { FabricError } from '../../../src/foundation/index.ts'
import { instanceOf, withFacts } from './fixtures/acme.ts'
import { json, openTestDoor, type Seen, secrets, serve, type TestServer } from './fixtures/server.ts'

const door = openTestDoor()
const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

interface Job {
  id: string
  state: 'running' | 'done' | 'failed'
}

const job = z.object({ id: z.string(), state: z.enum(['running', 'done', 'failed']) })
const looked = (body: unknown): Job => job.parse(body)
const lookAt = (id: string) => get('/jobs/{id}', { path: { id } })
const jobFault: Fault = { code: 'IF_ERR_ACTION_FAILED', message: 'The job failed.', vendorCode: 'J7' }

const stateOf = ({ body }: { body: unknown }) => {
  const { state } = looked(body)
  if (state === 'failed') return { failed: jobFault }
  return state === 'done' ? ('done' as const) : ('waits' as const)
}

const common = {
  summary: 'For tests.',
  effect: 'create' as const,
  input: z.strictObject({ pauseMs: z.int().default(1) }),
  output: z.object({ id: z.string() }),
  cost: 'free' as const,
}

/** An operation object that is looked at until it is done. */
const jobRun = native({
  ...common,
  request: () => post('/jobs', { json: {} }),
  result: () => ({ id: '' }),
  *more({ input, answer }) {
    const last = yield* untilDone(answer, {
      look: ({ body }) => lookAt(looked(body).id),
      state: stateOf,
      pausesMs: [input.pauseMs],
    })
    return { id: looked(last.body).id }
  },
  examples: [
    { input: { pauseMs: 1 }, response: { id: 'j1', state: 'running' }, more: [{ body: { id: 'j1', state: 'done' } }] },
  ],
})

/** 202 with a Location. */
const jobQueue = native({
  ...common,
  request: () => post('/queue', { json: {} }),
  result: () => ({ id: '' }),
  *more({ answer }) {
    const { id = '' } = pathValuesIn(answer.headers?.location, '/api/main/jobs/{id}')
    const last = yield* untilDone(answer, {
      look: () => lookAt(id),
      state: (seen) => (seen.status === 202 ? 'waits' : stateOf(seen)),
      pausesMs: [0, 1],
    })
    return { id: looked(last.body).id }
  },
  examples: [
    {
      input: { pauseMs: 1 },
      status: 202,
      response: null,
      headers: { location: '/api/main/jobs/j1' },
      more: [{ body: { id: 'j1', state: 'done' } }],
    },
  ],
})

/** Begins, acts again, ends: as an upload in three requests. */
const upload = native({
  ...common,
  request: () => post('/begin', { json: { key: keyInBody({ length: 16 }) } }),
  result: () => ({ id: '' }),
  *more({ answer }) {
    const { id } = looked(answer.body)
    yield { request: post('/put/{id}', { path: { id }, json: { pin: secretInBody(secret('ACME_TOKEN')) } }) }
    const ended = yield { request: post('/end', { json: { id, key: keyInBody({ length: 16 }) } }) }
    if (looked(ended.body).state === 'failed') throw new ProviderFault(jobFault)
    return { id }
  },
  examples: [
    {
      input: { pauseMs: 1 },
      response: { id: 'u1', state: 'running' },
      more: [{ body: null }, { body: { id: 'u1', state: 'done' } }],
    },
  ],
})

/** Looks up what it needs, then acts. */
const lookedUp = native({
  ...common,
  looksFirst: true,
  request: () => get('/lookup'),
  result: () => ({ id: '' }),
  *more({ answer }) {
    const { id } = looked(answer.body)
    yield { request: post('/act', { json: { id } }) }
    return { id }
  },
  examples: [{ input: { pauseMs: 1 }, response: { id: 'l1', state: 'done' }, more: [{ body: null }] }],
})

/** Asks for ever where the vendor never ends, or waits for what is no time. */
const endless = native({
  ...common,
  request: () => post('/begin', { json: {} }),
  result: () => ({ id: '' }),
  *more({ input }) {
    for (;;) {
      if (input.pauseMs < 0) yield { pauseMs: input.pauseMs === -1 ? Number.NaN : input.pauseMs }
      const { body } = yield { request: lookAt('j1'), reads: true }
      if (looked(body).state === 'done') return { id: 'j1' }
    }
  },
  examples: [
    { input: { pauseMs: 1 }, response: { id: 'j1', state: 'running' }, more: [{ body: { id: 'j1', state: 'done' } }] },
  ],
})

const provider = withFacts({
  native: {
    endless: endless as NativeOperation,
    'job.run': jobRun,
    'job.queue': jobQueue,
    upload: upload as NativeOperation,
    'looked.up': lookedUp,
  },
  operations: {
    'channel.list': {
      summary: 'List channels.',
      effect: 'read',
      request: () => post('/list', { json: { size: 2 } }),
      result: (body) => ({ channels: (body as { items: { id: string; name: string }[] }).items }),
      cost: 'free',
      pages: {
        field: 'channels',
        next: (body, { count, pages, headers }) => {
          const { next } = body as { next?: string }
          return next === undefined
            ? undefined
            : { json: { cursor: next, count, pages }, query: { h: headers['x-page'] } }
        },
      },
      examples: [{ input: { limit: 100 }, response: { items: [] } }],
    },
    'balance.get': {
      summary: 'Read nothing.',
      effect: 'read',
      request: () => get('/balance'),
      result: () => ({ available: [], pending: [] }),
      cost: 'free',
      examples: [{ input: {}, response: {} }],
    },
  },
})

type Reply = { status?: number; headers?: Record<string, string>; body: unknown }

const start = async (reply: (seen: Seen, count: number) => Reply | 'cut') => {
  const server = await serve((seen, response, count) => {
    const answer = reply(seen, count)
    if (answer === 'cut') return void response.destroy()
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
    json(response, answer.body, answer.status)
  })
  servers.push(server)
  return server
}

const optionsFor = (origin: string, operation: string, more: Partial<PerformOptions> = {}): PerformOptions => ({
  provider,
  instance: instanceOf({ twin: origin } as Partial<Instance>),
  entry: operationOf(provider, operation),
  input: { pauseMs: 1 },
  door,
  secrets,
  timeoutMs: 5000,
  ...more,
})

const run = (...args: Parameters<typeof optionsFor>) => perform(optionsFor(...args))

const failureOf = async (work: Promise<unknown>): Promise<FabricError> => {
  try {
    await work
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing failed')
}

async function allOf(list: AsyncIterable<JsonValue>): Promise<JsonValue[]> {
  const items: JsonValue[] = []
  for await (const item of list) items.push(item)
  return items
}

const asked = ({ seen }: TestServer): string[] => seen.map(({ method, url }) => `${method} ${url}`)

describe('an operation that the vendor ends later', () => {
  it('is one step: looked at until it is done', async () => {
    const server = await start((_seen, count) => ({ body: { id: 'j1', state: count < 4 ? 'running' : 'done' } }))

    const { result, attempts } = await run(server.origin, 'job.run')

    expect(result).toEqual({ id: 'j1' })
    expect(asked(server)).toEqual(['POST /api/main/jobs', ...Array(3).fill('GET /api/main/jobs/j1')])
    expect(attempts).toHaveLength(4)
  })

  it('asks for nothing more where it is done at once', async () => {
    const server = await start(() => ({ body: { id: 'j1', state: 'done' } }))

    expect((await run(server.origin, 'job.run')).result).toEqual({ id: 'j1' })
    expect(server.seen).toHaveLength(1)
  })

  it('follows a Location to its own host only, as its own template has it', async () => {
    const server = await start((_seen, count) =>
      count === 1
        ? { status: 202, headers: { location: 'https://evil.example/api/main/jobs/j%2F9' }, body: '' }
        : { body: { id: 'j/9', state: 'done' } },
    )

    expect((await run(server.origin, 'job.queue')).result).toEqual({ id: 'j/9' })
    expect(asked(server)).toEqual(['POST /api/main/queue', 'GET /api/main/jobs/j%2F9'])
  })

  it('refuses a Location of another form', async () => {
    const server = await start(() => ({ status: 202, headers: { location: '/elsewhere' }, body: '' }))

    expect(await failureOf(run(server.origin, 'job.queue'))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('"/elsewhere", which is no /api/main/jobs/{id}') as string,
      details: { outcome: 'unknown' },
    })
  })

  it('looks again where a look fails, as a look changes nothing', async () => {
    const server = await start((_seen, count) => {
      if (count === 2) return 'cut'
      if (count === 3) return { status: 503, body: {} }
      return { body: { id: 'j1', state: count === 1 ? 'running' : 'done' } }
    })

    expect((await run(server.origin, 'job.run')).result).toEqual({ id: 'j1' })
    expect(server.seen).toHaveLength(4)
  })

  it("ends with the vendor's failure, its code and request id, as not done", async () => {
    const server = await start((_seen, count) => ({ body: { id: 'j1', state: count === 1 ? 'running' : 'failed' } }))

    expect(await failureOf(run(server.origin, 'job.run'))).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'acme-eu refused: The job failed. (J7)',
      details: { outcome: 'not-done', status: 200, vendorCode: 'J7', vendorRequestId: 'req_1' },
    })
  })

  it('says that it goes on at the vendor where the time is up, and leaves the outcome open', async () => {
    const server = await start(() => ({ headers: { 'retry-after': '60' }, body: { id: 'j1', state: 'running' } }))

    const error = await failureOf(run(server.origin, 'job.run'))

    expect(error).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { outcome: 'unknown' } })
    expect(error.hint).toMatch(/goes on at the provider/)
    expect(server.seen).toHaveLength(1)
  })

  it('ends after a thousand further requests where the definition asks for ever, and leaves the outcome open', async () => {
    const server = await start(() => ({ body: { id: 'j1', state: 'running' } }))

    const error = await failureOf(run(server.origin, 'endless', { timeoutMs: 60_000 }))

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { outcome: 'unknown' } })
    expect(error.message).toContain('it is not finished after 1000 further requests')
    expect(server.seen).toHaveLength(1001)
  })

  it.each([-1, -1000])('takes no pause that is no time (%s)', async (pauseMs) => {
    const server = await start(() => ({ body: { id: 'j1', state: 'running' } }))

    const error = await failureOf(run(server.origin, 'endless', { input: { pauseMs }, timeoutMs: 2000 }))

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { outcome: 'unknown' } })
    expect(error.message).toMatch(/the definition waits for (NaN|-1000) ms/)
  })

  it('stops waiting at once when it is cancelled, and leaves the outcome open', async () => {
    const abort = new AbortController()
    const server = await start(() => {
      setImmediate(() => abort.abort())
      return { body: { id: 'j1', state: 'running' } }
    })

    const error = await failureOf(
      run(server.origin, 'job.run', { input: { pauseMs: 4000 }, signal: abort.signal, timeoutMs: 60_000 }),
    )

    expect(error).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'unknown' } })
  })

  it('leaves the outcome open where the answer to a look cannot be read', async () => {
    const server = await start((_seen, count) => ({ body: count === 1 ? { id: 'j1', state: 'running' } : { id: 1 } }))

    expect(await failureOf(run(server.origin, 'job.run'))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      details: { outcome: 'unknown' },
    })
  })
})

describe('an operation of several requests', () => {
  const answers = (seen: Seen): Reply => ({ body: seen.url.includes('/put') ? null : { id: 'u1', state: 'done' } })

  it('gives each request a key of its own, the same ones each time, and secrets where they go', async () => {
    const server = await start(answers)

    await run(server.origin, 'upload', { idempotencyKey: 'k'.repeat(64) })
    await run(server.origin, 'upload', { idempotencyKey: 'k'.repeat(64) })

    const bodies = server.seen.map(({ body }) => JSON.parse(body) as JsonObject)
    expect(bodies.slice(0, 3)).toEqual(bodies.slice(3))
    expect(bodies[0]).toEqual({ key: 'kkkkkkkkkkkkkkkk' })
    expect(bodies[1]).toEqual({ pin: 'value-of-ACME_TOKEN' })
    expect(bodies[2]).toEqual({ id: 'u1', key: expect.stringMatching(/^[0-9a-f]{16}$/) as string })
    const headers = server.seen.slice(0, 3).map((seen) => seen.headers['idempotency-key'])
    expect(new Set(headers).size).toBe(3)
  })

  it('makes up a key that nobody asked for, a new one each time', async () => {
    const server = await start(answers)

    await run(server.origin, 'upload')
    await run(server.origin, 'upload')

    const keys = server.seen
      .filter(({ url }) => url.endsWith('/begin'))
      .map(({ body }) => JSON.parse(body).key as string)
    expect(keys[0]).toMatch(/^[0-9a-f]{16}$/)
    expect(keys[0]).not.toBe(keys[1])
  })

  it('repeats nothing that acts where there is no key, and leaves the outcome open after the first request', async () => {
    const server = await start((seen) => (seen.url.includes('/put') ? 'cut' : answers(seen)))

    expect(await failureOf(run(server.origin, 'upload'))).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      details: { outcome: 'unknown' },
    })
    expect(server.seen).toHaveLength(2)
  })

  it('leaves the outcome open where a later request is refused, as an earlier one is done', async () => {
    const server = await start((seen) =>
      seen.url.endsWith('/end') ? { status: 402, body: { error: 'No.' } } : answers(seen),
    )

    expect(await failureOf(run(server.origin, 'upload', { idempotencyKey: 'k' }))).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      details: { outcome: 'unknown', status: 402 },
    })
  })

  it('leaves the outcome open where it finds the failure itself after having acted', async () => {
    const server = await start((seen) => ({
      body: { id: 'u1', state: seen.url.endsWith('/end') ? 'failed' : 'running' },
    }))

    expect(await failureOf(run(server.origin, 'upload'))).toMatchObject({
      details: { outcome: 'unknown', vendorCode: 'J7' },
    })
  })

  it('says that nothing is done where the first request is refused', async () => {
    const server = await start(() => ({ status: 402, body: { error: 'No.' } }))

    expect(await failureOf(run(server.origin, 'upload'))).toMatchObject({ details: { outcome: 'not-done' } })
  })

  it('shows the first request whole and the others by method and path', () => {
    const { planned, keyed } = buildRequest(optionsFor('http://127.0.0.1:1', 'upload'))

    expect(planned.bodyText).toBe('{"key":"$key"}')
    expect(planned.later).toEqual([
      'POST https://{host}/api/{account}/put/{id}',
      'POST https://{host}/api/{account}/end',
    ])
    expect(keyed).toBe(true)
    expect(buildRequest(optionsFor('http://127.0.0.1:1', 'balance.get')).planned).not.toHaveProperty('later')
  })
})

describe('an operation that looks before it acts', () => {
  const found = { body: { id: 'l1', state: 'done' } }

  it('repeats the look, and acts once under the key of the operation', async () => {
    const server = await start((seen, count) => (count === 1 ? 'cut' : seen.method === 'GET' ? found : { body: null }))

    await run(server.origin, 'looked.up', { idempotencyKey: 'key-1' })

    expect(asked(server)).toEqual(['GET /api/main/lookup', 'GET /api/main/lookup', 'POST /api/main/act'])
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, undefined, 'key-1'])
  })

  it.each<[string, (seen: Seen) => Reply | 'cut', string]>([
    ['the look finds nothing', () => ({ status: 404, body: {} }), 'not-done'],
    ['the look is never answered', () => 'cut', 'not-done'],
    ['the look cannot be read', () => ({ body: { id: 1 } }), 'not-done'],
    ['the act is refused', ({ method }) => (method === 'GET' ? found : { status: 402, body: {} }), 'not-done'],
    ['the act is never answered', ({ method }) => (method === 'GET' ? found : 'cut'), 'unknown'],
    ['the act fails at the vendor', ({ method }) => (method === 'GET' ? found : { status: 500, body: {} }), 'unknown'],
  ])('where %s', async (_what, reply, outcome) => {
    const server = await start(reply)

    expect(await failureOf(run(server.origin, 'looked.up'))).toMatchObject({ details: { outcome } })
  })

  it('takes the key only in the request that acts', () => {
    const built = buildRequest(optionsFor('http://127.0.0.1:1', 'looked.up'))

    expect(built).toMatchObject({ takesKey: false, keyed: true })
    expect(built.planned.headers).not.toHaveProperty('Idempotency-Key')
  })
})

describe('a list in pages', () => {
  const PAGES: Record<string, JsonObject> = {
    first: {
      items: [
        { id: '1', name: 'a' },
        { id: '2', name: 'b' },
      ],
      next: 'c2',
    },
    c2: { items: [{ id: '3', name: 'c' }], next: 'c3' },
    c3: { items: [{ id: '4', name: 'd' }] },
  }
  const page = (seen: Seen): Reply => {
    const { cursor = 'first' } = JSON.parse(seen.body) as { cursor?: string }
    return { headers: { 'x-page': cursor }, body: PAGES[cursor] }
  }

  it('is one async iterator, with the facts that the next page is made of', async () => {
    const server = await start(page)

    const items = await allOf(paginate(optionsFor(server.origin, 'channel.list', { input: { limit: 100 } })))

    expect(items.map((item) => (item as JsonObject).id)).toEqual(['1', '2', '3', '4'])
    expect(server.seen.map(({ url, body }) => [url, JSON.parse(body) as JsonObject])).toEqual([
      ['/api/main/list', { size: 2 }],
      ['/api/main/list?h=first', { size: 2, cursor: 'c2', count: 2, pages: 1 }],
      ['/api/main/list?h=c2', { size: 2, cursor: 'c3', count: 3, pages: 2 }],
    ])
  })

  it('asks for no page that nobody wants', async () => {
    const server = await start(page)

    for await (const _item of paginate(optionsFor(server.origin, 'channel.list', { input: { limit: 100 } }))) break

    expect(server.seen).toHaveLength(1)
  })

  it('ends at the limit, in the middle of a page too', async () => {
    const server = await start(page)

    const three = await allOf(paginate(optionsFor(server.origin, 'channel.list', { input: { limit: 3 } })))
    const { result } = await run(server.origin, 'channel.list', { input: { limit: 1 } })

    expect(three).toHaveLength(3)
    expect(result).toEqual({ channels: [{ id: '1', name: 'a' }] })
    expect(server.seen).toHaveLength(3)
  })

  it('ends where the provider gives nothing but more pages', async () => {
    const server = await start(() => ({ body: { items: [], next: 'same' } }))

    expect(await failureOf(run(server.origin, 'channel.list', { input: { limit: 9 } }))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('100 pages in a row with nothing in them') as string,
      details: { outcome: 'not-done' },
    })
    expect(server.seen).toHaveLength(100)
  })

  it('passes on what goes wrong on a later page', async () => {
    const server = await start((seen, count) => (count === 1 ? page(seen) : { status: 401, body: { error: 'Gone.' } }))
    const got: unknown[] = []

    const error = await failureOf(
      (async () => {
        for await (const item of paginate(optionsFor(server.origin, 'channel.list', { input: { limit: 9 } })))
          got.push(item)
      })(),
    )

    expect(got).toHaveLength(2)
    expect(error).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', details: { outcome: 'not-done' } })
  })

  it('is refused for an operation that is no list', async () => {
    const list = paginate(optionsFor('http://127.0.0.1:1', 'balance.get'))

    await expect(list.next()).rejects.toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
  })
})

describe('the values of a path in an address', () => {
  it.each([
    ['https://x.example/v1/operations/op-1?x=1#y', '/v1/operations/{id}', { id: 'op-1' }],
    ['/v1/operations/a%2Fb', '/operations/{id}', { id: 'a/b' }],
    ['https://x.example/projects/p/locations/l/op', '/projects/{p}/locations/{l}/op', { p: 'p', l: 'l' }],
    ['/files/a/b/c', '/files/{path+}', { path: 'a/b/c' }],
    ['/queue(7)', '/queue({id})', { id: '7' }],
  ])('are found in %s', (address, template, values) => {
    expect(pathValuesIn(address, template)).toEqual(values)
  })

  it.each([undefined, '', '/operations/', '/operations/a/b', 'https://operations/', '/operations/%zz'])(
    'are not found in %j',
    (address) => {
      expect(() => pathValuesIn(address, '/operations/{id}')).toThrow(/which is no \/operations\/\{id\}/)
    },
  )
})
