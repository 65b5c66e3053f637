// Messages and reactions of the twin. A nonce that comes again within a few minutes gives the first message back.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import {
  allOf,
  channelOf,
  invalid,
  isSnowflake,
  nextSnowflake,
  older,
  RATE_HEADERS,
  refuse,
  TWIN_BOT,
  TWIN_GUILD,
  text,
  unknown,
} from './twin-shapes.ts'

const NONCE_MEMORY_MS = 3 * 60_000
const TEXT_MAX = 2000

export const sendMessage = (call: TwinCall): TwinAnswer => {
  const to = call.path.channel_id ?? ''
  const channel = channelOf(call, to)
  if (!channel) return unknown.channel()
  if (channel.type === 15) return refuse(400, 50008, 'Cannot send messages in a non-text channel')
  return postMessage(call, { to, author: TWIN_BOT })
}

/** Keeps a message and answers with it. */
export function postMessage(
  call: TwinCall,
  { to, author, webhook }: { to: string; author: JsonObject; webhook?: string },
): TwinAnswer {
  const payload = payloadOf(call)
  if (!payload) return invalid('payload_json', 'JSON_INVALID', 'The request body contains invalid JSON.')
  const refusal = refusalOf(call, payload, to)
  if (refusal) return refusal
  const nonce = payload.enforce_nonce === true ? text(payload.nonce) : ''
  const known = nonce === '' ? undefined : call.state('nonces').get(nonce)
  if (known && call.now - Number(known.at) <= NONCE_MEMORY_MS) {
    const earlier = call.state('messages').get(text(known.message))
    if (earlier) return { headers: RATE_HEADERS, body: shown(call, earlier) }
  }

  const id = nextSnowflake(call)
  const reply = payload.message_reference as { message_id: string } | undefined // refusalOf has looked at it
  const message: JsonObject = {
    id,
    channel_id: to,
    type: reply ? 19 : 0,
    content: text(payload.content),
    author,
    timestamp: timeOf(call.now),
    edited_timestamp: null,
    mentions: [],
    mention_roles: [],
    mention_everyone: mentionsEveryone(payload),
    attachments: filesOf(call, to, id),
    embeds: embedsOf(payload),
    components: [],
    pinned: false,
    tts: payload.tts === true,
    flags: Number(payload.flags ?? 0),
    ...(payload.nonce === undefined || payload.nonce === null ? {} : { nonce: payload.nonce }),
    ...(webhook === undefined ? {} : { webhook_id: webhook }),
    ...(reply
      ? { message_reference: { type: 0, channel_id: to, message_id: reply.message_id, guild_id: TWIN_GUILD } }
      : {}),
  }
  call.state('messages').set(id, message)
  if (nonce !== '') call.state('nonces').set(nonce, { message: id, at: call.now })
  return { headers: RATE_HEADERS, body: message }
}

/** The JSON body, or the one that multipart carries; undefined where that is not an object. */
function payloadOf({ body }: TwinCall): JsonObject | undefined {
  if (typeof body.payload_json !== 'string') return body
  try {
    const value: unknown = JSON.parse(body.payload_json)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function refusalOf(call: TwinCall, payload: JsonObject, to: string): TwinAnswer | undefined {
  const content = text(payload.content)
  if ([...content].length > TEXT_MAX) {
    return invalid('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${TEXT_MAX} or fewer in length.`)
  }
  if (text(payload.nonce).length > 25) {
    return invalid('nonce', 'NONCE_TYPE_TOO_LONG', 'Must be 25 or fewer in length.')
  }
  const filled = ['embeds', 'sticker_ids', 'components'].some((name) => isFilled(payload[name])) || payload.poll
  if (content.trim() === '' && !filled && filesOf(call, to, '0').length === 0) {
    return refuse(400, 50006, 'Cannot send an empty message')
  }
  const reference = payload.message_reference as JsonObject | null | undefined // or what is no reference at all
  if (!reference || reference.fail_if_not_exists === false) return undefined
  const answered = call.state('messages').get(text(reference.message_id))
  return answered?.channel_id === to
    ? undefined
    : invalid('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message')
}

const isFilled = (value: JsonValue | undefined): boolean => Array.isArray(value) && value.length > 0

/** Files of a multipart body, as the message shows them. */
function filesOf({ body }: TwinCall, channel: string, message: string): JsonObject[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const at = /^files\[(\d+)\]$/.exec(name)?.[1]
    if (at === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return []
    const id = String(BigInt(message) + 1n + BigInt(at))
    const path = `attachments/${channel}/${id}/${encodeURIComponent(text(value.filename))}`
    return [
      {
        id,
        filename: text(value.filename),
        size: Number(value.size ?? 0),
        content_type: text(value.contentType),
        url: `https://cdn.discordapp.com/${path}`,
        proxy_url: `https://media.discordapp.net/${path}`,
      },
    ]
  })
}

/** A list in multipart decodes as `files` of brackets too; either way its members are found by name. */
const embedsOf = ({ embeds }: JsonObject): JsonObject[] =>
  (Array.isArray(embeds) ? embeds : []).flatMap((embed) =>
    embed !== null && typeof embed === 'object' && !Array.isArray(embed)
      ? [{ type: 'rich', ...picked(embed, ['title', 'description', 'url', 'color']) }]
      : [],
  )

const picked = (from: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))

function mentionsEveryone({ content, allowed_mentions }: JsonObject): boolean {
  if (!/@(everyone|here)\b/.test(text(content))) return false
  const parse = (allowed_mentions as { parse?: JsonValue } | null | undefined)?.parse
  return allowed_mentions === undefined || (Array.isArray(parse) && parse.includes('everyone'))
}

/** Discord writes microseconds and an offset. */
export const timeOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00')

export function editMessage(call: TwinCall): TwinAnswer {
  const found = messageIn(call)
  if ('body' in found) return found
  if ((found.message.author as JsonObject).id !== TWIN_BOT.id) {
    return refuse(403, 50005, 'Cannot edit a message authored by another user')
  }
  const { content } = call.body
  if (typeof content === 'string' && [...content].length > TEXT_MAX) {
    return invalid('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${TEXT_MAX} or fewer in length.`)
  }
  const changed: JsonObject = {
    ...found.message,
    edited_timestamp: timeOf(call.now),
    ...(content === undefined ? {} : { content: text(content) }),
    ...(call.body.embeds === undefined ? {} : { embeds: embedsOf(call.body) }),
  }
  call.state('messages').set(text(changed.id), changed)
  return { headers: RATE_HEADERS, body: shown(call, changed) }
}

export function deleteMessage(call: TwinCall): TwinAnswer {
  const found = messageIn(call)
  if ('body' in found) return found
  call.state('messages').delete(text(found.message.id))
  return { status: 204, headers: RATE_HEADERS, body: null }
}

export function getMessage(call: TwinCall): TwinAnswer {
  const found = messageIn(call)
  return 'body' in found ? found : { headers: RATE_HEADERS, body: shown(call, found.message) }
}

function messageIn(call: TwinCall): TwinAnswer | { message: JsonObject } {
  const { channel_id: to = '', message_id: id = '' } = call.path
  if (!channelOf(call, to)) return unknown.channel()
  const message = call.state('messages').get(id)
  return message?.channel_id === to ? { message } : unknown.message()
}

/** The newest before an id, the oldest after one, or half of both around it; newest first always. */
export function listMessages(call: TwinCall): TwinAnswer {
  const { query, path } = call
  if (!channelOf(call, path.channel_id ?? '')) return unknown.channel()
  const given = ['before', 'after', 'around'].filter((name) => query[name] !== undefined)
  if (given.length > 1) {
    return invalid(given[1] ?? '', 'BASE_TYPE_BAD', 'The parameters before, after and around are mutually exclusive.')
  }
  const odd = given.find((name) => !isSnowflake(query[name] ?? ''))
  if (odd !== undefined) return invalid(odd, 'NUMBER_TYPE_COERCE', `Value "${query[odd]}" is not snowflake.`)
  const limit = Number(query.limit ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    return invalid('limit', 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.')
  }
  const all = allOf(call, 'messages')
    .filter((message) => message.channel_id === path.channel_id)
    .sort((a, b) => (older(text(a.id), text(b.id)) ? 1 : -1))
  return { headers: RATE_HEADERS, body: pageOf(all, query, limit).map((message) => shown(call, message)) }
}

function pageOf(all: JsonObject[], query: Record<string, string>, limit: number): JsonObject[] {
  const { before, after, around } = query
  if (after !== undefined) return all.filter(({ id }) => older(after, text(id))).slice(-limit)
  if (before !== undefined) return all.filter(({ id }) => older(text(id), before)).slice(0, limit)
  if (around === undefined) return all.slice(0, limit)
  const at = all.findIndex(({ id }) => !older(around, text(id)))
  return all.slice(Math.max(0, (at < 0 ? all.length : at) - Math.floor(limit / 2))).slice(0, limit)
}

export function react(call: TwinCall): TwinAnswer {
  const found = messageIn(call)
  if ('body' in found) return found
  const emoji = emojiOf(call)
  if (!emoji) return refuse(400, 10014, 'Unknown Emoji')
  call.state('reactions').set(`${text(found.message.id)}/${emoji}`, { message: found.message.id ?? '', emoji })
  return { status: 204, headers: RATE_HEADERS, body: null }
}

export function unreact(call: TwinCall): TwinAnswer {
  const found = messageIn(call)
  if ('body' in found) return found
  const emoji = emojiOf(call)
  if (!emoji) return refuse(400, 10014, 'Unknown Emoji')
  call.state('reactions').delete(`${text(found.message.id)}/${emoji}`)
  return { status: 204, headers: RATE_HEADERS, body: null }
}

/** A pictograph, or `name:id`; plain words are no emoji. */
function emojiOf({ path }: TwinCall): string | undefined {
  const name = path.emoji_name ?? ''
  return /^\w{2,32}:\d{1,20}$/.test(name) || /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(name)
    ? name
    : undefined
}

/** With its reactions, where there are some. */
function shown(call: TwinCall, message: JsonObject): JsonObject {
  const reactions = allOf(call, 'reactions')
    .filter((reaction) => reaction.message === message.id)
    .map(({ emoji }) => {
      const [name = '', id = null] = text(emoji).split(':')
      return {
        emoji: { id, name },
        count: 1,
        count_details: { burst: 0, normal: 1 },
        burst_colors: [],
        me_burst: false,
        me: true,
      }
    })
  return reactions.length === 0 ? message : { ...message, reactions }
}
