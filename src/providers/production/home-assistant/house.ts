// What the house itself can do beyond single devices: automations switched on and off, events, templates, its services.
import { get, type JsonObject, native, type OperationCall, post, readAs, z } from '../../../adapter/index.ts'

const automation = z
  .string()
  .regex(/^automation\.[a-z0-9_]+$/, 'expected an automation such as automation.show_open')
  .max(255)
const switched = z.object({ id: z.string(), enabled: z.boolean() })
const formerState = z.object({ state: z.string() })

const OPPOSITE = { enable: 'disable', disable: 'enable' } as const
const STATE = { enable: 'on', disable: 'off' } as const
const PATH = {
  enable: '/api/services/automation/turn_on',
  disable: '/api/services/automation/turn_off',
} as const

/** Turned over again where it was the other way before. */
function turnBack(what: keyof typeof OPPOSITE, id: string, before: JsonObject | undefined): OperationCall | undefined {
  const opposite = OPPOSITE[what]
  return formerState.safeParse(before).data?.state === STATE[opposite]
    ? { operation: `home-assistant:automation.${opposite}`, input: { id } }
    : undefined
}

const switching = (what: keyof typeof OPPOSITE, summary: string) =>
  native({
    summary,
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    idempotent: true,
    input: z.strictObject({ id: automation }),
    output: switched,
    request: ({ id }) => post(PATH[what], { json: { entity_id: id } }),
    result: (_body, { input }) => ({ id: input.id, enabled: what === 'enable' }),
    cost: 'free',
    before: ({ id }) => ({ operation: 'device.get', input: { id } }),
    undo: ({ input, before }) => turnBack(what, input.id, before),
    undoLabel: `home-assistant:automation.${OPPOSITE[what]}`,
    verify: ({ input }) => ({
      operation: 'device.get',
      input: { id: input.id },
      holds: (read) => read.state === STATE[what],
      consistency: 'eventual',
    }),
    examples: [{ input: { id: 'automation.show_open' }, response: [] }],
  })

const services = z.array(z.object({ domain: z.string(), services: z.record(z.string(), z.json()) }))

export const house = {
  'automation.enable': switching('enable', 'Switch an automation on, so that it runs when its triggers fire.'),
  'automation.disable': switching('disable', 'Switch an automation off; runs that are under way are stopped.'),
  'event.fire': native({
    summary: 'Fire an event that automations may wait for.',
    effect: 'send',
    // Who listens is written in the house.
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'administrator',
    input: z.strictObject({
      type: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected letters, digits, _, - and .'),
      data: z.record(z.string(), z.json()).optional(),
    }),
    output: z.object({ message: z.string() }),
    request: ({ type, data = {} }) => post('/api/events/{event_type}', { path: { event_type: type }, json: data }),
    result: (body) => readAs(z.object({ message: z.string() }), body),
    cost: 'free',
    undo: { none: 'An event has no opposite: what listens to it has begun.' },
    examples: [
      { input: { type: 'show_opened', data: { hall: 2 } }, response: { message: 'Event show_opened fired.' } },
    ],
  }),
  'template.render': native({
    summary: 'Render a template of Home Assistant; it reads and changes nothing.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'administrator',
    input: z.strictObject({
      template: z.string().min(1).max(32_768).describe("Jinja, such as {{ states('light.studio') }}."),
      variables: z.record(z.string(), z.json()).optional(),
    }),
    output: z.object({ text: z.string() }),
    request: (input) => post('/api/template', { json: input, answer: 'text' }),
    result: (body) => ({ text: readAs(z.string(), body) }),
    cost: 'free',
    examples: [{ input: { template: "It is {{ states('light.studio') }}." }, response: 'It is on.' }],
  }),
  'service.list': native({
    summary: 'List services by domain.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({ domains: z.array(z.object({ domain: z.string(), services: z.array(z.string()) })) }),
    request: () => get('/api/services'),
    result: (body) => ({
      domains: readAs(services, body).map((one) => ({ domain: one.domain, services: Object.keys(one.services) })),
    }),
    cost: 'free',
    examples: [
      {
        input: {},
        response: [{ domain: 'light', services: { turn_on: { name: 'Turn on', description: '', fields: {} } } }],
      },
    ],
  }),
}
