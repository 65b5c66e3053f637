// What Discord answers, as far as the definition reads it, and its ids. A snowflake is 64 bits and stays a text.
import { type NextPage, sentinelNumber, unsupported, utcTime, z } from '../../../adapter/index.ts'

export const SNOWFLAKE = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})$/, 'expected an id of Discord, such as 290926798626357999')

/** Discord gives up to 100 messages and up to 200 servers at a time. */
export const MESSAGES_PAGE = 100
export const GUILDS_PAGE = 200

const user = z.object({ id: z.string(), username: z.string() })

export const messageAnswer = z.object({
  id: z.string(),
  channel_id: z.string(),
  content: z.string(),
  author: user,
  timestamp: utcTime,
  edited_timestamp: utcTime.nullable(),
  attachments: z.array(z.object({ id: z.string(), filename: z.string(), url: z.string() })).default([]),
})

export const messagesAnswer = z.array(messageAnswer)

/** `list_my_guilds` and `list_guild_channels` may answer null. */
export const guildsAnswer = z
  .array(z.object({ id: z.string(), name: z.string() }))
  .nullable()
  .transform((guilds) => guilds ?? [])

export const channelsAnswer = z
  .array(z.object({ id: z.string(), type: z.int(), name: z.string().nullish() }))
  .nullable()
  .transform((channels) => channels ?? [])

export const withId = z.object({ id: z.string() })

export const applicationAnswer = z.object({
  id: z.string(),
  name: z.string(),
  interactions_endpoint_url: z.string().nullable().default(null),
  event_webhooks_url: z.string().nullable().default(null),
  event_webhooks_status: z.int().nullable().default(null),
  event_webhooks_types: z.array(z.string()).nullable().default(null),
})

type Message = z.output<typeof messageAnswer>

export const toListed = ({ id, content, author, timestamp }: Message) => ({
  id,
  text: content,
  from: author.id,
  sentAt: timestamp,
})

export const toSent = ({ id, channel_id, timestamp }: Message) => ({ id, to: channel_id, sentAt: timestamp })

/** A category groups channels and takes no messages. */
const CATEGORY = 4

export const toChannels = (channels: z.output<typeof channelsAnswer>) =>
  channels.filter(({ type }) => type !== CATEGORY).map(({ id, name }) => ({ id, name: name ?? id }))

/** The id, or a refusal before anything is sent; what a plan does not know yet passes. */
export function snowflake(value: string, field: string): string {
  if (SNOWFLAKE.safeParse(value).success || sentinelNumber(value) !== undefined) return value
  throw unsupported(
    `${field}: ${JSON.stringify(value)} is not an id of Discord`,
    'Give the number that channel.list shows, or that the menu of the channel copies in developer mode.',
  )
}

/** The id after this one: Discord's `before` leaves out what it names. */
export function justAfter(id: string): string {
  if (SNOWFLAKE.safeParse(id).success) return String(BigInt(id) + 1n)
  throw unsupported(
    `before: ${JSON.stringify(id)} is not the id of a message`,
    'Give an id that is known when the plan is made.',
  )
}

export const isLater = (id: string, than: string | undefined): boolean =>
  than === undefined || (SNOWFLAKE.safeParse(than).success && BigInt(id) > BigInt(than))

/** Newest first, so the last of a full page is where the next one ends. */
export function olderMessages(body: unknown, after: string | undefined): NextPage | undefined {
  const page = messagesAnswer.safeParse(body).data ?? []
  const last = page.at(-1)
  if (!last || page.length < MESSAGES_PAGE || !isLater(last.id, after)) return undefined
  return { query: { before: last.id } }
}

export function furtherGuilds(body: unknown): NextPage | undefined {
  const page = guildsAnswer.safeParse(body).data ?? []
  const last = page.at(-1)
  return last && page.length === GUILDS_PAGE ? { query: { after: last.id } } : undefined
}
