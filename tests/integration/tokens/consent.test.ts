// Consent of a person, by page and by device, against a real authorization server; refresh tokens that are good for one time.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConsentPrompt } from '../../../src/adapter/index.ts'
import { openLoopbackRedirect } from '../../../src/cli/input/loopback-redirect.ts'
import { failureOf } from '../egress/rig.ts'
import { APP, type AuthorizationServer, openAuthorizationServer } from './authorization-server.ts'
import {
  callerOf,
  consentAuth,
  type Home,
  instanceAt,
  openHome,
  providerWith,
  storeSecrets,
  temporaryHome,
} from './fixture.ts'

let server: AuthorizationServer
let home: Home
let folder: ReturnType<typeof temporaryHome>
let slept: number[]

beforeEach(async () => {
  server = await openAuthorizationServer()
  folder = temporaryHome()
  slept = []
  const plain = await openHome(folder.path)
  await plain.close()
  home = await openHome(folder.path, {
    ...plain.clock,
    async sleep(ms, signal) {
      slept.push(ms)
      await plain.clock.sleep(Math.min(ms, 20), signal)
    },
  })
})

afterEach(async () => {
  await home.close()
  await server.close()
  folder.remove()
})

async function openShop(of = home) {
  const instance = instanceAt(server.host)
  await storeSecrets(of, instance, { CLIENT_ID: APP.id })
  return callerOf(of, providerWith(consentAuth()), instance)
}

type Shop = Awaited<ReturnType<typeof openShop>>

async function byPage(shop: Shop, of = home) {
  const redirect = await openLoopbackRedirect()
  try {
    return await of.tokens.connect(shop.owner, {
      flow: 'code',
      redirectUri: redirect.uri,
      ask: async (prompt) => {
        if (prompt.kind !== 'code') throw new Error('asked for a device')
        const back = redirect.answer(prompt.state, new AbortController().signal)
        await (await fetch(await server.browse(prompt.url))).text()
        return back
      },
    })
  } finally {
    await redirect.close()
  }
}

describe('a consent by page', () => {
  it('is missing at first, and says how to give it', async () => {
    const shop = await openShop()

    const failure = await failureOf(shop.read())

    expect(failure).toMatchObject({ code: 'IF_ERR_SECRET_MISSING', next: 'ifab provider connect shop' })
    expect(await home.tokens.missingConsent(shop.owner)).toMatchObject({ code: 'IF_ERR_SECRET_MISSING' })
    expect(server.asked).toEqual([])
  })

  it('gives a token that calls use and that is renewed by itself', async () => {
    const shop = await openShop()

    const connected = await byPage(shop)
    await shop.read()

    expect(connected).toMatchObject({ scopes: ['openid', 'offline_access'], renews: true })
    expect(Date.parse(connected.expiresAt ?? '')).toBeGreaterThan(Date.now())
    expect(await home.tokens.missingConsent(shop.owner)).toBeUndefined()
    expect(server.asked).toEqual(['authorization_code'])
    server.revoke(server.called[0]?.token ?? '')
    await shop.act()
    expect(server.asked).toEqual(['authorization_code', 'refresh_token'])
    expect(server.effects).toHaveLength(1)
  })

  it('renews again and again with refresh tokens that are good for one time', async () => {
    const shop = await openShop()
    await byPage(shop)
    for (let times = 1; times <= 4; times++) {
      await shop.read()
      server.revoke(server.called.at(-1)?.token ?? '')
    }
    await Promise.all(Array.from({ length: 10 }, () => shop.read()))

    expect(server.asked.filter((grant) => grant === 'refresh_token')).toHaveLength(4)
  })

  it('is told to be given again once the provider takes the refresh token no more, without asking it each time', async () => {
    const shop = await openShop()
    await byPage(shop)
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    Object.assign(server.fail, {
      status: 400,
      body: '{"error":"invalid_grant","error_description":"grant was revoked"}',
    })

    const first = await failureOf(shop.read())
    const asked = server.asked.length
    const second = await failureOf(shop.read())

    expect(first).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', next: 'ifab provider connect shop' })
    expect(second).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', message: expect.stringContaining('grant was revoked') })
    expect(server.asked).toHaveLength(asked)
    delete server.fail.status
    await byPage(shop)
    await shop.read()
    expect(server.called.at(-1)?.status).toBe(200)
  })

  it('keeps its refresh token through a server that is out of service', async () => {
    const shop = await openShop()
    await byPage(shop)
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    server.fail.status = 503
    expect(await failureOf(shop.act())).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', details: { outcome: 'not-done' } })
    delete server.fail.status

    await shop.act()

    expect(server.effects).toHaveLength(1)
  })

  it('of another client counts no more', async () => {
    const shop = await openShop()
    await byPage(shop)
    await storeSecrets(home, instanceAt(server.host), { CLIENT_ID: 'another-client' })

    const failure = await failureOf(shop.read())

    expect(failure).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', next: 'ifab provider connect shop' })
    expect(failure.message).toContain('client')
  })

  it('that is refused keeps nothing and says what the provider said', async () => {
    const shop = await openShop()
    const connect = home.tokens.connect(shop.owner, {
      flow: 'code',
      redirectUri: 'http://127.0.0.1:1/callback',
      ask: async (prompt) => ({
        state: (prompt as ConsentPrompt & { kind: 'code' }).state,
        error: 'access_denied',
        errorDescription: 'ana said no',
      }),
    })

    expect(await failureOf(connect)).toMatchObject({
      code: 'IF_ERR_AUTH_FAILED',
      message: expect.stringContaining('ana said no'),
    })
    expect(await home.tokens.missingConsent(shop.owner)).toMatchObject({ code: 'IF_ERR_SECRET_MISSING' })
  })

  it('takes no answer of another state, and no code that another verifier belongs to', async () => {
    const shop = await openShop()
    const other = { state: 'x'.repeat(43), code: 'stolen-code-canary-9' }
    for (const ask of [
      async () => other,
      async () => undefined,
      async (prompt: ConsentPrompt) => ({ ...other, state: (prompt as ConsentPrompt & { kind: 'code' }).state }),
    ]) {
      const failure = await failureOf(
        home.tokens.connect(shop.owner, { flow: 'code', redirectUri: 'http://127.0.0.1:1/callback', ask }),
      )
      expect(failure.code).toBe('IF_ERR_AUTH_FAILED')
      expect(failure.message + JSON.stringify(failure)).not.toContain('canary')
    }
  })
})

describe('a consent by device', () => {
  it('waits as slowly as the provider wants until the person has entered the code', async () => {
    const shop = await openShop()
    const shown: ConsentPrompt[] = []

    const connected = await home.tokens.connect(shop.owner, {
      flow: 'device',
      ask: async (prompt) => {
        shown.push(prompt)
        const { userCode } = prompt as ConsentPrompt & { kind: 'device' }
        setTimeout(() => void server.approveDevice(userCode), 60)
        return undefined
      },
    })
    await shop.read()

    expect(connected.renews).toBe(true)
    expect(shown).toMatchObject([{ kind: 'device', verificationUri: `http://${server.host}/device` }])
    expect(new Set(slept)).toEqual(new Set([5_000]))
    expect(server.asked.length).toBeGreaterThan(1)
  })

  it('slows down when it is told to, and waits longer after a failure', async () => {
    const shop = await openShop()
    const answers = ['slow_down', 'authorization_pending', undefined, 'access_denied']
    server.hold.before = async () => {
      const error = answers.shift()
      Object.assign(server.fail, error ? { status: 400, body: `{"error":"${error}"}` } : { status: 503, body: 'no' })
    }

    const failure = await failureOf(home.tokens.connect(shop.owner, { flow: 'device', ask: async () => undefined }))

    expect(failure).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', details: { vendorCode: 'access_denied' } })
    expect(slept).toEqual([5_000, 10_000, 10_000, 20_000])
  })

  it('ends when the code expires, and at once when it is stopped', async () => {
    const shop = await openShop()
    server.hold.before = async () => void Object.assign(server.fail, { status: 400, body: '{"error":"expired_token"}' })
    const late = home.tokens.connect(shop.owner, { flow: 'device', ask: async () => undefined })
    expect(await failureOf(late)).toMatchObject({ code: 'IF_ERR_TIMEOUT', next: 'ifab provider connect shop --device' })

    const stop = new AbortController()
    const stopped = home.tokens.connect(shop.owner, {
      flow: 'device',
      signal: stop.signal,
      ask: async () => {
        stop.abort(new Error('stopped'))
        return undefined
      },
    })
    await expect(stopped).rejects.toThrow('stopped')
  })
})
