// Streams of events over a websocket. A read that was cut is opened, greeted and subscribed again; what happened meanwhile
// is not made up: whoever follows is told through `onReopen` that something may be missing.
import type { Attempt } from '../egress/index.ts'
import { type ErrorCode, FabricError, isFabricError, type JsonObject, systemClock } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import { transportError } from './failure.ts'
import type { BuiltRequest } from './planned.ts'
import { answerError, commandOf, contextOf, eventOf, limitOf, openWithin } from './socket.ts'
import type { SocketSession } from './socket-session.ts'

/** A connection that stood so long was all right: the next cut is the first one again. */
const SETTLED_MS = 60_000

/** What may be better the next time. */
const REOPENED: ReadonlySet<ErrorCode> = new Set(['IF_ERR_PROVIDER_UNAVAILABLE', 'IF_ERR_TIMEOUT'])

/**
 * Events of a `stream` operation, each as the operation's result; what the operation maps to `undefined` is left out.
 * Opens when it is iterated; ends at abort, when the consumer stops, or when the provider closes. The connection of a read
 * that is cut is opened again after each wait of the provider's backoff; what is cut for good, or can't be opened at
 * first, throws IF_ERR_PROVIDER_UNAVAILABLE. `timeoutMs` limits opening and acknowledgement only.
 */
export async function* watchSocket(
  options: PerformOptions,
  built: BuiltRequest,
): AsyncGenerator<JsonObject, void, undefined> {
  const { signal, onReopen, entry, provider } = options
  const waitsSeconds = entry.effect === 'read' ? provider.manifest.limits.backoff : []
  let left = [...waitsSeconds]
  let cut: { error: FabricError; at: number } | undefined
  let openedAt: number | undefined
  const onOpen = () => {
    openedAt = performance.now()
    if (cut) onReopen?.({ afterMs: Math.round(openedAt - cut.at), reason: cut.error.message })
    cut = undefined
  }
  for (;;) {
    try {
      for await (const event of watchOnce(options, built, onOpen)) {
        left = [...waitsSeconds]
        yield event
      }
      return
    } catch (thrown) {
      if (openedAt === undefined || !isFabricError(thrown) || !REOPENED.has(thrown.code)) throw thrown
      const now = performance.now()
      if (!cut && now - openedAt > SETTLED_MS) left = [...waitsSeconds]
      const waitSeconds = left.shift()
      if (waitSeconds === undefined) throw thrown
      cut ??= { error: thrown, at: now }
      await systemClock.sleep(waitSeconds * 1000, signal).catch(() => undefined) // the next round sees the abort
    }
  }
}

/** The events of one connection, from the acknowledgement on. */
async function* watchOnce(
  options: PerformOptions,
  built: BuiltRequest,
  onOpen: () => void,
): AsyncGenerator<JsonObject, void, undefined> {
  if (options.signal?.aborted) return
  const attempts: Attempt[] = []
  const context = contextOf(options, attempts)
  const opening = limitOf(options)
  let session: SocketSession | undefined
  try {
    session = await openWithin(opening, options, built)
    const id = session.send(commandOf(built))
    let answer = await session.next(id, opening.signal)
    if (answer === undefined || answer.kind === 'fault') throw answerError(context, answer)
    opening.end()
    onOpen()
    const forever = options.signal ?? new AbortController().signal
    for (; answer; answer = await session.next(id, forever)) {
      if (answer.kind === 'fault') throw answerError(context, answer)
      const event = answer.kind === 'event' ? await eventOf(options, context, answer) : undefined
      if (event) yield event
    }
  } catch (thrown) {
    if (options.signal?.aborted) return
    const error = opening.explain(thrown)
    throw error instanceof FabricError && error.details.outcome ? error : transportError(context, error)
  } finally {
    opening.end()
    await session?.close()
  }
}
