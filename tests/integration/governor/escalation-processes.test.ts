// Blockers of real tasks in real processes: whoever hears of one, each helper is asked and each person told once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Coordinator, openCoordinator } from '../../../src/coordinator/index.ts'
import { systemClock } from '../../../src/foundation/index.ts'
import type { EscalationRecord } from '../../../src/governor/escalation-record.ts'
import { costBudget, heldIn, openBudgetLedger, openRegistry } from '../../../src/governor/index.ts'
import type { InviteRecord } from '../../../src/governor/invite-record.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { openWitness, type Witness } from '../../../src/witness/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'

const ANA = { actor: 'if://person/ana', session: 's1' }
const BUDGET = costBudget({ name: 'desk', limitMicroUsd: 5_000_000, per: 'total' })

let program: ChildProgram
let folder: string
let store: Store
let witness: Witness
let coordinator: Coordinator
const children: Child[] = []

beforeAll(async () => {
  program = await buildChild(new URL('./escalation-child.ts', import.meta.url))
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-escalation-'))
  witness = await openWitness({ home: folder })
  store = await openEmbeddedStore({ path: join(folder, 'fabric.db'), sequencer: witness.sequencer })
  coordinator = await openCoordinator({ store })
})
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await coordinator.close()
  await store.close()
  await witness.close()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => program.remove())

async function start(inviteForMs = 60_000): Promise<Child> {
  const child = program.start(join(folder, 'fabric.db'), String(inviteForMs))
  children.push(child)
  expect(await child.line()).toBe('ready')
  return child
}

async function block(requiredCapabilities: string[]): Promise<string> {
  const { id } = await coordinator.add({ swarm: 'desk', kind: 'refund' })
  const { token } = await coordinator.claim({ swarm: 'desk', worker: 'w1' }, id)
  const blocker = { type: 'needs-capability', description: 'nobody here speaks SIP', requiredCapabilities }
  await coordinator.block(id, token, blocker)
  return id
}

const records = async () => (await store.range<EscalationRecord>('escalation/')).map(({ value }) => value)
const invites = async () => (await store.range<InviteRecord>('invite/')).map(({ value }) => value)
const held = async () => heldIn(await openBudgetLedger({ store, clock: systemClock }).view(BUDGET))
const WAIT = { timeout: 15_000, interval: 50 }

it('several processes hear of every blocker, and each is told to people once', async () => {
  const started = await Promise.all([start(), start(), start()])

  const tasks = await Promise.all(Array.from({ length: 8 }, () => block([])))
  await expect
    .poll(async () => (await records()).filter((record) => record.state === 'person' && record.notices === 1), WAIT)
    .toHaveLength(8)
  for (const task of tasks) await coordinator.unblock(task)
  await expect.poll(async () => (await records()).map(({ state }) => state), WAIT).toEqual(tasks.map(() => 'resolved'))
  for (const child of started) child.process.kill('SIGKILL')
  const told = (await Promise.all(started.map((child) => child.rest()))).flat()

  expect(told.sort()).toEqual(tasks.map((task) => `${task}/1/needs-capability#0`).sort())
})

it('what a killed process had begun is gone on with: the invitation expires, its share is free, a person is told', async () => {
  const registry = await openRegistry({ store, clock: systemClock })
  await registry.register({ swarm: 'pbx', capabilities: ['integration:*'], costPerHourUsd: 2 }, ANA)
  registry.close()
  const first = await start(3_000)

  const task = await block(['integration:sip'])
  await expect.poll(invites, WAIT).toMatchObject([{ swarm: 'pbx', state: 'open' }])
  await first.kill()
  const heldByDead = await held()
  const second = await start(3_000)
  const told = await second.line()

  expect(heldByDead).toBe(2_000_000)
  expect(told).toBe(`${task}/1/needs-capability#0`)
  expect(await invites()).toMatchObject([{ swarm: 'pbx', state: 'expired' }])
  expect(await held()).toBe(0)
})

it('a blocker that nobody heard of is found at the next start', async () => {
  const task = await block([])

  const late = await start()

  expect(await late.line()).toBe(`${task}/1/needs-capability#0`)
})
