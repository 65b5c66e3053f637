// Work on a claimed run from claim to release: heartbeat, steps or undo or settlement, then one commit that says how it
// stands and lets it go.
import { FabricError, isFabricError, type JsonObject, type Trace, timestamp } from '../foundation/index.ts'
import type { Entry, LogEntry } from '../store/index.ts'
import { type ClaimedRun, LEASE_MS } from './claim.ts'
import { mayHaveHappened } from './earlier.ts'
import type { OnRunEvent } from './events.ts'
import { type ExecutorParts, executeSteps } from './executor.ts'
import { stepErrorOf } from './journal.ts'
import type { Plan } from './plan.ts'
import { type RunRecord, type RunState, type StepError, type StepRecord, stepsPrefix } from './records.ts'
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
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
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
    throw isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' ? await holding.explain(thrown) : thrown
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

/** The run as it stands now. */
function conclude(
  run: RunRecord,
  records: StepRecord[],
  how: { undoError: FabricError | undefined; stopped: boolean },
): Conclusion {
  const own = records.filter((record) => record.undoOf === undefined)
  const worst =
    own.find((record) => record.state === 'unknown') ??
    (run.cancelRequested ? own.find((record) => record.state === 'begun') : undefined) ??
    own.find((record) => record.state === 'failed')
  const open = own.filter((record) => record.state === 'pending' || record.state === 'begun').length
  const undone = own.some((record) => record.state === 'undone')
  const state: RunState = how.undoError
    ? how.undoError.code === 'IF_ERR_OUTCOME_UNKNOWN'
      ? 'unknown'
      : 'failed'
    : worst?.state === 'unknown' || worst?.state === 'begun'
      ? 'unknown'
      : undone && undoable(own).length === 0
        ? 'undone'
        : run.cancelRequested
          ? 'cancelled'
          : worst || open > 0
            ? 'failed'
            : 'done'
  const error = how.undoError
    ? stepErrorOf(how.undoError)
    : (worst?.error ?? (open > 0 ? unfinished(run, how.stopped) : undefined))
  const { error: _earlier, ...kept } = run
  return {
    record: { ...kept, state, costMicroUsd: costOf(records), ...(error && state !== 'done' ? { error } : {}) },
    ownMicroUsd: costOf(own),
    mayCostMore: own.some(mayHaveHappened),
  }
}

const costOf = (records: StepRecord[]): number => records.reduce((sum, record) => sum + record.costMicroUsd, 0)

interface Conclusion {
  record: RunRecord
  /** Without undo steps, which are paid from the budgets of the home. */
  ownMicroUsd: number
  /** A step without a known outcome keeps the run's budget held. */
  mayCostMore: boolean
}

const unfinished = (run: RunRecord, stopped: boolean): StepError => ({
  code: 'IF_ERR_CANCELLED',
  message:
    stopped && !run.cancelRequested
      ? 'the run was stopped before its end; it can be resumed'
      : 'the run was cancelled before its end',
})

interface Holding {
  /** Another process took over, or the store can't be written any more. */
  lost: AbortSignal
  /** Somebody asked to cancel. */
  stop: AbortSignal
  witness: Record<string, number>
  record(): RunRecord
  /** Why a write lost: the claim, where another process has it by now. */
  explain(conflict: FabricError): Promise<unknown>
  /** Writes how the run stands and lets it go. */
  release(conclude: (run: RunRecord) => Conclusion): Promise<void>
  end(): void
}

/** Beats while the run is worked on, and sees who else writes its record. */
function holdRun(parts: ExecutorParts, entry: Entry<RunRecord>): Holding {
  const { store, clock } = parts
  const lost = new AbortController()
  const stop = new AbortController()
  const ended = new AbortController()
  const witness: Record<string, number> = {}
  let current = entry

  const adopt = (seen: Entry<RunRecord> | undefined): void => {
    if (!seen || seen.value.token !== current.value.token) {
      lost.abort(new FabricError('IF_ERR_CLAIM_LOST', `another process took over run ${current.value.id}`))
      return
    }
    current = seen
    if (seen.value.cancelRequested) stop.abort(new FabricError('IF_ERR_CANCELLED', 'the run was cancelled'))
  }

  const write = async (
    change: (run: RunRecord) => RunRecord,
    commit: (next: RunRecord, expect: number) => Promise<number>,
  ): Promise<void> => {
    for (;;) {
      if (lost.signal.aborted) throw lost.signal.reason
      const next = change(current.value)
      try {
        current = { ...current, value: next, revision: await commit(next, current.revision) }
        return
      } catch (thrown) {
        if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
        adopt(await store.get<RunRecord>(entry.key))
      }
    }
  }

  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep((parts.leaseMs ?? LEASE_MS) / 3, ended.signal)
      await write(
        (run) => ({ ...run, beat: run.beat + 1, beatAt: timestamp(clock.now()) }),
        async (next, expect) => (await store.commit([{ key: entry.key, value: next, expect }])).revisions[0] ?? 0,
      )
    }
  }
  const watch = async (): Promise<void> => {
    for await (const change of store.watch(entry.key, { signal: ended.signal })) {
      if (change.key === entry.key) adopt(await store.get<RunRecord>(entry.key))
    }
  }
  const untilEnd = (work: Promise<void>) =>
    work.catch((thrown: unknown) => {
      if (!ended.signal.aborted) lost.abort(thrown)
    })
  adopt(entry) // it may have been cancelled while nobody worked on it
  void untilEnd(beat())
  void untilEnd(watch())

  return {
    lost: lost.signal,
    stop: stop.signal,
    witness,
    record: () => current.value,
    end: () => ended.abort(),
    async explain(conflict) {
      adopt(await store.get<RunRecord>(entry.key))
      return lost.signal.aborted ? lost.signal.reason : conflict
    },
    async release(conclude) {
      let held: { id: string; actualMicroUsd: number } | undefined
      await write(
        (run) => {
          const { record, ownMicroUsd, mayCostMore } = conclude(run)
          const { reservation, ...rest } = record
          held =
            reservation === undefined || mayCostMore
              ? undefined
              : { id: reservation, actualMicroUsd: ownMicroUsd - (run.paidMicroUsd ?? 0) }
          return {
            ...(held ? { ...rest, paidMicroUsd: ownMicroUsd } : record),
            holder: null,
            endedAt: timestamp(clock.now()),
            witness: { ...run.witness, ...witness },
          }
        },
        async (next, expect) => {
          const log: LogEntry = {
            kind: 'run.end',
            at: timestamp(clock.now()),
            actor: next.actor,
            session: next.session,
            run: next.id,
            plan: next.plan,
            outcome: next.state,
            costMicroUsd: next.costMicroUsd,
          }
          const writes = [{ key: entry.key, value: next, expect }]
          const committed = held
            ? await parts.ledger.settle({ ...held, writes, log: [log] })
            : await store.commit(writes, [log])
          return committed.revisions[0] ?? 0
        },
      )
    },
  }
}
