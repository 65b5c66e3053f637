// An HTTP answer that streams. Its pieces are handed out as they come; the operation's result is what all of them make.
// A stream that breaks off says what had come by then; one that its reader leaves has just that as its result.
import { createHash } from 'node:crypto'
import type { Attempt, IncomingResponse, StreamResult } from '../egress/index.ts'
import { FabricError, isFabricError, type JsonObject, optional } from '../foundation/index.ts'
import type { EventReader, StreamEvent } from './definition.ts'
import { type Answer, callOf, type PerformOptions } from './exchange.ts'
import { type FailureContext, faultError, transportError, unreadableError, withOutcome } from './failure.ts'
import { readNdjson } from './ndjson.ts'
import type { BuiltRequest, Performed, PerformFailure } from './planned.ts'
import type { StreamKind } from './request.ts'
import { requestDigestOf } from './request-digest.ts'
import { asPromised, parsedResult, resultOf } from './result.ts'
import { readSse } from './sse.ts'
import { limitStream, type StreamLimit } from './stream-limit.ts'
import { whatItTold } from './told.ts'
import { isWhole, wholeAnswer } from './whole-answer.ts'

/** Performs the operation to the end of its answer. */
export async function performStream(
  options: PerformOptions,
  built: BuiltRequest,
  attempts: Attempt[],
): Promise<Performed> {
  const limit = limitStream(options)
  try {
    const opened = await openAnswer(options, built, { attempts, limit })
    const common = { requestDigest: requestDigestOf(built), vendorRequestId: opened.requestId, attempts }
    const result = opened.kind === 'whole' ? await wholeResult(options, opened) : await readToEnd(options, opened)
    return {
      ...common,
      result,
      responseDigest: opened.digest(),
      status: opened.response.status,
      ...whatItTold(options, result, opened.response),
    }
  } finally {
    limit.end()
  }
}

/** The pieces of a read, for whoever follows it. */
export async function* streamHttp(
  options: PerformOptions,
  built: BuiltRequest,
): AsyncGenerator<JsonObject, void, undefined> {
  if (options.signal?.aborted) return
  const limit = limitStream(options)
  try {
    const opened = await openAnswer(options, built, { attempts: [], limit })
    if (opened.kind === 'whole') yield await wholeResult(options, opened)
    else yield* piecesOf(opened)
  } catch (thrown) {
    if (!options.signal?.aborted) throw thrown
  } finally {
    limit.end()
  }
}

interface Common {
  /** Of a stream without its body. */
  response: IncomingResponse
  requestId: string | undefined
  context: FailureContext
  /** Lower-case hex SHA-256 of what has come. */
  digest: () => string
}

type Opened =
  | (Common & { kind: 'whole'; answer: Answer })
  | (Common & {
      kind: 'events'
      events: AsyncIterable<StreamEvent>
      reader: EventReader<JsonObject>
      limit: StreamLimit
    })

/** Sends the request. An answer that comes whole although a stream was asked for is judged like any other. */
async function openAnswer(
  options: PerformOptions,
  built: BuiltRequest,
  { attempts, limit }: { attempts: Attempt[]; limit: StreamLimit },
): Promise<Opened> {
  const { entry, input, provider, door, instance } = options
  const kind = streamKindOf(built)
  const { outgoing, send, context, renewed, read } = callOf(options, built, { timeoutMs: options.timeoutMs, attempts })
  const reader = entry.operation.events?.(input)
  if (!reader) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `${entry.id} of ${provider.definition.id} cannot read a stream`, {
      hint: 'Ask for the whole answer.',
      details: { outcome: 'not-done', attempts },
    })
  }
  const hash = createHash('sha256')
  const digest = () => hash.copy().digest('hex')
  const sent = async (): Promise<Streaming | { kind: 'whole'; response: IncomingResponse }> => {
    const result = await door.stream(outgoing, { ...send, signal: limit.signal })
    if (result.kind === 'answer') return { kind: 'whole', response: result.response }
    return isWhole(kind, result.headers)
      ? { kind: 'whole', response: await wholeAnswer(result, instance.name) }
      : result
  }
  try {
    const first = await sent()
    const last = first.kind === 'whole' && (await renewed(first.response)) ? await sent() : first
    if (last.kind === 'whole') {
      const { response } = last
      hash.update(response.body)
      const answer = read(response)
      return { kind: 'whole', answer, response, requestId: answer.requestId, context, digest }
    }
    const response = { status: last.status, headers: last.headers, body: new Uint8Array(), text: '' }
    const requestId = provider.definition.requestId?.(response)
    const events = EVENTS[kind](hashed(last.chunks, hash))
    return { kind: 'events', events, reader, limit, response, requestId, context, digest }
  } catch (thrown) {
    throw hasOutcome(thrown) ? thrown : transportError(context, limit.explain(thrown))
  }
}

type Streaming = Extract<StreamResult, { kind: 'stream' }>

const EVENTS = { sse: readSse, ndjson: readNdjson } satisfies Record<StreamKind, unknown>

function streamKindOf({ spec }: BuiltRequest): StreamKind {
  if (spec.transport === 'http' && spec.stream) return spec.stream
  throw new FabricError('IF_ERR_INTERNAL', 'a request that asks for no stream was opened as one')
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update: (chunk: Uint8Array) => unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

/** What the operation makes of an answer that did not stream. */
function wholeResult({ entry, input }: PerformOptions, { answer, context, response, requestId }: WholeAnswer) {
  const { status, headers } = response
  return resultOf({ entry, input, status, headers }, answer.body, (problem, cause) =>
    unreadableError(context, problem, { response, requestId, cause }),
  )
}

type WholeAnswer = Extract<Opened, { kind: 'whole' }>
type OpenStream = Extract<Opened, { kind: 'events' }>

/** Hands out each piece and returns the result of all. */
async function readToEnd(options: PerformOptions, stream: OpenStream): Promise<JsonObject> {
  const { entry, onPiece } = options
  const { limit } = stream
  let isLeft = false
  try {
    for await (const piece of piecesOf(stream)) {
      isLeft = await leaves(onPiece, piece, limit.signal)
      if (isLeft) break
    }
    if (!isLeft) return parsedResult(entry, complete(stream), failing(stream))
  } catch (thrown) {
    const partial = partialOf(options, stream)
    if (options.signal?.aborted !== true || partial === undefined) throw brokenOff(options, stream, thrown, partial)
    return partial
  }
  const partial = partialOf(options, stream)
  if (partial === undefined) throw brokenOff(options, stream, leftError(options), partial)
  return partial
}

/** Ends with what the vendor says is the end, or with the answer. */
async function* piecesOf(stream: OpenStream): AsyncGenerator<JsonObject, void, undefined> {
  const { events, reader, context, response, requestId, limit } = stream
  try {
    let isOver = false
    for await (const event of events) {
      if (isOver) break
      const told = await asPromised(() => reader.event(event), failing(stream))
      if (told === 'end') {
        // The connection is of use again once the answer has been read to its own end, which is near as a rule.
        isOver = true
        limit.endSoon()
      } else if ('fault' in told) throw faultError(context, told.fault, { status: response.status, requestId })
      else yield* told
    }
  } catch (thrown) {
    if (limit.isOver()) return
    throw hasOutcome(thrown) ? thrown : transportError(context, limit.explain(thrown))
  }
}

/** Whether whoever gets the pieces wants no more. */
async function leaves(onPiece: PerformOptions['onPiece'], piece: JsonObject, signal: AbortSignal): Promise<boolean> {
  try {
    const taken = onPiece?.(piece)
    if (taken) await orAborted(taken, signal)
    return false
  } catch {
    return true // it says so by failing, whatever its reason: there is nobody left to tell
  }
}

/** Rejects when the signal is aborted before. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A definition that knows the vendor's last event answers undefined where it has not come. */
function complete(stream: OpenStream): JsonObject {
  const result = stream.reader.end(true)
  if (result !== undefined) return result
  throw failing(stream)('the stream ended before the last event came')
}

/** What there is of the result, as its schema has it. */
function partialOf({ entry }: PerformOptions, { reader, context }: OpenStream): JsonObject | undefined {
  try {
    const result = reader.end(false)
    return result && parsedResult(entry, result, (problem) => unreadableError(context, problem, {}))
  } catch {
    return undefined // too little had come to make a result of
  }
}

/** A part of the action is done once something has come: the error says so, and what. */
function brokenOff(
  options: PerformOptions,
  { context, response }: OpenStream,
  thrown: unknown,
  partial: JsonObject | undefined,
): FabricError {
  const error = hasOutcome(thrown) ? thrown : transportError(context, thrown)
  if (partial === undefined || options.entry.effect === 'read') return error
  const { cost } = whatItTold(options, partial, response)
  const { code, message, hint, next, cause, retryable, details } = withOutcome(error, 'unknown')
  return new FabricError(code, `${message}; the stream broke off`, {
    hint: hint ?? 'What had come is kept. A whole answer is another action, and costs again.',
    ...optional('next', next),
    details: { ...details, partial: { result: partial, ...optional('cost', cost) } },
    cause,
    retryable,
  })
}

const leftError = ({ instance, entry }: PerformOptions): FabricError =>
  new FabricError('IF_ERR_CANCELLED', `${instance.name} ${entry.id}: its reader left before anything came`)

const failing =
  ({ context, response, requestId }: Common) =>
  (problem: string, cause?: unknown): FabricError =>
    unreadableError(context, problem, { response, requestId, cause })

const hasOutcome = (thrown: unknown): thrown is FabricError =>
  isFabricError(thrown) && (thrown.details as Partial<PerformFailure>).outcome !== undefined
