// Bearer tokens: made, told once, checked, revoked, forgotten.
import { describe, expect, it } from 'vitest'
import { type CreateToken, type Fabric, type FabricHost, openHost, type TokenScope } from '../../../src/fabric/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { afterwards, changeRecord, failureOf, fileOf, PERSON, temporaryFolder, withStore } from './rig.ts'

interface Opened {
  home: string
  host: FabricHost
  fabric: Fabric
}

async function opened(home = temporaryFolder()): Promise<Opened> {
  const host = await openHost({ home, env: {} })
  afterwards(() => host.close())
  return { home, host, fabric: host.as({ actor: PERSON, session: 's' }) }
}

const BOT: CreateToken = { actor: 'if://agent/bot' }

async function logOf(fabric: Fabric): Promise<JsonObject[]> {
  const entries: JsonObject[] = []
  for await (const entry of fabric.witnessEntries()) entries.push(entry)
  return entries
}

describe('a token', () => {
  it('grants what it was made for, in the process that made it and in another', async () => {
    const { host, fabric, home } = await opened()
    const other = await opened(home)

    const made = await fabric.createToken({
      ...BOT,
      scopes: ['tasks', 'read'],
      swarms: ['studio'],
      ttlMs: 60_000,
      note: 'night',
    })

    expect(made.token).toMatch(new RegExp(`^ifab_${made.id}_[A-Za-z0-9_-]{43}$`))
    expect(made).toMatchObject({
      actor: BOT.actor,
      scopes: ['read', 'tasks'],
      createdBy: PERSON,
      note: 'night',
      revokedAt: null,
    })
    const grant = {
      id: made.id,
      actor: BOT.actor,
      scopes: ['read', 'tasks'],
      swarms: ['studio'],
      expiresAt: Date.parse(made.expiresAt),
    }
    expect(await host.authenticate(made.token)).toEqual(grant)
    expect(await other.host.authenticate(made.token)).toEqual(grant)
  })

  it('lasts a day, reads, works and acts, in all swarms, where nothing else is said', async () => {
    const { fabric } = await opened()

    const { token: _token, ...made } = await fabric.createToken(BOT)

    expect(made).toMatchObject({ scopes: ['read', 'tasks', 'actions'], swarms: null, note: null })
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(24 * 3_600_000)
    expect(await fabric.tokens()).toEqual([made])
  })

  it('is told once: neither the store, nor the log, nor a list has its secret', async () => {
    const { fabric, home } = await opened()
    const { token, id } = await fabric.createToken(BOT)
    const secret = token.slice(`ifab_${id}_`.length)

    await fabric.revokeToken(id)

    expect(JSON.stringify(await fabric.tokens())).not.toContain(secret)
    expect(JSON.stringify(await logOf(fabric))).not.toContain(secret)
    await withStore(home, async (store) => expect(JSON.stringify(await store.range(''))).not.toContain(secret))
    expect(fileOf(home, 'fabric.db-wal')).not.toContain(secret)
  })

  it('is witnessed when it is made and when it is revoked, with whom and what it is for', async () => {
    const { host } = await opened()
    const fabric = host.as({ actor: PERSON, session: 's', why: 'the night shift' })
    const { id, expiresAt } = await fabric.createToken({ ...BOT, swarms: ['studio'] })

    await fabric.revokeToken(id)

    const by = { actor: PERSON, session: 's', why: 'the night shift' }
    const what = { id, actor: BOT.actor, scopes: ['read', 'tasks', 'actions'] }
    expect(await logOf(fabric)).toEqual([
      expect.objectContaining({ kind: 'token.create', ...by, detail: { ...what, swarms: ['studio'], expiresAt } }),
      expect.objectContaining({ kind: 'token.revoke', ...by, detail: what }),
    ])
  })

  it.each<[string, CreateToken, string, string]>([
    ['a scope that is none', { ...BOT, scopes: ['all' as TokenScope] }, 'IF_ERR_INVALID_INPUT', '"all" is no scope'],
    ['no scope', { ...BOT, scopes: [] }, 'IF_ERR_INVALID_INPUT', 'needs a scope'],
    ['an actor that is no address', { actor: 'bot' }, 'IF_ERR_INVALID_INPUT', '"bot" is not an address'],
    ['a swarm that can have no such name', { ...BOT, swarms: ['a b'] }, 'IF_ERR_INVALID_INPUT', '"a b"'],
    ['no time', { ...BOT, ttlMs: 0 }, 'IF_ERR_INVALID_INPUT', 'got 0 ms'],
    ['too much time', { ...BOT, ttlMs: 1e12 }, 'IF_ERR_INVALID_INPUT', '366 days'],
    ['a note that is a novel', { ...BOT, note: 'x'.repeat(201) }, 'IF_ERR_INVALID_INPUT', '200 characters'],
    ['approvals for an agent', { ...BOT, scopes: ['approval:grant'] }, 'IF_ERR_APPROVAL_FORBIDDEN', 'approval:grant'],
    ['a home for a swarm', { actor: 'if://swarm/a', scopes: ['admin'] }, 'IF_ERR_APPROVAL_FORBIDDEN', 'admin'],
    [
      'approvals for a session',
      { actor: 'if://session/a', scopes: ['approval:grant'] },
      'IF_ERR_APPROVAL_FORBIDDEN',
      'approval',
    ],
  ])('is not made with %s', async (_, wrong, code, message) => {
    const { fabric } = await opened()

    const refused = await failureOf(fabric.createToken(wrong))

    expect(refused).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(await fabric.tokens()).toEqual([])
  })

  it('of a person may approve and rule the home', async () => {
    const { host, fabric } = await opened()

    const { token } = await fabric.createToken({ actor: PERSON, scopes: ['admin', 'approval:grant'] })

    expect((await host.authenticate(token)).scopes).toEqual(['approval:grant', 'admin'])
  })
})

describe('a token that doesn’t hold', () => {
  it.each([
    ['is empty', ''],
    ['is another’s', 'ghp_0123456789'],
    ['was never made', `ifab_01J0000000000000000000000A_${'A'.repeat(43)}`],
    ['is too long', `ifab_01J0000000000000000000000A_${'A'.repeat(4_300)}`],
    ['holds what no key does', `ifab_../../../../../../../../_${'A'.repeat(43)}`],
  ])('because it %s is unknown', async (_, token) => {
    const { host } = await opened()

    expect(await failureOf(host.authenticate(token))).toMatchObject({
      code: 'IF_ERR_INVALID_TOKEN',
      message: 'the token is unknown',
    })
  })

  it('because one character of its secret is wrong is unknown, and isn’t told more', async () => {
    const { host, fabric } = await opened()
    const { token, id } = await fabric.createToken(BOT)
    await fabric.revokeToken(id)
    const wrong = token.slice(0, -2) + (token.endsWith('A') ? 'B' : 'A') + token.slice(-1)

    expect((await failureOf(host.authenticate(wrong))).message).toBe('the token is unknown')
  })

  it('because it expired or was revoked is told so', async () => {
    const { host, fabric, home } = await opened()
    const revoked = await fabric.createToken(BOT)
    const expired = await fabric.createToken(BOT)
    await fabric.revokeToken(revoked.id)
    await changeRecord<{ expiresAt: string }>(home, `token/${expired.id}`, (record) => ({
      ...record,
      expiresAt: new Date(Date.now() - 1).toISOString(),
    }))

    expect((await failureOf(host.authenticate(revoked.token))).message).toMatch(/^token \w{8} was revoked at 2/)
    expect((await failureOf(host.authenticate(expired.token))).message).toMatch(/^token \w{8} expired at 2/)
  })
})

describe('revoking', () => {
  it('takes a piece of the id, and says so again when it is done already', async () => {
    const { fabric } = await opened()
    const { id } = await fabric.createToken(BOT)

    const first = await fabric.revokeToken(id.slice(-8).toLowerCase())
    const again = await fabric.revokeToken(id)

    expect(first.revokedAt).not.toBeNull()
    expect(again).toEqual(first)
  })

  it('of none, or of more than one, is refused', async () => {
    const { fabric } = await opened()
    await fabric.createToken(BOT)
    await fabric.createToken(BOT)

    expect((await failureOf(fabric.revokeToken('zz'))).message).toBe('there is no token zz')
    expect((await failureOf(fabric.revokeToken(''))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await failureOf(fabric.revokeToken('0'))).message).toBe('0 names more than one token')
  })

  it('in two processes at once is one revocation', async () => {
    const { fabric, home } = await opened()
    const other = await opened(home)
    const { id } = await fabric.createToken(BOT)

    const views = await Promise.all([fabric.revokeToken(id), other.fabric.revokeToken(id)])

    expect(views[0]).toEqual(views[1])
    expect((await logOf(fabric)).filter((entry) => entry.kind === 'token.revoke')).toHaveLength(1)
  })

  it('is heard by whoever watches, in another process too; making one is not', async () => {
    const { host, home } = await opened()
    const other = await opened(home)
    const watching = new AbortController()
    const heard = host.revocations({ signal: watching.signal })[Symbol.asyncIterator]()
    const next = heard.next()
    await other.fabric.createToken(BOT)
    const { id } = await other.fabric.createToken(BOT)

    await other.fabric.revokeToken(id)

    expect(await next).toEqual({ done: false, value: id })
    watching.abort()
    expect((await heard.next()).done).toBe(true)
  })
})

it('tokens that expired a week ago are forgotten, later ones are still told of', async () => {
  const { fabric, home } = await opened()
  const old = await fabric.createToken(BOT)
  const recent = await fabric.createToken(BOT)
  for (const [id, days] of [
    [old.id, 8],
    [recent.id, 6],
  ] as const) {
    await changeRecord<{ expiresAt: string }>(home, `token/${id}`, (record) => ({
      ...record,
      expiresAt: new Date(Date.now() - days * 24 * 3_600_000).toISOString(),
    }))
  }

  const { id } = await fabric.createToken(BOT)

  expect((await fabric.tokens()).map((token) => token.id)).toEqual([id, recent.id])
})
