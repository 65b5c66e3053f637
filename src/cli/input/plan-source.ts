// Which plan a command line means: a new one from an operation or a playbook, or one that was made before.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { PlanOptions } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import type { Invocation } from '../invocation.ts'
import { readIntent } from './operation.ts'
import { playbookInputs } from './playbook-inputs.ts'

/** Plans `-f PLAYBOOK key=value…` or `INSTANCE OPERATION key=value…`. */
export async function makePlan(invocation: Invocation): Promise<Plan> {
  const { args, flags, io, why } = invocation
  const options: PlanOptions = why === undefined ? {} : { why }
  const file = flags.text('file')
  if (file === undefined) {
    const intent = await readIntent(invocation)
    const stream = flags.has('stream')
    return (await invocation.fabric()).plan(intent, stream ? { ...options, stream } : options)
  }
  const inputs = await playbookInputs(file, args, { input: flags.text('input'), io })
  return (await invocation.fabric()).planPlaybook(file, inputs, options)
}

/** A stored plan by its digest, or one from a file that `ifab plan --out` wrote. */
export async function readPlan(invocation: Invocation, reference: string): Promise<Plan> {
  const fabric = await invocation.fabric()
  return existsSync(reference) ? fabric.importPlan(await planFile(reference)) : fabric.readPlan(reference)
}

async function planFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new FabricError('IF_ERR_INVALID_FILE', `${path}: not a plan: ${problem}`, {
      hint: 'Plans are written by `ifab plan … --out FILE`.',
      cause,
    })
  }
}
