// One read, or one stream, without a plan to keep: judged, paid for and witnessed like every action.
import { openStream, operationOf, parseInput } from '../adapter/index.ts'
import { FabricError, isFabricError, type JsonObject, type Trace, timestamp, ulid } from '../foundation/index.ts'
import { type Acting, act, describeAction, type Outcome, type Passage } from '../pipeline/index.ts'
import { type ExecutorParts, timeoutOf } from './executor.ts'

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
    instance,
    provider,
    entry,
    input: parseInput(entry, intent.input),
    planned: undefined,
    approved: false,
    budgets: parts.budgets,
    idempotencyKey: '',
    journal: undefined,
    timeoutMs: options.timeoutMs ?? timeoutOf(instance),
    signal: options.signal,
    trace: options.trace,
  }
}

/** Performs a read; its failure is thrown. */
export async function callOnce(
  parts: ExecutorParts,
  intent: CallIntent,
  options: CallOptions,
): Promise<Outcome & { operation: string }> {
  const passage = await passageOf(parts, intent, options)
  const outcome = await act(parts, passage)
  if (outcome.state !== 'done')
    throw outcome.error ?? new FabricError('IF_ERR_INTERNAL', 'a read failed without an error')
  return { ...outcome, operation: passage.entry.id }
}

/** Follows a stream until the signal aborts or the consumer stops; opening and end are witnessed. */
export async function* follow(
  parts: ExecutorParts,
  intent: CallIntent,
  options: CallOptions,
): AsyncGenerator<JsonObject> {
  const passage = await passageOf(parts, intent, options)
  const { acting, entry, instance, provider, step } = passage
  const verdict = parts.guard.judge(
    await describeAction(parts.store, { ...passage, cost: { kind: 'free' }, moves: undefined }),
  )
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
  await witness('stream.open', {})
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
