// What Slack sends by itself: the Events API, and slash commands and interactions as forms. The signature has a version in
// front (v0); a URL is checked by a challenge when it is entered (docs.slack.dev/authentication/verifying-requests-from-slack).
import {
  type HookDelivery,
  hmacSignature,
  inHeader,
  type JsonObject,
  rawBody,
  readAs,
  secret,
  sha256Hex,
  type Webhooks,
  z,
} from '../../../adapter/index.ts'

const TIMESTAMP = inHeader('X-Slack-Request-Timestamp')

const eventCallback = z.looseObject({
  type: z.literal('event_callback'),
  event_id: z.string(),
  event_time: z.number(),
  event: z.looseObject({ type: z.string() }),
})
const interaction = z.looseObject({ type: z.string(), trigger_id: z.string().optional() })
const slashCommand = z.looseObject({ command: z.string(), trigger_id: z.string() })

const field = (body: HookDelivery['body'], name: string) =>
  body !== null && typeof body === 'object' && !Array.isArray(body) ? body[name] : undefined

/** What a person did has no id of its own: a trigger is given once, and without one the bytes tell deliveries apart. */
const doneBy = ({ text }: HookDelivery, trigger: string | undefined): string => trigger ?? sha256Hex(text)

/** The verification token proved deliveries before there were signatures; whoever has it still passes somewhere. */
const withoutToken = ({ token: _, ...data }: JsonObject): JsonObject => data

export const webhooks: Webhooks = {
  setup: 'api.slack.com/apps → Event Subscriptions → Request URL; the signing secret stands under Basic Information',
  verify: hmacSignature({
    key: secret('SLACK_SIGNING_SECRET'),
    over: ['v0:', TIMESTAMP, ':', rawBody],
    given: inHeader('X-Slack-Signature', /^v0=([0-9a-f]+)$/i),
    at: { from: TIMESTAMP, unit: 'seconds' },
  }),
  handshake: ({ body }) =>
    field(body, 'type') === 'url_verification'
      ? { reply: { text: z.string().parse(field(body, 'challenge')) } }
      : undefined,
  events(delivery) {
    const { body } = delivery
    const payload = field(body, 'payload')
    if (typeof payload === 'string') {
      const data = JSON.parse(payload) as JsonObject // read by the schema below
      const { type, trigger_id } = readAs(interaction, data)
      return [{ id: doneBy(delivery, trigger_id), type, data: withoutToken(data) }]
    }
    if (field(body, 'command') !== undefined) {
      const { command, trigger_id } = readAs(slashCommand, body)
      return [{ id: doneBy(delivery, trigger_id), type: `command ${command}`, data: withoutToken(body as JsonObject) }]
    }
    // Slack tells that it has left out events: nothing to keep.
    if (field(body, 'type') === 'app_rate_limited') return []
    const { event_id, event_time, event } = readAs(eventCallback, body)
    return [
      {
        id: event_id,
        type: event.type,
        at: new Date(event_time * 1000).toISOString(),
        data: withoutToken(body as JsonObject),
      },
    ]
  },
  example: {
    headers: { 'content-type': 'application/json' },
    body: {
      token: 'left-out',
      team_id: 'T061EG9R6',
      api_app_id: 'A0MDYCDME',
      event: {
        type: 'message',
        channel: 'C0123456789',
        user: 'U061F7AUR',
        text: 'The show starts at eight.',
        ts: '1764079200.000100',
        event_ts: '1764079200.000100',
        channel_type: 'channel',
      },
      type: 'event_callback',
      event_id: 'Ev0MDYHUEL',
      event_time: 1764079200,
    },
  },
}
