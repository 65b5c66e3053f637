// An action before it acts: what it would send, cost and move, and how the guard sees it.
import {
  type BuiltRequest,
  buildRequest,
  type Cost,
  type Instance,
  type LoadedProvider,
  type Moves,
  type OperationEntry,
} from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'
import type { Action } from '../guard/index.ts'
import type { Store } from '../store/index.ts'
import { madeKey } from './made.ts'
import type { Passage } from './passage.ts'

/** What an action would send, cost and move. Pure: no credential, no clock, no network. */
export function planAction(options: {
  provider: LoadedProvider
  instance: Instance
  entry: OperationEntry
  input: JsonObject
}): {
  built: BuiltRequest
  cost: Cost
  moves: Moves | undefined
} {
  const { operation } = options.entry
  return {
    built: buildRequest(options),
    cost: operation.cost === 'free' ? { kind: 'free' } : operation.cost(options.input),
    moves: operation.moves?.(options.input),
  }
}

/** The guard's view of an action; effect and labels are those of the signed manifest. */
export async function describeAction(
  store: Store,
  of: Pick<Passage, 'acting' | 'step' | 'instance' | 'provider' | 'entry' | 'input'> & {
    cost: Cost
    moves: Moves | undefined
  },
): Promise<Action> {
  const { acting, step, instance, provider, entry, input, cost, moves } = of
  const madeId = entry.effect === 'delete' && typeof input.id === 'string' ? input.id : undefined
  return {
    step,
    actor: acting.actor,
    session: acting.session,
    instance: instance.name,
    provider: provider.definition.id,
    tags: instance.tags,
    operation: entry.id,
    effect: entry.effect,
    labels: entry.labels,
    input,
    moves,
    why: acting.why,
    costUnknown: cost.kind === 'unknown',
    madeHere: madeId !== undefined && (await store.get(madeKey(acting.session, instance.name, madeId))) !== undefined,
  }
}
