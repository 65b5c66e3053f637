// What Home Assistant answers, as far as the definition reads it.
import { utcTime, z } from '../../../adapter/index.ts'

/** Domain and name: `light.studio`. */
export const entityId = z.string().min(1).max(255)

/** One that can stand in a list or a path as it is. */
export const knownEntity = z
  .string()
  .regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, 'expected domain and name, such as light.studio')
  .max(255)

export const stateAnswer = z.object({
  entity_id: z.string(),
  state: z.string(),
  attributes: z.record(z.string(), z.json()).default({}),
  last_changed: utcTime.nullish(),
})

export const statesAnswer = z.array(stateAnswer)

export const configAnswer = z.object({
  version: z.string(),
  location_name: z.string(),
  time_zone: z.string(),
  state: z.string().optional(),
})

export const changeEvent = z.object({
  event_type: z.literal('state_changed'),
  time_fired: utcTime,
  data: z.object({ entity_id: z.string(), new_state: z.object({ state: z.string() }).nullable() }),
})

/** `light` of `light.studio`; undefined where the id has no domain. */
export const domainOf = (id: string): string | undefined => /^([a-z0-9_]+)\.[a-z0-9_]+$/.exec(id)?.[1]

export function toDevice({ entity_id, state, attributes, last_changed }: z.output<typeof stateAnswer>) {
  const name = attributes.friendly_name
  return {
    id: entity_id,
    state,
    name: typeof name === 'string' ? name : null,
    attributes,
    changedAt: last_changed ?? null,
  }
}
