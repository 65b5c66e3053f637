// Access tokens that need no person, against a real authorization server.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FabricError } from '../../../src/foundation/index.ts'
import { prefixOf } from '../../../src/store/index.ts'
import { failureOf } from '../egress/rig.ts'
import { type AuthorizationServer, MACHINE, openAuthorizationServer } from './authorization-server.ts'
import {
  callerOf,
  type Home,
  instanceAt,
  machineAuth,
  openHome,
  providerWith,
  storeSecrets,
  temporaryHome,
} from './fixture.ts'

let server: AuthorizationServer
let home: Home
let folder: ReturnType<typeof temporaryHome>
const ends: (() => unknown)[] = []

beforeEach(async () => {
  server = await openAuthorizationServer()
  folder = temporaryHome()
  home = await openHome(folder.path)
})

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await home.close()
  await server.close()
  folder.remove()
})

const CREDENTIALS = { CLIENT_ID: MACHINE.id, CLIENT_SECRET: MACHINE.secret }

async function openShop(of = home, name = 'shop') {
  const instance = instanceAt(server.host, name)
  await storeSecrets(of, instance, CREDENTIALS)
  return callerOf(of, providerWith(machineAuth()), instance)
}

describe('client credentials', () => {
  it('gets a token with the first call and uses it for the next ones', async () => {
    const shop = await openShop()

    expect((await shop.read()).result).toMatchObject({ id: 'thing-0' })
    await shop.read()

    expect(server.asked).toEqual(['client_credentials'])
    expect(new Set(server.called.map(({ token }) => token)).size).toBe(1)
  })

  it('asks once for fifty calls at the same time', async () => {
    const shop = await openShop()

    await Promise.all(Array.from({ length: 50 }, () => shop.read()))

    expect(server.asked).toHaveLength(1)
    expect(server.called).toHaveLength(50)
  })

  it('keeps the token, so that another process of the home uses it too', async () => {
    await (await openShop()).read()
    const other = await openHome(folder.path)
    ends.push(() => other.close())

    await callerOf(other, providerWith(machineAuth()), instanceAt(server.host)).read()

    expect(server.asked).toHaveLength(1)
  })

  it('keeps the tokens of two instances apart', async () => {
    const [one, two] = [await openShop(home, 'one'), await openShop(home, 'two')]
    await one.read()
    await two.read()

    expect(server.asked).toHaveLength(2)
    expect(new Set(server.called.map(({ token }) => token)).size).toBe(2)
  })

  it('renews a token that the provider refuses, once, and repeats the call, an effect too', async () => {
    const shop = await openShop()
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')

    await shop.act()

    expect(server.called.map(({ status }) => status)).toEqual([200, 401, 200])
    expect(server.effects).toHaveLength(1)
    expect(server.asked).toHaveLength(2)
  })

  it('renews once for many calls that are refused at the same time', async () => {
    const shop = await openShop()
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')

    await Promise.all(Array.from({ length: 20 }, () => shop.read()))

    expect(server.asked).toHaveLength(2)
  })

  it('never repeats twice: a provider that refuses every token is told of', async () => {
    const shop = await openShop()
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    const provider = providerWith(machineAuth(), { errors: () => ({ code: 'IF_ERR_AUTH_FAILED', message: 'no' }) })
    const refusing = callerOf(
      home,
      providerWith(machineAuth({ rejected: () => true }), { errors: provider.definition.errors }),
      instanceAt(server.host),
    )

    const failure = await failureOf(refusing.act())

    expect(failure.code).toBe('IF_ERR_AUTH_FAILED')
    expect(failure.details.outcome).toBe('not-done')
    expect(server.called.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  it('gets another token when the credentials were changed, and keeps the old one until then', async () => {
    const shop = await openShop()
    await shop.read()
    await storeSecrets(home, instanceAt(server.host), { CLIENT_SECRET: 'another-secret-canary-2' })

    const failure = await failureOf(shop.read())

    expect(failure.code).toBe('IF_ERR_AUTH_FAILED')
    expect(failure.message).toContain('invalid_client')
    expect(JSON.stringify(failure)).not.toContain('canary')
    await storeSecrets(home, instanceAt(server.host), CREDENTIALS)
    await shop.read()
    expect(server.asked).toHaveLength(2)
  })

  it('tries credentials without keeping what they give', async () => {
    const shop = await openShop()
    const trial = home.tokens.source(shop.owner, { trial: true })

    const token = await trial.open('$access_token', `http://${server.host}`)

    expect(token.reveal()).not.toBe('')
    expect(await home.store.range(prefixOf('token'))).toEqual([])
    expect((await home.vault.list()).map(({ name }) => name)).toEqual(['CLIENT_ID', 'CLIENT_SECRET'])
  })

  it('opens a token for the origins of the instance and no others', async () => {
    const shop = await openShop()

    const failure = await failureOf(shop.secrets.open('$access_token', 'https://elsewhere.example'))

    expect(failure.code).toBe('IF_ERR_SECRET_UNREADABLE')
    expect(server.asked).toEqual([])
  })

  it('encrypts the token at rest, hides it from no redactor, and goes with the instance', async () => {
    const shop = await openShop()
    await shop.read()
    const { token = '' } = server.called[0] ?? {}

    const entries = await home.store.range('')
    expect(JSON.stringify(entries)).not.toContain(token)
    expect(home.redactor.leaks(`it is ${token}`)).toBe(true)

    await home.tokens.forget('shop')
    await home.vault.remove('shop')
    expect(await home.store.range(prefixOf('token'))).toEqual([])
    expect(await home.vault.list('shop')).toEqual([])
  })

  it('tells of a server that is out of service, without what it said of the secret', async () => {
    const shop = await openShop()
    Object.assign(server.fail, {
      status: 503,
      body: `{"error_description":"${MACHINE.secret}","error":"server_error"}`,
    })

    const failure: FabricError = await failureOf(shop.act())

    expect(failure.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
    expect(failure.details.outcome).toBe('not-done')
    expect(failure.message + JSON.stringify(failure)).not.toContain(MACHINE.secret)
    expect(server.called).toEqual([])
  })

  it('goes on with a token that is still good when the renewal fails for a while', async () => {
    server.ttl.seconds = 600
    const shop = await openShop()
    await shop.read()
    await home.close()
    home = await openHome(folder.path, { ...home.clock, now: () => Date.now() + 570_000 })
    const later = callerOf(home, providerWith(machineAuth()), instanceAt(server.host))
    server.fail.status = 503

    await later.read()

    expect(server.called.map(({ status }) => status)).toEqual([200, 200])
    expect(server.asked.length).toBeGreaterThan(1)
  })

  it('renews shortly before the end, and after the clock was set back', async () => {
    await (await openShop()).read()
    for (const aheadMs of [570_000, -3_600_000]) {
      const asked = server.asked.length
      const at = await openHome(folder.path, { ...home.clock, now: () => Date.now() + aheadMs })
      await callerOf(at, providerWith(machineAuth()), instanceAt(server.host)).read()
      await at.close()
      expect(server.asked).toHaveLength(asked + 1)
    }
  })

  it('refuses an answer without a token, and one that is no JSON, without quoting it', async () => {
    const shop = await openShop()
    for (const body of ['{"acces_token":"leaked-canary-3"}', 'leaked-canary-3', '']) {
      Object.assign(server.fail, { status: 200, body })

      const failure = await failureOf(shop.read())

      expect(failure.code).toBe('IF_ERR_BAD_RESPONSE')
      expect(failure.message + JSON.stringify(failure)).not.toContain('canary')
    }
  })
})
