// Work on a claimed run from claim to release: heartbeat, steps or undo or settlement, then one commit that says how it
// stands and lets it go. Work that breaks off lets it go as well, where the store takes that.
import {
  type FabricError,
  isFabricError,
  type JsonObject,
  optional,
  type Trace,
  toFabricError,
} from '../foundation/index.ts'
import type { Fence } from '../pipeline/index.ts'
import type { Entry } from '../store/index.ts'
import type { ClaimedRun } from './claim.ts'
import { conclude } from './conclusion.ts'
import type { OnRunEvent, OnStepPiece } from './events.ts'
import { type ExecutorParts, executeSteps } from './executor.ts'
import { holdRun } from './holding.ts'
import type { Plan } from './plan.ts'
import { type StepRecord, stepsPrefix } from './records.ts'
import { runBudgetOf } from './run-budget.ts'
import { settleStep } from './settle.ts'
import { undoable, undoSteps } from './undo.ts'

export type Task =
  | { kind: 'go' }
  | { kind: 'undo'; only?: string }
  | { kind: 'settle'; step: string; as: 'done' | 'not-done'; why: string; result?: JsonObject }

export interface WorkOptions {
  task: Task
  trace: Trace
  stop?: AbortSignal
  signal?: AbortSignal
  parallelism?: number
  timeoutMs?: number
  onEvent?: OnRunEvent
  onPiece?: OnStepPiece
  /** The claim of the task that it is done for. */
  fence?: Fence | undefined
}

export async function workOnRun(
  parts: ExecutorParts,
  claimed: ClaimedRun,
  plan: Plan,
  options: WorkOptions,
): Promise<void> {
  const onEvent = options.onEvent ?? (() => {})
  const holding = holdRun(parts, claimed.run)
  const signals = [options.signal, holding.lost].filter((signal) => signal !== undefined)
  const execution = {
    parallelism: options.parallelism ?? 10,
    stop: AbortSignal.any([...signals, holding.stop, ...(options.stop ? [options.stop] : [])]),
    abort: AbortSignal.any(signals),
    trace: options.trace,
    onEvent,
    runBudget: runBudgetOf(claimed.run.value, plan),
    fence: options.fence,
    ...optional('timeoutMs', options.timeoutMs),
    ...optional('onPiece', options.onPiece),
  }
  const { run, steps } = claimed
  const resumed = run.value.token > 1
  try {
    if (options.task.kind === 'settle') await settleStep(parts, run.value, steps, options.task)
    else if (options.task.kind === 'go') {
      onEvent({ type: 'run.start', run: run.value.id, plan: plan.digest, steps: plan.steps.length, resumed })
      const again = await reopenFailed(parts, steps)
      for (const entry of again)
        if (entry.value.state === 'done') onEvent({ type: 'step.kept', run: run.value.id, step: entry.value })
      const witness = await executeSteps(parts, run.value, plan, again, execution)
      Object.assign(holding.witness, witness)
    }
    const undo = await undoWhereAsked()
    await holding.release((current) =>
      conclude(current, undo.records, {
        undoError: undo.error,
        stopped: execution.stop.aborted,
      }),
    )
    const { state, costMicroUsd, error } = holding.record()
    onEvent({ type: 'run.end', run: run.value.id, state, costMicroUsd, ...(error ? { error } : {}) })
  } catch (thrown) {
    const reason = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' ? await holding.explain(thrown) : thrown
    await holding.letGo(toFabricError(reason))
    throw reason
  } finally {
    holding.end()
  }

  async function undoWhereAsked(): Promise<{ records: StepRecord[]; error: FabricError | undefined }> {
    const entries = await parts.store.range<StepRecord>(stepsPrefix(run.value.id))
    const records = () => entries.map((entry) => entry.value)
    const failed = records().some((record) => record.state === 'failed' || record.state === 'unknown')
    const asked =
      options.task.kind === 'undo' ||
      (options.task.kind === 'go' && plan.onFailure === 'undo' && failed && undoable(records()).length > 0)
    if (!asked) return { records: records(), error: undefined }
    const only = options.task.kind === 'undo' ? options.task.only : undefined
    const undone = await undoSteps(parts, run.value, plan, entries, {
      ...execution,
      ...(only === undefined ? {} : { only }),
    })
    Object.assign(holding.witness, undone.witness)
    return {
      records: [...records().filter((record) => record.undoOf === undefined), ...undone.steps],
      error: undone.error,
    }
  }
}

/** Failed steps of an earlier attempt are tried again. */
async function reopenFailed(parts: ExecutorParts, steps: Entry<StepRecord>[]): Promise<Entry<StepRecord>[]> {
  const again = steps.filter(
    ({ value }) => value.undoOf === undefined && (value.state === 'failed' || value.skippedFor === 'dependency'),
  )
  if (again.length === 0) return steps
  const writes = again.map((entry) => {
    const { error: _error, endedAt: _endedAt, note: _note, skippedFor: _skippedFor, ...kept } = entry.value
    return { key: entry.key, value: { ...kept, state: 'pending' as const }, expect: entry.revision }
  })
  const committed = await parts.store.commit(writes)
  const reopened = new Map(
    writes.map((write, at) => [
      write.key,
      { key: write.key, value: write.value, revision: committed.revisions[at] ?? 0 },
    ]),
  )
  return steps.map((entry) => reopened.get(entry.key) ?? entry)
}
