// ifab demo: the whole way of an action, for real, against twins in this process and a temporary home. No account, no
// question, nothing leaves the machine; everything is gone afterwards.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fabric, packageRoot, type SecretInput, type ServedTwins } from '../../fabric/index.ts'
import { FabricError, NO_PROJECT } from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { headText } from '../output/plan-text.ts'
import { runEndText } from '../output/run-text.ts'
import { performRun } from './perform.ts'
import { planContext } from './plan-context.ts'

const PROVIDERS = ['home-assistant', 'stripe', 'slack']

/** Twins move no money, so the demo need not ask. */
const CONFIG = 'version: 1\npolicy:\n  effects:\n    charge: allow\n'

export const demoCommand: CommandHandler = async (invocation) => {
  const { console } = invocation
  const home = await mkdtemp(join(tmpdir(), 'ifab-demo-'))
  invocation.afterwards(() => rm(home, { recursive: true, force: true }))
  await writeFile(join(home, 'config.yaml'), CONFIG, { mode: 0o600 })
  const fabric = await invocation.fabric({ home, way: 'home', project: NO_PROJECT })
  const twins = await fabric.serveTwins({ providers: PROVIDERS })
  try {
    await addTwins(fabric, twins)
    await demonstrate(invocation, fabric)
  } finally {
    await twins.close()
  }
  console.note('Next: ifab provider add slack')
}

async function addTwins(fabric: Fabric, { twins }: ServedTwins): Promise<void> {
  for (const { provider, url, secrets } of twins) {
    const values = Object.entries(secrets).map(([name, value]): [string, SecretInput] => [
      name,
      { kind: 'value', value },
    ])
    await fabric.addInstance({ provider, twin: url, secrets: Object.fromEntries(values) })
  }
}

async function demonstrate(invocation: Invocation, fabric: Fabric): Promise<void> {
  const { console } = invocation
  const plan = await fabric.planPlaybook(join(packageRoot(), 'examples', 'live-studio', 'playbook.yaml'), {})
  const context = await planContext(invocation, console.out)
  const name = 'examples/live-studio on twins, temporary home'
  const verdict =
    plan.verdict.decision === 'allow' ? "allowed by the demo's policy" : `verdict ${plan.verdict.decision}`
  console.line(`${headText(plan, { ...context, name })} · ${verdict}`)
  const run = await performRun(invocation, { plan, steps: plan.steps, start: (options) => fabric.apply(plan, options) })
  const witness = await fabric.verifyWitness()
  const proof = witness.ok ? 'witness verified' : console.out.bad('witness NOT verified')
  console.result({ plan, run, witness }, `${runEndText(run, console.out)} · ${proof}`)
  if (!witness.ok) {
    throw new FabricError('IF_ERR_VERIFY_FAILED', witness.problems[0]?.message ?? 'the witness log does not verify')
  }
}
