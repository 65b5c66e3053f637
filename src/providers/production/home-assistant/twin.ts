// Home Assistant in rehearsal: a small studio. The REST side and the websocket side keep the same states; whoever has
// subscribed is told of every change, whichever side made it.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition, TwinState } from '../../../adapter/index.ts'
import { domainOf } from './shapes.ts'
import { CONFIG, callService, contextId, knowsService, SERVICES, timeOf } from './twin-services.ts'
import { socketSide } from './twin-socket.ts'

const OPENED = '2026-05-30T21:43:32.418320+00:00'

const STUDIO: Record<string, { state: string; attributes: JsonObject }> = {
  'light.studio': {
    state: 'off',
    attributes: {
      friendly_name: 'Studio light',
      supported_color_modes: ['color_temp'],
      color_mode: null,
      brightness: null,
      color_temp_kelvin: null,
      supported_features: 40,
    },
  },
  'light.stage': {
    state: 'on',
    attributes: {
      friendly_name: 'Stage light',
      supported_color_modes: ['rgb'],
      color_mode: 'rgb',
      brightness: 180,
      rgb_color: [255, 214, 170],
      supported_features: 40,
    },
  },
  'switch.on_air': { state: 'off', attributes: { friendly_name: 'On air' } },
  'fan.rack': { state: 'off', attributes: { friendly_name: 'Rack fan', percentage: 0, supported_features: 1 } },
  'sensor.studio_temperature': {
    state: '21.4',
    attributes: { friendly_name: 'Studio temperature', unit_of_measurement: '°C', device_class: 'temperature' },
  },
  'automation.show_open': {
    state: 'on',
    attributes: { friendly_name: 'Open the show', last_triggered: null, mode: 'single', current: 0 },
  },
}

const message = (status: number, text: string): TwinAnswer => ({ status, body: { message: text } })

const seed = (state: TwinState): void => {
  for (const [id, { state: value, attributes }] of Object.entries(STUDIO)) {
    state('states').set(id, {
      entity_id: id,
      state: value,
      attributes,
      last_changed: OPENED,
      last_reported: OPENED,
      last_updated: OPENED,
      context: { id: contextId(0), parent_id: null, user_id: null },
    })
  }
}

function getState({ path, state }: TwinCall): TwinAnswer {
  const found = state('states').get(path.entity_id ?? '')
  return found ? { body: found } : message(404, 'Entity not found.')
}

/** Domain and service are the last two segments of the path, whether they are written there or filled in. */
function service(call: TwinCall): TwinAnswer {
  const [domain = '', name = ''] = call.template
    .split('/')
    .slice(-2)
    .map((part) => call.path[part.slice(1, -1)] ?? part)
  if (!knowsService(domain, name)) return message(400, `Service ${domain}.${name} not found.`)
  return { body: callService(call, { domain, service: name, data: call.body }) }
}

/** Changes what is shown, as the vendor's POST /api/states does; no device is moved. */
function postState({ path, body, state, now }: TwinCall): TwinAnswer {
  const id = path.entity_id ?? ''
  if (!domainOf(id)) return message(400, 'Invalid entity ID specified.')
  if (typeof body.state !== 'string') return message(400, 'No state specified.')
  const before = state('states').get(id)
  const at = timeOf(now)
  const attributes: JsonValue = body.attributes ?? {}
  const shown = {
    ...before,
    entity_id: id,
    state: body.state,
    attributes,
    last_changed: before?.state === body.state ? (before.last_changed ?? at) : at,
    last_reported: at,
    last_updated: at,
    context: { id: contextId(now), parent_id: null, user_id: null },
  }
  state('states').set(id, shown)
  return { status: before ? 200 : 201, headers: { location: `/api/states/${id}` }, body: shown }
}

function deleteState({ path, state }: TwinCall): TwinAnswer {
  return state('states').delete(path.entity_id ?? '')
    ? message(200, 'Entity removed.')
    : message(404, 'Entity not found.')
}

/** The studio keeps no past: an entity has had the state that it has since it last changed. */
function history({ path, query, state }: TwinCall): TwinAnswer {
  if (Number.isNaN(Date.parse(path.timestamp ?? ''))) return message(400, 'Invalid datetime')
  const ids = (query.filter_entity_id ?? '').split(',')
  return {
    body: ids.flatMap((id) => {
      const found = state('states').get(id)
      return found ? [[{ ...found, ...('no_attributes' in query ? { attributes: {} } : {}) }]] : []
    }),
  }
}

/** Of Jinja the twin knows what most templates ask for. */
function render({ body, state }: TwinCall): TwinAnswer {
  const template = String(body.template ?? '')
  const text = template.replace(/\{\{\s*states\('([a-z0-9_.]+)'\)\s*\}\}/g, (_all, id: string) =>
    String(state('states').get(id)?.state ?? 'unknown'),
  )
  return /\{[{%#]/.test(text)
    ? message(400, `Error rendering template: the twin cannot render ${template}`)
    : { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text }
}

export const twin: TwinDefinition = {
  fault: (kind, text) => {
    if (kind === 'unauthorized') return { status: 401, body: '401: Unauthorized' }
    if (kind === 'not-found') return { status: 404, body: '404: Not Found' }
    if (kind === 'invalid') return message(400, text)
    if (kind === 'rate-limited') return { ...message(429, text), headers: { 'retry-after': '1' } }
    return message(503, text)
  },
  required: { 'automation.trigger': ['entity_id'], 'template.render': ['template'] },
  seed,
  operations: {
    'device.get': getState,
    'device.list': ({ state }) => ({ body: [...state('states').values()] }),
    'device.set': service,
    'automation.trigger': service,
    'config.get': () => ({ body: CONFIG }),
    'service.call': service,
    'service.list': () => ({
      body: Object.entries(SERVICES).map(([domain, services]) => ({ domain, services })),
    }),
    'automation.enable': service,
    'automation.disable': service,
    'state.set': postState,
    'state.delete': deleteState,
    'history.get': history,
    'event.fire': ({ path }) => message(200, `Event ${path.event_type} fired.`),
    'template.render': render,
  },
  routes: {
    'GET /api/': () => ({ body: { message: 'API running.' } }),
  },
  socket: socketSide,
}
