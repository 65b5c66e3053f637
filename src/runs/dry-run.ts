// All but the send: each step whose input is known is judged again and its cost held, then freed. Nothing leaves, nothing
// is kept; steps that need an earlier result are told apart.
import { operationOf, parseInput } from '../adapter/index.ts'
import { type Trace, timestamp, ulid } from '../foundation/index.ts'
import { type Acting, act } from '../pipeline/index.ts'
import type { OnRunEvent } from './events.ts'
import { type ExecutorParts, timeoutOf } from './executor.ts'
import { freshStep, idempotencyKeyOf, stepErrorOf } from './journal.ts'
import type { Plan } from './plan.ts'
import type { RunRecord, StepRecord } from './records.ts'

export async function dryRunSteps(
  parts: ExecutorParts & { acting: Acting; trace: Trace },
  plan: Plan,
  options: { approved: boolean; onEvent?: OnRunEvent },
): Promise<{ record: RunRecord; steps: StepRecord[] }> {
  const id = ulid()
  const at = timestamp(parts.clock.now())
  const steps: StepRecord[] = []
  for (const step of plan.steps) {
    const fresh = freshStep({
      run: id,
      id: step.id,
      token: 0,
      instance: step.instance,
      operation: step.operation,
      effect: step.effect,
    })
    if (step.knownAfter.length > 0) {
      steps.push({ ...fresh, state: 'skipped', note: `known after ${step.knownAfter.join(', ')}` })
      continue
    }
    const instance = await parts.instanceOf(step.instance)
    const provider = await parts.providerOf(step.provider)
    const entry = operationOf(provider, step.operation)
    const outcome = await act(parts, {
      acting: parts.acting,
      run: undefined,
      step: step.id,
      plan: plan.digest,
      planSize: plan.steps.length,
      instance,
      provider,
      entry,
      input: parseInput(entry, step.input),
      planned: step.request,
      approved: options.approved,
      idempotencyKey: idempotencyKeyOf(id, step.id),
      journal: undefined,
      timeoutMs: timeoutOf(instance),
      signal: undefined,
      trace: parts.trace,
      dryRun: true,
    })
    const record: StepRecord =
      outcome.state === 'done'
        ? { ...fresh, state: 'skipped', note: 'dry run: everything but the send' }
        : { ...fresh, state: 'failed', ...(outcome.error ? { error: stepErrorOf(outcome.error) } : {}) }
    steps.push(record)
    options.onEvent?.({ type: 'step.end', run: id, step: record })
  }
  const failed = steps.find((step) => step.state === 'failed')
  const record: RunRecord = {
    id,
    plan: plan.digest,
    name: 'dry run',
    state: failed ? 'failed' : 'done',
    actor: plan.actor,
    session: parts.acting.session,
    startedAt: at,
    endedAt: timestamp(parts.clock.now()),
    token: 0,
    holder: null,
    beat: 0,
    beatAt: at,
    cancelRequested: false,
    approved: options.approved,
    costMicroUsd: 0,
    steps: steps.map((step) => step.id),
    witness: {},
    ...(failed?.error ? { error: failed.error } : {}),
  }
  return { record, steps }
}
