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
import { type JsonObject, optional } from '../foundation/index.ts'
import type { Action, EndedAction } from '../guard/index.ts'
import { madeKey } from './made.ts'
import type { Passage, PipelineParts } from './passage.ts'

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
  parts: Pick<PipelineParts, 'store' | 'clock' | 'sequences'>,
  of: Pick<Passage, 'acting' | 'step' | 'instance' | 'provider' | 'entry' | 'input' | 'cost' | 'planSize' | 'fence'>,
): Promise<Action> {
  const { acting, step, instance, provider, entry, input, cost = { kind: 'free' }, planSize, fence } = of
  const { store, clock, sequences } = parts
  const madeId = entry.effect === 'delete' && typeof input.id === 'string' ? input.id : undefined
  const about = { instance: instance.name, operation: entry.id, labels: entry.labels, input }
  return {
    step,
    actor: acting.actor,
    session: acting.session,
    ...optional('swarm', acting.swarm ?? fence?.swarm),
    ...optional('task', fence?.claim.task),
    ...optional('onBehalfOf', acting.onBehalfOf),
    ...about,
    provider: provider.definition.id,
    tags: instance.tags,
    effect: entry.effect,
    moves: entry.operation.moves?.(input),
    ...optional('destination', destinationOf(input)),
    why: acting.why,
    costUnknown: cost.kind === 'unknown',
    maxMicroUsd: cost.kind === 'unknown' ? null : cost.kind === 'free' ? 0 : cost.maxMicroUsd,
    planSize,
    nowMs: clock.now(),
    madeHere: madeId !== undefined && (await store.get(madeKey(acting.session, instance.name, madeId))) !== undefined,
    sessionFacts: await sequences.facts({
      session: acting.session,
      ...optional('swarm', acting.swarm ?? fence?.swarm),
      ...about,
    }),
  }
}

/** Where an action goes, in the vocabulary's words. */
function destinationOf(input: JsonObject): string | undefined {
  const { to, destination } = input
  const named = to ?? destination
  return typeof named === 'string' ? named : undefined
}

/** What the session's sequence is told of an action that has ended. */
export const endedAction = ({ acting, fence, instance, entry, input, run, step, outcome }: Passage): EndedAction => ({
  session: acting.session,
  ...optional('swarm', acting.swarm ?? fence?.swarm),
  actor: acting.actor,
  ...optional('run', run),
  step,
  instance: instance.name,
  operation: entry.id,
  labels: entry.labels,
  input,
  ...optional('result', outcome?.result),
})
