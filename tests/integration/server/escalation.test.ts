// A task that is stuck, from its worker's word to helpers and people: a real daemon that is killed in between, a twin that takes
// the messages, a webhook that is called.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CoordinatorPort } from '../../../src/coordinator/index.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { readDaemonFile } from '../../../src/wire/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { openStudio, PERSON } from '../fabric/rig.ts'
import { afterwards, failureOf, open } from './rig.ts'

const PATIENT = { timeout: 20_000, interval: 50 }
const SLOW = { timeout: 60_000 }

interface Desk {
  home: string
  start(): Promise<Child>
  /** A client of the daemon that runs now. */
  person(): Promise<Fabric>
  holder(actor: string, swarms: string[]): Promise<Fabric>
  /** What people were sent of a task, on each channel. */
  messages(task: string): Promise<string[]>
  calls(task: string): JsonObject[]
}

/** A home with a twin of Slack and a webhook as its channels, served by daemons in processes of their own. */
async function openDesk(escalation: string): Promise<Desk> {
  const called: JsonObject[] = []
  const hook = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += String(piece)
    called.push(JSON.parse(text) as JsonObject)
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  afterwards(() => hook.close())
  const { port } = hook.address() as AddressInfo
  const studio = await openStudio({
    providers: ['slack'],
    config: `version: 1
budgets: [{ name: desk, limit: 20 USD, per: total, of: { swarm: desk } }]
escalation:
  ${escalation.replaceAll(', ', '\n  ')}
  channels: [{ instance: slack, to: "#general" }, { webhook: "http://127.0.0.1:${port}/secret-path" }]
`,
  })
  const { home } = studio
  // The governor is judged like everybody: by a condition that only the policy engine can answer.
  mkdirSync(join(home, 'policies'), { recursive: true })
  writeFileSync(
    join(home, 'policies', 'nowhere.cedar'),
    'forbid (principal is Service, action == Action::"message.send", resource) when { context has destination && context.destination like "#no*" };\n',
  )
  const person = () => open({ home, actor: PERSON })
  return {
    home,
    person,
    async start() {
      const child = daemons.start(home)
      afterwards(() => child.kill())
      const said = await child.line()
      if (!said?.startsWith('ready ')) throw new Error(`the daemon said ${said}`)
      return child
    },
    async holder(actor, swarms) {
      const { token } = await (await person()).createToken({ actor, swarms })
      const daemon = await readDaemonFile(home)
      return open({ url: daemon?.url ?? '', token })
    },
    async messages(task) {
      const { result } = await studio.fabric.call({
        instance: 'slack',
        operation: 'message.list',
        input: { to: 'C0TWIN00001', limit: 100 },
      })
      const { messages = [] } = result as { messages?: { text: string }[] }
      const texts = messages.map(({ text }) => text)
      return texts.filter((text) => text.includes(`ifab task show ${task} `))
    },
    calls: (task) => called.filter((call) => call.task === task),
  }
}

/** A worker takes the task and can't go on with it. */
async function block(coordinator: CoordinatorPort, id: string, needs: string[]): Promise<void> {
  await coordinator.add({ id, kind: 'call', swarm: 'desk' })
  const { token } = await coordinator.claim({ swarm: 'desk', worker: 'w' }, id)
  await coordinator.block(id, token, {
    type: 'needs-capability',
    description: `it takes ${needs.join()}`,
    severity: 'high',
    requiredCapabilities: needs,
  })
}

const heldOf = async (fabric: Fabric) => (await fabric.budgets()).find(({ name }) => name === 'desk')?.heldUsd
const stateOf = async (fabric: Fabric, task: string) => (await fabric.escalations({ task }))[0]?.state

let daemons: ChildProgram
beforeAll(async () => {
  daemons = await buildChild(new URL('./daemon-child.ts', import.meta.url))
})
afterAll(() => daemons.remove())

describe('a task that needs what another swarm can', () => {
  it('invites that swarm and holds its share until it is settled; only that swarm answers', SLOW, async () => {
    const desk = await openDesk('inviteFor: 10m, after: 10m, remindEvery: 10m')
    await desk.start()
    const fabric = await desk.person()
    await fabric.registerSwarm({ swarm: 'phones', capabilities: ['integration:sip'], costPerHourUsd: 0.5 })
    const coordinator = await fabric.coordinator()
    await block(coordinator, 'ring', ['integration:sip'])

    await expect
      .poll(() => fabric.invites({ task: 'ring' }), PATIENT)
      .toMatchObject([{ swarm: 'phones', state: 'open', capabilities: ['integration:sip'], shareMicroUsd: 500_000 }])
    expect(await heldOf(fabric)).toBe(0.5)
    const [invite] = await fabric.invites({ task: 'ring' })
    const id = invite?.id ?? ''

    const foreign = await desk.holder('if://agent/f', ['faxes'])
    const foreignPerson = await desk.holder('if://person/ben', ['faxes'])
    for (const other of [foreign, foreignPerson])
      expect(await failureOf(other.answerInvite(id, 'accept'))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
    const phones = await desk.holder('if://agent/p', ['phones'])
    expect(await phones.answerInvite(id, 'accept')).toMatchObject({ state: 'accepted', answeredBy: 'if://agent/p' })
    await expect.poll(() => stateOf(fabric, 'ring'), PATIENT).toBe('helped')
    expect(await heldOf(fabric)).toBe(0.5)

    await coordinator.unblock('ring')
    await expect.poll(() => stateOf(fabric, 'ring'), PATIENT).toBe('resolved')
    await expect.poll(() => heldOf(fabric), PATIENT).toBe(0)
    expect((await fabric.escalations({ task: 'ring' }))[0]).toMatchObject({ how: 'unblocked' })
    expect([await desk.messages('ring'), desk.calls('ring')]).toEqual([[], []])
  })

  it('reaches a person when that swarm does not answer in time', SLOW, async () => {
    const desk = await openDesk('inviteFor: 1s, after: 10m, remindEvery: 10m')
    await desk.start()
    const fabric = await desk.person()
    await fabric.registerSwarm({ swarm: 'phones', capabilities: ['integration:sip'], costPerHourUsd: 0.5 })
    await block(await fabric.coordinator(), 'ring', ['integration:sip'])

    await expect.poll(() => desk.calls('ring'), PATIENT).toHaveLength(1)
    expect(desk.calls('ring')).toMatchObject([
      { asked: ['phones'], because: expect.stringContaining('phones (expired)') },
    ])
    await expect.poll(() => heldOf(fabric), PATIENT).toBe(0)
    const [invite] = await fabric.invites({ task: 'ring' })
    expect(await failureOf(fabric.answerInvite(invite?.id ?? '', 'accept'))).toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })
})

describe('a task that nobody can help', () => {
  it('reaches a person once on each channel, though the daemon is killed and starts anew', SLOW, async () => {
    const desk = await openDesk('inviteFor: 1s, after: 1s, remindEvery: 10m')
    const first = await desk.start()
    const before = await desk.person()
    await block(await before.coordinator(), 'stuck', ['integration:fax'])
    await expect.poll(() => desk.messages('stuck'), PATIENT).toHaveLength(1)
    await expect.poll(() => desk.calls('stuck'), PATIENT).toHaveLength(1)
    await expect.poll(() => before.escalations({ task: 'stuck' }), PATIENT).toMatchObject([{ notices: 1 }])
    await first.kill()

    await desk.start()
    const fabric = await desk.person()
    // What comes after it has gone out: the first had its turn by then.
    await block(await fabric.coordinator(), 'later', ['integration:fax'])
    await expect.poll(() => desk.messages('later'), PATIENT).toHaveLength(1)
    await expect.poll(() => desk.calls('later'), PATIENT).toHaveLength(1)
    expect(await desk.messages('stuck')).toHaveLength(1)
    expect(desk.calls('stuck')).toMatchObject([
      { kind: 'escalation', reminder: 0, swarm: 'desk', needs: ['integration:fax'], severity: 'high' },
    ])
    expect(await fabric.escalations({ task: 'stuck' })).toMatchObject([{ state: 'person', notices: 1 }])
    const log: string[] = []
    for await (const entry of fabric.witnessEntries()) log.push(JSON.stringify(entry))
    expect(log.filter((line) => line.includes('escalation.notice') && line.includes('stuck'))).toHaveLength(1)
    expect(log.filter((line) => line.includes('secret-path'))).toEqual([])
  })

  it('reminds until a person acknowledges, and not an agent', SLOW, async () => {
    const desk = await openDesk('inviteFor: 1s, after: 1s, remindEvery: 1s')
    await desk.start()
    const fabric = await desk.person()
    const coordinator = await fabric.coordinator()
    await block(coordinator, 'stuck', ['integration:fax'])
    await expect.poll(() => desk.calls('stuck').length, PATIENT).toBeGreaterThanOrEqual(6)
    expect((await desk.messages('stuck')).length).toBeGreaterThanOrEqual(5)
    expect(desk.calls('stuck').map(({ reminder }) => reminder)).toEqual(desk.calls('stuck').map((_, at) => at))

    const agent = await desk.holder('if://agent/a', ['desk'])
    expect(await failureOf(agent.acknowledgeEscalation('stuck'))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
    await fabric.acknowledgeEscalation('stuck', { why: 'I look at it' })
    await expect
      .poll(async () => (await fabric.escalations({ task: 'stuck' }))[0], PATIENT)
      .not.toHaveProperty('sendingSince')
    const told = desk.calls('stuck').length
    await block(coordinator, 'later', ['integration:fax'])
    await expect.poll(() => desk.calls('later').length, PATIENT).toBeGreaterThanOrEqual(3) // two whole intervals
    expect(desk.calls('stuck')).toHaveLength(told)

    await fabric.resolveEscalation('later', { why: 'sent by hand' })
    expect(await fabric.escalations({ state: 'resolved' })).toMatchObject([
      { task: 'later', note: 'sent by hand', by: PERSON },
    ])
  })
})
