// The runs room: plans made and kept, runs that apply them, resume, undo, settle. One action's own way is pipeline/way.ts.
export { callOnce, follow } from './call.ts'
export { summaryOf } from './clearance.ts'
export { checkCondition } from './condition.ts'
export type { StepDraft } from './draft.ts'
export type { OnRunEvent, OnStepPiece, RunEvent, StepPiece } from './events.ts'
export { timeoutOf } from './executor.ts'
export { attemptsKey } from './journal.ts'
export { ON_FAILURE, type Plan, type PlanSource, type PlanStep, planSchema } from './plan.ts'
export { findPlan, parsePlan, storePlan, sweepPlans } from './plan-store.ts'
export { isPlanCurrent, makePlan, planDigest } from './planner.ts'
export type { PlannerParts } from './planner-parts.ts'
export type { RunRecord, RunState, StepError, StepRecord, StepState } from './records.ts'
export {
  escapeReferences,
  fillReferences,
  findReferences,
  keepEscapes,
  type Reference,
  valueAt,
} from './references.ts'
export { openRuns, type Runs } from './runs.ts'
export type { FinishedRun, RunOptions, RunsParts } from './runs-parts.ts'
export { sweepDaily } from './sweep.ts'
