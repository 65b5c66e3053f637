import { afterEach, beforeEach, expect, it } from 'vitest'
import { costBudget, heldIn, openBudgetLedger } from '../../../src/governor/index.ts'
import { inviteKey } from '../../../src/governor/invite-record.ts'
import { openInvites } from '../../../src/governor/invites.ts'
import { FakeClock } from '../coordinator/fake-clock.ts'
import { blockedTask } from './blocked-tasks.ts'
import { ANA, type Desk, helper, MINUTE, openDesk, PBX } from './escalation-desk.ts'
import { entriesIn } from './logged-store.ts'
import { openPrefixStore } from './prefix-store.ts'

let desk: Desk
let id: string
beforeEach(async () => {
  desk = await openDesk()
  desk.start()
  desk.helpers = [helper('pbx', ['integration:sip', 'integration:pbx'])]
  desk.tasks.block(blockedTask('t1'))
  await desk.pass(0)
  id = desk.invites.list()[0]?.id ?? ''
})
afterEach(() => desk.end())

it('says who is invited to what, for how much and until when', async () => {
  expect(await desk.invites.get(id)).toMatchObject({
    task: 't1',
    token: 3,
    swarm: 'pbx',
    capabilities: ['integration:sip', 'integration:pbx'],
    description: 'nobody here speaks SIP',
    shareMicroUsd: 2_000_000,
    state: 'open',
    expiresAt: desk.clock.in(5 * MINUTE),
  })
  await expect(desk.invites.get('none')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
})

it('is answered by the invited swarm, by an agent that works for it, or by a person', async () => {
  const agent = { actor: 'if://agent/dialler', session: 's' }
  await expect(desk.invites.accept(id, agent)).rejects.toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
  await expect(desk.invites.accept(id, { ...agent, swarm: 'other' })).rejects.toMatchObject({
    code: 'IF_ERR_SCOPE_MISSING',
  })
  await expect(desk.invites.decline(id, { actor: 'if://swarm/other', session: 's' })).rejects.toMatchObject({
    code: 'IF_ERR_SCOPE_MISSING',
  })

  expect(await desk.invites.accept(id, { ...agent, swarm: 'pbx' })).toMatchObject({ answeredBy: agent.actor })
  expect(await desk.invites.decline(id, { ...ANA, why: 'they are off today' })).toMatchObject({
    state: 'declined',
    why: 'they are off today',
  })
  const refused = (await entriesIn(desk.store)).filter(({ kind }) => kind === 'invite.refused')
  expect(refused).toHaveLength(3)
  expect(refused[0]).toMatchObject({
    actor: agent.actor,
    outcome: 'refused',
    detail: { invite: id, asked: 'accept', code: 'IF_ERR_SCOPE_MISSING' },
  })
})

it('takes the same answer twice and no other once it has ended', async () => {
  await desk.invites.accept(id, { actor: 'if://swarm/pbx/w1', session: 's' })
  expect(await desk.invites.accept(id, PBX)).toMatchObject({ state: 'accepted', answeredBy: 'if://swarm/pbx/w1' })
  await desk.invites.decline(id, PBX)
  expect(await desk.invites.decline(id, PBX)).toMatchObject({ state: 'declined' })

  await expect(desk.invites.accept(id, PBX)).rejects.toMatchObject({
    code: 'IF_ERR_CONFLICT',
    retryable: false,
    message: expect.stringContaining('was declined at'),
  })
  expect(await desk.held()).toBe(0)
})

it('can be answered only in its time, also before anybody has noticed that it is over', async () => {
  const quiet = await openDesk({ settings: { inviteForMs: 0 } })
  quiet.helpers = desk.helpers
  quiet.tasks.standing = async () => ({ state: 'blocked', token: 3 })
  quiet.start()
  quiet.tasks.block(blockedTask('t1'))
  await quiet.pass(0)
  const [invite] = quiet.invites.list()

  await expect(quiet.invites.decline(invite?.id ?? '', PBX)).rejects.toMatchObject({
    message: expect.stringContaining('expired at'),
  })
  await quiet.end()
})

it('counts a yes and a no that come at once as one after the other', async () => {
  const other = await desk.another()

  const outcomes = await Promise.allSettled([desk.invites.accept(id, PBX), other.invites.decline(id, PBX)])

  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
  expect((await desk.invites.get(id)).state).toBe('declined')
  expect(await desk.held()).toBe(0)
})

it('is followed by its swarm: what is open, then every change, until the signal aborts', async () => {
  const ending = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    for await (const { swarm, state } of desk.invites.follow({ swarm: 'pbx', signal: ending.signal }))
      seen.push(`${swarm} ${state}`)
  })()
  await desk.clock.advance(0)

  await desk.invites.accept(id, PBX)
  await desk.clock.advance(0)
  desk.helpers = [helper('other', ['integration:sip', 'integration:pbx'])]
  desk.tasks.block(blockedTask('t2'))
  await desk.pass(0)
  ending.abort()
  await following

  expect(seen).toEqual(['pbx open', 'pbx accepted'])
  expect(desk.invites.list({ task: 't2' })).toMatchObject([{ swarm: 'other' }])
})

const BUDGET = costBudget({ name: 'desk', limitMicroUsd: 5_000_000, per: 'total' })
const DRAFT = {
  id: 'i1',
  escalation: 'escalation/t1/3/x',
  task: 't1',
  token: 3,
  swarm: 'pbx',
  capabilities: ['a:b'],
  description: 'x',
  shareMicroUsd: 1_000_000,
}

it('leaves no share held for good, wherever a process dies between making and ending an invitation', async () => {
  for (let writes = 0; writes < 12; writes++) {
    const store = await openPrefixStore()
    const clock = new FakeClock()
    const dying = openBudgetLedger({ store, clock })
    const book = await openInvites({ store, clock, ledger: dying })
    store.dieAfter(writes)
    const death = await book
      .invite(DRAFT, { forMs: MINUTE, budgets: [BUDGET] })
      .then(() => book.decline('i1', PBX))
      .catch((thrown: unknown) => thrown)
    book.close()
    store.dieAfter(undefined)

    const ledger = openBudgetLedger({ store, clock })
    const after = await openInvites({ store, clock, ledger })
    await ledger.recover(
      async (owner, id) => (await store.get<{ reservation?: string }>(owner))?.value.reservation === id,
    )
    await after.invite(DRAFT, { forMs: MINUTE, budgets: [BUDGET] })
    await after.end('i1', 'withdrawn')
    await after.free('i1')

    expect(heldIn(await ledger.view(BUDGET)), `died after ${writes} writes: ${death}`).toBe(0)
    expect((await store.get<object>(inviteKey('i1')))?.value).not.toHaveProperty('reservation')
    after.close()
    await store.close()
  }
})

it('is made once by two processes that make it at once', async () => {
  const store = desk.store
  const books = await Promise.all(
    [1, 2, 3].map(() =>
      openInvites({ store, clock: desk.clock, ledger: openBudgetLedger({ store, clock: desk.clock }) }),
    ),
  )

  await Promise.all(books.map((book) => book.invite(DRAFT, { forMs: MINUTE, budgets: [BUDGET] })))

  expect(await desk.held()).toBe(3_000_000) // 2 of the first invitation, and 1
  for (const book of books) book.close()
})
