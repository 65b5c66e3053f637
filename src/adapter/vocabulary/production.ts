// Family device, automation, state: the machines of a studio or a house.
import { z } from 'zod'
import { id, limit, rfc3339 } from './shapes.ts'

const device = z.object({
  id,
  state: z.string(),
  name: z.string().nullable(),
  attributes: z.record(z.string(), z.json()),
  changedAt: rfc3339.nullable(),
})

export const production = {
  'device.get': { summary: 'Read the state of a device.', input: z.strictObject({ id }), result: device },
  'device.list': {
    summary: 'List devices with their states.',
    input: z.strictObject({ limit, kind: z.string().optional().describe('Only this kind, such as light or switch.') }),
    result: z.object({ devices: z.array(device) }),
  },
  'device.set': {
    summary: 'Switch a device, with parameters where it has any.',
    input: z.strictObject({
      id,
      state: z.enum(['on', 'off']),
      attributes: z
        .record(z.string(), z.json())
        .optional()
        .describe('Such as brightness, by the names of the provider.'),
    }),
    result: z.object({ id, state: z.string() }),
  },
  'automation.trigger': {
    summary: 'Run an automation now.',
    input: z.strictObject({ id }),
    result: z.object({ id }),
  },
  'state.watch': {
    summary: 'Follow state changes as they happen.',
    input: z.strictObject({ id: id.optional().describe('Only this device.') }),
    result: z.object({ id, state: z.string().nullable(), changedAt: rfc3339 }),
  },
} as const
