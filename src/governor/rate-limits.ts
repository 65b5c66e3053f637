// Rate limits: how often an instance may be called, by the limits of its signed manifest. A bucket of `burst` tokens that
// fills with `rps` a second; who finds it empty waits in line. Each process has its own buckets: several processes on one
// instance together may call it more often, and are told so by the provider.
import { type Clock, FabricError } from '../foundation/index.ts'

export interface RateLimit {
  /** Calls a second in the long run; above 0, fractions too. */
  rps: number
  /** Calls at once after a rest; at least 1. */
  burst: number
}

export interface TakeOptions {
  signal?: AbortSignal
  /** Longest wait. Default 30,000. */
  timeoutMs?: number
}

export interface RateLimits {
  /**
   * Resolves when the call may go out. IF_ERR_RATE_LIMIT_EXCEEDED at once where the wait would be longer than
   * `timeoutMs`, IF_ERR_CANCELLED when the signal aborts, IF_ERR_INVALID_INPUT for limits that are none.
   */
  take(instance: string, limit: RateLimit, options?: TakeOptions): Promise<void>
  /** What is left of the burst, 0–1; 0 also while others wait. */
  headroom(instance: string, limit: RateLimit): number
}

interface Bucket {
  /** Below 0: so many calls wait. */
  tokens: number
  /** Monotonic milliseconds: when it was last filled. */
  filledAt: number
}

/** Opens the buckets of this process. */
export function openRateLimits({ clock }: { clock: Clock }): RateLimits {
  const buckets = new Map<string, Bucket>()

  const filled = (instance: string, { rps, burst }: RateLimit): Bucket => {
    const now = clock.monotonic()
    const bucket = buckets.get(instance) ?? { tokens: burst, filledAt: now }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * rps) / 1_000)
    bucket.filledAt = now
    buckets.set(instance, bucket)
    return bucket
  }

  return {
    async take(instance, limit, { signal, timeoutMs = 30_000 } = {}) {
      checkLimit(instance, limit)
      if (signal?.aborted) throw cancelled(instance, signal)
      const bucket = filled(instance, limit)
      // Whoever waits has its token already: that is what keeps the line in order.
      const waitMs = (Math.max(0, 1 - bucket.tokens) * 1_000) / limit.rps
      if (waitMs > timeoutMs) throw tooLong(instance, limit, { waitMs, timeoutMs })
      bucket.tokens -= 1
      if (waitMs === 0) return
      try {
        await clock.sleep(Math.ceil(waitMs), signal)
      } catch (thrown) {
        bucket.tokens += 1
        throw signal?.aborted ? cancelled(instance, signal) : thrown
      }
    },

    headroom(instance, limit) {
      checkLimit(instance, limit)
      return Math.max(0, filled(instance, limit).tokens) / limit.burst
    },
  }
}

function checkLimit(instance: string, { rps, burst }: RateLimit): void {
  if (Number.isFinite(rps) && rps > 0 && Number.isFinite(burst) && burst >= 1) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${instance}: rps ${rps} with burst ${burst} is no rate limit`, {
    hint: 'rps is above 0, burst at least 1.',
  })
}

const tooLong = (
  instance: string,
  { rps, burst }: RateLimit,
  { waitMs, timeoutMs }: { waitMs: number; timeoutMs: number },
): FabricError =>
  new FabricError(
    'IF_ERR_RATE_LIMIT_EXCEEDED',
    `${instance} is called more than ${rps} times a second: the next call could go out in ${Math.ceil(waitMs)} ms`,
    {
      hint: `Call it less often: its manifest allows ${rps} a second and ${burst} at once.`,
      details: { instance, retryAfterMs: Math.ceil(waitMs), timeoutMs, outcome: 'not-done' },
    },
  )

const cancelled = (instance: string, signal: AbortSignal): FabricError =>
  new FabricError('IF_ERR_CANCELLED', `the wait for a call of ${instance} was cancelled`, {
    cause: signal.reason,
    details: { outcome: 'not-done' },
  })
