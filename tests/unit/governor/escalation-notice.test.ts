import { afterEach, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import type { Channel } from '../../../src/governor/escalation-ports.ts'
import { blockedTask } from './blocked-tasks.ts'
import { ANA, type Desk, MINUTE, openDesk } from './escalation-desk.ts'
import { entriesIn } from './logged-store.ts'

const HOOK: Channel = { webhook: 'https://hooks.example.com/services/T0/secret-path' }
const SLACK: Channel = { instance: 'slack', to: '#oncall' }

let desk: Desk
afterEach(() => desk.end())

async function openStuck(channels: Channel[], onNotify: Desk['onNotify'] = async () => undefined): Promise<void> {
  desk = await openDesk({ channels })
  desk.onNotify = onNotify
  desk.start()
  desk.tasks.block(blockedTask('t1'))
  await desk.clock.advance(0)
}

it('tells every channel, in words and as data, and shows of a webhook only where it goes', async () => {
  await openStuck([SLACK, HOOK])
  await desk.pass(0)

  expect(desk.sent.map(({ channel }) => channel)).toEqual([SLACK, HOOK])
  expect(desk.sent[1]?.notice.facts).toMatchObject({
    kind: 'escalation',
    task: 't1',
    swarm: 'desk',
    needs: ['integration:sip', 'integration:pbx'],
    reminder: 0,
  })
  expect(desk.list()).toMatchObject([
    { outcomes: { 'slack #oncall': 'sent', 'webhook https://hooks.example.com': 'sent' } },
  ])
  expect(JSON.stringify(await entriesIn(desk.store))).not.toContain('secret-path')
})

it('tries again after a minute where no channel could be reached, and after 15 where one was', async () => {
  let isDown = true
  await openStuck([SLACK, HOOK], async (channel) => {
    if (isDown || channel === HOOK) throw new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', 'away')
  })
  await desk.pass(0)
  isDown = false
  await desk.pass(MINUTE)
  const afterMinute = desk.sent.length
  await desk.pass(14 * MINUTE)
  const beforeReminder = desk.sent.length
  await desk.pass(MINUTE)

  expect([afterMinute, beforeReminder, desk.sent.length]).toEqual([4, 4, 6])
  expect(desk.list()).toMatchObject([
    { outcomes: { 'slack #oncall': 'sent', 'webhook https://hooks.example.com': 'failed' } },
  ])
})

it('does not repeat before the reminder what may have arrived', async () => {
  await openStuck([SLACK], async () => {
    throw new FabricError('IF_ERR_OUTCOME_UNKNOWN', 'the connection broke')
  })
  await desk.pass(14 * MINUTE)

  expect(desk.sent).toHaveLength(1)
  expect(desk.list()).toMatchObject([{ outcomes: { 'slack #oncall': 'unknown' } }])
})

it('gives a channel 30 seconds', async () => {
  let isAborted = false
  await openStuck(
    [SLACK],
    (_channel, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isAborted = true
          reject(signal.reason)
        })
      }),
  )
  await desk.clock.advance(30_000)
  await desk.pass(0)

  expect(isAborted).toBe(true)
  expect(desk.list()).toMatchObject([{ notices: 1, outcomes: { 'slack #oncall': 'unknown' } }])
})

it('takes a notice whose process died for possibly arrived, and reminds in time', async () => {
  let dies = true
  await openStuck([SLACK], (_channel, signal) =>
    dies
      ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : Promise.resolve(),
  )
  const mark = (await desk.store.range<{ sendingSince?: string }>('escalation/'))[0]
  const { close } = desk
  dies = false
  // What a killed process leaves: the mark, and nobody who sends.
  const restarted = await desk.another()
  await close.call(desk)
  if (mark) await desk.store.commit([{ key: mark.key, value: mark.value, expect: 'any' }])
  restarted.start()
  await desk.clock.advance(61_000)
  const [lost] = restarted.list()
  await desk.clock.advance(14 * MINUTE)

  expect(mark?.value).toMatchObject({ state: 'person', notices: 0, sendingSince: expect.any(String) })
  expect(lost).toMatchObject({ notices: 1, outcomes: { 'slack #oncall': 'unknown' } })
  expect(desk.sent.map(({ notice }) => notice.reminder)).toEqual([0, 1])
})

it('keeps what a person says while a notice is on its way', async () => {
  let arrive: () => void = () => undefined
  await openStuck([SLACK], () => new Promise((resolve) => (arrive = resolve)))
  await desk.snooze('t1', { ...ANA, until: desk.clock.in(60 * MINUTE) })

  arrive()
  await desk.pass(30 * MINUTE)
  const [record] = desk.list()
  await desk.resolve('t1', { ...ANA, why: 'done' })

  expect(record).toMatchObject({ notices: 1, snoozed: { by: ANA.actor } })
  expect(desk.sent).toHaveLength(1)
})

it('notes a notice that arrived after the end', async () => {
  let arrive: () => void = () => undefined
  await openStuck([SLACK], () => new Promise((resolve) => (arrive = resolve)))
  await desk.resolve('t1', { ...ANA, why: 'done' })

  arrive()
  await desk.pass(0)

  expect(desk.list()).toMatchObject([{ state: 'resolved', note: 'done' }])
  const entry = (await entriesIn(desk.store)).find(({ kind }) => kind === 'escalation.notice')
  expect(entry).toMatchObject({ outcome: 'resolved', detail: { reminder: 0, outcomes: { 'slack #oncall': 'sent' } } })
})

it('is on record and tells nobody where there is no channel', async () => {
  await openStuck([])
  await desk.pass(60 * MINUTE)

  expect(desk.sent).toEqual([])
  expect(desk.list()).toMatchObject([{ state: 'person', notices: 0 }])
})

it('cuts what an agent wrote at 500 characters', async () => {
  desk = await openDesk()
  desk.start()
  const blocker = { type: 'needs-answer', description: 'x'.repeat(4_000), severity: 'low', requiredCapabilities: [] }
  desk.tasks.block(blockedTask('t1', { blocker }))
  await desk.pass(0)

  expect(desk.sent[0]?.notice.text.length).toBeLessThan(800)
})
