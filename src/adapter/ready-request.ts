// The request that an operation is about to send. What fails here fails before anything left.
import type { Attempt } from '../egress/index.ts'
import { FabricError } from '../foundation/index.ts'
import { buildRequest } from './build.ts'
import type { PerformOptions } from './exchange.ts'
import { type FailureContext, unsentError } from './failure.ts'
import type { BuiltRequest } from './planned.ts'
import { preparedFor } from './prepare.ts'

/** The request to send, every setting of its address filled in. */
export function requestOf(options: PerformOptions, attempts: Attempt[]): BuiltRequest {
  try {
    const built = options.built ?? buildRequest(options)
    const [unset] = built.unset
    if (unset !== undefined) throw unsetSetting(options, unset)
    return built
  } catch (thrown) {
    throw unsentError(contextOf(options, attempts), thrown)
  }
}

/** What a sandbox has to say before the request is built. */
export async function prepared(options: PerformOptions, attempts: Attempt[]): Promise<PerformOptions> {
  if (options.built || !options.entry.operation.remote) return options
  try {
    return { ...options, entry: await preparedFor(options.entry, options.input) }
  } catch (thrown) {
    throw unsentError(contextOf(options, attempts), thrown)
  }
}

/** Reading an answer that came is no matter of repeating: `repeatable` false lets its own outcome stand. */
export const contextOf = ({ instance, entry }: PerformOptions, attempts: Attempt[]): FailureContext => ({
  instance: instance.name,
  entry,
  attempts,
  repeatable: false,
})

function unsetSetting({ instance, provider: { definition } }: PerformOptions, name: string): FabricError {
  return new FabricError('IF_ERR_INVALID_INPUT', `${instance.name}: the setting ${name} has no value`, {
    hint: definition.settings?.[name]?.description ?? 'It is a part of the address.',
    next: `ifab provider add ${definition.id} --as ${instance.name} --set ${name}=…`,
  })
}
