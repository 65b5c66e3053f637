// How a failed action looks to the breaker of its instance: only what the provider, or the way to it, is to blame for
// counts. A refusal (4xx) shows that it is there and works.
import { type ErrorCode, type FabricError, isFabricError } from '../foundation/index.ts'
import type { BreakerOutcome } from './breakers.ts'

const FAULTS: ReadonlySet<ErrorCode> = new Set(['IF_ERR_PROVIDER_UNAVAILABLE', 'IF_ERR_TIMEOUT', 'IF_ERR_BAD_RESPONSE'])

/** Answers of the provider, whatever they say. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set([
  'IF_ERR_ACTION_FAILED',
  'IF_ERR_AUTH_FAILED',
  'IF_ERR_NOT_FOUND',
  'IF_ERR_ALREADY_EXISTS',
])

/** `undefined` is success. What stayed inside (denied, cancelled, no secret) and too many requests tell nothing. */
export function breakerOutcomeOf(error: FabricError | undefined): BreakerOutcome {
  if (!error) return 'ok'
  // An unknown outcome hides the failure that led to it.
  if (error.code === 'IF_ERR_OUTCOME_UNKNOWN')
    return isFabricError(error.cause) ? breakerOutcomeOf(error.cause) : 'none'
  const { status } = error.details
  if (error.code === 'IF_ERR_RATE_LIMIT_EXCEEDED' || status === 429) return 'none'
  if (FAULTS.has(error.code) || (typeof status === 'number' && status >= 500)) return 'fault'
  return typeof status === 'number' || ANSWERS.has(error.code) ? 'ok' : 'none'
}
