// What Discord sends to the application: events, and interactions (commands, buttons, forms). Both are signed alike, and
// both are tested with wrong signatures on purpose. An interaction wants its answer within three seconds, so it gets one that
// needs no work; its token, with which anybody could go on answering, is not kept.
import {
  ed25519Signature,
  type HookDelivery,
  type HookEvent,
  type HookHandshake,
  type HookReply,
  inHeader,
  type JsonObject,
  rawBody,
  readAs,
  secret,
  type Webhooks,
  z,
} from '../../../adapter/index.ts'

const NO_CONTENT: HookReply = { status: 204 }

// docs.discord.com/developers/interactions/receiving-and-responding
const COMMAND = 2
const COMPONENT = 3
const AUTOCOMPLETE = 4
const FORM = 5
const KINDS: Readonly<Record<number, string>> = { [COMMAND]: 'command', [COMPONENT]: 'component', [FORM]: 'form' }
/** Seen by the person alone. */
const EPHEMERAL = 64

const eventDelivery = z.object({
  application_id: z.string(),
  type: z.literal(1),
  event: z.object({
    type: z.string(),
    timestamp: z.iso.datetime({ offset: true, local: true }),
    data: z.record(z.string(), z.json()).default({}),
  }),
})

/** Discord leaves the offset out. */
const utcOf = (time: string): string => new Date(/(Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`).toISOString()

const interaction = z.object({ id: z.string(), application_id: z.string(), type: z.int() })

const bodyOf = ({ body }: HookDelivery): JsonObject =>
  body !== null && typeof body === 'object' && !Array.isArray(body) ? body : {}

/** Only interactions have a token. */
const isInteraction = (body: JsonObject): boolean => body.token !== undefined

function handshake(delivery: HookDelivery): HookHandshake | undefined {
  const body = bodyOf(delivery)
  if (isInteraction(body)) return body.type === 1 ? { reply: { json: { type: 1 } } } : undefined
  return body.type === 0 ? { reply: NO_CONTENT } : undefined
}

function events(delivery: HookDelivery): readonly HookEvent[] {
  const body = bodyOf(delivery)
  if (!isInteraction(body)) return [eventIn(body)]
  const { id, type } = readAs(interaction, body)
  if (type === AUTOCOMPLETE) return []
  const { token: _credential, ...data } = body
  return [{ id, type: `interaction.${KINDS[type] ?? type}`, data }]
}

/** Events have no id of their own: kind, microsecond and what it is about are the same in each delivery. */
function eventIn(body: JsonObject): HookEvent {
  const { application_id, event } = readAs(eventDelivery, body)
  const { type, timestamp, data } = event
  const about = z.object({ id: z.string() }).safeParse(data.user ?? data).data?.id ?? ''
  return { id: [application_id, type, timestamp, about].join('/'), type, at: utcOf(timestamp), data }
}

function reply(delivery: HookDelivery): HookReply {
  const body = bodyOf(delivery)
  if (!isInteraction(body)) return NO_CONTENT
  switch (body.type) {
    case COMMAND:
      return { json: { type: 4, data: { content: 'Received.', flags: EPHEMERAL } } }
    case AUTOCOMPLETE:
      return { json: { type: 8, data: { choices: [] } } }
    default:
      return { json: { type: 6 } } // acknowledged, the message stays as it is
  }
}

export const webhooks: Webhooks = {
  setup:
    'https://discord.com/developers/applications → General Information: the public key as DISCORD_PUBLIC_KEY, and the address as Interactions Endpoint URL; → Webhooks: the same address as Endpoint URL',
  verify: ed25519Signature({
    key: secret('DISCORD_PUBLIC_KEY'),
    over: [inHeader('X-Signature-Timestamp'), rawBody],
    given: inHeader('X-Signature-Ed25519'),
    at: { from: inHeader('X-Signature-Timestamp'), unit: 'seconds' },
  }),
  handshake,
  events,
  reply,
  example: {
    body: {
      version: 1,
      application_id: '1234560123453231555',
      type: 1,
      event: {
        type: 'APPLICATION_AUTHORIZED',
        timestamp: '2024-10-18T14:42:53.064834',
        data: {
          integration_type: 1,
          scopes: ['applications.commands'],
          user: { id: '191211597216522241', username: 'Crab', discriminator: '0', global_name: 'Crab', avatar: null },
        },
      },
    },
  },
}
