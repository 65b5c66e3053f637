// Several processes that renew one token, and processes that are killed while they do.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { failureOf } from '../egress/rig.ts'
import { APP, type AuthorizationServer, MACHINE, openAuthorizationServer } from './authorization-server.ts'
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

let program: ChildProgram
let server: AuthorizationServer
let home: Home
let folder: ReturnType<typeof temporaryHome>

beforeAll(async () => {
  program = await buildChild(new URL('./token-child.ts', import.meta.url))
})
afterAll(() => program.remove())

beforeEach(async () => {
  server = await openAuthorizationServer()
  folder = temporaryHome()
  home = await openHome(folder.path)
})

afterEach(async () => {
  await home.close()
  await server.close()
  folder.remove()
})

async function openShop() {
  const instance = instanceAt(server.host)
  await storeSecrets(home, instance, { CLIENT_ID: APP.id })
  return callerOf(home, providerWith(consentAuth()), instance)
}

/** By device, as no browser is needed for it. */
async function consent(shop: Awaited<ReturnType<typeof openShop>>) {
  const quick = { ...home.clock, sleep: (_ms: number, signal?: AbortSignal) => home.clock.sleep(10, signal) }
  const other = await openHome(folder.path, quick)
  await other.tokens.connect(shop.owner, {
    flow: 'device',
    ask: async (prompt) => {
      if (prompt.kind === 'device') await server.approveDevice(prompt.userCode)
      return undefined
    },
  })
  await other.close()
}

/** Resolves when the next token request has come that far; it then stays there for ever, or until let go. */
function holdAt(place: 'before' | 'after'): { reached: Promise<void>; letGo: () => void } {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const reached = new Promise<void>((resolve) => {
    server.hold[place] = async () => {
      delete server.hold[place]
      resolve()
      await held
    }
  })
  return { reached, letGo }
}

describe('processes of one home', () => {
  it('ask once when four of them need a token at the same moment', async () => {
    const instance = instanceAt(server.host)
    await storeSecrets(home, instance, { CLIENT_ID: MACHINE.id, CLIENT_SECRET: MACHINE.secret })
    const startAt = String(Date.now() + 2_500)
    const children = Array.from({ length: 4 }, () => program.start(folder.path, server.host, 'machine', startAt))

    const said = await Promise.all(children.map((child) => child.rest()))

    expect(said).toEqual(children.map(() => ['ready', 'done']))
    expect(server.asked).toEqual(['client_credentials'])
    expect(server.called).toHaveLength(4)
  })

  it('renew once with a refresh token that is good for one time', async () => {
    const shop = await openShop()
    await consent(shop)
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    const startAt = String(Date.now() + 2_500)
    const children = Array.from({ length: 3 }, () => program.start(folder.path, server.host, 'consent', startAt))

    const said = await Promise.all(children.map((child) => child.rest()))

    expect(said).toEqual(children.map(() => ['ready', 'done']))
    expect(server.asked.filter((grant) => grant === 'refresh_token')).toHaveLength(1)
  })
})

describe('a process that is killed while it renews', () => {
  it('before the request was performed: the next one renews at once', async () => {
    const shop = await openShop()
    await consent(shop)
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    const { reached, letGo } = holdAt('before')
    const child = program.start(folder.path, server.host, 'consent')
    await reached
    await child.kill()

    await shop.read()
    letGo()

    expect(server.called.at(-1)?.status).toBe(200)
  })

  it('after the refresh token was spent: it is told as what it is, and a new consent heals it', async () => {
    const shop = await openShop()
    await consent(shop)
    await shop.read()
    server.revoke(server.called[0]?.token ?? '')
    const { reached, letGo } = holdAt('after')
    const child = program.start(folder.path, server.host, 'consent')
    await reached
    await child.kill()
    letGo()

    const failure = await failureOf(shop.read())

    expect(failure).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', next: 'ifab provider connect shop' })
    expect(failure.message).toContain('broke off before its answer was kept')
    await consent(shop)
    await shop.read()
    expect(server.called.at(-1)?.status).toBe(200)
  })
})
