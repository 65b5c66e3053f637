// One run, two processes: whoever claims it acts, the other one sends nothing more.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFabric, type Run } from '../../../src/fabric/index.ts'
import { isFabricError } from '../../../src/foundation/index.ts'
import { type Ended, errorOf, ifab, startIfab } from '../../support/command.ts'
import { closedGate, type Gate } from '../../support/gate.ts'
import { oversleep, paymentsAt, planTwoPayments, SLEEPS } from '../../support/sleeper.ts'
import { openStudio, type Studio } from '../../support/studio.ts'

let studio: Studio

beforeEach(async () => {
  studio = await openStudio()
})
afterEach(() => studio.close())

/** A gate on the wire for the answers to all effects. */
function gateOnAnswers(): Gate {
  const gate = closedGate()
  studio.relays.stripe.setHooks({ answer: (line) => (line.startsWith('POST') ? gate.pass() : undefined) })
  return gate
}

/** Starts the same command twice; the first to end does so while the other is held at the gate. */
async function startTwice(args: string[]): Promise<{ codes: (number | null)[]; early: Ended }> {
  const gate = gateOnAnswers()
  const both = [1, 2].map(() => startIfab(args, { home: studio.home }))
  const early = await Promise.race(both.map((one) => one.ended))
  gate.open()
  const all = await Promise.all(both.map((one) => one.ended))
  return { codes: all.map(({ code }) => code).sort(), early }
}

it('lets only one of two resumes at the same moment act', async () => {
  const digest = await planTwoPayments(studio)
  const gate = gateOnAnswers()
  const killed = startIfab(['apply', '--plan', digest], { home: studio.home })
  await gate.reached
  killed.kill()
  await killed.ended
  gate.open()
  const run = (await studio.fabric.run('last')).id

  const { codes, early } = await startTwice(['apply', '--resume', run, '--json'])

  expect(codes).toEqual([0, 6])
  expect(errorOf(early).code).toMatch(/^IF_ERR_(RUN_ACTIVE|CLAIM_LOST|CONFLICT)$/)
  expect(paymentsAt(studio)).toBe(2)
  expect((await studio.fabric.run(run)).state).toBe('done')
})

it('applies a plan once when two processes apply it at the same moment', async () => {
  const digest = await planTwoPayments(studio)

  const { codes, early } = await startTwice(['apply', '--plan', digest, '--json'])

  expect(codes).toEqual([0, 6])
  expect(errorOf(early)).toMatchObject({
    code: 'IF_ERR_RUN_ACTIVE',
    next: expect.stringMatching(/^ifab apply --resume /),
  })
  expect(await studio.fabric.runs()).toHaveLength(1)
  expect(paymentsAt(studio)).toBe(2)

  const again = await ifab(['apply', '--plan', digest, '--json'], { home: studio.home })
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout).id).toBe((await studio.fabric.run('last')).id)
  expect(paymentsAt(studio)).toBe(2)
})

/** Takes the run over as soon as its holder has been silent for a lease, here a short one. */
async function takeOver(run: string): Promise<Run> {
  const heir = await openFabric({ home: studio.home, leaseMs: 100 })
  try {
    for (;;) {
      const taken = await heir.resume(run).catch((thrown: unknown) => {
        if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_RUN_ACTIVE') throw thrown
      })
      if (taken) return taken
      await sleep(20)
    }
  } finally {
    await heir.close()
  }
}

it.each(Object.entries(SLEEPS))(
  'a holder that sleeps past its lease while it %s loses the run and sends nothing more',
  async (_, falls) => {
    const { late, run, sentLate } = await oversleep(studio, falls, async (id) => {
      expect((await takeOver(id)).state).toBe('done')
    })

    expect(late.code).toBe(6)
    expect(errorOf(late).code).toBe('IF_ERR_CLAIM_LOST')
    expect(sentLate).toBe(0)
    expect(paymentsAt(studio)).toBe(2)
    expect((await studio.fabric.verifyWitness()).problems).toEqual([])
    expect((await studio.fabric.run(run)).record).toMatchObject({ state: 'done', holder: null })
  },
)
