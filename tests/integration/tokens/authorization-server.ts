// A real authorization server on loopback (npm oidc-provider) with an API behind it that takes its tokens: client
// credentials, authorization code with PKCE, device code, refresh tokens that are good for one time.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
// @ts-expect-error: the package brings no types; `Oidc` says what is used of it
import Provider from 'oidc-provider'

/** What the tests use of a package without types. */
interface Oidc {
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{
    prompt: { name: string }
    params: { client_id: string }
    grantId?: string
    session?: { accountId: string }
  }>
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  Grant: new (of: {
    accountId: string
    clientId: string
  }) => { addOIDCScope(scope: string): void; save(): Promise<string> }
  AccessToken: { find(token: string): Promise<{ clientId: string; destroy(): Promise<void> } | undefined> }
  DeviceCode: { findByUserCode(code: string): Promise<(object & { save(): Promise<unknown> }) | undefined> }
  proxy: boolean
  on(event: string, listener: (...args: unknown[]) => void): void
}

export interface AuthorizationServer {
  /** `127.0.0.1:PORT`. */
  host: string
  /** Grant types of the token requests that arrived, in order. */
  asked: string[]
  /** Requests to the API, in order, and the effects that it had. */
  called: { method: string; token: string; status: number }[]
  effects: string[]
  /** Tokens that the API refuses from now on. */
  revoke(token: string): void
  /** Of the next tokens. */
  ttl: { seconds: number }
  /** Called before a token request is performed, and before its answer is sent. */
  hold: { before?: () => Promise<void>; after?: () => Promise<void> }
  /** Answers every token request with this status until it is undefined again. */
  fail: { status?: number; body?: string }
  /** The person consents to a device's code. */
  approveDevice(userCode: string): Promise<void>
  /** Follows the page as a browser with a person who logs in and consents; the address it is sent back to. */
  browse(url: string): Promise<string>
  close(): Promise<void>
}

export const MACHINE = { id: 'machine', secret: 'machine-secret-canary-1' }
export const APP = { id: 'desktop-app' }

export async function openAuthorizationServer(): Promise<AuthorizationServer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const asked: string[] = []
  const called: AuthorizationServer['called'] = []
  const effects: string[] = []
  const revoked = new Set<string>()
  const ttl = { seconds: 600 }
  const hold: AuthorizationServer['hold'] = {}
  const fail: AuthorizationServer['fail'] = {}
  const oidc = openOidc(`http://${host}`, ttl)
  oidc.on('grant.success', () => undefined)
  const serveOidc = oidc.callback()

  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const found = revoked.has(token) ? undefined : await oidc.AccessToken.find(token)
    const status = found ? 200 : 401
    const { method = '' } = request
    called.push({ method, token, status })
    if (found && method === 'POST') effects.push(token)
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(found ? { id: `thing-${effects.length}`, client: found.clientId } : { error: 'no' }))
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    asked.push(new URLSearchParams(body).get('grant_type') ?? '')
    await hold.before?.()
    if (fail.status !== undefined) {
      response.writeHead(fail.status, { 'Content-Type': 'application/json' }).end(fail.body ?? '{}')
      return
    }
    // koa's body parser takes what was read already.
    Object.assign(request, { body })
    const { after } = hold
    if (after) {
      const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse
      response.end = ((...args: unknown[]) => {
        void after().then(() => end(...args))
        return response
      }) as typeof response.end
    }
    serveOidc(request, response)
  }

  async function interaction(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, grantId } = await oidc.interactionDetails(request, response)
    if (prompt.name === 'login') return oidc.interactionFinished(request, response, { login: { accountId: 'ana' } })
    const grant = new oidc.Grant({ accountId: 'ana', clientId: params.client_id })
    grant.addOIDCScope('openid offline_access')
    await oidc.interactionFinished(request, response, { consent: { grantId: grantId ?? (await grant.save()) } })
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', `http://${host}`)
    const serve = pathname.startsWith('/v1/')
      ? api
      : pathname === '/token'
        ? token
        : pathname.startsWith('/interaction/')
          ? interaction
          : undefined
    if (!serve) return serveOidc(request, response)
    serve(request, response).catch((thrown: unknown) => response.writeHead(500).end(String(thrown)))
  })

  return {
    host,
    asked,
    called,
    effects,
    ttl,
    hold,
    fail,
    revoke: (token) => void revoked.add(token),
    async approveDevice(userCode) {
      const code = await oidc.DeviceCode.findByUserCode(userCode.replace(/[^A-Z]/g, ''))
      if (!code) throw new Error(`no device code ${userCode}`)
      const grant = new oidc.Grant({ accountId: 'ana', clientId: APP.id })
      grant.addOIDCScope('openid offline_access')
      Object.assign(code, { accountId: 'ana', grantId: await grant.save(), scope: 'openid offline_access' })
      await code.save()
    },
    browse: (url) => browse(url, host),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => (server as Server).close(resolve))
    },
  }
}

function openOidc(issuer: string, ttl: { seconds: number }): Oidc {
  const made: unknown = new Provider(issuer, {
    clients: [
      {
        client_id: MACHINE.id,
        client_secret: MACHINE.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
      {
        client_id: APP.id,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: ['not-a-secret-of-anybody'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true, methods: ['S256'] },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: {
      AccessToken: () => ttl.seconds,
      ClientCredentials: () => ttl.seconds,
      AuthorizationCode: 60,
      RefreshToken: 3_600,
      DeviceCode: 600,
      Grant: 3_600,
      Session: 3_600,
      Interaction: 600,
      IdToken: 600,
    },
  })
  const oidc = made as Oidc // of a package without types
  // Access tokens of client credentials are a kind of their own there.
  const { ClientCredentials } = made as { ClientCredentials: Oidc['AccessToken'] }
  const plain = oidc.AccessToken.find.bind(oidc.AccessToken)
  oidc.AccessToken.find = async (token) => (await plain(token)) ?? (await ClientCredentials.find(token))
  return oidc
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function browse(url: string, host: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let at = url, hops = 0; hops < 12; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    await response.arrayBuffer()
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const split = pair.indexOf('=')
      cookies.set(pair.slice(0, split), pair.slice(split + 1))
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${at} answered ${response.status} and sent nowhere`)
    at = new URL(location, at).href
    if (new URL(at).host !== host) return at
  }
  throw new Error('sent round in a circle')
}
