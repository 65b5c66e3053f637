// Another process of the same home: `node guard-child FILE JOB …`. Says what came of it in one line each.
//   approve PLAN ACTOR        says yes to the plan
//   use PLAN                  uses the approval up, as the beginning of a run does
//   touch SWARM SESSION KEPT  touches things of its own for ever, saying each one that is on record
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { isFabricError, systemClock } from '../../../src/foundation/index.ts'
import { openApprovals, openSequences } from '../../../src/guard/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { openWitness } from '../../../src/witness/index.ts'

const [home = '', job = '', subject = '', who = ''] = process.argv.slice(2)

const say = (text: string) => writeSync(1, `${text}\n`)

const { sequencer } = await openWitness({ home })
const store = await openEmbeddedStore({ path: `${home}/fabric.db`, sequencer })
const groups = { finance: ['if://person/ana', 'if://person/ben'] }
const approvals = openApprovals({ store, clock: systemClock, approvers: undefined, groups })
const sequences = openSequences({ store, clock: systemClock, spentOf: async () => 0 })

const JOBS: Record<string, () => Promise<void>> = {
  async approve() {
    const { state } = await approvals.decide(subject, 'granted', { actor: who, session: 'child' })
    say(state)
  },
  async use() {
    const use = await approvals.use(subject)
    await store.commit(use ? [use] : [])
    say(use ? 'used' : 'nothing to use')
  },
  async touch() {
    for (;;) {
      const to = randomBytes(4).toString('hex')
      await sequences.touch({
        session: who,
        swarm: subject,
        instance: 'slack',
        operation: 'message.list',
        labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
        input: { to },
        step: to,
      })
      say(to)
    }
  },
}

say('ready')
try {
  await JOBS[job]?.()
} catch (thrown) {
  if (!isFabricError(thrown)) throw thrown
  say(thrown.code)
}
await store.close()
