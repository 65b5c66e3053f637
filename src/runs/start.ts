// The beginning of a run: its record, those of its steps, what it uses up and what it holds, in one commit.
import { isFabricError, type JsonObject, microUsd, optional, type Trace, timestamp, ulid } from '../foundation/index.ts'
import { type Acting, budgetsOfRun, commitUnder, type Fence } from '../pipeline/index.ts'
import type { Entry, LogEntry, Write } from '../store/index.ts'
import { thisHolder } from './claim.ts'
import type { ExecutorParts } from './executor.ts'
import { freshStep, stepWrite } from './journal.ts'
import type { Plan } from './plan.ts'
import { appliedKey } from './plan-store.ts'
import { type RunRecord, runKey, type StepRecord } from './records.ts'
import { factsOfRun } from './run-budget.ts'
import { taskRunWrite } from './task-runs.ts'

export interface StartParts extends ExecutorParts {
  acting: Acting
  trace: Trace
}

/** The write that uses an approval up; `none` where none is needed. */
export type Clearance = 'none' | Write

/** Writes down the run and its steps in one commit; undefined when another process applied the plan first. */
export async function startRun(
  parts: StartParts,
  id: string,
  plan: Plan,
  how: { approval: Clearance; fence: Fence | undefined; why: string | undefined; noted: Write },
) {
  const { clock, store } = parts
  const { approval, fence } = how
  const at = timestamp(clock.now())
  const why = how.why ?? plan.why ?? parts.acting.why
  const runHold = plan.budgetUsd === null ? undefined : ulid()
  const record: RunRecord = {
    id,
    plan: plan.digest,
    name: plan.source.kind === 'playbook' ? plan.source.name : `${plan.source.instance} ${plan.source.operation}`,
    state: 'running',
    actor: plan.actor,
    session: parts.acting.session,
    ...optional('swarm', parts.acting.swarm ?? fence?.swarm),
    ...(why ? { why } : {}),
    startedAt: at,
    token: 1,
    ...optional('claim', fence?.claim),
    holder: thisHolder(),
    beat: 1,
    beatAt: at,
    cancelRequested: false,
    approved: approval !== 'none',
    costMicroUsd: 0,
    steps: plan.steps.map((step) => step.id),
    witness: {},
    ...(runHold ? { reservation: runHold } : {}),
  }
  const steps = plan.steps.map((step) =>
    freshStep({
      run: id,
      id: step.id,
      token: 1,
      instance: step.instance,
      operation: step.operation,
      effect: step.effect,
    }),
  )
  const writes: Write[] = [
    { key: appliedKey(plan.id), value: id, expect: 'absent' },
    { key: runKey(id), value: record, expect: 'absent' },
    ...steps.map((step) => stepWrite(step, 'absent')),
    ...(fence ? [taskRunWrite(fence.claim, id, plan.digest)] : []),
    ...(approval === 'none' ? [] : [approval]),
    how.noted,
  ]
  const log: LogEntry[] = [
    planEntry(parts, plan, 'run.start', {
      run: id,
      ...(why ? { why } : {}),
      detail: { steps: plan.steps.length, ...fence?.claim },
    }),
  ]
  try {
    const { committed } = await commitUnder(fence, (conditions) => {
      const all = [...conditions, ...writes]
      if (!runHold) return store.commit(all, log)
      return parts.ledger.hold({
        id: runHold,
        owner: runKey(id),
        maxMicroUsd: microUsd(plan.budgetUsd ?? 0),
        budgets: budgetsOfRun(parts.budgets, factsOfRun(record)),
        writes: all,
        log,
      })
    })
    const revisions = committed.revisions.slice(-writes.length)
    const revisionAt = (at: number) => revisions[at] ?? 0
    return {
      run: { key: runKey(id), value: record, revision: revisionAt(1) } satisfies Entry<RunRecord>,
      steps: steps.map(
        (step, at): Entry<StepRecord> => ({
          key: stepWrite(step, 'absent').key,
          value: step,
          revision: revisionAt(at + 2),
        }),
      ),
    }
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && thrown.details.key === appliedKey(plan.id))
      return undefined
    throw thrown
  }
}

export const planEntry = (parts: StartParts, plan: Plan, kind: string, facts: JsonObject): LogEntry => ({
  kind,
  at: timestamp(parts.clock.now()),
  actor: parts.acting.actor,
  session: parts.acting.session,
  trace: parts.trace.traceId,
  plan: plan.digest,
  ...(plan.onBehalfOf ? { onBehalfOf: plan.onBehalfOf } : {}),
  ...facts,
})
