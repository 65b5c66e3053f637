import { describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DoorSocket, SecretSlot, SocketOptions } from '../../../src/egress/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import {
  BEARER,
  closeAfterTest,
  deadOrigin,
  failureOf,
  openTestDoor,
  SECRET,
  secretsOf,
  serve,
  serveBytes,
} from './rig.ts'

const TOKEN: SecretSlot = { in: 'message', name: 'access_token', parts: [{ secret: 'KEY' }] }

const optionsFor = (origin: string, change: Partial<SocketOptions> = {}): SocketOptions => ({
  route: { method: 'GET', origins: [origin], path: '/api/websocket' },
  secrets: secretsOf(SECRET),
  allowPrivate: true,
  timeoutMs: 10_000,
  ...change,
})

async function serveSocket(talk: (peer: WebSocket, headers: Record<string, unknown>) => void): Promise<string> {
  const { origin, server } = await serve((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ server, path: '/api/websocket' })
  sockets.on('connection', (peer, request) => {
    peer.on('error', () => {})
    talk(peer, request.headers)
  })
  closeAfterTest(async () => {
    for (const peer of sockets.clients) peer.terminate()
    sockets.close()
  })
  return origin
}

async function open(
  origin: string,
  slots: SecretSlot[] = [],
  change: Partial<SocketOptions> = {},
): Promise<DoorSocket> {
  const { door } = openTestDoor()
  const url = `${origin.replace('http', 'ws')}/api/websocket`
  return door.connect({ url, headers: {}, slots }, optionsFor(origin, change))
}

async function readAll(socket: DoorSocket): Promise<string[]> {
  const messages: string[] = []
  for await (const message of socket.messages) messages.push(message)
  return messages
}

describe('a websocket', () => {
  it('sends messages in order with secrets in their fields, and scrubs what comes back', async () => {
    const origin = await serveSocket((peer, headers) => {
      peer.send(JSON.stringify({ header: headers.authorization }))
      peer.on('message', (message) => {
        peer.send(`echo ${message}`)
        if (String(message).includes('bye')) peer.close()
      })
    })
    const socket = await open(origin, [BEARER, TOKEN])

    socket.send({ type: 'auth' })
    socket.send({ type: 'next' }, [{ in: 'message', name: 'd.key', parts: [{ secret: 'KEY' }] }])
    socket.send({ type: 'bye' })

    expect(await readAll(socket)).toEqual([
      '{"header":"Bearer <redacted>"}',
      'echo {"type":"auth","access_token":"<redacted>"}',
      'echo {"type":"next","d":{"key":"<redacted>"}}',
      'echo {"type":"bye"}',
    ])
  })

  it('closes from our side and ends the messages', async () => {
    let code = 0
    const origin = await serveSocket((peer) => peer.on('close', (closed) => (code = closed)))
    const socket = await open(origin)

    await socket.close()

    expect(await readAll(socket)).toEqual([])
    expect(code).toBe(1000)
    expect(() => socket.send({})).toThrow(/cut/)
  })

  it('throws when it is cut', async () => {
    const origin = await serveSocket((peer) => {
      peer.send('one')
      setImmediate(() => peer.terminate())
    })

    const failure = await failureOf(readAll(await open(origin)))

    expect(failure).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      details: { departure: 'may-have-left', closeCode: 1006 },
    })
  })

  it('names the code and the scrubbed reason when the other side refuses to go on', async () => {
    const origin = await serveSocket((peer) => peer.close(4009, `no ${SECRET}`))

    const failure = await failureOf(readAll(await open(origin, [BEARER])))

    expect(failure.message).toContain('code 4009 (no <redacted>)')
  })

  it('ends on abort', async () => {
    const controller = new AbortController()
    const origin = await serveSocket(() => {})
    const socket = await open(origin, [], { signal: controller.signal })

    setImmediate(() => controller.abort())

    expect(await failureOf(readAll(socket))).toMatchObject({ code: 'IF_ERR_CANCELLED' })
  })

  it('ends when the door closes', async () => {
    const { door } = openTestDoor()
    const origin = await serveSocket(() => {})
    const url = `${origin.replace('http', 'ws')}/api/websocket`
    const socket = await door.connect({ url, headers: {}, slots: [] }, optionsFor(origin))

    await door.close()

    expect(await readAll(socket)).toEqual([])
  })

  it('fails when a secret of a message cannot be opened', async () => {
    const origin = await serveSocket(() => {})
    const secrets = secretsOf(new FabricError('IF_ERR_SECRET_MISSING', 'no KEY'))
    const socket = await open(origin, [TOKEN], { secrets })

    socket.send({ type: 'auth' })

    expect(await failureOf(readAll(socket))).toMatchObject({ code: 'IF_ERR_SECRET_MISSING' })
  })

  it('holds the host back while nobody reads, and loses nothing', async () => {
    const origin = await serveSocket((peer) => {
      for (let at = 0; at < 20_000; at++) peer.send(`message number ${at} of many`)
      peer.close()
    })
    const socket = await open(origin)
    await new Promise((resolve) => setTimeout(resolve, 50))

    const messages = await readAll(socket)

    expect(messages).toHaveLength(20_000)
    expect(messages.at(-1)).toBe('message number 19999 of many')
  })

  it.each([
    ['a message that is too large', (peer: WebSocket) => peer.send('x'.repeat(5000))],
    ['a binary message', (peer: WebSocket) => peer.send(Buffer.from([1, 2]))],
  ])('refuses %s', async (_what, talk) => {
    const origin = await serveSocket((peer) => setImmediate(() => talk(peer)))

    const failure = await failureOf(readAll(await open(origin, [], { maxMessageBytes: 1000 })))

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { departure: 'may-have-left' } })
  })

  it('offers the subprotocols of the request', async () => {
    const offered: unknown[] = []
    const origin = await serveSocket((_peer, headers) => offered.push(headers['sec-websocket-protocol']))
    const { door } = openTestDoor()
    const url = `${origin.replace('http', 'ws')}/api/websocket`

    await door.connect({ url, headers: { 'Sec-WebSocket-Protocol': 'obs.json' }, slots: [] }, optionsFor(origin))

    expect(offered).toEqual(['obs.json'])
  })
})

describe('opening a websocket', () => {
  it.each([
    ['another path', 'ws://127.0.0.1:1/other', true],
    ['another host', 'ws://127.0.0.2:1/api/websocket', true],
    ['an http address', 'http://127.0.0.1:1/api/websocket', true],
    ['a private address', 'ws://127.0.0.1:1/api/websocket', false],
  ])('at %s is refused', async (_what, url, allowPrivate) => {
    const { door } = openTestDoor()

    const failure = await failureOf(
      door.connect({ url, headers: {}, slots: [] }, optionsFor('http://127.0.0.1:1', { allowPrivate })),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { departure: 'nothing-left' } })
  })

  it('at a name that resolves to loopback is refused', async () => {
    const origin = (await serveSocket(() => {})).replace('127.0.0.1', 'localhost')

    const failure = await failureOf(open(origin, [], { allowPrivate: false }))

    expect(failure).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED', details: { departure: 'nothing-left' } })
  })

  it('at a dead port is unavailable with nothing left', async () => {
    const failure = await failureOf(open(await deadOrigin()))

    expect(failure).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { departure: 'nothing-left' } })
  })

  it.each([
    [401, 'IF_ERR_AUTH_FAILED'],
    [302, 'IF_ERR_BAD_RESPONSE'],
    [404, 'IF_ERR_BAD_RESPONSE'],
    [429, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [503, 'IF_ERR_PROVIDER_UNAVAILABLE'],
  ])('that is answered with %i is %s', async (status, code) => {
    const origin = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 ${status} X\r\nlocation: https://evil.example/?k=1\r\ncontent-length: 0\r\n\r\n`),
    )

    const failure = await failureOf(open(origin))

    expect(failure).toMatchObject({ code, details: { status, departure: 'may-have-left' } })
    expect(failure.message).toContain('evil.example')
    expect(failure.message).not.toContain('k=1')
  })

  it('that is not answered ends at the timeout', async () => {
    const origin = await serveBytes(() => {})

    const failure = await failureOf(open(origin, [], { timeoutMs: 1000 }))

    expect(failure).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { departure: 'may-have-left' } })
  })

  it('that is aborted before leaves nothing', async () => {
    const failure = await failureOf(open(await deadOrigin(), [], { signal: AbortSignal.abort() }))

    expect(failure).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'nothing-left' } })
  })
})
