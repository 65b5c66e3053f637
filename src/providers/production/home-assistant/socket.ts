// The websocket of Home Assistant: it asks for the token first, then every command carries an id and every answer and
// event comes back with it. developers.home-assistant.io/docs/api/websocket
import { type JsonObject, type SocketProtocol, secret, textOf } from '../../../adapter/index.ts'
import { socketFault } from './errors.ts'

export const SOCKET_PATH = '/api/websocket'

export const socket: SocketProtocol = {
  template: SOCKET_PATH,
  greet: (message) => {
    if (message.type === 'auth_required') {
      return { send: { type: 'auth' }, slots: [{ in: 'message', name: 'access_token', parts: [secret('HASS_TOKEN')] }] }
    }
    if (message.type === 'auth_ok') return { ready: true }
    if (message.type === 'auth_invalid') return { refused: textOf(message.message) ?? 'the token is not valid' }
    return { wait: true }
  },
  frame: (command, id) => ({ ...command, id }),
  receive: (message, id) => {
    if (message.id !== id) return undefined
    if (message.type === 'event') return { kind: 'event', body: message.event ?? null }
    if (message.type === 'pong') return { kind: 'reply', body: {} }
    if (message.type !== 'result') return undefined
    if (message.success === true) return { kind: 'reply', body: message.result ?? null }
    return { kind: 'fault', fault: socketFault(objectOr(message.error)) }
  },
}

const objectOr = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
