// Session logins: tokens in bodies of other forms, in headers, vendors' own ways to say that a session is over.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Auth, get, post, secret, secretInBody, sessionLogin } from '../../../src/adapter/index.ts'
import { failureOf, serve } from '../egress/rig.ts'
import { callerOf, type Home, instanceAt, openHome, providerWith, storeSecrets, temporaryHome } from './fixture.ts'

let home: Home
let folder: ReturnType<typeof temporaryHome>

beforeEach(async () => {
  folder = temporaryHome()
  home = await openHome(folder.path)
})

afterEach(async () => {
  await home.close()
  folder.remove()
})

interface Vendor {
  host: string
  logins: string[]
  calls: (string | undefined)[]
  /** The session that counts. */
  session: { now: string }
}

/** Logs in with the secret `open sesame`; calls under another session than the last one are refused inside a 200. */
async function openVendor(login: (response: ServerResponse, session: string) => void): Promise<Vendor> {
  const logins: string[] = []
  const calls: (string | undefined)[] = []
  const session = { now: '' }
  const { origin } = await serve(async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (request.url?.startsWith('/login')) {
      logins.push(`${request.url} ${body}`)
      if (!body.includes('open sesame') && !request.url.includes('open%20sesame')) {
        return response.writeHead(200).end('{"errcode":40125,"errmsg":"invalid appsecret"}')
      }
      session.now = `session-number-${logins.length}`
      return login(response, session.now)
    }
    const shown = request.headers['x-session']
    calls.push(typeof shown === 'string' ? shown : undefined)
    const body200 = shown === session.now ? { id: 'thing-1' } : { errcode: 42001, errmsg: 'access_token expired' }
    response.writeHead(200).end(JSON.stringify(body200))
  })
  return { host: new URL(origin).host, logins, calls, session }
}

const SLOT = { in: 'header' as const, name: 'X-Session', parts: [{ secret: '$access_token' }] }

const errors = ({ text }: { text: string }) => {
  const { errcode, errmsg } = JSON.parse(text === '' ? '{}' : text) as { errcode?: number; errmsg?: string }
  if (!errcode) return undefined
  return { code: 'IF_ERR_AUTH_FAILED' as const, message: errmsg ?? '', vendorCode: String(errcode) }
}

async function openShop(vendor: Vendor, auth: Auth) {
  const instance = instanceAt(vendor.host)
  await storeSecrets(home, instance, { CLIENT_ID: 'ali', CLIENT_SECRET: 'open sesame' })
  return callerOf(home, providerWith(auth, { errors }), instance)
}

const inBody = (): Auth =>
  sessionLogin({
    request: post('/login', {
      json: { user: secretInBody(secret('CLIENT_ID')), password: secretInBody(secret('CLIENT_SECRET')) },
    }),
    token: 'data.session.key',
    expiresIn: 'data.session.ttl',
    lifetimeSeconds: 600,
    slot: SLOT,
    rejected: ({ vendorCode }) => vendorCode === '42001',
  })

describe('a session login', () => {
  it('sends secrets in the body and finds the token where the definition says', async () => {
    const vendor = await openVendor((response, key) =>
      response.end(JSON.stringify({ data: { session: { key, ttl: '7200' } } })),
    )
    const shop = await openShop(vendor, inBody())

    await shop.read()
    await shop.act()

    expect(vendor.logins).toEqual(['/login {"user":"ali","password":"open sesame"}'])
    expect(vendor.calls).toEqual(['session-number-1', 'session-number-1'])
  })

  it('logs in anew where the provider says in its own way that the session is over', async () => {
    const vendor = await openVendor((response, key) => response.end(JSON.stringify({ data: { session: { key } } })))
    const shop = await openShop(vendor, inBody())
    await shop.read()
    vendor.session.now = 'ended elsewhere'

    await shop.act()

    expect(vendor.calls).toEqual(['session-number-1', 'session-number-1', 'session-number-2'])
  })

  it('takes the token from a header, and secrets in the query', async () => {
    const vendor = await openVendor((response, key) => response.writeHead(204, { 'X-Auth-Token': key }).end())
    const shop = await openShop(
      vendor,
      sessionLogin({
        request: get('/login'),
        slots: [{ in: 'query', name: 'password', parts: [{ secret: 'CLIENT_SECRET' }] }],
        token: { header: 'X-Auth-Token' },
        lifetimeSeconds: 600,
        slot: SLOT,
      }),
    )

    await shop.read()

    expect(vendor.logins).toEqual(['/login?password=open%20sesame '])
    expect(vendor.calls).toEqual(['session-number-1'])
  })

  it('tells of a refusal inside a 200 with the code of the provider', async () => {
    const vendor = await openVendor((response) => response.end('{}'))
    const shop = await openShop(vendor, inBody())
    await storeSecrets(home, instanceAt(vendor.host), { CLIENT_SECRET: 'open barley' })

    const failure = await failureOf(shop.act())

    expect(failure).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', details: { vendorCode: '40125', outcome: 'not-done' } })
    expect(failure.message).toContain('invalid appsecret')
    expect(vendor.calls).toEqual([])
  })

  it('understands a provider that gives the same token again, and does not repeat the call then', async () => {
    const vendor = await openVendor((response) => response.end('{"data":{"session":{"key":"always-the-same-1"}}}'))
    const shop = await openShop(vendor, inBody())
    vendor.session.now = ''

    expect(await failureOf(shop.act())).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(vendor.logins).toHaveLength(2)
    expect(vendor.calls).toEqual(['always-the-same-1'])
  })
})
