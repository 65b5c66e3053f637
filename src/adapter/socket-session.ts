// One conversation over a provider's websocket: opened through the door, greeted as the definition's protocol says, then
// commands go out under growing ids. A session belongs to one operation and is closed with it.
import type { DoorSocket } from '../egress/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { Fault, SocketProtocol } from './definition.ts'
import { allowsPrivate, type PerformOptions, subjectOf } from './exchange.ts'
import { decodeJson } from './json.ts'
import type { BuiltRequest } from './planned.ts'

export type SocketAnswer = { kind: 'reply' | 'event'; body: JsonValue; text: string } | { kind: 'fault'; fault: Fault }

export interface SocketSession {
  /** Sends a command and returns its id. */
  send(command: JsonObject): number
  /** The next message for a command, undefined at the end of the conversation. Other messages are passed over. */
  next(id: number, signal: AbortSignal): Promise<SocketAnswer | undefined>
  close(): Promise<void>
}

/** Opens and greets; `signal` limits both. Rejects with details.departure `nothing-left`, as no command has left yet. */
export async function openSession(
  options: PerformOptions,
  built: BuiltRequest,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<SocketSession> {
  const { instance, provider, door, secrets } = options
  const protocol = provider.definition.socket
  if (!protocol) throw new FabricError('IF_ERR_INTERNAL', `${provider.definition.id} defines no socket protocol`)
  const { url, headers, slots } = built.outgoing
  const socket = await door.connect(
    { url, headers, slots },
    {
      route: built.route,
      secrets,
      subject: subjectOf(options),
      allowPrivate: allowsPrivate(instance),
      timeoutMs,
      signal,
    },
  )
  const incoming = socket.messages[Symbol.asyncIterator]()
  try {
    await greet(instance.name, protocol, socket, { incoming, signal })
  } catch (thrown) {
    await socket.close()
    throw thrown
  }
  let lastId = 0
  return {
    send(command) {
      lastId += 1
      socket.send(protocol.frame(command, lastId))
      return lastId
    },
    async next(id, abort) {
      for (;;) {
        const text = await nextText(incoming, abort)
        if (text === undefined) return undefined
        const answer = protocol.receive(objectOf(text, instance.name), id)
        if (answer) return answer.kind === 'fault' ? answer : { ...answer, text }
      }
    },
    close: () => socket.close(),
  }
}

async function greet(
  name: string,
  protocol: SocketProtocol,
  socket: DoorSocket,
  { incoming, signal }: { incoming: AsyncIterator<string>; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const text = await nextText(incoming, signal)
    if (text === undefined) {
      throw new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', `${name} closed the websocket before it was ready`, {
        hint: 'Check that the address is that of the provider, and that its service is up.',
        details: { departure: 'nothing-left' },
      })
    }
    const reaction = protocol.greet(objectOf(text, name))
    if ('ready' in reaction) return
    if ('refused' in reaction) {
      throw new FabricError('IF_ERR_AUTH_FAILED', `${name} did not accept the credential: ${reaction.refused}`, {
        hint: 'Set a valid secret.',
        next: `ifab provider test ${name}`,
        details: { departure: 'nothing-left' },
      })
    }
    if ('send' in reaction) socket.send(reaction.send, [...reaction.slots])
  }
}

function objectOf(text: string, name: string): JsonObject {
  const message = parsed(text)
  if (message !== null && typeof message === 'object' && !Array.isArray(message)) return message
  throw new FabricError('IF_ERR_BAD_RESPONSE', `${name} sent a websocket message that is not a JSON object`, {
    hint: 'The provider, or something on the way to it, does not answer as its documentation says.',
  })
}

function parsed(text: string): JsonValue {
  try {
    return decodeJson(text)
  } catch {
    return null // refused by the caller, like any other message that is no object
  }
}

/** The next message, undefined at the end; rejects with the signal's reason as soon as it is aborted. */
async function nextText(incoming: AsyncIterator<string>, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  const message = incoming.next()
  message.catch(() => undefined) // when the abort wins, nobody else is listening
  try {
    const { done, value } = await Promise.race([message, aborted])
    return done ? undefined : value
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}
