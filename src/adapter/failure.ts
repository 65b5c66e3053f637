// Why an action failed and whether it may have happened all the same. Every error that leaves `perform` carries a
// PerformFailure as its details, because the pipeline decides from it whether to repeat, undo or ask a person.
import type { Attempt, IncomingResponse } from '../egress/index.ts'
import { type ErrorCode, FabricError, toFabricError } from '../foundation/index.ts'
import type { Fault } from './definition.ts'
import type { OperationEntry, PerformFailure } from './planned.ts'

type Outcome = PerformFailure['outcome']

/** What a failure is about. */
export interface FailureContext {
  /** Name of the instance, as people call it. */
  instance: string
  entry: OperationEntry
  /** Tries of the whole call so far, the failed one last. */
  attempts: Attempt[]
  /** Whether the call was allowed to be repeated after it may have arrived. */
  repeatable: boolean
}

/** The vendor answered with a failure. */
export function faultError(
  context: FailureContext,
  fault: Fault,
  answer: { status?: number; requestId?: string | undefined },
): FabricError {
  const { status } = answer
  const refused = status === 429 || fault.code === 'IF_ERR_RATE_LIMIT_EXCEEDED'
  const outcome = fault.outcome ?? (status !== undefined && status >= 500 && !refused ? 'unknown' : 'not-done')
  const details: PerformFailure = {
    outcome: overall(context, outcome),
    ...(status === undefined ? {} : { status }),
    ...(fault.vendorCode === undefined ? {} : { vendorCode: fault.vendorCode }),
    ...(answer.requestId === undefined ? {} : { vendorRequestId: answer.requestId }),
    attempts: context.attempts,
  }
  return new FabricError(fault.code, faultMessage(context, fault, status), {
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    ...(fault.retryable === undefined ? {} : { retryable: fault.retryable }),
    details: { ...details, ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }) },
  })
}

/** No complete answer came, or the request never left. */
export function transportError(context: FailureContext, thrown: unknown): FabricError {
  const error = toFabricError(thrown)
  const left = error.details.departure ?? (STAYED_INSIDE.has(error.code) ? 'nothing-left' : 'may-have-left')
  const outcome = overall(context, left === 'nothing-left' ? 'not-done' : 'unknown')
  return withDetails(error, { outcome, attempts: context.attempts })
}

/** The credential of the last try was refused, which did nothing, and no other is to be had. */
export const refusedError = (context: FailureContext, thrown: unknown): FabricError =>
  withDetails(toFabricError(thrown), { outcome: overall(context, 'not-done'), attempts: context.attempts })

/** The request could not be built, so that nothing left. */
export const unsentError = (context: FailureContext, thrown: unknown): FabricError =>
  withDetails(toFabricError(thrown), { outcome: 'not-done', attempts: context.attempts })

/** The answer says that it worked, but cannot be read. */
export function unreadableError(
  context: FailureContext,
  problem: string,
  options: { response?: IncomingResponse; requestId?: string | undefined; cause?: unknown },
): FabricError {
  const { response, requestId, cause } = options
  const details: PerformFailure = {
    outcome: overall(context, 'unknown'),
    ...(response === undefined ? {} : { status: response.status }),
    ...(requestId === undefined ? {} : { vendorRequestId: requestId }),
    attempts: context.attempts,
  }
  return new FabricError('IF_ERR_BAD_RESPONSE', `${context.instance} ${context.entry.id}: ${problem}`, {
    hint: 'The provider, or something on the way to it, does not answer as its documentation says.',
    details: { ...details },
    cause,
  })
}

/** The same error about an action of which a part has been done. */
export function withOutcome(error: FabricError, outcome: Outcome): FabricError {
  return withDetails(error, { attempts: [], ...(error.details as Partial<PerformFailure>), outcome })
}

const STAYED_INSIDE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'IF_ERR_EGRESS_DENIED',
  'IF_ERR_SECRET_MISSING',
  'IF_ERR_SECRET_UNREADABLE',
  'IF_ERR_WRONG_ENVIRONMENT',
  'IF_ERR_INVALID_INPUT',
])

/**
 * A read never leaves anything to be found out. A refusal of the last try proves nothing where an earlier one may have
 * arrived; that can only be where the call was allowed to be repeated.
 */
function overall({ entry, attempts, repeatable }: FailureContext, last: Outcome): Outcome {
  if (entry.effect === 'read') return 'not-done'
  const earlier = repeatable ? attempts.slice(0, -1) : []
  return earlier.some(({ status }) => status === undefined || status >= 500) ? 'unknown' : last
}

const TIMES = ['', '', ' twice', ' three times']

function faultMessage({ instance, attempts }: FailureContext, fault: Fault, status: number | undefined): string {
  const sameAnswers = attempts.every((attempt) => attempt.status === status)
  const times = sameAnswers ? (TIMES[attempts.length] ?? ` ${attempts.length} times`) : ''
  const verb = status === undefined || status < 400 ? 'refused' : `answered ${status}${times}`
  const code = fault.vendorCode && !fault.message.includes(fault.vendorCode) ? ` (${fault.vendorCode})` : ''
  return `${instance} ${verb}: ${fault.message}${code}`
}

function withDetails(error: FabricError, failure: PerformFailure): FabricError {
  return new FabricError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.next === undefined ? {} : { next: error.next }),
    details: { ...error.details, ...failure },
    cause: error.cause ?? error,
    retryable: error.retryable,
  })
}
