// One read, or one stream, without a plan to keep: judged, paid for and witnessed like every action.
import { openStream, operationOf, parseInput } from '../adapter/index.ts'
import {
  FabricError,
  isFabricError,
  type JsonObject,
  optional,
  type Trace,
  timestamp,
  ulid,
} from '../foundation/index.ts'
import {
  type Acting,
  act,
  callerOf,
  describeAction,
  endedAction,
  type Outcome,
  type Passage,
  subjectOf,
} from '../pipeline/index.ts'
import { mayFailOver } from './alternatives.ts'
import { type ExecutorParts, timeoutOf } from './executor.ts'
import { instancesFor } from './plan-routed.ts'
import type { RoutingParts } from './planner-parts.ts'
import { selectorOf } from './selector.ts'

export interface CallIntent {
  instance: string
  operation: string
  input: JsonObject
}

export interface CallOptions {
  acting: Acting
  trace: Trace
  signal?: AbortSignal
  timeoutMs?: number
  /** Its result stays inside: the session has not touched it. */
  unmarked?: boolean
}

async function passageOf(parts: ExecutorParts, intent: CallIntent, options: CallOptions): Promise<Passage> {
  const instance = await parts.instanceOf(intent.instance)
  const provider = await parts.providerOf(instance.provider)
  const entry = operationOf(provider, intent.operation)
  if (entry.effect !== 'read') {
    throw new FabricError('IF_ERR_USAGE', `${entry.id} is no read: it would ${entry.effect}`, {
      hint: 'What changes the world is planned first.',
      next: `ifab plan ${intent.instance} ${intent.operation} …`,
    })
  }
  return {
    acting: options.acting,
    run: undefined,
    step: `call-${ulid()}`,
    plan: undefined,
    planSize: 1,
    instance,
    provider,
    entry,
    input: parseInput(entry, intent.input),
    planned: undefined,
    approved: false,
    idempotencyKey: '',
    journal: undefined,
    timeoutMs: options.timeoutMs ?? timeoutOf(instance),
    signal: options.signal,
    trace: options.trace,
    ...optional('unmarked', options.unmarked),
  }
}

/** Performs a read, at any instance at one after the other; its failure is thrown. */
export async function callOnce(
  parts: ExecutorParts & RoutingParts,
  intent: CallIntent,
  options: CallOptions,
): Promise<Outcome & { operation: string; instance: string }> {
  const selector = selectorOf(intent.instance)
  const names = selector ? await instancesFor(parts, selector, intent.operation) : [intent.instance]
  for (const [at, instance] of names.entries()) {
    const passage = await passageOf(parts, { ...intent, instance }, options)
    const outcome = await act(parts, passage)
    if (outcome.state === 'done') return { ...outcome, operation: passage.entry.id, instance }
    const isLast = at === names.length - 1
    if (isLast || !mayFailOver(outcome) || options.signal?.aborted)
      throw outcome.error ?? new FabricError('IF_ERR_INTERNAL', 'a read failed without an error')
  }
  throw new FabricError('IF_ERR_INTERNAL', `${intent.operation} was called nowhere`)
}

/** Follows a stream until the signal aborts or the consumer stops; opening and end are witnessed. */
export async function* follow(
  parts: ExecutorParts,
  intent: CallIntent,
  options: CallOptions,
): AsyncGenerator<JsonObject> {
  const passage = await passageOf(parts, intent, options)
  const { acting, entry, instance, provider, step } = passage
  const verdict = await parts.guard.judge(await describeAction(parts, passage))
  if (verdict.decision !== 'allow') {
    throw new FabricError(
      'IF_ERR_POLICY_DENIED',
      verdict.reasons.map((reason) => `${reason.rule}: ${reason.text}`).join('; '),
    )
  }
  const witness = (kind: string, facts: JsonObject) =>
    parts.store.commit(
      [],
      [
        {
          kind,
          at: timestamp(parts.clock.now()),
          actor: acting.actor,
          session: acting.session,
          trace: options.trace.traceId,
          ...(acting.why ? { why: acting.why } : {}),
          step,
          instance: instance.name,
          provider: provider.definition.id,
          operation: entry.id,
          effect: entry.effect,
          ...facts,
        },
      ],
    )
  parts.freezes.check(subjectOf(passage))
  const { swarm } = callerOf(passage)
  if (swarm) parts.breakers.check('swarm', swarm)
  parts.breakers.check('instance', instance.name)
  // On record before the first event is handed out.
  const touch = await parts.sequences.touch(endedAction(passage))
  const { sequences } = await witness('stream.open', {})
  await touch?.placed(sequences[0] ?? -1)
  let events = 0
  let outcome = 'done'
  try {
    const stream = openStream({
      provider,
      instance,
      entry,
      input: passage.input,
      door: parts.door,
      secrets: parts.secretsOf(instance, provider),
      timeoutMs: passage.timeoutMs,
      caller: callerOf(passage),
      onReopen: (reopened) => {
        // On record as soon as the store takes it; the stream doesn't wait for that.
        void witness('stream.reopen', { detail: reopened }).catch(() => undefined)
      },
      ...(options.signal ? { signal: options.signal } : {}),
    })
    for await (const event of stream) {
      events += 1
      yield event
    }
  } catch (thrown) {
    if (options.signal?.aborted) return
    outcome = 'failed'
    throw thrown
  } finally {
    await witness('stream.close', { outcome, detail: { events } }).catch((thrown: unknown) => {
      if (!isFabricError(thrown)) throw thrown // a closing store has nothing left to write to
    })
  }
}
