// The addresses of the application: where commands and buttons go, and where its events go.
import { get, type JsonObject, type NativeOperation, native, patch, readAs, z } from '../../../adapter/index.ts'
import { application } from './examples.ts'
import { ACTS, OWN } from './labels.ts'
import { applicationAnswer } from './shapes.ts'

/** `event_webhooks_status`; 3 is Discord's own switch, which nobody else can set. */
export const EVENTS_ON = 2
const EVENTS_OFF = 1

const settings = z.strictObject({
  interactionsUrl: z.url().max(2048).nullable().optional().describe('Where commands and buttons go; null: nowhere.'),
  eventsUrl: z.url().max(2048).nullable().optional().describe('Where events of the application go; null: nowhere.'),
  eventsOn: z.boolean().optional().describe('Whether events are sent.'),
  events: z.array(z.string().min(1).max(100)).max(100).optional().describe('Kinds of events, by the names of Discord.'),
})

/** The addresses as `application.get` read them, as an input of `application.update`. */
export function settingsIn(read: JsonObject): JsonObject {
  const { interactionsUrl = null, eventsUrl = null, eventsOn = false, events = [] } = settings.strip().parse(read)
  return { interactionsUrl, eventsUrl, eventsOn, events }
}

const toSettings = (body: z.output<typeof applicationAnswer>) => ({
  id: body.id,
  name: body.name,
  interactionsUrl: body.interactions_endpoint_url,
  eventsUrl: body.event_webhooks_url,
  eventsOn: body.event_webhooks_status === EVENTS_ON,
  events: body.event_webhooks_types ?? [],
})

const applicationOutput = z.object({
  id: z.string(),
  name: z.string(),
  interactionsUrl: z.string().nullable(),
  eventsUrl: z.string().nullable(),
  eventsOn: z.boolean(),
  events: z.array(z.string()),
})

export const applicationOperations: Record<string, NativeOperation> = {
  'application.get': native({
    summary: 'Read where commands and events of the application are sent.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: applicationOutput,
    request: () => get('/applications/@me'),
    result: (body) => toSettings(readAs(applicationAnswer, body)),
    cost: 'free',
    examples: [{ input: {}, response: application({}) }],
  }),
  'application.update': native({
    summary: 'Set where commands and events of the application are sent. Discord asks the address first.',
    effect: 'update',
    labels: ACTS,
    input: settings,
    output: applicationOutput,
    request: ({ interactionsUrl, eventsUrl, eventsOn, events }) =>
      patch('/applications/@me', {
        json: {
          interactions_endpoint_url: interactionsUrl,
          event_webhooks_url: eventsUrl,
          event_webhooks_status: eventsOn === undefined ? undefined : eventsOn ? EVENTS_ON : EVENTS_OFF,
          event_webhooks_types: events,
        },
      }),
    result: (body) => toSettings(readAs(applicationAnswer, body)),
    cost: 'free',
    idempotent: true,
    before: () => ({ operation: 'discord:application.get', input: {} }),
    undo: ({ before }) => before && { operation: 'discord:application.update', input: settingsIn(before) },
    undoLabel: 'discord:application.update to the old addresses',
    examples: [
      {
        input: { interactionsUrl: 'https://fabric.example/hooks/discord' },
        response: application({ interactions_endpoint_url: 'https://fabric.example/hooks/discord' }),
      },
    ],
  }),
}
