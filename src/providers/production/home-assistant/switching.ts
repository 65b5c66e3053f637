// How a device is switched, and how it is put back. Plain switching goes through Home Assistant's own turn_on and
// turn_off, which know every domain; parameters go to the domain's service. Only services whose parameters are known
// are used, so that the signed routes stay few: everything else is `home-assistant:service.call`.
import { type JsonObject, type OperationCall, post, type RequestSpec, unsupported, z } from '../../../adapter/index.ts'
import { domainOf } from './shapes.ts'

const TAKES_ATTRIBUTES = ['light.turn_on', 'light.turn_off', 'fan.turn_on']

interface Switching {
  id: string
  state: 'on' | 'off'
  attributes?: JsonObject | undefined
}

/** The call that switches a device. */
export function switchDevice({ id, state, attributes = {} }: Switching): RequestSpec {
  if (Object.keys(attributes).length === 0) {
    return post(state === 'on' ? '/api/services/homeassistant/turn_on' : '/api/services/homeassistant/turn_off', {
      json: { entity_id: id },
    })
  }
  const service = `${domainOf(id)}.turn_${state}`
  if (!TAKES_ATTRIBUTES.includes(service)) {
    throw unsupported(
      `${id} cannot be switched ${state} with attributes: only ${TAKES_ATTRIBUTES.join(', ')} take them`,
      'Use home-assistant:service.call with the service and its parameters.',
    )
  }
  if ('entity_id' in attributes) {
    throw unsupported('attributes.entity_id would switch another device', 'Give the device as id alone.')
  }
  return post(`/api/services/${service.replace('.', '/')}`, { json: { ...attributes, entity_id: id } })
}

const former = z.object({ state: z.string(), attributes: z.record(z.string(), z.json()) })

/** The call that brings the state back that was read before; undefined where that state cannot be set. */
export function switchBack(id: string, before: JsonObject | undefined): OperationCall | undefined {
  const known = former.safeParse(before).data
  if (!known || known.state === 'unavailable' || known.state === 'unknown') return undefined
  if (known.state === 'off') return { operation: 'device.set', input: { id, state: 'off' } }
  const attributes = settable(domainOf(id), known.attributes)
  return {
    operation: 'device.set',
    input: { id, state: 'on', ...(Object.keys(attributes).length > 0 ? { attributes } : {}) },
  }
}

// A light reports its colour in several notations and takes one: that of its colour mode.
const COLOUR_OF_MODE: Record<string, string> = {
  color_temp: 'color_temp_kelvin',
  hs: 'hs_color',
  rgb: 'rgb_color',
  rgbw: 'rgbw_color',
  rgbww: 'rgbww_color',
  xy: 'xy_color',
}

function settable(domain: string | undefined, attributes: JsonObject): JsonObject {
  const colour = COLOUR_OF_MODE[String(attributes.color_mode)]
  const names =
    domain === 'light' ? ['brightness', ...(colour ? [colour] : [])] : domain === 'fan' ? ['percentage'] : []
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = attributes[name]
      return value === undefined || value === null ? [] : [[name, value]]
    }),
  )
}

/** Whether a state counts as switched so. Domains have words of their own for on: `playing`, `heat`, `open`. */
export const isSwitched = (state: unknown, wanted: 'on' | 'off'): boolean =>
  wanted === 'off' ? state === 'off' : state !== 'off' && state !== 'unavailable' && state !== 'unknown'
