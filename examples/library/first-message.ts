// One message through the library: planned, judged, sent to a twin of Slack on loopback, witnessed.
// With an account of your own: leave out the twins and name an instance that `ifab provider add slack` made.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FabricError, openFabric } from 'infrafabric'

const home = await mkdtemp(join(tmpdir(), 'ifab-example-'))
const fabric = await openFabric({ home, actor: 'if://agent/reporter', why: 'nightly report' })
const twins = await fabric.serveTwins({ providers: ['slack'] })
try {
  await fabric.addInstance({ provider: 'slack', twin: true })
  const plan = await fabric.plan({
    instance: 'slack',
    operation: 'message.send',
    input: { to: '#general', text: 'All green.' },
  })
  console.log(plan.verdict.decision, plan.steps[0]?.request.url)

  const run = await fabric.apply(plan, { signal: AbortSignal.timeout(60_000) })
  console.log(run.state, run.costUsd, run.receipts[0]?.verified)
  console.log((await fabric.verifyWitness()).ok)
} catch (thrown) {
  if (!(thrown instanceof FabricError)) throw thrown
  console.error(thrown.code, thrown.message, thrown.next)
} finally {
  await twins.close()
  await fabric.close()
  await rm(home, { recursive: true, force: true })
}
