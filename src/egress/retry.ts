// Whether and when to try again. Pure: time, chance and the answer come in. What may have had an effect is repeated only
// where that is harmless, or where the vendor refused to act (429).
import type { Departure, IncomingResponse, RetryDecision, RetryPolicy, SendOptions } from './port.ts'

export type Outcome =
  | { kind: 'answered'; response: IncomingResponse }
  | { kind: 'failed'; transient: boolean; departure: Departure; reason: string }

export interface RetryQuestion {
  outcome: Outcome
  /** Tries made so far. */
  tries: number
  policy: RetryPolicy
  shouldRetry: SendOptions['shouldRetry']
  /** What is left of the whole call. */
  remainingMs: number
  nowMs: number
  /** 0 ≤ random < 1. */
  random: number
}

/** Longest share of the backoff that is added by chance, so that many callers don't come back at the same moment. */
const JITTER = 0.2

export function decideRetry(question: RetryQuestion): RetryDecision {
  const { outcome, policy, tries } = question
  if (tries >= policy.attempts) return { retry: false }
  const wanted = outcome.kind === 'answered' ? judgeAnswer(question, outcome.response) : judgeFailure(outcome, policy)
  if (!wanted.retry) return wanted
  const backoffMs = (policy.backoffSeconds[Math.min(tries, policy.backoffSeconds.length) - 1] ?? 0) * 1000
  const asked = outcome.kind === 'answered' ? retryAfterMs(outcome.response.headers['retry-after'], question.nowMs) : 0
  const afterMs = Math.max(wanted.afterMs ?? backoffMs * (1 + JITTER * question.random), asked)
  // Waiting for a try that could not take place any more would only hide the answer for longer.
  return afterMs < question.remainingMs ? { retry: true, afterMs, reason: wanted.reason } : { retry: false }
}

function judgeAnswer({ policy, shouldRetry }: RetryQuestion, response: IncomingResponse): RetryDecision {
  const wanted = shouldRetry ? shouldRetry(response) : judgeStatus(response.status)
  return policy.repeatable || response.status === 429 ? wanted : { retry: false }
}

function judgeFailure(outcome: Outcome & { kind: 'failed' }, policy: RetryPolicy): RetryDecision {
  const harmless = policy.repeatable || outcome.departure === 'nothing-left'
  return outcome.transient && harmless ? { retry: true, reason: outcome.reason } : { retry: false }
}

const RETRYABLE_STATUS: Record<number, string> = {
  429: 'rate-limited',
  502: 'bad gateway',
  503: 'out of service',
  504: 'gateway timeout',
}

function judgeStatus(status: number): RetryDecision {
  const reason = RETRYABLE_STATUS[status]
  return reason ? { retry: true, reason } : { retry: false }
}

/** Milliseconds of a Retry-After header, given in seconds or as an HTTP date; 0 where there is none or it makes no sense. */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  const text = header?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs)
}
