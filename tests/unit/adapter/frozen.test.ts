// A freeze on the way of real operations: the door asks for whom, and cuts what is open.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Instance, openStream, operationOf, type PerformOptions, perform } from '../../../src/adapter/index.ts'
import { type Door, openDoor } from '../../../src/egress/index.ts'
import { type FabricError, type JsonObject, Redactor, systemClock } from '../../../src/foundation/index.ts'
import { type Freezes, openFreezes } from '../../../src/governor/index.ts'
import { openLoggedStore } from '../governor/logged-store.ts'
import { instanceOf, load } from './fixtures/acme.ts'
import { json, secrets, serve, type TestServer } from './fixtures/server.ts'

const ANA = { actor: 'if://person/ana', session: 's1', why: 'invoices went out twice' }
const PAYMENT = { id: 'pay_1', status: 'succeeded', amount: 2500, currency: 'GBP', captured: 2500 }
const CHANGE = { id: 'lamp', state: 'on', changedAt: '2026-01-01T00:00:00Z' }

const provider = load()
let freezes: Freezes
let door: Door
let server: TestServer

beforeEach(async () => {
  freezes = await openFreezes({ store: await openLoggedStore(), clock: systemClock })
  door = openDoor({ redactor: new Redactor(), clock: systemClock, gate: freezes })
  server = await serve(
    (_seen, response) => json(response, PAYMENT),
    (socket) => {
      socket.send('{"type":"hello"}')
      socket.on('message', (raw) => {
        const { type, id } = JSON.parse(String(raw)) as { type: string; id?: number }
        if (type === 'auth') return socket.send('{"type":"ready"}')
        socket.send(JSON.stringify({ id, type: 'result', body: null }))
        socket.send(JSON.stringify({ id, type: 'event', body: CHANGE }))
      })
    },
  )
})

afterEach(async () => {
  await door.close()
  await server.close()
  freezes.close()
})

const optionsFor = (operation: string, input: JsonObject, caller?: PerformOptions['caller']): PerformOptions => ({
  provider,
  instance: instanceOf({ twin: server.origin } as Partial<Instance>),
  entry: operationOf(provider, operation),
  input,
  door,
  secrets,
  timeoutMs: 5_000,
  ...(caller ? { caller } : {}),
})

const failureOf = (work: Promise<unknown>): Promise<FabricError> =>
  work.then(
    () => {
      throw new Error('nothing failed')
    },
    (thrown: FabricError) => thrown,
  )

describe('an operation', () => {
  it('of a frozen instance does not leave, a read neither, and certainly did not happen', async () => {
    const { name } = instanceOf({})
    await freezes.freeze({ instance: name }, ANA)

    for (const [operation, input] of [
      ['payment.create', { amount: 2500, currency: 'GBP' }],
      ['payment.get', { id: 'pay_1' }],
    ] as const) {
      expect(await failureOf(perform(optionsFor(operation, input)))).toMatchObject({
        code: 'IF_ERR_FROZEN',
        message: expect.stringContaining(`instance ${name} is frozen: invoices went out twice (if://person/ana`),
        details: { outcome: 'not-done', why: ANA.why },
      })
    }
    expect(server.seen).toEqual([])
  })

  it('of a frozen swarm does not leave, that of another does', async () => {
    await freezes.freeze({ swarm: 'desk' }, ANA)
    const call = (swarm: string) =>
      perform(optionsFor('payment.get', { id: 'pay_1' }, { actor: 'if://agent/refunds', swarm }))

    await call('other')
    const frozen = await failureOf(call('desk'))

    expect(frozen.code).toBe('IF_ERR_FROZEN')
    expect(server.seen).toHaveLength(1)
  })
})

it('an open stream is cut by a freeze, and says why', async () => {
  const events: unknown[] = []
  const reading = failureOf(
    (async () => {
      for await (const event of openStream(optionsFor('state.watch', {}))) events.push(event)
    })(),
  )
  await expect.poll(() => events).toHaveLength(1)

  await freezes.freeze({ all: true }, ANA)

  expect(await reading).toMatchObject({
    code: 'IF_ERR_FROZEN',
    message: expect.stringContaining('everything is frozen'),
  })
})
