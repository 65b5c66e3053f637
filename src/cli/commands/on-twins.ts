// ifab apply --twin: the plan, with every instance replaced by a twin of its provider that is served in this process. It
// has a home of its own for as long as it takes: budgets, log and secrets of the real one are not touched, nothing leaves.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddInstance, Fabric, SecretInput } from '../../fabric/index.ts'
import { FabricError, NO_PROJECT } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import { makePlan } from '../input/plan-source.ts'
import type { Invocation } from '../invocation.ts'
import { counted } from '../output/phrases.ts'

/** Twins move nothing, so there is nothing to ask for. What the real home says of the plan is shown by `ifab plan`. */
const CONFIG = 'version: 1\npolicy:\n  effects:\n    charge: allow\n    delete: allow\n'

const UNFIT = ['plan', 'resume', 'approve', 'dry-run', 'claim', 'wait']

/** Does `work` with the same command on twins; refuses what makes no sense there. */
export async function onTwins(
  invocation: Invocation,
  work: (rehearsal: Invocation, plan: Plan) => Promise<void>,
): Promise<void> {
  const { flags, io, console } = invocation
  const unfit = UNFIT.find((name) => flags.has(name) || flags.text(name) !== undefined)
  if (unfit !== undefined || invocation.falsify) {
    throw new FabricError('IF_ERR_USAGE', `--twin and --${unfit ?? 'mode=falsify'} exclude each other`, {
      hint: 'A rehearsal on twins takes a playbook or one operation, and plans it itself.',
    })
  }
  const real = await makePlan(invocation)
  const needed = await instancesOf(await invocation.fabric(), real)
  const home = await mkdtemp(join(tmpdir(), 'ifab-twins-'))
  let fabric: Fabric | undefined
  try {
    await writeFile(join(home, 'config.yaml'), CONFIG, { mode: 0o600 })
    const opened = await io.openFabric({ home, way: 'home', project: NO_PROJECT, env: io.env })
    fabric = opened
    const providers = [...new Set(needed.map(({ provider }) => provider))]
    const twins = await opened.serveTwins({ providers })
    try {
      for (const instance of needed) await addTwin(opened, twins.twins, instance)
      const rehearsal = { ...invocation, fabric: async () => opened }
      console.note(`On ${counted(providers.length, 'twin')} of this process, in a home of their own: nothing leaves.`)
      await work(rehearsal, await makePlan(rehearsal))
    } finally {
      await twins.close()
    }
  } finally {
    await fabric?.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** Every instance that the plan could use, as it is but for its secrets. */
async function instancesOf(fabric: Fabric, plan: Plan): Promise<Omit<AddInstance, 'secrets'>[]> {
  const own = new Map((await fabric.instances()).map((instance) => [instance.name, instance]))
  const named = new Map(plan.steps.map(({ instance, provider }) => [instance, provider]))
  for (const { routed } of plan.steps) {
    for (const { instance } of routed?.alternatives ?? []) {
      const provider = own.get(instance)?.provider
      if (provider !== undefined) named.set(instance, provider)
    }
  }
  return [...named].map(([name, provider]) => {
    const { tags = {}, settings = {} } = own.get(name) ?? {}
    return { name, provider, tags, settings }
  })
}

async function addTwin(
  fabric: Fabric,
  twins: readonly { provider: string; url: string; secrets: Readonly<Record<string, string>> }[],
  instance: Omit<AddInstance, 'secrets'>,
): Promise<void> {
  const twin = twins.find(({ provider }) => provider === instance.provider)
  if (!twin) throw new FabricError('IF_ERR_INTERNAL', `no twin of ${instance.provider} is served`)
  const secrets = Object.entries(twin.secrets).map(([name, value]): [string, SecretInput] => [
    name,
    { kind: 'value', value },
  ])
  await fabric.addInstance({ ...instance, twin: twin.url, secrets: Object.fromEntries(secrets) })
}
