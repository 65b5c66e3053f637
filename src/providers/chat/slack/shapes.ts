// What Slack answers, as far as the definition reads it.
import { type NextPage, z } from '../../../adapter/index.ts'

export const ID = z.string().min(1).max(512)

const ts = z.string().regex(/^\d{10,}\.\d{6}$/, 'expected a ts such as 1503435956.000247')

export const sentAnswer = z.object({ ts, channel: z.string() })

export const messageAnswer = sentAnswer

const message = z.object({
  ts,
  text: z.string().default(''),
  user: z.string().optional(),
  bot_id: z.string().nullish(),
  username: z.string().optional(),
})

export const messagesAnswer = z.object({ messages: z.array(message) })

export const channelsAnswer = z.object({ channels: z.array(z.object({ id: z.string(), name: z.string().optional() })) })

export const whoAnswer = z.object({
  team: z.string(),
  user: z.string(),
  url: z.string(),
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
})

export const userAnswer = z.object({
  user: z.object({ id: z.string(), name: z.string(), real_name: z.string().optional() }),
})

/** RFC 3339 of a ts, cut to milliseconds: seconds and microseconds are read apart, so nothing is rounded. */
export function sentAtOf(ts: string): string {
  const [seconds = '', micros = ''] = ts.split('.')
  return new Date(Number(seconds) * 1000 + Number(micros.slice(0, 3))).toISOString()
}

export const toMessage = ({ ts, text, user, bot_id, username }: z.output<typeof message>) => ({
  id: ts,
  text,
  from: user ?? bot_id ?? username ?? null,
  sentAt: sentAtOf(ts),
})

// conversations.history and conversations.list take up to 999 (docs.slack.dev/apis/web-api/pagination); apps that are
// sold outside the Marketplace get 15 a minute, whatever is asked for.
export const LARGEST_PAGE = 999

/** The query of the next page. */
export const nextCursor = (body: unknown): NextPage | undefined => {
  const page = z.object({ response_metadata: z.object({ next_cursor: z.string() }) }).safeParse(body)
  // An empty cursor is the end (docs.slack.dev/apis/web-api/pagination).
  const cursor = page.data?.response_metadata.next_cursor
  return cursor ? { query: { cursor } } : undefined
}
