import { afterEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { type Instance, openStream, operationOf, type PerformOptions, perform } from '../../../src/adapter/index.ts'
import { type FabricError, type JsonObject, Secret, sha256Hex } from '../../../src/foundation/index.ts'
import { acme, instanceOf, load, withFacts } from './fixtures/acme.ts'
import { deferred, openTestDoor, secrets, serve, type TestServer } from './fixtures/server.ts'

const LAMP = { id: 'lamp', state: 'on', name: null, attributes: {}, changedAt: null }
const CHANGE = { id: 'lamp', state: 'on', changedAt: '2026-01-01T00:00:00Z' }

const provider = load()
const door = openTestDoor()
const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Message = Record<string, unknown>

/** A server that greets as Acme does and hands each command to `talk`. */
async function start(
  talk: (command: Message, socket: WebSocket) => void,
): Promise<{ origin: string; heard: Message[] }> {
  const heard: Message[] = []
  const server = await serve(
    (_seen, response) => response.end(),
    (socket) => {
      socket.send('{"type":"hello"}')
      socket.on('message', (raw) => {
        const message = JSON.parse(String(raw)) as Message
        heard.push(message)
        if (message.type !== 'auth') return talk(message, socket)
        socket.send('{"type":"patience"}')
        socket.send(
          message.token === 'value-of-ACME_TOKEN' ? '{"type":"ready"}' : '{"type":"refused","why":"bad token"}',
        )
      })
    },
  )
  servers.push(server)
  return { origin: server.origin, heard }
}

const optionsFor = (
  origin: string,
  operation: string,
  input: JsonObject,
  more: Partial<PerformOptions> = {},
): PerformOptions => ({
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

describe('a command over a websocket', () => {
  it('is sent after the greeting and answered by the message with its id', async () => {
    const text = JSON.stringify({ id: 1, type: 'result', body: LAMP })
    const { origin, heard } = await start((_command, socket) => {
      socket.send('{"id":99,"type":"result"}')
      socket.send(text)
    })

    const performed = await perform(optionsFor(origin, 'device.get', { id: 'lamp' }))

    expect(heard).toEqual([
      { type: 'auth', token: 'value-of-ACME_TOKEN' },
      { type: 'get', device: 'lamp', id: 1 },
    ])
    expect(performed).toMatchObject({ result: LAMP, status: 101, responseDigest: sha256Hex(text) })
    expect(performed.attempts).toMatchObject([{ number: 1, status: 101, retry: { retry: false } }])
  })

  it("that is refused carries the vendor's words and was not done", async () => {
    const { origin } = await start((command, socket) =>
      socket.send(JSON.stringify({ id: command.id, type: 'error', why: 'no such device' })),
    )

    expect(await failureOf(perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' })))).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'acme-eu refused: no such device (E7)',
      details: { outcome: 'not-done', vendorCode: 'E7' },
    })
  })

  it('never leaves where the credential is not accepted', async () => {
    const { origin, heard } = await start(() => undefined)
    const wrong = { open: async () => new Secret('another') }

    const error = await failureOf(
      perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' }, { secrets: wrong })),
    )

    expect(error).toMatchObject({
      code: 'IF_ERR_AUTH_FAILED',
      message: 'acme-eu did not accept the credential: bad token',
      details: { outcome: 'not-done' },
    })
    expect(heard).toHaveLength(1)
  })

  it('is unknown where the connection ends without an answer, harmless for a read', async () => {
    const { origin } = await start((_command, socket) => socket.terminate())

    const effect = await failureOf(perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' })))
    const read = await failureOf(perform(optionsFor(origin, 'device.get', { id: 'x' })))

    expect(effect).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'unknown' } })
    expect(read).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'not-done' } })
  })

  it('is unknown where the provider closes politely without an answer', async () => {
    const { origin } = await start((_command, socket) => socket.close(1000))

    const error = await failureOf(perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' })))

    expect(error).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'unknown' } })
  })

  it('was not done where the provider closes before it is ready, or cannot be reached', async () => {
    const closing = await serve(
      (_seen, response) => response.end(),
      (socket) => socket.close(1000),
    )
    servers.push(closing)
    const set = { id: 'x', state: 'on' }

    const early = await failureOf(perform(optionsFor(closing.origin, 'device.set', set)))
    await closing.close()
    servers.length = 0
    const gone = await failureOf(perform(optionsFor(closing.origin, 'device.set', set)))

    expect(early).toMatchObject({
      message: expect.stringContaining('before it was ready'),
      details: { outcome: 'not-done' },
    })
    expect(gone).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'not-done' } })
  })

  it('without an answer in time, or cancelled, is unknown', async () => {
    const { origin, heard } = await start(() => undefined)
    const controller = new AbortController()
    const set = { id: 'x', state: 'on' }

    const late = await failureOf(perform(optionsFor(origin, 'device.set', set, { timeoutMs: 100 })))
    const pending = failureOf(perform(optionsFor(origin, 'device.set', set, { signal: controller.signal })))
    await expect.poll(() => heard.length).toBe(4)
    controller.abort()

    expect(late).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { outcome: 'unknown' } })
    expect(await pending).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'unknown' } })
  })

  it('was not done where the time ended before the greeting did, or it was cancelled before', async () => {
    const silent = await serve(
      (_seen, response) => response.end(),
      () => undefined,
    )
    servers.push(silent)
    const set = { id: 'x', state: 'on' }

    const late = await failureOf(perform(optionsFor(silent.origin, 'device.set', set, { timeoutMs: 100 })))
    const never = await failureOf(
      perform(optionsFor(silent.origin, 'device.set', set, { signal: AbortSignal.abort() })),
    )

    expect(late).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { outcome: 'not-done' } })
    expect(never).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'not-done' } })
  })

  it.each(['not json', '[1]', 'null'])('refuses the message %j', async (text) => {
    const { origin } = await start((_command, socket) => socket.send(text))

    expect(await failureOf(perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' })))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      details: { outcome: 'unknown' },
    })
  })

  it('with an answer of another shape is unknown for an effect', async () => {
    const { origin } = await start((command, socket) => socket.send(JSON.stringify({ id: command.id, body: {} })))

    const error = await failureOf(perform(optionsFor(origin, 'device.set', { id: 'x', state: 'on' })))

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { outcome: 'unknown' } })
    expect(error.message).toMatch(/the answer's id: /)
  })

  it('needs a protocol in the definition', async () => {
    const { socket: _socket, ...plain } = acme
    const lacking = load(plain)

    expect(
      await failureOf(perform(optionsFor('http://127.0.0.1:1', 'device.get', { id: 'x' }, { provider: lacking }))),
    ).toMatchObject({ code: 'IF_ERR_INTERNAL' })
  })
})

describe('a stream', () => {
  const event = (id: unknown, body: unknown = CHANGE) => JSON.stringify({ id, type: 'event', body })
  const ack = (id: unknown) => JSON.stringify({ id, type: 'result', body: null })

  it("yields each event as the operation's result and leaves noise out", async () => {
    const { origin } = await start((command, socket) => {
      for (const text of [ack(command.id), event(command.id, 'noise'), event(command.id), event(command.id)]) {
        socket.send(text)
      }
      socket.close(1000)
    })

    const events = await collect(openStream(optionsFor(origin, 'state.watch', {})))

    expect(events).toEqual([CHANGE, CHANGE])
  })

  it('yields an event that overtakes the acknowledgement', async () => {
    const { origin } = await start((command, socket) => {
      socket.send(event(command.id))
      socket.close(1000)
    })

    expect(await collect(openStream(optionsFor(origin, 'state.watch', {})))).toEqual([CHANGE])
  })

  it('ends without an error when it is aborted, and closes the socket', async () => {
    const closed = deferred()
    const { origin } = await start((command, socket) => {
      socket.on('close', () => closed.resolve())
      socket.send(ack(command.id))
      socket.send(event(command.id))
    })
    const controller = new AbortController()

    const events: JsonObject[] = []
    for await (const one of openStream(optionsFor(origin, 'state.watch', {}, { signal: controller.signal }))) {
      events.push(one)
      controller.abort()
    }

    await closed.promise
    expect(events).toEqual([CHANGE])
  })

  it('ends while it waits for an event', async () => {
    const acknowledged = deferred()
    const { origin } = await start((command, socket) => {
      socket.send(ack(command.id), () => acknowledged.resolve())
    })
    const controller = new AbortController()

    const collecting = collect(openStream(optionsFor(origin, 'state.watch', {}, { signal: controller.signal })))
    await acknowledged.promise
    controller.abort()

    expect(await collecting).toEqual([])
  })

  it('closes the socket when the consumer stops', async () => {
    const closed = deferred()
    const { origin } = await start((command, socket) => {
      socket.on('close', () => closed.resolve())
      socket.send(ack(command.id))
      socket.send(event(command.id))
    })

    for await (const _one of openStream(optionsFor(origin, 'state.watch', {}))) break

    await closed.promise
  })

  it('that is aborted before it opens yields nothing', async () => {
    const signal = AbortSignal.abort()

    expect(await collect(openStream(optionsFor('http://127.0.0.1:1', 'state.watch', {}, { signal })))).toEqual([])
  })

  it('throws where the connection is cut, the command refused, or never acknowledged', async () => {
    const cut = await start((command, socket) => {
      socket.send(ack(command.id), () => socket.terminate())
    })
    const refused = await start((command, socket) => {
      socket.send(JSON.stringify({ id: command.id, type: 'error', why: 'no' }))
    })
    const later = await start((command, socket) => {
      socket.send(ack(command.id))
      socket.send(JSON.stringify({ id: command.id, type: 'error', why: 'revoked' }))
    })
    const silent = await start(() => undefined)
    const gone = await start((_command, socket) => socket.close(1000))
    const watch = (origin: string, more: Partial<PerformOptions> = {}) =>
      failureOf(collect(openStream(optionsFor(origin, 'state.watch', {}, more))))

    expect(await watch(cut.origin)).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
    expect(await watch(refused.origin)).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'acme-eu refused: no (E7)',
    })
    expect(await watch(later.origin)).toMatchObject({ message: 'acme-eu refused: revoked (E7)' })
    expect(await watch(silent.origin, { timeoutMs: 100 })).toMatchObject({ code: 'IF_ERR_TIMEOUT' })
    expect(await watch(gone.origin)).toMatchObject({ message: expect.stringContaining('without an answer') })
  })

  it('refuses an operation that does not stream', () => {
    expect(() => openStream(optionsFor('http://127.0.0.1:1', 'device.get', { id: 'x' }))).toThrow(
      /device\.get of acme is no stream/,
    )
    expect(() => openStream(optionsFor('http://127.0.0.1:1', 'payment.get', { id: 'x' }))).toThrow(/is no stream/)
  })

  it('puts secrets into the opening request where the definition wants them there', async () => {
    const { origin } = await start((command, socket) => socket.send(JSON.stringify({ id: command.id, body: LAMP })))
    if (!acme.socket) throw new Error('the fixture has no socket')
    const opening = withFacts({ socket: { ...acme.socket, slots: acme.auth.slots } })

    const { result } = await perform(optionsFor(origin, 'device.get', { id: 'x' }, { provider: opening }))

    expect(result).toEqual(LAMP)
  })
})

async function collect(events: AsyncIterable<JsonObject>): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for await (const one of events) all.push(one)
  return all
}
