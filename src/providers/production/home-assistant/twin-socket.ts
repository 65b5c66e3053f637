// The websocket side of the twin: the token first, then commands with growing ids, and events for who subscribed.
import type { JsonObject, JsonValue, TwinDefinition, TwinSocket } from '../../../adapter/index.ts'
import { SOCKET_PATH } from './socket.ts'
import { CONFIG, callService, contextId, knowsService, SERVICES, timeOf } from './twin-services.ts'

type SocketSide = NonNullable<TwinDefinition['socket']>

/** What a connection listens to, by the id of the command that asked. */
type Subscriptions = Record<string, JsonObject>

const subscriptionsOf = ({ session }: TwinSocket): Subscriptions => (session.subscriptions ?? {}) as Subscriptions // only commands below write it

const reply = (socket: TwinSocket, id: JsonValue, result: JsonValue): void =>
  socket.send({ id, type: 'result', success: true, result })

const refuse = (socket: TwinSocket, id: JsonValue, code: string, message: string): void =>
  socket.send({ id, type: 'result', success: false, error: { code, message } })

interface Command {
  socket: TwinSocket
  id: number
  message: JsonObject
}

const subscribe = ({ socket, id, message }: Command): void => {
  socket.session.subscriptions = { ...subscriptionsOf(socket), [id]: message }
  reply(socket, id, null)
}

const COMMANDS = new Map<string, (command: Command) => void>(
  Object.entries({
    ping: ({ socket, id }) => socket.send({ id, type: 'pong' }),
    supported_features: ({ socket, id }) => reply(socket, id, null),
    get_states: ({ socket, id }) => reply(socket, id, [...socket.state('states').values()]),
    get_config: ({ socket, id }) => reply(socket, id, CONFIG),
    get_services: ({ socket, id }) => reply(socket, id, SERVICES),
    'auth/current_user': ({ socket, id }) =>
      reply(socket, id, { id: 'twin', name: 'Twin', is_owner: true, is_admin: true, credentials: [], mfa_modules: [] }),
    subscribe_events: subscribe,
    subscribe_entities: (command) => {
      subscribe(command)
      const { socket, id } = command
      const all = [...socket.state('states').values()].map((state) => [String(state.entity_id), compressed(state)])
      socket.send({ id, type: 'event', event: { a: Object.fromEntries(all) } })
    },
    unsubscribe_events: ({ socket, id, message }) => {
      const { [String(message.subscription)]: known, ...others } = subscriptionsOf(socket)
      if (known) {
        socket.session.subscriptions = others
        reply(socket, id, null)
      } else refuse(socket, id, 'not_found', 'Subscription not found.')
    },
    call_service: ({ socket, id, message }) => {
      const [domain, service] = [String(message.domain), String(message.service)]
      if (knowsService(domain, service)) {
        callService(socket, {
          domain,
          service,
          data: { ...objectOr(message.service_data), ...objectOr(message.target) },
        })
        reply(socket, id, { context: { id: contextId(socket.now), parent_id: null, user_id: 'twin' }, response: null })
      } else refuse(socket, id, 'not_found', `Service ${domain}.${service} not found.`)
    },
  } satisfies Record<string, (command: Command) => void>),
)

const objectOr = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

/** States as subscribe_entities sends them: s state, a attributes, c context, lc and lu times in seconds. */
function compressed(state: JsonObject): JsonObject {
  const seconds = (time: JsonValue | undefined) => Date.parse(String(time)) / 1000
  return {
    s: state.state ?? null,
    a: state.attributes ?? {},
    c: objectOr(state.context).id ?? null,
    lc: seconds(state.last_changed),
    lu: seconds(state.last_updated),
  }
}

function authorise(socket: TwinSocket, message: JsonObject): void {
  if (message.type === 'auth' && socket.accepts(String(message.access_token))) {
    socket.session.authorised = true
    socket.send({ type: 'auth_ok', ha_version: String(CONFIG.version) })
  } else {
    socket.send({ type: 'auth_invalid', message: 'Invalid access token or password' })
    socket.close()
  }
}

function obey(socket: TwinSocket, message: JsonObject): void {
  const { id, type } = message
  const command = COMMANDS.get(String(type))
  if (typeof id !== 'number' || !Number.isInteger(id) || typeof type !== 'string') {
    refuse(socket, id ?? null, 'invalid_format', 'Message incorrectly formatted.')
  } else if (id <= Number(socket.session.lastId ?? 0)) {
    refuse(socket, id, 'id_reuse', 'Identifier values have to increase.')
  } else {
    socket.session.lastId = id
    if (command) command({ socket, id, message })
    else refuse(socket, id, 'unknown_command', 'Unknown command.')
  }
}

export const socketSide: SocketSide = {
  path: SOCKET_PATH,
  open: (socket) => socket.send({ type: 'auth_required', ha_version: String(CONFIG.version) }),
  message: (socket, message) =>
    socket.session.authorised === true ? obey(socket, message) : authorise(socket, message),
  changed: (socket, { collection, id: entity, before, after }) => {
    if (collection !== 'states') return
    for (const [subscription, { type, event_type }] of Object.entries(subscriptionsOf(socket))) {
      const id = Number(subscription)
      if (type === 'subscribe_entities') {
        const change = before ? { c: { [entity]: { '+': compressed(after) } } } : { a: { [entity]: compressed(after) } }
        socket.send({ id, type: 'event', event: change })
      } else if (event_type === undefined || event_type === 'state_changed') {
        socket.send({ id, type: 'event', event: eventOf(socket, entity, before, after) })
      }
    }
  },
}

const eventOf = (
  { now }: TwinSocket,
  entity: string,
  before: JsonObject | undefined,
  after: JsonObject,
): JsonObject => ({
  event_type: 'state_changed',
  data: { entity_id: entity, old_state: before ?? null, new_state: after },
  origin: 'LOCAL',
  time_fired: timeOf(now),
  context: after.context ?? null,
})
