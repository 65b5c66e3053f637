// How a run stands when work on it ends, from the records of its steps.
import type { FabricError } from '../foundation/index.ts'
import { mayHaveHappened } from './earlier.ts'
import { stepErrorOf } from './journal.ts'
import type { RunRecord, RunState, StepError, StepRecord } from './records.ts'
import { undoable } from './undo.ts'

/** The run as it stands now. */
export function conclude(
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

export interface Conclusion {
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
