import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openApprovals, openSequences } from '../../../src/guard/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { openWitness, type Witness } from '../../../src/witness/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'

const PLAN = 'ab'.repeat(32)
const ANA = 'if://person/ana'
const BEN = 'if://person/ben'
const SEND = { instance: 'slack', operation: 'message.send', input: { to: 'C1', text: 'Done.' } }

let program: ChildProgram
let home: string
let store: Store
let witness: Witness
const children: Child[] = []

beforeAll(async () => {
  program = await buildChild(new URL('./guard-child.ts', import.meta.url))
})

afterAll(() => program.remove())

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-guard-'))
  await mkdir(join(home, 'keys'), { mode: 0o700 })
  witness = await openWitness({ home })
  store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
})

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await store.close()
  await witness.close()
  await rm(home, { recursive: true })
})

function start(...args: string[]): Child {
  const child = program.start(home, ...args)
  children.push(child)
  return child
}

const openOwn = () =>
  openApprovals({ store, clock: systemClock, approvers: undefined, groups: { finance: [ANA, BEN] } })

const ask = (count: number) =>
  openOwn().request({
    plan: PLAN,
    requestedBy: 'if://agent/refunds',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    summary: 'a refund',
    needs: [{ of: 'finance', count }],
  })

it('who waits is told of the yeses of two other processes, said at the same moment', async () => {
  await ask(2)
  const waiting = openOwn().wait(PLAN)

  const deciding = [start('approve', PLAN, ANA), start('approve', PLAN, BEN)]
  const said = await Promise.all(deciding.map((child) => child.rest()))

  expect(said.map(([, state]) => state).sort()).toEqual(['granted', 'waiting'])
  expect(await waiting).toMatchObject({ state: 'granted' })
})

it('one of several processes uses an approval up', async () => {
  await ask(1)
  await openOwn().decide(PLAN, 'granted', { actor: ANA, session: 's' })

  const said = await Promise.all([1, 2, 3].map(() => start('use', PLAN).rest()))

  expect(said.map(([, outcome]) => outcome).filter((outcome) => outcome === 'used')).toHaveLength(1)
  expect((await openOwn().get(PLAN))?.state).toBe('used')
})

it('what a session touched counts for its swarm after its process was killed', async () => {
  const sequences = openSequences({ store, clock: systemClock, spentOf: async () => 0 })
  const both = [start('touch', 'desk', 'one'), start('touch', 'desk', 'two')]
  for (const child of both) {
    await child.line() // ready
    await child.line()
  }

  await Promise.all(both.map((child) => child.kill()))

  expect(await sequences.facts({ session: 'three', swarm: 'desk', ...SEND })).toMatchObject({
    private: true,
    untrusted: true,
    outwardAnswers: false,
  })
  for (const session of ['one', 'two'])
    expect(await sequences.facts({ session, ...SEND })).toMatchObject({ private: true, untrusted: true })
  expect(await witness.verify(store)).toMatchObject({ ok: true })
})
