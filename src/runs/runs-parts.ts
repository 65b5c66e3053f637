// What runs are made of, and how one is asked for.
import type { Loops } from '../governor/index.ts'
import type { Approvals } from '../guard/index.ts'
import type { Fence, TaskClaim } from '../pipeline/index.ts'
import type { OnRunEvent, OnStepPiece } from './events.ts'
import type { Plan } from './plan.ts'
import type { RunRecord, StepRecord } from './records.ts'
import type { StartParts } from './start.ts'

export interface RunsParts extends StartParts {
  approvals: Approvals
  approvers: readonly string[] | undefined
  loops: Loops
  /** The plan made again from its source, as things are now. */
  replan: (plan: Plan) => Promise<Plan>
  /** Of a task's claim; opens what keeps the claims. */
  fenceOf: (claim: TaskClaim) => Promise<Fence>
  /** Whether nothing that the plan rests on has moved, so that making it again would give the same. */
  isCurrent: (plan: Plan) => Promise<boolean>
}

export interface RunOptions {
  why?: string
  /** The claim of the task that it is done for. */
  claim?: TaskClaim
  stop?: AbortSignal
  signal?: AbortSignal
  parallelism?: number
  timeoutMs?: number
  onEvent?: OnRunEvent
  onPiece?: OnStepPiece
  approve?: (plan: Plan) => Promise<boolean | undefined>
  waitForApproval?: boolean | { timeoutMs: number }
  dryRun?: boolean
}

export interface FinishedRun {
  record: RunRecord
  steps: StepRecord[]
}
