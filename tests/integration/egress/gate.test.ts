// The gate of the door: what it stops before it leaves, while it waits, and while a socket is open.
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Door, Gate, SocketOptions, Subject } from '../../../src/egress/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import {
  closeAfterTest,
  deadOrigin,
  failureOf,
  fastClock,
  get,
  openTestDoor,
  optionsFor,
  secretsOf,
  serve,
} from './rig.ts'

const SLACK: Subject = { instance: 'slack', swarm: 'desk', actor: 'if://agent/refunds' }
const STRIPE: Subject = { ...SLACK, instance: 'stripe' }

/** Shuts for one instance, or for all. */
function openTestGate(): Gate & { shut(instance: string): void; reopen(): void; asked: Subject[]; listeners: number } {
  const listeners = new Set<() => void>()
  const shut = new Set<string>()
  const asked: Subject[] = []
  return {
    asked,
    check(subject) {
      asked.push(subject)
      if (!shut.has('*') && !shut.has(subject.instance)) return
      throw new FabricError('IF_ERR_FROZEN', `${subject.instance} is frozen`, { next: 'ifab thaw' })
    },
    onShut(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    shut(instance) {
      shut.add(instance)
      for (const listener of listeners) listener()
    },
    reopen: () => shut.clear(),
    get listeners() {
      return listeners.size
    },
  }
}

async function setUp(answer: (times: number) => number = () => 200) {
  const gate = openTestGate()
  const heard: string[] = []
  const { origin, server } = await serve((request, response) => {
    heard.push(request.url ?? '')
    response.writeHead(answer(heard.length)).end('{}')
  })
  return { gate, heard, origin, server }
}

describe('a request', () => {
  it('stays inside while the gate is shut for it, and goes out when it is open again', async () => {
    const { gate, heard, origin } = await setUp()
    const { door } = openTestDoor({ gate })

    gate.shut('slack')
    const frozen = await failureOf(door.send(get(origin), optionsFor(origin, { subject: SLACK })))
    await door.send(get(origin), optionsFor(origin, { subject: STRIPE }))
    gate.reopen()
    await door.send(get(origin), optionsFor(origin, { subject: SLACK }))

    expect(frozen).toMatchObject({
      code: 'IF_ERR_FROZEN',
      message: 'slack is frozen',
      next: 'ifab thaw',
      details: { departure: 'nothing-left', attempts: [] },
    })
    expect(heard).toHaveLength(2)
    expect(gate.asked).toContainEqual(SLACK)
  })

  it('of nobody in particular is stopped by what stops all', async () => {
    const { gate, heard, origin } = await setUp()
    const { door } = openTestDoor({ gate })

    gate.shut('slack')
    await door.send(get(origin), optionsFor(origin))
    gate.shut('*')
    const frozen = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(frozen.code).toBe('IF_ERR_FROZEN')
    expect(heard).toHaveLength(1)
  })

  it('is still asked whether it may leave by whoever sent it', async () => {
    const { gate, origin } = await setUp()
    const { door } = openTestDoor({ gate })
    const beforeSend = () => {
      throw new FabricError('IF_ERR_CLAIM_LOST', 'too late')
    }

    const lost = await failureOf(door.send(get(origin), optionsFor(origin, { subject: SLACK, beforeSend })))

    expect(lost.code).toBe('IF_ERR_CLAIM_LOST')
  })

  it('that backs off ends at once, and says that the try before may have arrived', async () => {
    const { gate, heard, origin } = await setUp(() => 503)
    const { door } = openTestDoor({ gate })
    const retry = { attempts: 3, backoffSeconds: [3_600], repeatable: true }
    const tried = new Promise<void>((resolve) => {
      void failureOf(
        door.send(
          get(origin),
          optionsFor(origin, { subject: SLACK, retry, timeoutMs: 7_200_000, onAttempt: () => resolve() }),
        ),
      ).then((failure) => failures.push(failure))
    })
    const failures: FabricError[] = []
    await tried

    gate.shut('stripe')
    gate.shut('slack')
    await expect.poll(() => failures).toHaveLength(1)

    expect(failures[0]).toMatchObject({ code: 'IF_ERR_FROZEN', details: { departure: 'may-have-left' } })
    expect(heard).toHaveLength(1)
  })

  it('is not tried again when the gate shut during a try', async () => {
    const { gate, heard, origin } = await setUp((times) => {
      if (times === 1) gate.shut('slack')
      return 503
    })
    const { door } = openTestDoor({ gate, clock: fastClock() })
    const retry = { attempts: 3, backoffSeconds: [1], repeatable: true }

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { subject: SLACK, retry })))

    expect(failure).toMatchObject({ code: 'IF_ERR_FROZEN', details: { attempts: [{ status: 503 }] } })
    expect(heard).toHaveLength(1)
  })

  it('follows no redirect when the gate shut meanwhile', async () => {
    const gate = openTestGate()
    const heard: string[] = []
    const { origin } = await serve((request, response) => {
      heard.push(request.url ?? '')
      gate.shut('slack')
      response.writeHead(307, { location: '/v1/items' }).end()
    })
    const { door } = openTestDoor({ gate })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { subject: SLACK })))

    expect(failure).toMatchObject({ code: 'IF_ERR_FROZEN', details: { departure: 'may-have-left' } })
    expect(heard).toHaveLength(1)
  })

  it('that has left gets its answer, so that its outcome is known', async () => {
    const { gate, origin } = await setUp(() => {
      gate.shut('slack')
      return 200
    })
    const { door } = openTestDoor({ gate })

    const { response } = await door.send(get(origin), optionsFor(origin, { subject: SLACK }))

    expect(response.status).toBe(200)
  })

  it('that still waits for its connection ends at once', async () => {
    const gate = openTestGate()
    let resolving: () => void = () => undefined
    const looking = new Promise<void>((resolve) => {
      resolving = resolve
    })
    const { door } = openTestDoor({
      gate,
      connect: {
        resolve: () => {
          resolving()
          return new Promise(() => undefined)
        },
      },
    })
    const origin = 'http://api.slack.test'
    const failed = failureOf(door.send(get(origin), optionsFor(origin, { subject: SLACK })))
    await looking

    gate.shut('slack')

    expect(await failed).toMatchObject({ code: 'IF_ERR_FROZEN', details: { departure: 'nothing-left' } })
  })
})

describe('a websocket', () => {
  const socketOptions = (origin: string): SocketOptions => ({
    route: { method: 'GET', origins: [origin], path: '/api/websocket' },
    secrets: secretsOf('secret-of-this-test'),
    allowPrivate: true,
    timeoutMs: 10_000,
    subject: SLACK,
  })

  async function serveSocket() {
    const { origin, server } = await serve((_request, response) => response.writeHead(404).end())
    const sockets = new WebSocketServer({ server, path: '/api/websocket' })
    const heard: string[] = []
    sockets.on('connection', (peer: WebSocket) => {
      peer.on('error', () => undefined)
      peer.on('message', (message) => heard.push(String(message)))
    })
    closeAfterTest(async () => {
      for (const peer of sockets.clients) peer.terminate()
      sockets.close()
    })
    return { origin, sockets, heard }
  }

  const connect = (door: Door, origin: string) =>
    door.connect(
      { url: `${origin.replace('http', 'ws')}/api/websocket`, headers: {}, slots: [] },
      socketOptions(origin),
    )

  it('is not opened while the gate is shut', async () => {
    const gate = openTestGate()
    const { origin, sockets } = await serveSocket()
    const { door } = openTestDoor({ gate })
    let opened = 0
    sockets.on('connection', () => opened++)
    gate.shut('slack')

    const failure = await failureOf(connect(door, origin))

    expect(failure).toMatchObject({ code: 'IF_ERR_FROZEN', details: { departure: 'nothing-left' } })
    expect(opened).toBe(0)
  })

  it('is cut when the gate shuts, whoever reads it is told why, and nothing more leaves', async () => {
    const gate = openTestGate()
    const { origin, sockets, heard } = await serveSocket()
    const { door } = openTestDoor({ gate })
    const connected = once(sockets, 'connection')
    const socket = await connect(door, origin)
    const [peer] = (await connected) as [WebSocket]
    socket.send({ type: 'subscribe' })
    await expect.poll(() => heard).toEqual(['{"type":"subscribe"}'])
    const closed = once(peer, 'close')
    const reading = failureOf(socket.messages[Symbol.asyncIterator]().next())

    gate.shut('stripe')
    gate.shut('slack')

    expect(await reading).toMatchObject({ code: 'IF_ERR_FROZEN', message: 'slack is frozen' })
    expect(() => socket.send({ type: 'more' })).toThrow(expect.objectContaining({ code: 'IF_ERR_FROZEN' }))
    await closed
    expect(heard).toHaveLength(1)
    await socket.close()
  })

  it('that is being opened is given up when the gate shuts', async () => {
    const gate = openTestGate()
    const { origin, server } = await serve(() => undefined)
    const upgrading = once(server, 'upgrade')
    const { door } = openTestDoor({ gate })
    const failed = failureOf(connect(door, origin))
    await upgrading

    gate.shut('slack')

    expect(await failed).toMatchObject({ code: 'IF_ERR_FROZEN' })
  })

  it('that could not be opened is forgotten', async () => {
    const gate = openTestGate()
    const { door } = openTestDoor({ gate })
    const origin = await deadOrigin()

    const failure = await failureOf(connect(door, origin))
    gate.shut('slack')

    expect(failure.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
  })
})

it('a closed door hears of the gate no more', async () => {
  const gate = openTestGate()
  const { door } = openTestDoor({ gate })
  const before = gate.listeners

  await door.close()

  expect([before, gate.listeners]).toEqual([1, 0])
})
