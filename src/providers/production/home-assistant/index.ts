// Home Assistant: the machines of a house or a studio, over its REST API and its websocket. It is self-hosted: the
// address is a setting, and its answers come from a private network as a rule.
import {
  bearer,
  command,
  defineProvider,
  get,
  type JsonValue,
  native,
  post,
  readAs,
  secret,
  z,
} from '../../../adapter/index.ts'
import { homeAssistantFault } from './errors.ts'
import { house } from './house.ts'
import { changeEvent, configAnswer, domainOf, entityId, stateAnswer, statesAnswer, toDevice } from './shapes.ts'
import { SOCKET_PATH, socket } from './socket.ts'
import { states } from './states.ts'
import { isSwitched, switchBack, switchDevice } from './switching.ts'
import { twin } from './twin.ts'

const STUDIO_LIGHT = {
  entity_id: 'light.studio',
  state: 'on',
  attributes: {
    friendly_name: 'Studio light',
    supported_color_modes: ['color_temp'],
    color_mode: 'color_temp',
    brightness: 180,
    color_temp_kelvin: 4000,
  },
  last_changed: '2026-05-30T21:43:32.418320+00:00',
  last_updated: '2026-05-30T21:43:32.418320+00:00',
}

const ON_AIR = {
  entity_id: 'switch.on_air',
  state: 'off',
  attributes: { friendly_name: 'On air' },
  last_changed: '2026-05-30T21:43:32.418320+00:00',
  last_updated: '2026-05-30T21:43:32.418320+00:00',
}

/** Home Assistant tells which states changed meanwhile; a device that was there already is not among them. */
const stateAmong = (body: JsonValue, id: string): string | undefined =>
  readAs(statesAnswer, body).find((state) => state.entity_id === id)?.state

const slug = z.string().regex(/^[a-z0-9_]+$/, 'expected lower-case letters, digits and _')

const definition = defineProvider({
  id: 'home-assistant',
  name: 'Home Assistant',
  category: 'production',
  version: '1.1.0',
  docs: 'https://developers.home-assistant.io/docs/api/rest/',
  sources: [
    'https://github.com/home-assistant/developers.home-assistant (docs/api/rest.md 008791bd, docs/api/websocket.md 058c2c7e)',
    'https://github.com/home-assistant/core (homeassistant/components/api/__init__.py, history/__init__.py)',
    'npm home-assistant-js-websocket',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  notes: [
    'Writing a state changes what is shown and moves no device: device.set does.',
    'A service that names an entity which does not exist succeeds and does nothing.',
    'Home Assistant answers a service after ten seconds at the latest, done or not.',
    'Events, templates and states that are written want a token of an administrator; others get 401.',
  ],
  baseUrls: { main: '{scheme}://{host}:{port}' },
  settings: {
    scheme: { description: 'http or https.', default: 'http', pattern: /^https?$/ },
    host: {
      description: 'Name or address of Home Assistant, such as homeassistant.local or 192.168.0.2.',
      pattern: /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/,
    },
    port: { description: 'Port of its web interface.', default: '8123', pattern: /^[1-9]\d{0,4}$/ },
  },
  secrets: {
    HASS_TOKEN: {
      label: 'long-lived access token',
      get: 'your profile in Home Assistant → Security → Long-lived access tokens',
      pattern: /^[\w.-]{8,}$/,
    },
  },
  auth: bearer(secret('HASS_TOKEN')),
  // None are published.
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: homeAssistantFault,
  health: {
    operation: 'home-assistant:config.get',
    input: {},
    tell: (result) => `Home Assistant ${result.version} at ${result.name}`,
  },
  socket,
  operations: {
    'device.get': {
      summary: 'Read the state of an entity.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      request: ({ id }) => get('/api/states/{entity_id}', { path: { entity_id: id } }),
      result: (body) => toDevice(readAs(stateAnswer, body)),
      cost: 'free',
      examples: [{ input: { id: 'light.studio' }, response: STUDIO_LIGHT }],
    },
    'device.list': {
      summary: 'List entities with their states.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      request: () => get('/api/states'),
      result: (body, { input: { kind, limit } }) => ({
        devices: readAs(statesAnswer, body)
          .filter((state) => kind === undefined || domainOf(state.entity_id) === kind)
          .slice(0, limit)
          .map(toDevice),
      }),
      cost: 'free',
      examples: [
        { input: { limit: 100 }, response: [STUDIO_LIGHT, ON_AIR] },
        { input: { limit: 10, kind: 'light' }, response: [STUDIO_LIGHT, ON_AIR] },
      ],
    },
    'device.set': {
      summary: 'Switch an entity on or off; lights and fans take attributes too.',
      effect: 'update',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      request: switchDevice,
      result: (body, { input }) => ({ id: input.id, state: stateAmong(body, input.id) ?? input.state }),
      cost: 'free',
      idempotent: true,
      before: ({ id }) => ({ operation: 'device.get', input: { id } }),
      undo: ({ input, before }) => switchBack(input.id, before),
      undoLabel: 'device.set to the former state',
      // Home Assistant answers after ten seconds at the latest, done or not, and says nothing of an entity that does not
      // exist. Attributes are not compared: devices round them.
      verify: ({ input }) => ({
        operation: 'device.get',
        input: { id: input.id },
        holds: (read) => isSwitched(read.state, input.state),
        consistency: 'eventual',
      }),
      examples: [
        { input: { id: 'light.studio', state: 'on' }, response: [STUDIO_LIGHT] },
        { input: { id: 'switch.on_air', state: 'off' }, response: [ON_AIR] },
        {
          input: { id: 'light.studio', state: 'on', attributes: { brightness: 180, color_temp_kelvin: 4000 } },
          response: [STUDIO_LIGHT],
        },
        {
          input: { id: 'light.studio', state: 'off', attributes: { transition: 2 } },
          response: [{ ...STUDIO_LIGHT, state: 'off' }],
        },
        { input: { id: 'fan.rack', state: 'on', attributes: { percentage: 30 } }, response: [] },
      ],
    },
    'automation.trigger': {
      summary: 'Run an automation now.',
      effect: 'update',
      // What an automation does is written in the house: it may well tell somebody.
      labels: { reads: 'private', returns: 'trusted', sends: 'external' },
      request: ({ id }) => post('/api/services/automation/trigger', { json: { entity_id: id } }),
      result: (_body, { input }) => ({ id: input.id }),
      cost: 'free',
      undo: { none: 'What an automation did is written in the house alone, so nothing here can take it back.' },
      examples: [{ input: { id: 'automation.show_open' }, response: [] }],
    },
    'state.watch': {
      summary: 'Follow state changes as they happen.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      request: () =>
        command(SOCKET_PATH, { type: 'subscribe_events', event_type: 'state_changed' }, { mode: 'stream' }),
      result: (body, { input }) => {
        const { data, time_fired } = readAs(changeEvent, body)
        if (input.id !== undefined && input.id !== data.entity_id) return undefined
        return { id: data.entity_id, state: data.new_state?.state ?? null, changedAt: time_fired }
      },
      cost: 'free',
      examples: [
        {
          input: { id: 'light.studio' },
          response: {
            event_type: 'state_changed',
            time_fired: '2026-05-30T21:43:32.418320+00:00',
            origin: 'LOCAL',
            data: { entity_id: 'light.studio', old_state: null, new_state: STUDIO_LIGHT },
          },
        },
      ],
    },
  },
  native: {
    ...states,
    ...house,
    'config.get': native({
      summary: 'Read which Home Assistant this is.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      input: z.strictObject({}),
      output: z.object({
        version: z.string(),
        name: z.string(),
        timeZone: z.string(),
        state: z.string().nullable(),
      }),
      request: () => get('/api/config'),
      result: (body) => {
        const { version, location_name, time_zone, state } = readAs(configAnswer, body)
        return { version, name: location_name, timeZone: time_zone, state: state ?? null }
      },
      cost: 'free',
      examples: [
        {
          input: {},
          response: {
            components: ['api', 'automation', 'light', 'switch', 'websocket_api'],
            config_dir: '/config',
            elevation: 510,
            latitude: 45.8781529,
            longitude: 8.458853651,
            location_name: 'Studio',
            state: 'RUNNING',
            time_zone: 'Europe/Zurich',
            unit_system: { length: 'km', mass: 'g', temperature: '°C', volume: 'L' },
            version: '2026.11.1',
          },
        },
      ],
    }),
    'service.call': native({
      summary: 'Call any service with its own parameters.',
      effect: 'update',
      labels: { reads: 'private', returns: 'untrusted', sends: 'external' },
      input: z.strictObject({
        domain: slug.describe('Such as light, notify, media_player.'),
        service: slug.describe('Such as turn_on.'),
        entity: entityId.optional().describe('The entity that it is for.'),
        data: z.record(z.string(), z.json()).optional().describe('Parameters of the service, by its names.'),
      }),
      output: z.object({ changed: z.array(z.object({ id: z.string(), state: z.string() })) }),
      request: ({ domain, service, entity, data }) =>
        post('/api/services/{domain}/{service}', {
          path: { domain, service },
          json: { ...data, ...(entity === undefined ? {} : { entity_id: entity }) },
        }),
      result: (body) => ({
        changed: readAs(statesAnswer, body).map(({ entity_id, state }) => ({ id: entity_id, state })),
      }),
      cost: 'free',
      undo: { none: 'Services have no opposites that Home Assistant knows of.' },
      examples: [
        {
          input: {
            domain: 'media_player',
            service: 'volume_set',
            entity: 'media_player.monitor',
            data: { volume_level: 0.4 },
          },
          response: [],
        },
      ],
    }),
    ping: native({
      summary: 'Ask over the websocket whether it is alive.',
      effect: 'read',
      labels: { reads: 'public', returns: 'trusted', sends: 'none' },
      input: z.strictObject({}),
      output: z.object({}),
      request: () => command(SOCKET_PATH, { type: 'ping' }),
      result: () => ({}),
      cost: 'free',
      examples: [{ input: {}, response: {} }],
    }),
  },
  twin,
})

export default definition
