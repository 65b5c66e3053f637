// The way of one HTTP call through the door: check, then try, and try again where that is harmless. An answer comes
// whole or, of a stream, from its first byte on; one that began to be handed out is not asked for again.
import type { FabricError, Logger } from '../foundation/index.ts'
import type { CallLimit } from './call-limit.ts'
import { egressDenied, withCallDetails } from './faults.ts'
import type {
  Attempt,
  Departure,
  OutgoingRequest,
  RetryDecision,
  SendOptions,
  SendResult,
  StreamOptions,
} from './port.ts'
import { decideRetry, type Outcome } from './retry.ts'
import { matchRoute } from './route.ts'
import { type OpenStream, openStream } from './stream.ts'
import type { Target } from './target.ts'
import { type Tried, type TryParts, tryOnce } from './try-once.ts'

export interface SendParts extends TryParts {
  /** 0 ≤ random() < 1. */
  random: () => number
  logger: Logger
}

export async function sendRequest(
  parts: SendParts,
  request: OutgoingRequest,
  options: SendOptions,
  limit: CallLimit,
): Promise<SendResult> {
  const { tried, attempts } = await tryUntil(parts, { request, options, limit, streams: false })
  if (tried.kind === 'answered') return { response: tried.response, attempts }
  throw new Error('a call that was not to be streamed flows')
}

export type Streamed = (SendResult & { kind: 'answer' }) | OpenStream

export async function streamRequest(
  parts: SendParts,
  request: OutgoingRequest,
  options: StreamOptions,
  limit: CallLimit,
): Promise<Streamed> {
  const { tried, attempts } = await tryUntil(parts, { request, options, limit, streams: true })
  if (tried.kind === 'answered') return { kind: 'answer', response: tried.response, attempts }
  const { scrubber } = parts
  const scrubs = options.tellsSecrets !== true
  return openStream(tried, { scrubber, scrubs, silenceMs: options.timeoutMs, attempts })
}

interface Call {
  request: OutgoingRequest
  options: SendOptions
  limit: CallLimit
  streams: boolean
}

/** The last try and all of them; rejects with what the last one failed with. */
async function tryUntil(
  parts: SendParts,
  { request, options, limit, streams }: Call,
): Promise<{ tried: Exclude<Tried, { kind: 'failed' }>; attempts: Attempt[] }> {
  const { clock, scrubber } = parts
  const deadline = clock.monotonic() + options.timeoutMs
  const target = allowedTarget(request, options)
  const attempts: Attempt[] = []
  let departure: Departure = 'nothing-left'
  for (;;) {
    const startedAt = clock.now()
    const start = clock.monotonic()
    const tried = await tryOnce(parts, { request, options, target, signal: limit.signal, streams })
    if (hasLeft(tried)) departure = 'may-have-left'
    const now = clock.monotonic()
    const outcome = outcomeOf(tried)
    const decision: RetryDecision = outcome
      ? decideRetry({
          outcome,
          tries: attempts.length + 1,
          policy: options.retry,
          shouldRetry: options.shouldRetry,
          remainingMs: deadline - now,
          nowMs: clock.now(),
          random: parts.random(),
        })
      : { retry: false }
    const attempt: Attempt = {
      number: attempts.length + 1,
      startedAt,
      durationMs: now - start,
      ...(tried.kind === 'failed' ? { error: scrubber.text(tried.error.message) } : { status: statusOf(tried) }),
      retry: decision,
    }
    attempts.push(attempt)
    parts.logger.debug('a try went out', { method: request.method, origin: target.origin, ...attempt })
    options.onAttempt?.(attempt)
    if (decision.retry) {
      await waitFor(decision.afterMs ?? 0, parts, limit).catch((reason: FabricError) => {
        throw withCallDetails(reason, { departure, attempts })
      })
    } else if (tried.kind !== 'failed') {
      return { tried, attempts }
    } else {
      throw withCallDetails(scrubber.error(tried.error), { departure, attempts })
    }
  }
}

function allowedTarget(request: OutgoingRequest, options: SendOptions): Target {
  const match = matchRoute(options.route, request)
  if (!match.matches) throw egressDenied(`the request may not leave: ${match.reason}`)
  if (request.slots.some((slot) => slot.in === 'message')) {
    throw egressDenied('a slot for a websocket message has no place in an HTTP request')
  }
  return match.target
}

const statusOf = (tried: Exclude<Tried, { kind: 'failed' }>): number =>
  tried.kind === 'flows' ? tried.status : tried.response.status

/** An answered 429 leaves nothing behind: the vendor refused to act. */
const hasLeft = (tried: Tried): boolean =>
  tried.kind === 'failed' ? tried.departure === 'may-have-left' : statusOf(tried) !== 429

/** What may be tried again; a success that flows may not. */
function outcomeOf(tried: Tried): Outcome | undefined {
  switch (tried.kind) {
    case 'answered':
      return { kind: 'answered', response: tried.response }
    case 'failed':
      return { kind: 'failed', transient: tried.transient, departure: tried.departure, reason: tried.error.message }
    case 'flows':
      return undefined
  }
}

async function waitFor(ms: number, { clock }: SendParts, limit: CallLimit): Promise<void> {
  limit.signal.throwIfAborted()
  await clock.sleep(ms, limit.signal)
  limit.signal.throwIfAborted()
}
