// The store fails in the middle of a run, and comes back: nothing is sent twice, and the run can be gone on with.
import { describe, expect, it } from 'vitest'
import type { Fabric } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { failureOf, openStudio, type Studio } from '../fabric/rig.ts'
import { openOnStore } from './store-rig.ts'

const TWO_STEPS =
  'version: 1\nname: a\nsteps:\n  one: {use: slack message.send, with: {to: "#studio", text: one}}\n' +
  '  two: {use: slack message.send, after: one, with: {to: "#studio", text: two}}\n'

interface Broken {
  studio: Studio
  fabric: Fabric
  plan: Awaited<ReturnType<Fabric['plan']>>
  heal(): void
}

/** Refuses the begin of step two, and `more` commits after it. */
async function openBreaking(more: number): Promise<Broken> {
  const studio = await openStudio({ providers: ['slack'] })
  let left = Number.POSITIVE_INFINITY
  let isBroken = false
  const fabric = await openOnStore(
    studio.home,
    (store) => ({
      ...store,
      async commit(writes, log = []) {
        if (
          log.some((entry) => entry.kind === 'step.begin' && entry.step === 'two') &&
          left === Number.POSITIVE_INFINITY
        ) {
          isBroken = true
          left = more
        } else if (isBroken && left-- <= 0) isBroken = false
        if (isBroken) throw new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the disk is full')
        return store.commit(writes, log)
      },
    }),
    { leaseMs: 400 },
  )
  const plan = await fabric.planPlaybook(studio.playbook(TWO_STEPS), {})
  return {
    studio,
    fabric,
    plan,
    heal() {
      isBroken = false
      left = 0
    },
  }
}

const messages = (studio: Studio) => studio.effectsAt('slack').filter((effect) => effect === 'message.send')

describe('a store that fails in the middle of a run', () => {
  it('and takes the next commit has the run let go, which is resumed at once', async () => {
    const { studio, fabric, plan } = await openBreaking(0)

    const failure = await failureOf(fabric.apply(plan))
    const run = await fabric.run('last')

    expect(failure.code).toBe('IF_ERR_STORE_UNAVAILABLE')
    expect(run).toMatchObject({
      state: 'failed',
      record: { holder: null, error: { code: 'IF_ERR_STORE_UNAVAILABLE' } },
    })
    expect((await fabric.resume(run.id)).state).toBe('done')
    expect(messages(studio)).toHaveLength(2)
    expect((await fabric.verifyWitness()).ok).toBe(true)
  })

  it('and stays broken frees the run a lease later, for the very same process too', async () => {
    const { studio, fabric, plan, heal } = await openBreaking(Number.POSITIVE_INFINITY)
    await failureOf(fabric.apply(plan))
    heal()

    const early = await failureOf(fabric.resume('last'))
    let late = await fabric.resume('last').catch(() => undefined)
    for (let tries = 0; !late && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      late = await fabric.resume('last').catch(() => undefined)
    }

    expect(early.code).toBe('IF_ERR_RUN_ACTIVE')
    expect(late?.state).toBe('done')
    expect(messages(studio)).toHaveLength(2)
  })
})
