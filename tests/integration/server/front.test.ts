import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Daemon } from '../../../src/server/index.ts'
import {
  afterwards,
  coordinatorOf,
  failureOf,
  fetchFrom,
  holder,
  open,
  owner,
  RawClient,
  serve,
  temporaryHome,
} from './rig.ts'

const daemon = (): Promise<Daemon> => serve(temporaryHome())

/** Status and error with which a websocket is refused. */
async function refusal(url: string, headers: Record<string, string> = {}, protocol = 'ifab.1') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/wire`, protocol, { headers })
  afterwards(() => socket.terminate())
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    NodeJS.ReadableStream & { statusCode: number },
  ]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return {
    status: response.statusCode,
    error: (JSON.parse(text) as { error: { code: string; message: string } }).error,
  }
}

describe('who comes to the port', () => {
  it('without a token is told how to get one', async () => {
    const { url } = await daemon()

    expect(await refusal(url)).toMatchObject({ status: 401, error: { code: 'IF_ERR_INVALID_TOKEN' } })
    expect(await failureOf(open({ url }))).toMatchObject({
      code: 'IF_ERR_INVALID_TOKEN',
      next: expect.stringContaining('ifab token create'),
    })
  })

  it('with a wrong token is refused, and the token is in no error and no log', async () => {
    const served = await daemon()
    const token = `ifab_01ARZ3NDEKTSV4RRFFQ69G5FAV_${'s'.repeat(43)}`

    const error = await failureOf(open({ url: served.url, token }))

    expect(error.code).toBe('IF_ERR_INVALID_TOKEN')
    expect(JSON.stringify([error, error.cause])).not.toContain('ssssss')
  })

  it('with an expired token is refused', async () => {
    const served = await daemon()
    const { token } = await (await owner(served)).createToken({ actor: 'if://agent/a', ttlMs: 1 })
    await new Promise((resolve) => setTimeout(resolve, 5))

    expect((await failureOf(open({ url: served.url, token }))).code).toBe('IF_ERR_INVALID_TOKEN')
  })

  it('as a web page of elsewhere is refused: by a foreign host name, by a foreign origin', async () => {
    const { url } = await daemon()

    expect(await refusal(url, { host: 'evil.example' })).toMatchObject({ status: 403 })
    expect(await refusal(url, { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
    expect(await fetchFrom({ url }, '/health/live', { host: 'evil.example:80' })).toMatchObject({ status: 403 })
  })

  it('with another protocol is told which one is spoken', async () => {
    const { url } = await daemon()

    expect(await refusal(url, {}, 'ifab.9')).toMatchObject({ status: 426, error: { code: 'IF_ERR_VERSION_MISMATCH' } })
  })

  it('can ask for health without a token, and finds nothing else', async () => {
    const { url, socket } = await daemon()

    expect(await fetchFrom({ url }, '/health/live')).toEqual({ status: 200, body: { live: true } })
    expect(await fetchFrom({ socket }, '/health/ready?x=1')).toEqual({ status: 200, body: { ready: true } })
    expect(await fetchFrom({ url }, '/wire')).toMatchObject({ status: 426 })
    expect(await fetchFrom({ url }, '/')).toMatchObject({ status: 404 })
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })

  it('and talks no HTTP at all is cut off', async () => {
    const { url, socket } = await daemon()
    const raw = connect(socket)
    raw.on('error', () => undefined)
    raw.end('\0\0 nothing\r\n\r\n')
    await once(raw, 'close')

    expect(await fetchFrom({ url }, '/health/live')).toMatchObject({ status: 200 })
  })
})

describe('a client that says something else than expected', () => {
  const NO_ID_ERROR = (code: string) => ({ error: expect.objectContaining({ code }) })

  it.each([
    ['that is not JSON', (client: RawClient) => client.socket.send('{')],
    ['that is no array', (client: RawClient) => client.socket.send('{"id":1}')],
    ['that is no frame', (client: RawClient) => client.say({ id: 0, call: 'x', args: [] })],
    ['that is binary', (client: RawClient) => client.socket.send(Buffer.from('[]'), { binary: true })],
    ['under an id that is in use', (client: RawClient) => client.say(WAITING(7), WAITING(7))],
  ])('%s gets one error, and its connection ends', async (_what, say) => {
    const served = await daemon()
    const client = await RawClient.to(served)
    await client.greet()

    say(client)

    expect(await client.next()).toEqual(NO_ID_ERROR('IF_ERR_INVALID_INPUT'))
    expect(await client.closed).toBe(1008)
    expect(await (await coordinatorOf(served)).list()).toEqual([])
  })

  it('too large is cut off', async () => {
    const served = await daemon()
    const client = await RawClient.to(served)
    await client.greet()

    client.socket.send(`["${'x'.repeat(8 * 1024 * 1024)}"]`)

    expect(await client.closed).toBe(1009)
    expect(await (await coordinatorOf(served)).list()).toEqual([])
  })

  it.each([
    ['an unknown call', { id: 2, call: 'fabric.destroy', args: [] }, 'IF_ERR_UNSUPPORTED'],
    ['a call named like a part of every object', { id: 2, call: 'constructor', args: [] }, 'IF_ERR_UNSUPPORTED'],
    ['arguments of the wrong type', { id: 2, call: 'coordinator.complete', args: [1, 'x'] }, 'IF_ERR_INVALID_INPUT'],
    ['too many arguments', { id: 2, call: 'coordinator.get', args: ['a', 'b'] }, 'IF_ERR_INVALID_INPUT'],
    ['unknown options', { id: 2, call: 'coordinator.list', args: [{ limits: 3 }] }, 'IF_ERR_INVALID_INPUT'],
    [
      'a second hello',
      { id: 2, call: 'hello', args: [{ protocol: 'ifab.1', version: '0.1.0' }] },
      'IF_ERR_INVALID_INPUT',
    ],
    [
      'levels without end',
      { id: 2, call: 'coordinator.add', args: [{ kind: 'a', payload: nested(1_000) }] },
      'IF_ERR_INVALID_INPUT',
    ],
  ])('%s is answered with an error, and the connection goes on', async (_what, frame, code) => {
    const client = await RawClient.to(await daemon())
    await client.greet()

    client.say(frame)
    expect(await client.next()).toEqual({ id: 2, error: expect.objectContaining({ code }) })

    client.say({ id: 3, call: 'coordinator.list', args: [] })
    expect(await client.next()).toEqual({ id: 3, ok: [] })
  })

  it('before its hello is refused', async () => {
    const client = await RawClient.to(await daemon())

    client.say({ id: 1, call: 'coordinator.list', args: [] })

    expect(await client.next()).toEqual({ id: 1, error: expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }) })
  })

  it('of a version too far away is told both, one minor apart is let in', async () => {
    const served = await daemon()
    const hello = (version: string) => ({ id: 1, call: 'hello', args: [{ protocol: 'ifab.1', version }] })
    const [old, next] = [await RawClient.to(served), await RawClient.to(served)]

    old.say(hello('0.3.0'))
    next.say(hello('0.2.9'))

    expect(await old.next()).toMatchObject({
      error: { code: 'IF_ERR_VERSION_MISMATCH', message: expect.stringMatching(/0\.1\.0.*0\.3\.0/) },
    })
    expect(await next.next()).toMatchObject({ ok: { version: '0.1.0' } })
  })

  it('with __proto__ in what it sends reaches nothing but its own payload', async () => {
    const client = await RawClient.to(await daemon())
    await client.greet()

    client.socket.send(
      '[{"id":2,"call":"coordinator.add","args":[{"kind":"a","payload":{"__proto__":{"isAdmin":true}}}],"__proto__":{"of":9}}]',
    )
    const answer = (await client.next()) as { ok: { id: string } }
    client.socket.send(`[{"id":3,"call":"coordinator.payload","args":["${answer.ok.id}"]}]`)

    expect(JSON.stringify(await client.next())).toBe('{"id":3,"ok":{"__proto__":{"isAdmin":true}}}')
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('a hundred thousand times at once is answered each time, and the daemon goes on', async () => {
    const served = await daemon()
    const client = await RawClient.to(served)
    await client.greet()
    const count = 100_000

    for (let at = 0; at < count; at += 1_000) {
      client.say(...Array.from({ length: 1_000 }, (_, place) => WAITING(at + place + 10)))
    }
    let refused = 0
    while (refused < count - 10_000) {
      const frame = (await client.next()) as { error?: { code: string } }
      if (frame.error?.code === 'IF_ERR_RATE_LIMIT_EXCEEDED') refused++
    }
    client.socket.terminate()

    expect(refused).toBe(count - 10_000)
    expect((await (await coordinatorOf(served)).stats()).workers).toBe(0)
  })
})

describe('a token', () => {
  it('covers what its scopes say and nothing else', async () => {
    const { fabric } = await holder(await daemon(), { actor: 'if://agent/reader', scopes: ['read'] })

    expect(await fabric.runs()).toEqual([])
    expect((await failureOf(fabric.secrets())).code).toBe('IF_ERR_SCOPE_MISSING')
    expect((await failureOf(fabric.plan({ instance: 'slack', operation: 'message.send', input: {} }))).code).toBe(
      'IF_ERR_SCOPE_MISSING',
    )
    const coordinator = await fabric.coordinator()
    expect((await failureOf(coordinator.add({ kind: 'a' }))).code).toBe('IF_ERR_SCOPE_MISSING')
    expect(await coordinator.list()).toEqual([])
  })

  it('acts as its actor, whatever the client says', async () => {
    const served = await daemon()
    const { fabric, token } = await holder(served, { actor: 'if://agent/a' })

    expect(fabric.actor).toBe('if://agent/a')
    expect((await failureOf(open({ url: served.url, token, actor: 'if://person/ana' }))).code).toBe(
      'IF_ERR_SCOPE_MISSING',
    )
    const coordinator = await fabric.coordinator()
    const { id } = await coordinator.add({ kind: 'a' })
    const cancelled = await coordinator.cancel(id, { actor: 'if://person/ana' })
    expect(cancelled.history.at(-1)?.by).toBe('if://agent/a')
  })

  it('is honoured on the owner’s socket too, where none is needed', async () => {
    const served = await daemon()
    const { token } = await holder(served, { actor: 'if://agent/a', scopes: ['read'] })

    const fabric = await owner(served, { token })

    expect(fabric.actor).toBe('if://agent/a')
    expect((await failureOf(fabric.tokens())).code).toBe('IF_ERR_SCOPE_MISSING')
    expect((await owner(served, { actor: 'if://agent/b', session: 'mine' })).session).toBe('mine')
  })

  it('that is revoked ends the connections that use it, in the middle of a call', async () => {
    const served = await daemon()
    const { fabric, id } = await holder(served, { actor: 'if://agent/a' })
    const coordinator = await fabric.coordinator()
    const events = coordinator.watch()
    const next = failureOf(events.next())

    await (await owner(served)).revokeToken(id)

    expect((await next).message).toContain('revoked')
    expect((await failureOf(coordinator.list())).code).toBe('IF_ERR_INVALID_TOKEN')
  })

  it('that expires ends its connection at the next call', async () => {
    const served = await daemon()
    const { fabric } = await holder(served, { actor: 'if://agent/a', ttlMs: 2_000 })
    const coordinator = await fabric.coordinator()
    await coordinator.list()
    await new Promise((resolve) => setTimeout(resolve, 2_100))

    expect((await failureOf(coordinator.list())).code).toBe('IF_ERR_INVALID_TOKEN')
  })

  it('for one swarm adds to it, claims for it, and ends only its claims', async () => {
    const served = await daemon()
    const all = await coordinatorOf(served)
    const { fabric } = await holder(served, { actor: 'if://agent/a', swarms: ['own'], scopes: ['tasks'] })
    const coordinator = await fabric.coordinator()
    const SCOPE = { code: 'IF_ERR_SCOPE_MISSING' }
    const own = { swarm: 'own', worker: 'w' }
    const foreign = { swarm: 'foreign', worker: 'w' }

    expect(await failureOf(coordinator.add({ kind: 'a' }))).toMatchObject(SCOPE)
    expect(
      await failureOf(
        coordinator.add([
          { kind: 'a', swarm: 'own' },
          { kind: 'a', swarm: 'foreign' },
        ]),
      ),
    ).toMatchObject(SCOPE)
    expect(await failureOf(coordinator.claim(foreign, {}, { waitMs: 0 }))).toMatchObject(SCOPE)
    expect(await failureOf(coordinator.heartbeat(foreign))).toMatchObject(SCOPE)
    expect(await failureOf(coordinator.list())).toMatchObject(SCOPE)

    const { id } = await all.add({ kind: 'a', swarm: 'foreign', payload: 'secret' })
    const claim = await all.claim(foreign, id)
    expect(await failureOf(coordinator.complete(id, claim.token))).toMatchObject(SCOPE)
    expect(await failureOf(coordinator.payload(id))).toMatchObject(SCOPE)
    expect(await failureOf(coordinator.cancel(id))).toMatchObject(SCOPE)

    const mine = await coordinator.add({ kind: 'a', swarm: 'own' })
    const held = await coordinator.claim(own, mine.id)
    expect((await coordinator.complete(mine.id, held.token, 'ok')).state).toBe('done')
    expect((await coordinator.complete(mine.id, held.token, 'ok')).state).toBe('done')
    expect(await coordinator.list({ swarm: 'own' })).toHaveLength(1)
  })
})

const WAITING = (id: number) => ({
  id,
  call: 'coordinator.claim',
  args: [{ swarm: 's', worker: `w${id}` }, {}, { waitMs: 60_000 }],
})

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < levels; at++) value = [value]
  return value
}
