// Scoped credentials at the real door: the secret leaves only with requests that the credential covers, each hop by itself.
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { systemClock } from '../../../src/foundation/index.ts'
import { type CredentialGrant, openScopedCredentials } from '../../../src/vault/index.ts'
import {
  BEARER,
  closeAfterTest,
  failureOf,
  get,
  openTestDoor,
  optionsFor,
  SECRET,
  secretsOf,
  serve,
} from '../egress/rig.ts'

const USE = { holder: 'run-1', instance: 'shop', operation: 'item.get' }

async function setUp(endpoints: (origin: string) => string[], grant: Partial<CredentialGrant> = {}) {
  const seen: { path: string; authorization: string | undefined }[] = []
  const answers = new Map<string, { status: number; location?: string; onAsked?: () => void }>()
  const { origin } = await serve((request, response) => {
    const path = request.url ?? ''
    seen.push({ path, authorization: request.headers.authorization })
    const { status, location, onAsked } = answers.get(path) ?? { status: 200 }
    onAsked?.()
    response.writeHead(status, location === undefined ? {} : { location })
    response.end(request.headers.authorization)
  })
  const credentials = openScopedCredentials({ clock: systemClock })
  const issued = credentials.issue({
    instance: 'shop',
    holder: 'run-1',
    operations: ['item.*'],
    endpoints: endpoints(origin),
    ...grant,
  })
  const { door } = openTestDoor()
  const options = optionsFor(origin, {
    route: { method: 'GET', origins: [origin], path: '/v1/{name}' },
    secrets: credentials.guard(issued.handle, secretsOf(SECRET), USE),
  })
  return { seen, answers, origin, credentials, issued, door, options }
}

describe('the door with a scoped credential', () => {
  it('sends the secret to an endpoint that it covers, and shows it in no answer', async () => {
    const { seen, origin, door, options } = await setUp((host) => [`${host}/v1/items`])

    const { response } = await door.send(get(origin, { url: `${origin}/v1/items?page=2` }), options)

    expect(seen).toEqual([{ path: '/v1/items?page=2', authorization: `Bearer ${SECRET}` }])
    expect(response.text).toBe('Bearer <redacted>')
  })

  it('lets nothing out to an endpoint that it does not cover', async () => {
    const { seen, origin, door, options } = await setUp((host) => [`${host}/v1/items`])

    const failure = await failureOf(door.send(get(origin, { url: `${origin}/v1/users` }), options))

    expect(failure).toMatchObject({
      code: 'IF_ERR_CREDENTIAL_DENIED',
      message: expect.stringContaining(`not ${origin}/v1/users`),
      details: { departure: 'nothing-left' },
    })
    expect(seen).toEqual([])
  })

  it('does not follow with the secret where a redirect leads out of its endpoints', async () => {
    const { seen, answers, origin, door, options } = await setUp((host) => [`${host}/v1/items`])
    answers.set('/v1/items', { status: 302, location: '/v1/users' })

    const failure = await failureOf(door.send(get(origin), options))

    expect(failure.code).toBe('IF_ERR_CREDENTIAL_DENIED')
    expect(seen.map(({ path }) => path)).toEqual(['/v1/items'])
  })

  it('follows a redirect inside its endpoints', async () => {
    const { seen, answers, origin, door, options } = await setUp((host) => [`${host}/v1/*`])
    answers.set('/v1/items', { status: 302, location: '/v1/moved' })

    await door.send(get(origin), options)

    expect(seen).toEqual([
      { path: '/v1/items', authorization: `Bearer ${SECRET}` },
      { path: '/v1/moved', authorization: `Bearer ${SECRET}` },
    ])
  })

  it('makes no second try when it was revoked after the first', async () => {
    const { seen, answers, origin, credentials, issued, door, options } = await setUp((host) => [`${host}/v1/*`])
    answers.set('/v1/items', { status: 503, onAsked: () => credentials.revoke(issued.id) })

    const failure = await failureOf(
      door.send(get(origin), {
        ...options,
        retry: { attempts: 3, backoffSeconds: [0], repeatable: true },
        shouldRetry: ({ status }) => (status === 503 ? { retry: true, reason: 'busy' } : { retry: false }),
      }),
    )

    expect(failure.message).toContain('was revoked')
    expect(seen).toHaveLength(1)
  })

  it('asks for each websocket and each message that carries a secret', async () => {
    const { origin, server } = await serve(() => undefined)
    const heard: string[] = []
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => socket.on('message', (text) => heard.push(String(text))))
    closeAfterTest(async () => sockets.close())
    const credentials = openScopedCredentials({ clock: systemClock })
    const { door } = openTestDoor()
    const { handle, id } = credentials.issue({
      instance: 'shop',
      holder: 'run-1',
      operations: ['item.*'],
      endpoints: [`${origin}/v1/live`],
    })
    const options = {
      route: { method: 'GET', origins: [origin], path: '/v1/{name}' },
      secrets: credentials.guard(handle, secretsOf(SECRET), USE),
      allowPrivate: true,
      timeoutMs: 20_000,
    }
    const url = origin.replace('http', 'ws')

    const denied = await failureOf(door.connect({ url: `${url}/v1/other`, headers: {}, slots: [BEARER] }, options))
    expect(denied.code).toBe('IF_ERR_CREDENTIAL_DENIED')
    const socket = await door.connect({ url: `${url}/v1/live`, headers: {}, slots: [BEARER] }, options)
    credentials.revoke(id)
    socket.send({ type: 'auth' }, [{ in: 'message', name: 'token', parts: [{ secret: 'KEY' }] }])
    const cut = await failureOf(
      (async () => {
        for await (const _ of socket.messages);
      })(),
    )

    expect(cut.message).toContain('was revoked')
    expect(heard).toEqual([])
  })
})
