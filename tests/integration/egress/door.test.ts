import { describe, expect, it } from 'vitest'
import { createPools } from '../../../src/egress/pools.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import {
  BEARER,
  deadOrigin,
  failureOf,
  get,
  openTestDoor,
  optionsFor,
  postOptions,
  SECRET,
  secretsOf,
  serve,
} from './rig.ts'

describe('the door', () => {
  it('sends method, path, query, headers and body with the secret filled in', async () => {
    const { door } = openTestDoor()
    const heard: unknown[] = []
    const { origin } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        heard.push({ method: request.method, url: request.url, headers: request.headers, body })
        response.setHeader('set-cookie', ['a=1', 'b=2'])
        response.end('{"ok":true}')
      })
    })

    const { response, attempts } = await door.send(
      {
        method: 'POST',
        url: `${origin}/v1/items?expand[]=a&q=x%2Fy`,
        headers: { 'Content-Type': 'application/json' },
        body: '{"a":"ä"}',
        slots: [BEARER],
      },
      postOptions(origin),
    )

    expect(heard).toMatchObject([
      {
        method: 'POST',
        url: '/v1/items?expand[]=a&q=x%2Fy',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}`, 'content-length': '10' },
        body: '{"a":"ä"}',
      },
    ])
    expect(response).toMatchObject({ status: 200, text: '{"ok":true}', headers: { 'set-cookie': 'a=1, b=2' } })
    expect(attempts).toMatchObject([{ number: 1, status: 200, retry: { retry: false } }])
  })

  it.each([
    ['a host', 'https://other.example/v1/items', 'GET'],
    ['a path', '/v1/other', 'GET'],
    ['a climbing path', '/v1/x/%2e%2e/items', 'GET'],
    ['a method', '/v1/items', 'DELETE'],
  ])('refuses %s that the route does not name, and nothing leaves', async (_what, url, method) => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve((_request, response) => {
      heard++
      response.end()
    })

    const failure = await failureOf(
      door.send(get(origin, { method, url: url.startsWith('/') ? origin + url : url }), optionsFor(origin)),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { departure: 'nothing-left' } })
    expect(heard).toBe(0)
  })

  it('refuses a loopback literal and a name that resolves to loopback, and nothing leaves', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve((_request, response) => {
      heard++
      response.end()
    })

    for (const host of [origin, origin.replace('127.0.0.1', 'localhost'), origin.replace('127.0.0.1', '0x7f.1')]) {
      const failure = await failureOf(
        door.send(
          get(host),
          optionsFor(host, { allowPrivate: false, retry: { attempts: 3, backoffSeconds: [1], repeatable: true } }),
        ),
      )
      expect(failure).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { departure: 'nothing-left' } })
      expect(failure.details.attempts).toHaveLength(1)
    }
    expect(heard).toBe(0)
  })

  it('never uses a connection opened with private addresses allowed for a call without', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => response.end('ok'))
    const named = origin.replace('127.0.0.1', 'localhost')
    await door.send(get(named), optionsFor(named))

    const failure = await failureOf(door.send(get(named), optionsFor(named, { allowPrivate: false })))

    expect(failure.code).toBe('IF_ERR_EGRESS_DENIED')
  })

  it('connects to the address that was checked, without a second resolution', async () => {
    let asked = 0
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    const { door } = openTestDoor({ connect: { resolve } })
    const hosts: (string | undefined)[] = []
    const { origin } = await serve((request, response) => {
      hosts.push(request.headers.host)
      response.end('ok')
    })
    const named = origin.replace('127.0.0.1', 'rebind.example')

    await door.send(get(named), optionsFor(named))

    expect(asked).toBe(1)
    expect(hosts).toEqual([new URL(named).host])
  })

  it('passes on that a secret is missing, and nothing leaves', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve((_request, response) => {
      heard++
      response.end()
    })
    const secrets = secretsOf(new FabricError('IF_ERR_SECRET_MISSING', 'no KEY', { hint: 'set it' }))

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { secrets })))

    expect(failure).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      hint: 'set it',
      details: { departure: 'nothing-left' },
    })
    expect(heard).toBe(0)
  })

  it('refuses a header that HTTP forbids, and nothing leaves', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => response.end())

    const failure = await failureOf(door.send(get(origin, { headers: { 'x-a': 'b\r\nc: d' } }), optionsFor(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_INVALID_INPUT', details: { departure: 'nothing-left' } })
  })

  it('refuses a message slot in an HTTP request', async () => {
    const { door } = openTestDoor()
    const slots = [{ ...BEARER, in: 'message' as const }]

    const failure = await failureOf(door.send(get('http://127.0.0.1', { slots }), optionsFor('http://127.0.0.1')))

    expect(failure.code).toBe('IF_ERR_EGRESS_DENIED')
  })

  it('answers a thousand concurrent requests', async () => {
    const { door } = openTestDoor()
    const { origin, server } = await serve((request, response) => response.end(request.url?.split('=')[1]))
    let connections = 0
    server.on('connection', () => connections++)

    const texts = await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        const { response } = await door.send(get(origin, { url: `${origin}/v1/items?n=${at}` }), optionsFor(origin))
        return response.text
      }),
    )

    expect(texts).toEqual(Array.from({ length: 1000 }, (_, at) => String(at)))
    expect(connections).toBeLessThanOrEqual(128)
  })

  it('keeps connections alive between calls', async () => {
    const { door } = openTestDoor()
    const { origin, server } = await serve((_request, response) => response.end('ok'))
    let connections = 0
    server.on('connection', () => connections++)

    for (let at = 0; at < 5; at++) await door.send(get(origin), optionsFor(origin))

    // undici frees a connection one turn after its answer, so two may take turns.
    expect(connections).toBeLessThanOrEqual(2)
  })

  it('ends what is under way when it closes, and refuses what comes after', async () => {
    const { door } = openTestDoor()
    let heard: () => void = () => {}
    const reached = new Promise<void>((resolve) => {
      heard = resolve
    })
    const { origin } = await serve(() => heard())
    const hanging = failureOf(door.send(get(origin), optionsFor(origin)))
    await reached

    await door.close()

    expect(await hanging).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'may-have-left' } })
    expect(await failureOf(door.send(get(origin), optionsFor(origin)))).toMatchObject({
      code: 'IF_ERR_CANCELLED',
      details: { departure: 'nothing-left' },
    })
  })
})

describe('redirects', () => {
  it('are followed for a read on the same origin, with the secret', async () => {
    const { door } = openTestDoor()
    const heard: (string | undefined)[] = []
    const { origin } = await serve((request, response) => {
      heard.push(`${request.url} ${request.headers.authorization}`)
      if (heard.length > 1) response.end('here')
      else response.writeHead(302, { location: '/v1/items?page=2' }).end()
    })

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).toBe('here')
    expect(heard).toEqual([`/v1/items Bearer ${SECRET}`, `/v1/items?page=2 Bearer ${SECRET}`])
  })

  it('carry no credentials to another origin of the route', async () => {
    const { door } = openTestDoor()
    const heard: unknown[] = []
    const second = await serve((request, response) => {
      heard.push(request.headers.authorization, request.headers.cookie, request.headers['x-kept'])
      response.end('here')
    })
    const first = await serve((_request, response) =>
      response.writeHead(307, { location: `${second.origin}/v1/items` }).end(),
    )
    const route = { method: 'GET', origins: [first.origin, second.origin], path: '/v1/items' }

    const { response } = await door.send(
      get(first.origin, { headers: { Cookie: 'a=b', 'X-Kept': 'yes' } }),
      optionsFor(first.origin, { route }),
    )

    expect(response.text).toBe('here')
    expect(heard).toEqual([undefined, undefined, 'yes'])
  })

  it('to another host or port are refused, and that one hears nothing', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const other = await serve((_request, response) => {
      heard++
      response.end()
    })
    const { origin } = await serve((_request, response) =>
      response.writeHead(302, { location: `${other.origin}/v1/items` }).end(),
    )

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      details: { departure: 'may-have-left', pointsTo: new URL(other.origin).host },
    })
    expect(heard).toBe(0)
  })

  it('to an origin of the route at a forbidden address are refused', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/v1/items' }).end(),
    )
    const route = { method: 'GET', origins: [origin, 'http://169.254.169.254'], path: '/v1/items' }

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { route })))

    expect(failure).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { departure: 'may-have-left' } })
  })

  it('of an effectful request are an error', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve((_request, response) => {
      heard++
      response.writeHead(307, { location: '/v1/items' }).end()
    })

    const failure = await failureOf(door.send(get(origin, { method: 'POST' }), postOptions(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { departure: 'may-have-left' } })
    expect(heard).toBe(1)
  })

  it('in a circle end', async () => {
    const { door } = openTestDoor()
    let heard = 0
    const { origin } = await serve((_request, response) => {
      heard++
      response.writeHead(302, { location: '/v1/items' }).end()
    })

    expect(await failureOf(door.send(get(origin), optionsFor(origin)))).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
    expect(heard).toBe(6)
  })
})

describe('the pools', () => {
  it('stay bounded: the longest unused idle one makes room', async () => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const pools = createPools({ resolve, maxPools: 2 })
    const target = (name: string) => ({
      origin: `http://${name}.example`,
      hostname: `${name}.example`,
      path: '/',
      query: '',
    })
    const first = pools.of(target('a'), { allowPrivate: true })
    const second = pools.of(target('b'), { allowPrivate: true })
    pools.of(target('a'), { allowPrivate: true })

    pools.of(target('c'), { allowPrivate: true })

    expect(pools.size).toBe(2)
    expect(pools.of(target('a'), { allowPrivate: true })).toBe(first)
    expect(second.closed).toBe(true)
    await pools.close()
  })

  it('report a dead port as unavailable with nothing left', async () => {
    const { door } = openTestDoor()
    const origin = await deadOrigin()

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      message: expect.stringContaining(`${new URL(origin).host}: the connection is refused`),
      details: { departure: 'nothing-left', cause: 'ECONNREFUSED' },
    })
  })

  it('report a name that does not exist with nothing left', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    const { door } = openTestDoor({ connect: { resolve } })
    const origin = 'https://nowhere.example'

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { departure: 'nothing-left' } })
  })
})
