// A worker in another process: `node fenced-child HOME DIGEST GO`. Claims a task, waits for the file GO, applies the plan
// under its claim and says how that ended.
import { existsSync, writeSync } from 'node:fs'
import { openFabric } from '../../../src/fabric/index.ts'

const [home = '', digest = '', go = ''] = process.argv.slice(2)
const say = (text: string) => writeSync(1, `${text}\n`)

const fabric = await openFabric({ home, actor: 'if://person/ana', session: 'child', env: {} })
const plan = await fabric.readPlan(digest)
const coordinator = await fabric.coordinator()

coordinator.worker({ swarm: 'studio', leaseMs: 1_000 }, async ({ task, token }) => {
  say('claimed')
  while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 5))
  const outcome = await fabric.apply(plan, { claim: { task: task.id, token } }).then(
    (run) => run.state,
    (thrown: { code: string }) => thrown.code,
  )
  say(outcome)
})
