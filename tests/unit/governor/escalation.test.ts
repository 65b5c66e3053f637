import { afterEach, beforeEach, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import { blockedTask } from './blocked-tasks.ts'
import { ANA, type Desk, helper, MINUTE, openDesk, PBX } from './escalation-desk.ts'
import { entriesIn } from './logged-store.ts'

const STUCK = blockedTask('t1')
const BOTH = ['integration:sip', 'integration:pbx']

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  desk.start()
})
afterEach(() => desk.end())

const only = () => {
  const [record, ...others] = desk.list()
  expect(others).toEqual([])
  return record
}

const kinds = async () => (await entriesIn(desk.store)).map(({ kind }) => kind)

it('invites the helpers that can, holds a share of the budget for each, and is content when they accept', async () => {
  desk.helpers = [helper('pbx', ['integration:pbx']), helper('sip', ['integration:sip'])]

  desk.tasks.block(STUCK)
  await desk.pass(0)
  const [first, second] = desk.invites.list({ state: 'open' })
  const heldWhileOpen = await desk.held()
  for (const invite of [first, second])
    await desk.invites.accept(invite?.id ?? '', { actor: `if://swarm/${invite?.swarm}`, session: 's' })
  await desk.pass(0)

  expect([first?.swarm, second?.swarm].sort()).toEqual(['pbx', 'sip'])
  expect(heldWhileOpen).toBe(4_000_000)
  expect(only()).toMatchObject({ state: 'helped', task: 't1', token: 3 })
  expect(await desk.held()).toBe(4_000_000)
  expect(desk.sent).toEqual([])
})

it('resolves by itself when the task goes on, and frees what was held', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  desk.tasks.block(STUCK)
  await desk.pass(0)

  desk.tasks.unblock('t1')
  await desk.pass(0)

  expect(only()).toMatchObject({ state: 'resolved', how: 'unblocked' })
  expect(desk.invites.list()).toMatchObject([{ swarm: 'pbx', state: 'withdrawn' }])
  expect(await desk.held()).toBe(0)
  expect(await kinds()).toEqual(['escalation.open', 'invite.open', 'escalation.resolve', 'invite.withdraw'])
})

it('asks the next one when a helper declines, and only for what nobody covers yet', async () => {
  desk.helpers = [helper('pbx', ['integration:pbx']), helper('sip', ['integration:sip'])]
  desk.tasks.block(STUCK)
  await desk.pass(0)
  desk.helpers.push(helper('other', ['integration:pbx']))

  const [invite] = desk.invites.list({ swarm: 'pbx' })
  await desk.invites.decline(invite?.id ?? '', { ...PBX, why: 'too busy' })
  await desk.pass(0)

  expect(desk.searches.at(-1)).toMatchObject({
    needs: ['integration:pbx'],
    exclude: ['pbx', 'sip'],
    blockedSwarm: 'desk',
  })
  expect(
    desk.invites
      .list({ state: 'open' })
      .map(({ swarm }) => swarm)
      .sort(),
  ).toEqual(['other', 'sip'])
})

it('tells a person at once when nobody can help', async () => {
  desk.tasks.block(STUCK)
  await desk.pass(0)

  expect(only()).toMatchObject({ state: 'person', notices: 1, outcomes: { 'slack #oncall': 'sent' } })
  expect(desk.sent).toHaveLength(1)
  expect(desk.sent[0]?.notice.text).toContain('task t1 of swarm desk is stuck (needs-capability, high)')
  expect(desk.sent[0]?.notice.text).toContain('Nobody who can help is registered')
})

it('tells a person at once of a blocker that no capability helps against', async () => {
  const blocker = { type: 'attempts-exhausted', description: 'gave up', severity: 'high', requiredCapabilities: [] }
  desk.helpers = [helper('pbx', BOTH)]

  desk.tasks.block(blockedTask('t1', { blocker }), { state: 'dead' })
  await desk.pass(0)

  expect(only()).toMatchObject({ state: 'person' })
  expect(desk.searches).toEqual([])
})

it('escalates when invitations expire and nobody else is there, and the late yes is refused', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  desk.tasks.block(STUCK)
  await desk.pass(0)
  const [invite] = desk.invites.list()

  await desk.pass(5 * MINUTE)

  expect(only()).toMatchObject({ state: 'person' })
  expect(desk.sent[0]?.notice.text).toContain('Asked were pbx (expired), and there is nobody else to ask.')
  expect(await desk.held()).toBe(0)
  await expect(desk.invites.accept(invite?.id ?? '', PBX)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
})

it('tells a person after 15 minutes though helpers are still being asked, one after the other', async () => {
  desk.helpers = [helper('a', BOTH)]
  desk.tasks.block(STUCK)
  for (const name of ['b', 'c', 'd', 'e']) {
    await desk.pass(0)
    desk.helpers = [helper(name, BOTH)]
    await desk.pass(4 * MINUTE)
    const [open] = desk.invites.list({ state: 'open' })
    if (open) await desk.invites.decline(open.id, ANA)
  }
  await desk.pass(0)

  expect(only()).toMatchObject({ state: 'person' })
  expect(desk.sent[0]?.notice.text).toContain('Unanswered for 15 minutes; asked were a (declined)')
})

it('tells a person when helpers have accepted and it is stuck all the same', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  desk.tasks.block(STUCK)
  await desk.pass(0)
  await desk.invites.accept(desk.invites.list()[0]?.id ?? '', PBX)

  await desk.pass(15 * MINUTE)

  expect(desk.sent[0]?.notice.text).toContain('Still stuck 15 minutes after pbx accepted to help.')
})

it('asks others when a helper that had accepted gives up', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  desk.tasks.block(STUCK)
  await desk.pass(0)
  const id = desk.invites.list()[0]?.id ?? ''
  await desk.invites.accept(id, PBX)
  await desk.pass(0)
  desk.helpers = [helper('other', BOTH)]

  await desk.invites.decline(id, PBX)
  await desk.pass(0)

  expect(only()).toMatchObject({ state: 'inviting' })
  expect(desk.invites.list({ state: 'open' })).toMatchObject([{ swarm: 'other' }])
  expect(await desk.held()).toBe(2_000_000)
})

it('does not invite whom no budget can pay, and says so to the person', async () => {
  desk.helpers = [helper('dear', BOTH, 6_000_000)]

  desk.tasks.block(STUCK)
  await desk.pass(0)

  expect(desk.invites.list()).toEqual([])
  expect(only()).toMatchObject({
    state: 'person',
    asked: [{ swarm: 'dear', refused: expect.stringContaining('budget desk') }],
  })
  expect(await kinds()).toContain('escalation.unaffordable')
})

it('invites a helper that costs nothing without holding anything', async () => {
  desk.helpers = [helper('free', BOTH, 0)]

  desk.tasks.block(STUCK)
  await desk.pass(0)

  expect(desk.invites.list()).toMatchObject([{ state: 'open', shareMicroUsd: 0 }])
  expect(await desk.held()).toBe(0)
})

it('hears a blocker many times and does everything once, in two processes too', async () => {
  const other = await desk.another()
  other.start()
  desk.helpers = [helper('pbx', BOTH)]

  desk.tasks.block(STUCK)
  for (let at = 0; at < 10; at++) desk.tasks.repeat(STUCK)
  await desk.pass(0)
  await other.tick()
  for (let at = 0; at < 20; at++) await desk.pass(MINUTE)

  expect(desk.list()).toHaveLength(1)
  expect(desk.invites.list()).toHaveLength(1)
  expect(desk.sent.map(({ notice }) => notice.reminder)).toEqual([0, 1])
  expect((await kinds()).filter((kind) => kind === 'escalation.open')).toHaveLength(1)
})

it('makes a new escalation when the task is stuck again under a later claim', async () => {
  desk.tasks.block(STUCK)
  await desk.pass(0)
  desk.tasks.unblock('t1')
  await desk.pass(0)

  desk.tasks.block(blockedTask('t1', { token: 4 }))
  await desk.pass(0)

  expect(desk.list().map(({ id, state }) => [id, state])).toEqual([
    ['t1/3/needs-capability', 'resolved'],
    ['t1/4/needs-capability', 'person'],
  ])
})

it('leaves alone what passes by itself, what was refused, and what goes on already', async () => {
  const blocker = { type: 'heartbeat-missed', description: 'x', severity: 'medium', requiredCapabilities: [] }
  desk.tasks.block(blockedTask('t1', { blocker }))
  desk.tasks.block(blockedTask('t2', { kind: '' }))
  desk.tasks.repeat(blockedTask('t3'))
  desk.tasks.block(blockedTask('t4', { token: 5 }))
  desk.tasks.unblock('t4')
  await desk.pass(0)

  expect(desk.list()).toEqual([])
})

it('keeps one record of a deadline that is near, whatever claim it was seen under', async () => {
  const blocker = { type: 'deadline-at-risk', description: 'x', severity: 'medium', requiredCapabilities: [] }
  desk.tasks.block(blockedTask('t1', { blocker, token: 1 }), { state: 'open' })
  await desk.pass(0)
  desk.tasks.block(blockedTask('t1', { blocker, token: 2 }), { state: 'claimed' })
  await desk.pass(0)

  expect(only()).toMatchObject({ id: 't1/0/deadline-at-risk', state: 'person' })
})

it('finds what was missed while nobody listened, at the start and after the stream broke', async () => {
  desk.tasks.block(blockedTask('t1'), { isHeard: false })
  const late = await desk.another()
  late.start()
  await desk.pass(0)
  desk.tasks.block(blockedTask('t2'), { isHeard: false })
  desk.tasks.breakStream(blockedTask('gone'))
  await desk.pass(10_000)
  await desk.pass(1_000)

  expect(desk.list().map(({ task }) => task)).toEqual(['t1', 't2'])
})

it('goes on after a fault of the search for helpers', async () => {
  let isBroken = true
  const faulty = await openDesk({
    findHelpers: async () => {
      if (isBroken) throw new Error('registry away')
      return [helper('pbx', BOTH)]
    },
  })
  faulty.start()
  faulty.tasks.block(STUCK)
  await faulty.pass(0)
  isBroken = false
  await faulty.pass(5_000)

  expect(faulty.invites.list()).toMatchObject([{ swarm: 'pbx', state: 'open' }])
  await faulty.end()
})

it('takes a blocker up again that could not be noted', async () => {
  const { standing } = desk.tasks
  let isBroken = true
  desk.tasks.standing = (task) =>
    isBroken ? Promise.reject(new FabricError('IF_ERR_STORE_UNAVAILABLE', 'away')) : standing.call(desk.tasks, task)
  desk.tasks.block(STUCK)
  desk.tasks.missed.push(STUCK)
  await desk.pass(0)
  isBroken = false
  await desk.pass(6_000)

  expect(only()).toMatchObject({ task: 't1' })
})

it('carries hundreds of blockers at once', async () => {
  desk.helpers = [helper('pbx', BOTH, 1)]
  for (let at = 0; at < 200; at++) desk.tasks.block(blockedTask(`t${at}`))
  await desk.pass(0)
  await desk.pass(0)

  expect(desk.invites.list({ state: 'open' })).toHaveLength(200)
  expect(await desk.held()).toBe(200)
})

it('forgets what was resolved long ago with its invitations, unless the task stands there still', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  desk.tasks.block(STUCK)
  desk.tasks.block(blockedTask('t2'))
  await desk.pass(0)
  desk.tasks.unblock('t1')
  await desk.resolve('t2', { ...ANA, why: 'we live with it' })
  await desk.pass(0)

  const tooEarly = await desk.sweep(desk.clock.now())
  const swept = await desk.sweep(desk.clock.now() + 1)
  desk.tasks.repeat(blockedTask('t2'))
  await desk.pass(0)

  expect(tooEarly).toBe(0)
  expect(swept).toBe(1)
  expect(only()).toMatchObject({ task: 't2', state: 'resolved', how: 'person', note: 'we live with it' })
  expect(desk.invites.list()).toMatchObject([{ task: 't2' }])
})

it('tells whoever looks on of every change', async () => {
  const seen: string[] = []
  const other = await desk.another({ onChange: ({ state }) => seen.push(state) })
  desk.tasks.block(STUCK)
  await desk.pass(0)

  expect(new Set(seen)).toEqual(new Set(['inviting', 'person']))
  expect(other.list({ task: 't1', state: 'person' })).toHaveLength(1)
  expect(other.list({ task: 't9' })).toEqual([])
})

it('goes on after a restart where it stood: open ones, and what a resolved one had left to withdraw', async () => {
  desk.helpers = [helper('pbx', BOTH)]
  for (const task of ['t1', 't2']) desk.tasks.block(blockedTask(task))
  await desk.pass(0)
  await desk.close()
  const [record] = await desk.store.range<object>('escalation/t2/')
  const resolved = { ...record?.value, state: 'resolved', at: desk.clock.in(0), by: 'x', how: 'unblocked' }
  await desk.store.commit([{ key: record?.key ?? '', value: resolved, expect: 'any' }])

  desk.helpers = []
  const restarted = await desk.another()
  restarted.start()
  await desk.clock.advance(6 * MINUTE)

  expect(restarted.list().map(({ task, state }) => [task, state])).toEqual([
    ['t1', 'person'],
    ['t2', 'resolved'],
  ])
  expect(restarted.invites.list().map(({ task, state }) => [task, state])).toEqual([
    ['t1', 'expired'],
    ['t2', 'withdrawn'],
  ])
  expect(await desk.held()).toBe(0)
})
