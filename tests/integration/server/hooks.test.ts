// Webhooks end to end: the vendor's own library signs, a daemon in a process of its own receives over a socket, a client
// reads. Nothing is kept twice, nothing that was answered is lost.
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFabric } from '../../../src/client/index.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { readFilesIn } from './files.ts'
import { afterwards, temporaryHome } from './rig.ts'

const WHSEC = 'whsec_integration0123456789'
const SIGNING = '0123456789abcdef0123456789abcdef'
const stripe = new Stripe('sk_test_x')

let program: ChildProgram

beforeAll(async () => {
  program = await buildChild(new URL('./daemon-child.ts', import.meta.url))
}, 60_000)
afterAll(() => program.remove())

interface Served {
  child: Child
  url: string
}

async function serveHome(home: string): Promise<Served> {
  const child = program.start(home)
  afterwards(() => child.kill())
  const line = (await child.line()) ?? ''
  return { child, url: line.replace('ready ', '') }
}

async function preparedHome(): Promise<string> {
  const home = temporaryHome()
  const fabric = await openFabric({ home, env: {} })
  try {
    const value = (text: string) => ({ kind: 'value' as const, value: text })
    await fabric.addInstance({
      provider: 'stripe',
      secrets: { STRIPE_SECRET_KEY: value('sk_test_0123456789'), STRIPE_WEBHOOK_SECRET: value(WHSEC) },
    })
    await fabric.addInstance({
      provider: 'slack',
      secrets: { SLACK_BOT_TOKEN: value('xoxb-0123456789'), SLACK_SIGNING_SECRET: value(SIGNING) },
    })
    await fabric.addInstance({
      provider: 'slack',
      name: 'bare',
      secrets: { SLACK_BOT_TOKEN: value('xoxb-0123456789') },
    })
  } finally {
    await fabric.close()
  }
  return home
}

async function reader(home: string, session?: string): Promise<Fabric> {
  const fabric = await openFabric({ home, env: {}, ...(session === undefined ? {} : { session }) })
  afterwards(() => fabric.close())
  return fabric
}

const eventText = (id: string, type = 'payment_intent.succeeded'): string =>
  JSON.stringify({
    id,
    object: 'event',
    type,
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: 'pi_1' } },
  })

function deliver(url: string, payload: string, timestamp = Math.floor(Date.now() / 1000)): Promise<Response> {
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: WHSEC, timestamp })
  return fetch(`${url}/hooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  })
}

function deliverToSlack(url: string, body: string, instance = 'slack'): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const mac = createHmac('sha256', SIGNING).update(`v0:${timestamp}:${body}`).digest('hex')
  return fetch(`${url}/hooks/${instance}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
    body,
  })
}

const kinds = async (fabric: Fabric): Promise<string[]> => {
  const found: string[] = []
  for await (const entry of fabric.witnessEntries()) found.push(String(entry.kind))
  return found
}

describe('a daemon that receives webhooks', () => {
  it('keeps an event once, however often it comes, and hands it to who watches and who lists', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    const fabric = await reader(home)
    const stop = new AbortController()
    const watched = fabric
      .watchHookEvents({ instance: 'stripe', after: '0', signal: stop.signal })
      [Symbol.asyncIterator]()

    const first = watched.next()
    const answers = await Promise.all([deliver(url, eventText('evt_1')), deliver(url, eventText('evt_1'))])
    const retried = await deliver(url, eventText('evt_1'))
    await deliver(url, eventText('evt_2', 'invoice.paid'))

    expect([...answers, retried].map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await first).value).toMatchObject({ instance: 'stripe', event: 'evt_1', type: 'payment_intent.succeeded' })
    expect((await watched.next()).value).toMatchObject({ event: 'evt_2' })
    stop.abort()
    expect((await fabric.hookEvents()).map(({ event }) => event)).toEqual(['evt_2', 'evt_1'])
    expect(await fabric.hookEvents({ type: 'invoice.*' })).toHaveLength(1)
    expect((await fabric.hookEvent('last')).event).toBe('evt_2')
    expect((await kinds(fabric)).filter((kind) => kind === 'hook.event')).toHaveLength(2)
  }, 60_000)

  it('marks the session of whoever reads, and no other', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    await deliver(url, eventText('evt_1'))
    const [curious, other] = [await reader(home, 'curious'), await reader(home, 'other')]

    await curious.hookEvents()

    expect(await curious.touched()).toMatchObject({
      private: [{ instance: 'stripe', operation: 'hook.read' }],
      untrusted: [{ instance: 'stripe' }],
    })
    expect(await other.touched()).toMatchObject({ private: [], untrusted: [] })
  }, 60_000)

  it('refuses without a word what is old, altered, unsigned, unknown or not set up', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    const now = Math.floor(Date.now() / 1000)
    const post = (path: string) => fetch(`${url}${path}`, { method: 'POST', body: '{}' })

    const answers = await Promise.all([
      deliver(url, eventText('evt_old'), now - 3_600),
      deliver(url, eventText('evt_early'), now + 3_600),
      post('/hooks/stripe'),
      deliverToSlack(url, '{}', 'bare'),
      post('/hooks/nobody'),
      post('/hooks/no/body'),
      post('/hooks/'),
      post('/hooks/%'),
      fetch(`${url}/hooks/stripe`),
      fetch(`${url}/hooks/stripe`, { method: 'DELETE' }),
      fetch(`${url}/hooks/stripe`, { method: 'POST', body: 'x', headers: { 'content-encoding': 'gzip' } }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 404, 404, 404, 404, 405, 405, 415])
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(answers.map(() => ''))
    const fabric = await reader(home)
    expect(await fabric.hookEvents()).toEqual([])
    // One entry for each instance, however often.
    expect((await kinds(fabric)).filter((kind) => kind === 'hook.refused')).toHaveLength(2)
  }, 60_000)

  it('answers the challenge of Slack only when it is signed', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    const body = JSON.stringify({ type: 'url_verification', token: 't', challenge: 'c-123' })

    const signed = await deliverToSlack(url, body)
    const unsigned = await fetch(`${url}/hooks/slack`, { method: 'POST', body })

    expect([signed.status, await signed.text()]).toEqual([200, 'c-123'])
    expect(unsigned.status).toBe(401)
  }, 60_000)

  it('takes no body beyond 1 MiB, whether its length is told or not, and lets no slow sender hold it', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    const large = 'x'.repeat(1024 * 1024 + 1)
    const port = Number(new URL(url).port)
    // Whoever says only a part of what it promised is cut by the server's own limit; meanwhile others are served.
    const slow = connect(port, '127.0.0.1')
    afterwards(() => slow.destroy())
    slow.on('error', () => {})
    slow.write('POST /hooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc')

    const told = await fetch(`${url}/hooks/stripe`, { method: 'POST', body: large })
    const streamed = await fetch(`${url}/hooks/stripe`, {
      method: 'POST',
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit)

    expect([told.status, streamed.status]).toEqual([413, 413])
    expect((await deliver(url, eventText('evt_1'))).status).toBe(200)
  }, 60_000)

  it('stops listening to an address that was refused sixty times', async () => {
    const home = await preparedHome()
    const { url } = await serveHome(home)
    const from = (address: string) =>
      fetch(`${url}/hooks/stripe`, {
        method: 'POST',
        body: '{}',
        headers: { 'x-forwarded-for': `spoofed, ${address}` },
      })

    const statuses: number[] = []
    for (let count = 0; count < 62; count++) statuses.push((await from('203.0.113.7')).status)

    expect(statuses.slice(-2)).toEqual([429, 429])
    expect((await from('203.0.113.8')).status).toBe(401)
  }, 60_000)

  it('loses nothing that it answered, and keeps nothing twice, when it is killed in the middle', async () => {
    const home = await preparedHome()
    const served = await serveHome(home)
    const ids = Array.from({ length: 200 }, (_, at) => `evt_${at}`)
    const outcomes = ids.map((id) =>
      deliver(served.url, eventText(id)).then(
        ({ status }) => status === 200,
        () => false,
      ),
    )
    await outcomes[20]
    await served.child.kill()
    const wasAnswered = await Promise.all(outcomes)
    const again = await serveHome(home)
    const fabric = await reader(home)

    const before = new Set((await fabric.hookEvents({ limit: 1_000 })).map(({ event }) => event))
    // The vendor sends again what was not answered, and here also what was.
    await Promise.all(ids.map((id) => deliver(again.url, eventText(id))))
    const after = (await fabric.hookEvents({ limit: 1_000 })).map(({ event }) => event)

    expect(ids.filter((id, at) => wasAnswered[at] && !before.has(id))).toEqual([])
    expect([...after].sort()).toEqual([...ids].sort())
  }, 120_000)

  it('tells no secret in its log', async () => {
    const home = await preparedHome()
    const { url, child } = await serveHome(home)
    await deliver(url, eventText('evt_1'))
    await deliver(url, JSON.stringify({ ...JSON.parse(eventText('evt_2')), echoed: WHSEC }))
    await fetch(`${url}/hooks/stripe`, { method: 'POST', body: WHSEC, headers: { 'stripe-signature': WHSEC } })
    const fabric = await reader(home)

    expect(JSON.stringify(await fabric.hookEvents())).not.toContain(WHSEC)
    await child.kill()
    expect((await readFilesIn(home)).some((text) => text.includes(WHSEC))).toBe(false)
  }, 60_000)
})

it('takes 10,000 deliveries from a hundred senders', async () => {
  const home = await preparedHome()
  const { url } = await serveHome(home)
  const statuses = new Map<number, number>()
  let next = 0
  const sender = async () => {
    while (next < 10_000) {
      const { status } = await deliver(url, eventText(`evt_${next++}`))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }

  await Promise.all(Array.from({ length: 100 }, sender))

  expect(Object.fromEntries(statuses)).toEqual({ 200: 10_000 })
  const fabric = await reader(home)
  expect(await fabric.hookEvents({ limit: 10_000 })).toHaveLength(10_000)
}, 300_000)
