// Watching: an operation whose events follow until somebody stops.
import { FabricError, type JsonObject } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import { requestOf } from './ready-request.ts'
import { streamHttp } from './stream-http.ts'
import { watchSocket } from './watch.ts'

/** Opens the event stream of an operation; refuses at once what does not stream. */
export function openStream(options: Omit<PerformOptions, 'idempotencyKey' | 'onAttempt'>): AsyncIterable<JsonObject> {
  const built = requestOf(options, [])
  const { spec } = built
  if (spec.transport === 'websocket' && spec.mode === 'stream') return watchSocket(options, built)
  if (spec.transport === 'http' && spec.stream) return streamHttp(options, built)
  throw new FabricError('IF_ERR_UNSUPPORTED', `${options.entry.id} of ${options.provider.definition.id} is no stream`, {
    hint: 'Call it as an ordinary operation.',
  })
}
