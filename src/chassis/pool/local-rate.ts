// The rate of host calls where nobody shares it with other processes: a token bucket a module, in order of arrival.
import { type Clock, FabricError } from '../../foundation/index.ts'

export interface RateLimit {
  /** Calls a second. */
  rps: number
  /** Calls at once. */
  burst: number
}

/** Resolves when the call may go; IF_ERR_RATE_LIMIT_EXCEEDED at once where that is later than `timeoutMs`. */
export type TakeRate = (
  moduleId: string,
  limit: RateLimit,
  options: { signal: AbortSignal; timeoutMs: number },
) => Promise<void>

export function localRate(clock: Clock): TakeRate {
  /** By module, when its bucket is full again: the one number that a token bucket needs. */
  const fullAt = new Map<string, number>()
  return async (moduleId, { rps, burst }, { signal, timeoutMs }) => {
    const now = clock.monotonic()
    const full = Math.max(fullAt.get(moduleId) ?? now, now) + 1_000 / rps
    const waitMs = full - (Math.max(1, burst) * 1_000) / rps - now
    if (waitMs > timeoutMs)
      throw new FabricError(
        'IF_ERR_RATE_LIMIT_EXCEEDED',
        `${moduleId}: its rate of ${rps} host calls a second would make this one wait ${Math.ceil(waitMs)} ms`,
        {
          hint: `Call less often, or raise resource_requirements.max_api_calls_per_second of ${moduleId}'s contract.`,
          details: { module: moduleId, retryAfterMs: Math.ceil(waitMs) },
        },
      )
    fullAt.set(moduleId, full)
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
}
