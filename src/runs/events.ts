// What a run tells while it goes on, for progress on a terminal and for programs.
import type { JsonObject } from '../foundation/index.ts'
import type { RunState, StepError, StepRecord } from './records.ts'

export type RunEvent =
  | { type: 'approval.wait'; plan: string }
  | { type: 'run.start'; run: string; plan: string; steps: number; resumed: boolean }
  | { type: 'step.kept'; run: string; step: StepRecord }
  | { type: 'step.start'; run: string; step: string; instance: string; operation: string; again: boolean }
  | { type: 'step.retry'; run: string; step: string; attempt: number; reason: string }
  | { type: 'step.failover'; run: string; step: string; from: string; to: string; reason: string }
  | { type: 'budget.warning'; run: string; step: string; text: string }
  | { type: 'step.end'; run: string; step: StepRecord }
  | { type: 'undo.start'; run: string; steps: number }
  | { type: 'run.end'; run: string; state: RunState; costMicroUsd: number; error?: StepError }

export type OnRunEvent = (event: RunEvent) => void

/** A piece of the answer of a step whose answer streams. */
export interface StepPiece {
  run: string
  step: string
  piece: JsonObject
}

/** The next piece waits for what it returns; where it rejects, the answer is left and its step ends with what had come. */
export type OnStepPiece = (piece: StepPiece) => void | Promise<void>
