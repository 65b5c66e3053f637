// What Telegram takes and answers, as far as the definition reads it. Ids are whole numbers of up to 52 bits and are text
// here; the number of a message counts in its chat alone.
import { sentinelNumber, unsupported, z } from '../../../adapter/index.ts'

/** core.telegram.org/bots/api: sendMessage, sendDocument, sendPhoto. */
const TEXT_MAX = 4096
const CAPTION_MAX = 1024

export const numeric = z.union([z.int(), z.string()]).transform(String)
const unixTime = z.int().transform((seconds) => new Date(seconds * 1000).toISOString())

/** Every success: `{ok: true, result}`. */
export const answerOf = <S extends z.ZodType>(result: S) => z.object({ ok: z.literal(true), result })

export const chat = z.object({
  id: numeric,
  type: z.string(),
  title: z.string().optional(),
  username: z.string().optional(),
  first_name: z.string().optional(),
  is_forum: z.boolean().optional(),
})

const withFile = z.object({ file_id: z.string() })

export const message = z.object({
  message_id: numeric,
  date: unixTime,
  chat,
  document: withFile.optional(),
  /** The same picture in several sizes, the largest last. */
  photo: z.array(withFile).optional(),
})

export const toSent = ({ message_id, date, chat: { id } }: z.output<typeof message>) => ({
  id: message_id,
  to: id,
  sentAt: date,
})

export const CHAT_ID = z.string().min(1).max(512)
export const MESSAGE_ID = z.string().min(1).max(512)

/** A chat by its number or its public name, or a refusal before anything is sent; what a plan does not know yet passes. */
export function chatId(value: string, field = 'to'): string {
  if (/^-?[1-9]\d{0,15}$/.test(value) || /^@\w{3,}$/.test(value) || sentinelNumber(value) !== undefined) return value
  throw unsupported(
    `${field}: ${JSON.stringify(value)} is not a chat of Telegram`,
    'Give the number of the chat, such as -1001234567890, or the @name of a public channel, group or bot.',
  )
}

export function wholeNumber(value: string, field: string): string {
  if (/^[1-9]\d{0,15}$/.test(value) || sentinelNumber(value) !== undefined) return value
  throw unsupported(
    `${field}: ${JSON.stringify(value)} is not a number of Telegram`,
    'Give the id as message.send or telegram:update.list showed it.',
  )
}

interface Fits {
  caption?: boolean
  native?: { [name: string]: unknown } | undefined
}

/** The text, or a refusal of what Telegram would refuse. Marks of a parse mode do not count, so then Telegram counts. */
export function fitting(text: string, { caption = false, native = {} }: Fits = {}): string {
  const max = caption ? CAPTION_MAX : TEXT_MAX
  if (native.parse_mode !== undefined || [...text].length <= max) return text
  throw unsupported(
    `text: Telegram takes at most ${max} characters ${caption ? 'beside a file' : 'in a message'}`,
    caption ? 'Send the words in a message of their own.' : 'Send it in several messages.',
  )
}
