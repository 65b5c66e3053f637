// Watching: an operation whose events follow until somebody stops. Only websockets stream.
import { FabricError, type JsonObject } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import { requestOf } from './perform.ts'
import { streamSocket } from './socket.ts'

/** Opens the event stream of an operation; refuses at once what does not stream. */
export function openStream(options: Omit<PerformOptions, 'idempotencyKey' | 'onAttempt'>): AsyncIterable<JsonObject> {
  const built = requestOf(options, [])
  if (built.spec.transport === 'websocket' && built.spec.mode === 'stream') return streamSocket(options, built)
  throw new FabricError('IF_ERR_UNSUPPORTED', `${options.entry.id} of ${options.provider.definition.id} is no stream`, {
    hint: 'Call it as an ordinary operation.',
  })
}
