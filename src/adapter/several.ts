// Operations of several requests: the first one is planned byte by byte, the others follow from its answer. Each of them
// falls under a route of the signed manifest, and all share the time of the call.
import { createHash } from 'node:crypto'
import type { Attempt, IncomingResponse } from '../egress/index.ts'
import { FabricError, isFabricError, type JsonObject } from '../foundation/index.ts'
import { buildFromSpec } from './build.ts'
import type { Fault, FurtherRequest, Operation, StepAnswer } from './definition.ts'
import { type Answer, exchange, type PerformOptions } from './exchange.ts'
import { type FailureContext, faultError, unreadableError, withOutcome } from './failure.ts'
import { ProviderFault } from './faults.ts'
import { asPromised, parsedResult } from './result.ts'

/** More than any vendor needs for one operation: a definition that asks for ever ends here. */
const REQUESTS_MAX = 1000

export interface MoreOptions {
  more: NonNullable<Operation<JsonObject, JsonObject>['more']>
  /** Of `performance.now()`. */
  deadline: number
  attempts: Attempt[]
  /** Told of each answer. */
  seen: (response: IncomingResponse) => void
}

/** Goes on from the first answer to the result. A failure after an effect leaves the outcome unknown. */
export async function performMore(
  options: PerformOptions,
  first: Answer,
  moreOptions: MoreOptions,
): Promise<JsonObject> {
  const { entry, input, instance } = options
  const { more, deadline, attempts, seen } = moreOptions
  const context: FailureContext = { instance: instance.name, entry, attempts, repeatable: false }
  const fail = (problem: string, cause?: unknown) => unreadableError(context, problem, { cause })
  const progress: Progress = { last: first, acted: entry.operation.looksFirst ? 0 : 1, isSending: false }
  try {
    const steps = await asPromised(() => more({ input, answer: stepAnswer(first) }), fail)
    let step = await asPromised(() => steps.next(stepAnswer(first)), fail)
    for (let sent = 0; !step.done; ) {
      const wanted = step.value
      if ('pauseMs' in wanted) {
        if (!(wanted.pauseMs >= 0)) throw fail(`the definition waits for ${wanted.pauseMs} ms`)
        await pause(wanted.pauseMs, deadline, options)
      } else {
        if (sent === REQUESTS_MAX) throw fail(`it is not finished after ${sent} further requests`)
        sent += 1
        progress.last = await sendFurther(options, wanted, { progress, timeoutMs: timeLeft(deadline), attempts })
        seen(progress.last.response)
      }
      step = await asPromised(() => steps.next(stepAnswer(progress.last)), fail)
    }
    return parsedResult(entry, step.value, fail)
  } catch (thrown) {
    throw withProgress(thrown, { options, context, progress })
  }
}

interface Progress {
  last: Answer
  /** Requests so far that were answered and may have changed something. */
  acted: number
  /** What fails while one is on its way says itself what became of it. */
  isSending: boolean
}

async function sendFurther(
  options: PerformOptions,
  { request, reads = false }: FurtherRequest,
  { progress, timeoutMs, attempts }: { progress: Progress; timeoutMs: number; attempts: Attempt[] },
): Promise<Answer> {
  const call = reads ? asLook(options) : furtherCall(options, progress.acted + 1)
  const built = buildFromSpec(options, request, { reads })
  progress.isSending = true
  const answer = await exchange(call, built, { timeoutMs, attempts })
  progress.isSending = false
  if (!reads) progress.acted += 1
  return answer
}

/** The error of an operation that had come so far. */
function withProgress(
  thrown: unknown,
  { options, context, progress }: { options: PerformOptions; context: FailureContext; progress: Progress },
): unknown {
  const { effect, operation } = options.entry
  const { last, acted, isSending } = progress
  if (thrown instanceof ProviderFault) {
    // The vendor says that it failed, so it is not done; of several requests that act an earlier one may be.
    const fault: Fault = { outcome: acted > 1 ? 'unknown' : 'not-done', ...thrown.fault }
    return faultError(context, fault, { status: last.response.status, requestId: last.requestId })
  }
  if (effect === 'read' || operation.idempotent === true || !isFabricError(thrown)) return thrown
  if (acted > 0) return withOutcome(thrown, 'unknown')
  return isSending ? thrown : withOutcome(thrown, 'not-done')
}

const stepAnswer = ({ body, response: { status, headers } }: Answer): StepAnswer => ({ body, status, headers })

const timeLeft = (deadline: number): number => Math.max(1, deadline - performance.now())

/** The call of a request that only looks: a read, whatever the operation does. */
export function asLook({ idempotencyKey: _none, ...options }: PerformOptions): PerformOptions {
  return { ...options, entry: { ...options.entry, effect: 'read' } }
}

/**
 * The call of a request that acts. The first one has the operation's key, the others have keys of their own, by their
 * place among those that act: how often was looked in between may differ the next time.
 */
function furtherCall(options: PerformOptions, place: number): PerformOptions {
  const { idempotencyKey } = options
  if (idempotencyKey === undefined || place === 1) return options
  return { ...options, idempotencyKey: createHash('sha256').update(`${idempotencyKey}:${place}`).digest('hex') }
}

/** Resolves after the pause; rejects when the call is out of time or aborted before. */
async function pause(
  ms: number,
  deadline: number,
  { signal, instance, entry, timeoutMs }: PerformOptions,
): Promise<void> {
  const name = `${instance.name} ${entry.id}`
  if (performance.now() + ms >= deadline) {
    throw new FabricError('IF_ERR_TIMEOUT', `${name}: it was not finished within ${timeoutMs} ms`, {
      hint: 'It goes on at the provider. Look there, or give the instance a longer timeout.',
    })
  }
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new FabricError('IF_ERR_CANCELLED', `${name} was cancelled while it waited for the provider`))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
