// Where a step may act: at the instance it names, or one after the other at those that its plan ranked. The next one's turn
// comes only where nothing can have happened at the one before.
import type { PlannedRequest } from '../adapter/index.ts'
import type { ErrorCode } from '../foundation/index.ts'
import type { Outcome } from '../pipeline/index.ts'
import { mayHaveHappened } from './earlier.ts'
import type { PlanStep } from './plan.ts'
import type { StepRecord } from './records.ts'

export interface Target {
  instance: string
  request: PlannedRequest
}

/** All that its plan shows, in order. */
export const targetsIn = ({ instance, request, routed }: PlanStep): [Target, ...Target[]] => [
  { instance, request },
  ...(routed?.alternatives ?? []),
]

/** In order; a step that may have happened at one of them belongs to that one alone. */
export function targetsOf(step: PlanStep, record: StepRecord): [Target, ...Target[]] {
  const all = targetsIn(step)
  const begun = all.find(({ instance }) => instance === record.instance)
  return begun && mayHaveHappened(record) ? [begun] : all
}

/** Whether another instance may do what this one did not do. One that broke off has done a part of it. */
export const mayFailOver = ({ state, uncertain, result, error }: Outcome): boolean =>
  state === 'failed' &&
  !uncertain &&
  result === undefined &&
  error !== undefined &&
  (error.retryable || OF_THE_INSTANCE.has(error.code))

/** Not to be repeated here, and no fault of what was asked. */
const OF_THE_INSTANCE: ReadonlySet<ErrorCode> = new Set([
  'IF_ERR_AUTH_FAILED',
  'IF_ERR_BREAKER_OPEN',
  'IF_ERR_FROZEN',
  'IF_ERR_PROVIDER_UNAVAILABLE',
  'IF_ERR_RATE_LIMIT_EXCEEDED',
  'IF_ERR_SECRET_MISSING',
  'IF_ERR_SECRET_UNREADABLE',
])
