// From `INSTANCE OPERATION key=value…` to an intent: finds instance and operation, with suggestions where there is none.
import type { Fabric, Intent, OperationDetail, ProviderDetail } from '../../fabric/index.ts'
import { didYouMean, FabricError, isFabricError } from '../../foundation/index.ts'
import type { Invocation } from '../invocation.ts'
import { parseAssignments } from './assignments.ts'
import { readWholeInput } from './whole-input.ts'

export interface NamedOperation {
  intent: Intent
  operation: OperationDetail
}

/** The intent that the positional words and --input describe. */
export const readIntent = async (invocation: Invocation): Promise<Intent> => (await readOperation(invocation)).intent

/** The intent, with what its operation is. */
export async function readOperation(invocation: Invocation): Promise<NamedOperation> {
  const [instance, name, ...words] = invocation.args
  if (instance === undefined || name === undefined || name.includes('=')) {
    throw new FabricError(
      'IF_ERR_USAGE',
      `\`ifab ${invocation.command.path.join(' ')}\` needs INSTANCE and OPERATION`,
      {
        next: instance === undefined ? `ifab help ${invocation.command.path[0]}` : `ifab provider show ${instance}`,
      },
    )
  }
  const source = invocation.flags.text('input')
  const fabric = await invocation.fabric()
  const operation = isSelector(instance)
    ? await operationAtAny(fabric, name)
    : operationOf(await providerOf(fabric, instance), name)
  const base = source === undefined ? {} : await readWholeInput(source, invocation.io)
  const input = await parseAssignments(words, operation.input, base)
  return { intent: { instance, operation: operation.id, input }, operation }
}

/** `any` and `any:TAG=VALUE`: the fabric chooses the instance. */
export const isSelector = (instance: string): boolean => instance === 'any' || instance.startsWith('any:')

/** A standard operation as the first instance that has it takes it. */
async function operationAtAny(fabric: Fabric, name: string): Promise<OperationDetail> {
  const providers = new Set((await fabric.instances()).map(({ provider }) => provider))
  const known = new Set<string>()
  for (const id of providers) {
    for (const operation of (await fabric.provider(id)).operations) {
      if (operation.native) continue
      if (operation.id === name) return operation
      known.add(operation.id)
    }
  }
  throw new FabricError('IF_ERR_UNKNOWN_OPERATION', `no instance has an operation ${JSON.stringify(name)}`, {
    hint: didYouMean(name, [...known]) ?? 'Add an instance of a provider that has it.',
    next: `ifab ops ${name}`,
  })
}

/** The provider behind an instance's name, or behind its own id. An instance's name comes first. */
export async function providerOf(fabric: Fabric, name: string): Promise<ProviderDetail> {
  const instances = [...(await fabric.instances()), ...(fabric.project?.instances ?? [])]
  const provider = instances.find((instance) => instance.name === name)?.provider ?? name
  try {
    return await fabric.provider(provider)
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.exitCode !== 4) throw thrown
    const known = [...instances.map((instance) => instance.name), ...(await fabric.providers()).map(({ id }) => id)]
    throw unknownName(name, known)
  }
}

export function unknownName(name: string, known: readonly string[]): FabricError {
  return new FabricError('IF_ERR_UNKNOWN_PROVIDER', `there is no instance or provider ${JSON.stringify(name)}`, {
    hint: didYouMean(name, known) ?? 'See what there is with `ifab provider list`.',
    next: 'ifab provider list',
  })
}

/** An operation by its id, or a native one by its bare name. */
export function operationOf(provider: ProviderDetail, name: string): OperationDetail {
  const found =
    provider.operations.find(({ id }) => id === name) ??
    provider.operations.find(({ id }) => id === `${provider.id}:${name}`)
  if (found) return found
  const ids = provider.operations.map(({ id }) => id)
  throw new FabricError('IF_ERR_UNKNOWN_OPERATION', `${provider.id} has no operation ${JSON.stringify(name)}`, {
    hint: didYouMean(name, ids) ?? `It has ${ids.join(', ')}.`,
    next: `ifab provider show ${provider.id}`,
  })
}
