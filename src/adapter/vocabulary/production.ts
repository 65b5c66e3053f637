// Families scene, stream, recording, input, ndi, device, automation, state: a studio, or a house.
import { z } from 'zod'
import { extras, id, limit, name, rfc3339 } from './shapes.ts'

const device = z.object({
  id,
  state: z.string(),
  name: z.string().nullable(),
  attributes: z.record(z.string(), z.json()),
  changedAt: rfc3339.nullable(),
})

const output = z.object({
  active: z.boolean(),
  detail: z.record(z.string(), z.json()).describe('What else the provider tells, by its names.'),
})

const studioInput = z.object({ id, name: z.string(), kind: z.string().nullable() })

export const studio = {
  'scene.list': {
    summary: 'List scenes, and which one is on.',
    input: z.strictObject({ limit }),
    result: z.object({ scenes: z.array(z.object({ id, name: z.string() })), current: z.string().nullable() }),
  },
  'scene.switch': {
    summary: 'Put a scene on.',
    input: z.strictObject({ id: id.describe('Name or id of the scene.'), native: extras }),
    result: z.object({ id }),
  },
  'stream.start': {
    summary: 'Go on air.',
    input: z.strictObject({ native: extras }),
    result: z.object({ active: z.boolean() }),
  },
  'stream.stop': { summary: 'Go off air.', input: z.strictObject({}), result: z.object({ active: z.boolean() }) },
  'stream.status': { summary: 'See whether it is on air.', input: z.strictObject({}), result: output },
  'recording.start': {
    summary: 'Start recording.',
    input: z.strictObject({ native: extras }),
    result: z.object({ active: z.boolean() }),
  },
  'recording.stop': {
    summary: 'Stop recording.',
    input: z.strictObject({}),
    result: z.object({ active: z.boolean(), path: z.string().nullable().describe('Of the file, on that machine.') }),
  },
  'input.list': {
    summary: 'List inputs: cameras, players, sources.',
    input: z.strictObject({ limit }),
    result: z.object({ inputs: z.array(studioInput) }),
  },
  'input.set': {
    summary: 'Change an input.',
    input: z.strictObject({
      id,
      muted: z.boolean().optional(),
      volume: z.number().min(0).max(1).optional().describe('0 is silent, 1 is full.'),
      settings: z.record(z.string(), z.json()).optional().describe('By the names of the provider.'),
    }),
    result: z.object({ id }),
  },
  'ndi.list': {
    summary: 'List NDI sources that can be seen.',
    input: z.strictObject({ limit }),
    result: z.object({ sources: z.array(z.object({ name: z.string(), address: z.string().nullable() })) }),
  },
  'ndi.connect': {
    summary: 'Show an NDI source at an input.',
    input: z.strictObject({ source: name, input: id.optional().describe('Default: a new input.'), native: extras }),
    result: z.object({ id }),
  },
  'ndi.disconnect': {
    summary: 'Take an NDI source away from an input.',
    input: z.strictObject({ id }),
    result: z.object({ id }),
  },
} as const

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
