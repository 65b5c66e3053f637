// What the store keeps of a run and of each step, and the legal moves between states.
import type { Effect } from '../adapter/index.ts'
import type { ErrorCode, JsonObject } from '../foundation/index.ts'
import type { TaskClaim } from '../pipeline/index.ts'
import { keyOf, prefixOf } from '../store/index.ts'

export type RunState = 'running' | 'done' | 'failed' | 'unknown' | 'cancelled' | 'undone'

/** Who works on a run. Another process may take over when this one is dead or its lease has passed. */
export type RunHolder = {
  /** A ULID per process. */
  process: string
  host: string
  pid: number
  /** Start of the process in its system's own reckoning, so that a reused pid is not mistaken for it. */
  startedAt: string
}

export type RunRecord = {
  id: string
  plan: string
  name: string
  state: RunState
  actor: string
  session: string
  /** That it is done for. */
  swarm?: string
  why?: string
  startedAt: string
  endedAt?: string
  /** Grows with each take-over; steps carry it. */
  token: number
  /** The task that it is done for, and the claim it was last worked on under. */
  claim?: TaskClaim
  holder: RunHolder | null
  /** Counts the heartbeats, so that an observer with its own clock sees whether the holder lives. */
  beat: number
  /** Wall clock of the last beat; only a process on the same host may trust it. */
  beatAt: string
  cancelRequested: boolean
  /** A person said yes to its plan, undo included. */
  approved: boolean
  /** What the calls cost so far, settled. */
  costMicroUsd: number
  steps: string[]
  /** Sequence number of the last witness entry of each step. */
  witness: Record<string, number>
  /** Hold of the playbook's budget in the budgets of the home, while it stands. */
  reservation?: string
  /** What earlier holds of it have settled. */
  paidMicroUsd?: number
  error?: StepError
}

export type StepState = 'pending' | 'begun' | 'done' | 'failed' | 'unknown' | 'skipped' | 'undone'

export type StepError = {
  code: ErrorCode
  message: string
  hint?: string
  vendorCode?: string
  vendorRequestId?: string
}

export type StepRecord = {
  run: string
  id: string
  state: StepState
  /** Of the run at the last write: an older one loses. */
  token: number
  instance: string
  operation: string
  effect: Effect
  /** The idempotency key sent, where the vendor takes one. */
  key?: string
  beganAt?: string
  endedAt?: string
  /** References filled. */
  input?: JsonObject
  /** What the read before the effect said, for the undo. */
  before?: JsonObject
  result?: JsonObject
  error?: StepError
  reservation?: string
  /** Failed or cut off, may have happened, and sending it again is harmless. */
  uncertain?: boolean
  /** What it will have cost when it turns out to be done. */
  estimateMicroUsd?: number
  /** What it will have paid out then, in minor units. */
  outflowMinor?: number
  costMicroUsd: number
  verified?: 'confirmed' | 'refuted' | 'unknown'
  vendorRequestId?: string
  durationMs?: number
  attempts?: number
  /** Where else it was tried before, and why it did not happen there. */
  tried?: { instance: string; code: ErrorCode; message: string }[]
  /** Why it was skipped, or how it was settled, in words. */
  note?: string
  /** Skipped because `when` was false, or because a step it needs did not succeed. */
  skippedFor?: 'condition' | 'dependency'
  /** `undo.<step>` for the step that takes this one back. */
  undoOf?: string
}

export const runKey = (run: string): string => keyOf('run', run)
export const runsPrefix = prefixOf('run')
export const stepKey = (run: string, step: string): string => keyOf('step', run, step)
export const stepsPrefix = (run: string): string => prefixOf('step', run)

/** Whether nothing more will happen to the step by itself. */
export const isSettled = (state: StepState): boolean => state !== 'pending' && state !== 'begun' && state !== 'unknown'

/** Whether a run has ended for good; `failed` and `unknown` can be resumed. */
export const isOver = (state: RunState): boolean => state === 'done' || state === 'cancelled' || state === 'undone'
