// Operations over a websocket: one command with one answer. Streams of events are in watch.ts.
// The command is the action: until it is sent nothing has happened, afterwards only an answer says whether it did.
import type { Attempt } from '../egress/index.ts'
import { FabricError, type JsonObject, sha256Hex, toFabricError } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import { type FailureContext, faultError, transportError, unreadableError } from './failure.ts'
import type { BuiltRequest, Performed } from './planned.ts'
import { requestDigestOf } from './request-digest.ts'
import { resultOf } from './result.ts'
import { openSession, type SocketAnswer, type SocketSession } from './socket-session.ts'

/** HTTP's status for an opened websocket; commands have none of their own. */
const SWITCHING_PROTOCOLS = 101

/** One command, one answer. */
export async function askSocket(options: PerformOptions, built: BuiltRequest, attempts: Attempt[]): Promise<Performed> {
  const limit = limitOf(options)
  const startedAt = Date.now()
  const start = performance.now()
  const record = (result: { status: number } | { error: string }) => {
    const durationMs = performance.now() - start
    const attempt: Attempt = { number: 1, startedAt, durationMs, ...result, retry: { retry: false } }
    attempts.push(attempt)
    options.onAttempt?.(attempt)
  }
  const context = contextOf(options, attempts)
  let session: SocketSession | undefined
  try {
    session = await openWithin(limit, options, built)
    const answer = await session.next(session.send(commandOf(built)), limit.signal)
    if (answer?.kind !== 'reply' && answer?.kind !== 'event') throw answerError(context, answer)
    record({ status: SWITCHING_PROTOCOLS })
    const result = await resultOf(
      { entry: options.entry, input: options.input, status: SWITCHING_PROTOCOLS, headers: {} },
      answer.body,
      (problem, cause) => unreadableError(context, problem, { cause }),
    )
    return {
      result,
      requestDigest: requestDigestOf(built),
      responseDigest: sha256Hex(answer.text),
      vendorRequestId: undefined,
      status: SWITCHING_PROTOCOLS,
      attempts,
    }
  } catch (thrown) {
    const error = limit.explain(thrown)
    if (attempts.length === 0) record({ error: error instanceof Error ? error.message : String(error) })
    throw error instanceof FabricError && error.details.outcome ? error : transportError(context, error)
  } finally {
    limit.end()
    await session?.close()
  }
}

/** What an event says as the operation's result; undefined where the operation leaves it out. */
export async function eventOf(
  { entry, input }: PerformOptions,
  context: FailureContext,
  answer: SocketAnswer & { kind: 'reply' | 'event' },
): Promise<JsonObject | undefined> {
  const fail = (problem: string, cause?: unknown) => unreadableError(context, problem, { cause })
  const skipping = { ...entry, resultSchema: entry.resultSchema.optional() }
  const mapped = await resultOf({ entry: skipping, input, status: SWITCHING_PROTOCOLS, headers: {} }, answer.body, fail)
  return mapped as JsonObject | undefined
}

export function commandOf({ spec }: BuiltRequest): JsonObject {
  if (spec.transport === 'websocket') return spec.command
  throw new FabricError('IF_ERR_INTERNAL', 'an HTTP request has no websocket command')
}

export function answerError(context: FailureContext, answer: SocketAnswer | undefined): FabricError {
  if (answer?.kind === 'fault') return faultError(context, answer.fault, {})
  const closed = new FabricError(
    'IF_ERR_PROVIDER_UNAVAILABLE',
    `${context.instance} closed the websocket without an answer`,
  )
  return transportError(context, closed)
}

/** Whatever fails while opening fails before the command, so that nothing has happened. */
function beforeCommand(thrown: unknown): FabricError {
  const error = toFabricError(thrown)
  return new FabricError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.next === undefined ? {} : { next: error.next }),
    details: { ...error.details, departure: 'nothing-left' },
    cause: error,
    retryable: error.retryable,
  })
}

/** The session, opened within the limit. */
export const openWithin = (limit: Limit, options: PerformOptions, built: BuiltRequest): Promise<SocketSession> =>
  openSession(options, built, { timeoutMs: options.timeoutMs, signal: limit.signal }).catch((thrown: unknown) => {
    throw beforeCommand(limit.explain(thrown))
  })

interface Limit {
  signal: AbortSignal
  /** The coded error for what the signal's abort threw. */
  explain(thrown: unknown): unknown
  end(): void
}

/** The caller's signal and the time limit in one signal. */
export function limitOf({ signal, timeoutMs, instance, entry }: PerformOptions): Limit {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort('timeout'), timeoutMs)
  const cancel = () => controller.abort('cancelled')
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    explain(thrown) {
      if (thrown === 'timeout') {
        return new FabricError('IF_ERR_TIMEOUT', `${instance.name} ${entry.id}: no answer within ${timeoutMs} ms`)
      }
      if (thrown === 'cancelled') {
        return new FabricError('IF_ERR_CANCELLED', `${instance.name} ${entry.id} was cancelled`)
      }
      return thrown
    },
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    },
  }
}

export const contextOf = ({ instance, entry }: PerformOptions, attempts: Attempt[]): FailureContext => ({
  instance: instance.name,
  entry,
  attempts,
  repeatable: false,
})
