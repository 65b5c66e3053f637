// Consent through the fabric: on record, on loopback only, told where it is missing, gone with the instance.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Composition } from '../../../src/fabric/acting.ts'
import { connectInstance, missingConsentOf } from '../../../src/fabric/consents.ts'
import type { LogEntry } from '../../../src/store/index.ts'
import { failureOf } from '../egress/rig.ts'
import { APP, type AuthorizationServer, openAuthorizationServer } from '../tokens/authorization-server.ts'
import {
  callerOf,
  consentAuth,
  type Home,
  instanceAt,
  openHome,
  plainSecrets,
  providerWith,
  storeSecrets,
  temporaryHome,
} from '../tokens/fixture.ts'

let server: AuthorizationServer
let home: Home
let folder: ReturnType<typeof temporaryHome>
let logged: LogEntry[]

beforeEach(async () => {
  server = await openAuthorizationServer()
  folder = temporaryHome()
  logged = []
  const plain = await openHome(folder.path)
  await plain.close()
  home = await openHome(folder.path, { ...plain.clock, sleep: (_ms, signal) => plain.clock.sleep(10, signal) })
  const commit = home.store.commit.bind(home.store)
  home.store.commit = (writes, log = [], options) => {
    logged.push(...log)
    return commit(writes, [], options) // this store has no witness
  }
})

afterEach(async () => {
  await home.close()
  await server.close()
  folder.remove()
})

/** What these functions use of a home. */
function partsOf(): Composition {
  const instance = instanceAt(server.host)
  const { tokens, clock } = home
  const parts = {
    instances: { get: async () => instance },
    instanceOf: async () => instance,
    providerOf: async () => providerWith(consentAuth()),
    secretsOf: () => plainSecrets(home, instance),
    acting: { actor: 'if://person/ana', session: 's', why: 'set up' },
    tokens,
    clock,
  }
  return parts as unknown as Composition
}

describe('a consent through the fabric', () => {
  it('is written into the log with who let it in, and serves calls from then on', async () => {
    const instance = instanceAt(server.host)
    await storeSecrets(home, instance, { CLIENT_ID: APP.id })
    const parts = partsOf()
    expect(await missingConsentOf(parts, 'shop')).toMatchObject({ next: 'ifab provider connect shop' })

    const connected = await connectInstance(parts, 'shop', {
      flow: 'device',
      ask: async (prompt) => {
        if (prompt.kind === 'device') await server.approveDevice(prompt.userCode)
        return undefined
      },
    })

    expect(connected).toMatchObject({ instance: 'shop', scopes: ['openid', 'offline_access'], renews: true })
    expect(logged).toMatchObject([
      {
        kind: 'instance.connect',
        actor: 'if://person/ana',
        why: 'set up',
        instance: 'shop',
        detail: { scopes: connected.scopes },
      },
    ])
    expect(await missingConsentOf(parts, 'shop')).toBeUndefined()
    await callerOf(home, providerWith(consentAuth()), instance).read()
    expect(server.called.at(-1)?.status).toBe(200)
  })

  it.each(['http://evil.example/callback', 'https://127.0.0.1:80/callback', 'http://127.0.0.1:80/callback?x=1'])(
    'comes back to no address like %s',
    async (redirectUri) => {
      const connect = connectInstance(partsOf(), 'shop', { flow: 'code', redirectUri, ask: async () => undefined })

      expect(await failureOf(connect)).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    },
  )
})
