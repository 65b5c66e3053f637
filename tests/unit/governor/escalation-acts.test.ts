import { afterEach, beforeEach, expect, it } from 'vitest'
import { blockedTask } from './blocked-tasks.ts'
import { ANA, type Desk, helper, MINUTE, openDesk, PBX } from './escalation-desk.ts'
import { entriesIn } from './logged-store.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  desk.start()
})
afterEach(() => desk.end())

/** Nobody can help, so that a person is told at once. */
async function stuck(task = 't1'): Promise<void> {
  desk.tasks.block(blockedTask(task))
  await desk.pass(0)
}

it('reminds every 15 minutes until somebody acknowledges', async () => {
  await stuck()

  await desk.pass(15 * MINUTE)
  await desk.pass(15 * MINUTE)
  const before = desk.sent.map(({ notice }) => [notice.reminder, notice.key])
  await desk.acknowledge('t1', ANA)
  await desk.pass(60 * MINUTE)

  expect(before).toEqual([
    [0, 't1/3/needs-capability#0'],
    [1, 't1/3/needs-capability#1'],
    [2, 't1/3/needs-capability#2'],
  ])
  expect(desk.sent[1]?.notice.text).toMatch(/^Reminder 1: task t1/)
  expect(desk.sent).toHaveLength(3)
  expect(desk.list()).toMatchObject([{ state: 'person', acknowledged: { by: ANA.actor } }])
})

it('is silent while it is snoozed, reminds when that is over, and goes on reminding', async () => {
  await stuck()

  await desk.snooze('t1', { ...ANA, until: desk.clock.in(60 * MINUTE) })
  await desk.pass(59 * MINUTE)
  const silent = desk.sent.length
  await desk.pass(MINUTE)
  await desk.pass(15 * MINUTE)

  expect(silent).toBe(1)
  expect(desk.sent).toHaveLength(3)
})

it('reminds again when what was acknowledged is snoozed, and never when what was snoozed is acknowledged', async () => {
  await stuck()
  await desk.acknowledge('t1', ANA)
  await desk.snooze('t1', { ...ANA, until: desk.clock.in(MINUTE) })
  await desk.pass(MINUTE)
  await desk.snooze('t1', { ...ANA, until: desk.clock.in(MINUTE) })
  await desk.acknowledge('t1', ANA)
  await desk.pass(60 * MINUTE)

  expect(desk.sent).toHaveLength(2)
})

it('resolves with a note, withdraws the invitations and reminds no more', async () => {
  desk.helpers = [helper('pbx', ['integration:sip', 'integration:pbx'])]
  await stuck()
  await desk.invites.accept(desk.invites.list()[0]?.id ?? '', PBX)

  const resolved = await desk.resolve('t1', { ...ANA, why: 'the trunk was renewed' })
  await desk.pass(60 * MINUTE)

  expect(resolved).toMatchObject({ state: 'resolved', by: ANA.actor, how: 'person', note: 'the trunk was renewed' })
  expect(desk.invites.list()).toMatchObject([{ state: 'withdrawn' }])
  expect(await desk.held()).toBe(0)
  expect(desk.sent).toEqual([])
  const entry = (await entriesIn(desk.store)).find(({ kind }) => kind === 'escalation.resolve')
  expect(entry).toMatchObject({ actor: ANA.actor, session: 's1', why: 'the trunk was renewed', outcome: 'resolved' })
})

it('lets a person take it up before anybody was told, and asks nobody else then', async () => {
  desk.helpers = [helper('pbx', ['integration:sip', 'integration:pbx'])]
  await stuck()

  await desk.acknowledge('t1', ANA)
  await desk.pass(60 * MINUTE)

  expect(desk.list()).toMatchObject([{ state: 'person', because: 'if://person/ana has taken it up.' }])
  expect(desk.sent).toEqual([])
  expect(desk.invites.list()).toMatchObject([{ state: 'expired' }])
})

it('is for persons', async () => {
  await stuck()

  for (const act of [
    desk.acknowledge('t1', PBX),
    desk.snooze('t1', { ...PBX, until: desk.clock.in(MINUTE) }),
    desk.resolve('t1', { ...PBX, why: 'x' }),
  ])
    await expect(act).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
})

it('refuses an end without a note, a time that is none or past or far, and what is resolved already', async () => {
  await stuck()

  await expect(desk.resolve('t1', { ...ANA, why: '  ' })).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  for (const until of ['tomorrow', desk.clock.in(-1), desk.clock.in(31 * 24 * 60 * MINUTE)])
    await expect(desk.snooze('t1', { ...ANA, until })).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  await desk.resolve('t1', { ...ANA, why: 'done' })
  await expect(desk.acknowledge('t1/3/needs-capability', ANA)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
})

it('finds an escalation by its id or by its task, and says which where there are several', async () => {
  const blocker = { type: 'needs-answer', description: 'x', severity: 'low', requiredCapabilities: [] }
  await stuck()
  desk.tasks.block(blockedTask('t1', { blocker }))
  await desk.pass(0)

  await expect(desk.acknowledge('t1', ANA)).rejects.toMatchObject({
    code: 'IF_ERR_INVALID_INPUT',
    hint: expect.stringContaining('t1/3/needs-answer'),
  })
  await expect(desk.acknowledge('t9', ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  expect(await desk.acknowledge('t1/3/needs-answer', ANA)).toMatchObject({ type: 'needs-answer' })
})
