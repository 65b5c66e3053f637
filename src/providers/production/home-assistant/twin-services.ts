// The services of the twin's studio: switching for what can be switched, and running automations.
import type { JsonObject, JsonValue, TwinState } from '../../../adapter/index.ts'
import { domainOf } from './shapes.ts'

const VERSION = '2026.11.1'

export const CONFIG: JsonObject = {
  components: ['api', 'automation', 'fan', 'light', 'sensor', 'switch', 'websocket_api'],
  config_dir: '/config',
  config_source: 'storage',
  allowlist_external_dirs: [],
  allowlist_external_urls: [],
  elevation: 12,
  external_url: null,
  internal_url: null,
  latitude: 51.5,
  longitude: -0.12,
  location_name: 'Studio',
  safe_mode: false,
  state: 'RUNNING',
  time_zone: 'Europe/London',
  unit_system: { length: 'km', mass: 'g', temperature: '°C', volume: 'L' },
  version: VERSION,
}

const field = (name: string): JsonObject => ({ name, description: '', fields: {} })

export const SERVICES: Record<string, JsonObject> = {
  homeassistant: { turn_on: field('Turn on'), turn_off: field('Turn off'), toggle: field('Toggle') },
  light: { turn_on: field('Turn on'), turn_off: field('Turn off'), toggle: field('Toggle') },
  switch: { turn_on: field('Turn on'), turn_off: field('Turn off'), toggle: field('Toggle') },
  fan: { turn_on: field('Turn on'), turn_off: field('Turn off'), toggle: field('Toggle') },
  automation: { trigger: field('Trigger'), turn_on: field('Enable'), turn_off: field('Disable') },
  media_player: { volume_set: field('Set volume') },
  notify: { notify: field('Send a notification') },
}

export const knowsService = (domain: string, service: string): boolean =>
  Object.hasOwn(SERVICES, domain) && Object.hasOwn(SERVICES[domain] ?? {}, service)

export interface ServiceCall {
  domain: string
  service: string
  data: JsonObject
}

/** What a service needs of the twin. */
export interface World {
  state: TwinState
  now: number
}

/** Carries a service out and returns the states that it changed. Entities that do not exist are passed over, as there. */
export function callService(world: World, { domain, service, data }: ServiceCall): JsonObject[] {
  const states = world.state('states')
  return entitiesIn(data.entity_id).flatMap((id) => {
    const before = states.get(id)
    const fits = domain === 'homeassistant' || domain === domainOf(id)
    if (!before || !fits) return []
    const after = changeOf(before, service, data, world.now)
    if (!after) return []
    const changed = stamp(before, after, world.now)
    states.set(id, changed)
    return [changed]
  })
}

const entitiesIn = (value: JsonValue | undefined): string[] =>
  typeof value === 'string' ? value.split(',').map((id) => id.trim()) : Array.isArray(value) ? value.map(String) : []

interface Shown {
  state: string
  attributes: JsonObject
}

/** What an entity shows afterwards; undefined where nothing changes. */
function changeOf(before: JsonObject, service: string, data: JsonObject, now: number): Shown | undefined {
  const attributes = before.attributes as JsonObject // the seed and every change put an object there
  if (service === 'trigger') {
    return { state: String(before.state), attributes: { ...attributes, last_triggered: timeOf(now) } }
  }
  const wanted = { turn_on: 'on', turn_off: 'off', toggle: before.state === 'on' ? 'off' : 'on' }[service]
  if (wanted === undefined) return undefined
  const { entity_id: _, transition: __, ...given } = data
  const domain = domainOf(String(before.entity_id))
  if (domain === 'light') {
    const after = wanted === 'on' ? lit(attributes, given) : dark(attributes)
    return sameAs(before, wanted, after) ? undefined : { state: wanted, attributes: after }
  }
  if (domain === 'fan') {
    const percentage = wanted === 'off' ? 0 : Number(given.percentage ?? (Number(attributes.percentage) || 100))
    return { state: wanted, attributes: { ...attributes, percentage } }
  }
  return before.state === wanted ? undefined : { state: wanted, attributes }
}

const MODE_OF_COLOUR: Record<string, string> = {
  color_temp_kelvin: 'color_temp',
  rgb_color: 'rgb',
  hs_color: 'hs',
  xy_color: 'xy',
}

function lit(attributes: JsonObject, given: JsonObject): JsonObject {
  const colour = Object.keys(given).find((name) => name in MODE_OF_COLOUR)
  const [first = 'onoff'] = attributes.supported_color_modes as string[] // the seed names them
  return {
    ...attributes,
    ...given,
    brightness: given.brightness ?? attributes.brightness ?? 255,
    color_mode: (colour && MODE_OF_COLOUR[colour]) ?? attributes.color_mode ?? first,
  }
}

/** A light that is off shows neither brightness nor colour. */
const dark = (attributes: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      name === 'brightness' || name === 'color_mode' || name in MODE_OF_COLOUR ? null : value,
    ]),
  )

const sameAs = (before: JsonObject, state: string, attributes: JsonObject): boolean =>
  before.state === state && JSON.stringify(before.attributes) === JSON.stringify(attributes)

function stamp(before: JsonObject, after: Shown, now: number): JsonObject {
  const at = timeOf(now)
  return {
    ...before,
    ...after,
    last_changed: before.state === after.state ? (before.last_changed ?? at) : at,
    last_reported: at,
    last_updated: at,
    context: { id: contextId(now), parent_id: null, user_id: 'twin' },
  }
}

/** As Home Assistant writes times: microseconds and an offset. */
export const timeOf = (now: number): string => new Date(now).toISOString().replace('Z', '000+00:00')

/** As Home Assistant's contexts: 26 characters. */
export const contextId = (now: number): string => `01TW${now.toString(36).toUpperCase().padStart(22, '0')}`
