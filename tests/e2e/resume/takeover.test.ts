// One run, two processes: whoever claims it acts, the other one sends nothing more.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFabric } from '../../../src/fabric/index.ts'
import { type Ended, errorOf, ifab, startIfab } from '../../support/command.ts'
import { closedGate, type Gate } from '../../support/gate.ts'
import { openStudio, type Studio } from '../../support/studio.ts'

const PLAYBOOK = `version: 1
name: two-payments
steps:
  first: { use: stripe payment.create, with: { amount: 100, currency: EUR, source: pm_card_visa, reference: first } }
  second: { use: stripe payment.create, with: { amount: 200, currency: EUR, source: pm_card_visa, reference: second }, after: first }
`

let studio: Studio
let digest: string

beforeEach(async () => {
  studio = await openStudio()
  const file = join(studio.home, 'two-payments.yaml')
  await writeFile(file, PLAYBOOK)
  digest = (await studio.fabric.planPlaybook(file, {})).digest
})

afterEach(() => studio.close())

/** A gate on the wire for every request, or every answer, for which `at` says so. */
function gateOnWire(side: 'request' | 'answer', at: (line: string) => boolean): Gate {
  const gate = closedGate()
  studio.relays.stripe.setHooks({ [side]: (line: string) => (at(line) ? gate.pass() : undefined) })
  return gate
}

const paid = () => studio.twins.stripe.effects.filter(({ operation }) => operation === 'payment.create').length

const isPost = (line: string) => line.startsWith('POST')

it('lets only one of two resumes at the same moment act', async () => {
  const killed = startIfab(['apply', '--plan', digest], { home: studio.home })
  const first = gateOnWire('answer', isPost)
  await first.reached
  killed.kill()
  await killed.ended
  first.open()
  const run = (await studio.fabric.run('last')).id

  const wire = gateOnWire('answer', isPost)
  const resumes = [1, 2].map(() => startIfab(['apply', '--resume', run, '--json'], { home: studio.home }))
  const loser = await Promise.race(resumes.map((resume) => resume.ended))
  wire.open()
  const [a, b] = (await Promise.all(resumes.map((resume) => resume.ended))) as [Ended, Ended]

  expect([a.code, b.code].sort()).toEqual([0, 6])
  expect(loser.code).toBe(6)
  expect(errorOf(loser).code).toMatch(/^IF_ERR_(RUN_ACTIVE|CLAIM_LOST|CONFLICT)$/)
  expect(paid()).toBe(2)
  expect((await studio.fabric.run(run)).state).toBe('done')
})

it('applies a plan once when two processes apply it at the same moment', async () => {
  const wire = gateOnWire('answer', isPost)
  const both = [1, 2].map(() => startIfab(['apply', '--plan', digest, '--json'], { home: studio.home }))
  const early = await Promise.race(both.map((one) => one.ended))
  wire.open()
  const [a, b] = (await Promise.all(both.map((one) => one.ended))) as [Ended, Ended]

  expect([a.code, b.code].sort()).toEqual([0, 6])
  expect(errorOf(early)).toMatchObject({
    code: 'IF_ERR_RUN_ACTIVE',
    next: expect.stringMatching(/^ifab apply --resume /),
  })
  expect(await studio.fabric.runs()).toHaveLength(1)
  expect(paid()).toBe(2)

  const again = await ifab(['apply', '--plan', digest, '--json'], { home: studio.home })
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout).id).toBe((await studio.fabric.run('last')).id)
  expect(paid()).toBe(2)
})

it.each([
  ['waits for the answer to an effect', 'answer', isPost],
  ['reads its effect back', 'request', (line: string) => line.startsWith('GET')],
] as const)(
  'a holder that sleeps past its lease while it %s loses the run and sends nothing more',
  async (_, side, at) => {
    const wire = gateOnWire(side, at)
    const sleeper = startIfab(['apply', '--plan', digest, '--json'], { home: studio.home })
    await wire.reached
    sleeper.kill('SIGSTOP')
    studio.relays.stripe.setHooks({})
    const run = (await studio.fabric.run('last')).id

    const heir = await openFabric({ home: studio.home, leaseMs: 1 })
    const taken = await heir.resume(run)
    await heir.close()
    const sentBefore = studio.twins.stripe.calls.count
    wire.open()
    sleeper.kill('SIGCONT')
    const late = await sleeper.ended

    expect(taken.state).toBe('done')
    expect(late.code).toBe(6)
    expect(errorOf(late).code).toBe('IF_ERR_CLAIM_LOST')
    expect(paid()).toBe(2)
    const held = side === 'request' ? 1 : 0 // what the sleeper had sent before it fell asleep
    expect(studio.twins.stripe.calls.count).toBeLessThanOrEqual(sentBefore + held)
    const verified = await studio.fabric.verifyWitness()
    expect(verified.problems).toEqual([])
    expect((await studio.fabric.run(run)).record).toMatchObject({ state: 'done', holder: null })
  },
)
