import { afterEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { type Instance, openStream, operationOf, type PerformOptions } from '../../../src/adapter/index.ts'
import type { FabricError, JsonObject } from '../../../src/foundation/index.ts'
import { acme, instanceOf, withFacts } from './fixtures/acme.ts'
import { openTestDoor, secrets, serve, type TestServer } from './fixtures/server.ts'

type Message = Record<string, unknown>

const door = openTestDoor()
const servers: TestServer[] = []
/** Two waits, so that the third cut in a row is the last. */
const provider = withFacts({ limits: { ...acme.limits, backoffSeconds: [0.001, 0.002] } })

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const ack = (id: unknown) => JSON.stringify({ id, type: 'result', body: null })
const change = (id: unknown, name: string) =>
  JSON.stringify({ id, type: 'event', body: { id: name, state: 'on', changedAt: '2026-01-01T00:00:00Z' } })

/** Greets as Acme does; `talk` hears each subscription and which one it is. */
async function start(talk: (socket: WebSocket, command: Message, count: number) => void): Promise<string> {
  let count = 0
  const server = await serve(
    (_seen, response) => response.end(),
    (socket) => {
      socket.send('{"type":"hello"}')
      socket.on('message', (raw) => {
        const message = JSON.parse(String(raw)) as Message
        if (message.type === 'auth') return socket.send('{"type":"ready"}')
        count += 1
        talk(socket, message, count)
      })
    },
  )
  servers.push(server)
  return server.origin
}

const watch = (origin: string, more: Partial<PerformOptions> = {}) =>
  openStream({
    provider,
    instance: instanceOf({ twin: origin } as Partial<Instance>),
    entry: operationOf(provider, 'state.watch'),
    input: {},
    door,
    secrets,
    timeoutMs: 5_000,
    ...more,
  })

async function outcomeOf(events: AsyncIterable<JsonObject>): Promise<{ seen: unknown[]; error?: FabricError }> {
  const seen: unknown[] = []
  try {
    for await (const { id } of events) seen.push(id)
    return { seen }
  } catch (error) {
    return { seen, error: error as FabricError }
  }
}

describe('a watch that is cut', () => {
  it('is opened, greeted and subscribed again, and its follower is told that something may be missing', async () => {
    const origin = await start((socket, { id }, count) => {
      socket.send(ack(id))
      socket.send(change(id, `lamp-${count}`), () => (count < 3 ? socket.terminate() : socket.close(1000)))
    })
    const reopened: string[] = []

    const outcome = await outcomeOf(watch(origin, { onReopen: ({ reason }) => reopened.push(reason) }))

    expect(outcome).toEqual({ seen: ['lamp-1', 'lamp-2', 'lamp-3'] })
    expect(reopened).toHaveLength(2)
    expect(reopened[0]).toContain('the websocket was cut')
  })

  it('may be cut as often as it likes as long as events come in between', async () => {
    const origin = await start((socket, { id }, count) => {
      socket.send(ack(id))
      socket.send(change(id, 'lamp'), () => (count < 8 ? socket.terminate() : socket.close(1000)))
    })

    const { seen, error } = await outcomeOf(watch(origin))

    expect(error).toBeUndefined()
    expect(seen).toHaveLength(8)
  })

  it('is given up when every wait of the provider was in vain', async () => {
    const origin = await start((socket, { id }, count) => {
      if (count > 1) return socket.terminate()
      socket.send(ack(id))
      socket.send(change(id, 'lamp'), () => socket.terminate())
    })

    const { seen, error } = await outcomeOf(watch(origin))

    expect(seen).toEqual(['lamp'])
    expect(error).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
  })

  it('is not opened again where the provider refuses it', async () => {
    let asked = 0
    const origin = await start((socket, { id }, count) => {
      asked = count
      if (count > 1) return socket.send(JSON.stringify({ id, type: 'error', why: 'revoked' }))
      socket.send(ack(id), () => socket.terminate())
    })

    const { error } = await outcomeOf(watch(origin))

    expect(error).toMatchObject({ code: 'IF_ERR_ACTION_FAILED', message: 'acme-eu refused: revoked (E7)' })
    expect(asked).toBe(2)
  })

  it('ends quietly when its follower leaves while it waits to be opened again', async () => {
    const slow = withFacts({ limits: { ...acme.limits, backoffSeconds: [3_600] } })
    const leave = new AbortController()
    const origin = await start((socket, { id }) => {
      socket.on('close', () => setImmediate(() => leave.abort()))
      socket.send(ack(id))
      socket.send(change(id, 'lamp'), () => socket.terminate())
    })

    const events = watch(origin, { provider: slow, entry: operationOf(slow, 'state.watch'), signal: leave.signal })

    expect(await outcomeOf(events)).toEqual({ seen: ['lamp'] })
  })

  it('that could never be opened fails at once', async () => {
    const origin = await start((socket) => socket.terminate())

    const { seen, error } = await outcomeOf(watch(origin))

    expect(seen).toEqual([])
    expect(error).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
  })
})
