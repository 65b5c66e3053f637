// Slack in rehearsal: one workspace with a few channels and a bot; anyone can be written to.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import { described } from './description.ts'
import { completeUpload, deleteFile, giveUploadUrl, takeUpload } from './twin-files.ts'
import { lookupByEmail, postEphemeral, schedule, seedPeople, unschedule } from './twin-people.ts'
import {
  BOT,
  channelOf,
  keyOf,
  nextTs,
  ok,
  openDm,
  parametersOf,
  refuse,
  seedChannels,
  text,
} from './twin-workspace.ts'

function postMessage(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel), true)
  if (channel === undefined) return refuse('channel_not_found')
  if (!text(given.text) && !text(given.blocks) && !text(given.attachments)) return refuse('no_text')
  if (text(given.text).length > 40_000) return refuse('msg_too_long')
  const thread = text(given.thread_ts)
  if (thread && !call.state('messages').has(keyOf(channel, thread))) return refuse('thread_not_found')

  const ts = nextTs(call)
  const message: JsonObject = {
    type: 'message',
    text: slackEscaped(text(given.text)),
    user: BOT.user,
    bot_id: BOT.bot,
    team: BOT.team,
    ts,
    ...(thread ? { thread_ts: thread } : {}),
  }
  call
    .state('messages')
    .set(keyOf(channel, ts), { channel, message, broadcast: text(given.reply_broadcast) === 'true' })
  return ok({ channel, ts, message })
}

/** Slack gives these back escaped. */
const slackEscaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function update(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  if (channel === undefined) return refuse('channel_not_found')
  const ts = text(given.ts)
  const kept = call.state('messages').get(keyOf(channel, ts))
  if (!kept) return refuse('message_not_found')
  if (!text(given.text) && !text(given.blocks)) return refuse('no_text')
  const changed = slackEscaped(text(given.text))
  call.state('messages').set(keyOf(channel, ts), { ...kept, message: { ...messageOf(kept), text: changed } })
  return ok({ channel, ts, text: changed, message: { text: changed } })
}

const messageOf = (kept: JsonObject): JsonObject => kept.message as JsonObject // postMessage put it there

function remove(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  if (channel === undefined) return refuse('channel_not_found')
  const ts = text(given.ts)
  if (!call.state('messages').delete(keyOf(channel, ts))) return refuse('message_not_found')
  return ok({ channel, ts })
}

function history(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  if (channel === undefined) return refuse('channel_not_found')
  const found = [...call.state('messages').values()]
    .filter((kept) => kept.channel === channel)
    .filter((kept) => messageOf(kept).thread_ts === undefined || kept.broadcast === true)
    .map(messageOf)
    .filter((message) => inRange(text(message.ts), given))
    .reverse()
  const { page, next } = pageOf(found, given)
  return ok({
    messages: page,
    has_more: next !== undefined,
    pin_count: 0,
    channel_actions_ts: null,
    channel_actions_count: 0,
    ...(next === undefined ? {} : { response_metadata: { next_cursor: next } }),
  })
}

// Ten digits, a point and six more: as texts they are in the order of time.
function inRange(ts: string, { oldest, latest, inclusive }: Record<string, JsonValue | undefined>): boolean {
  const from = text(oldest)
  const to = text(latest)
  if (text(inclusive) === 'true' && (ts === from || ts === to)) return true
  return (!from || ts > from) && (!to || ts < to)
}

function replies(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  if (channel === undefined) return refuse('channel_not_found')
  const root = text(given.ts)
  const thread = [...call.state('messages').values()]
    .filter((kept) => kept.channel === channel)
    .map(messageOf)
    .filter((message) => message.ts === root || message.thread_ts === root)
  if (thread.length === 0) return refuse('thread_not_found')
  const answers = thread.length - 1
  const { page, next } = pageOf(
    thread.map((message) =>
      message.ts === root
        ? { ...message, thread_ts: root, reply_count: answers, subscribed: false }
        : { ...message, parent_user_id: BOT.user },
    ),
    given,
  )
  return ok({
    messages: page,
    has_more: next !== undefined,
    ...(next === undefined ? {} : { response_metadata: { next_cursor: next } }),
  })
}

function listChannels(call: TwinCall): TwinAnswer {
  const { page, next } = pageOf([...call.state('channels').values()], parametersOf(call))
  return ok({ channels: page, response_metadata: { next_cursor: next ?? '' } })
}

/** A cursor is where to go on, in base64 as Slack's are. */
function pageOf(
  all: readonly JsonObject[],
  { limit, cursor }: Record<string, JsonValue | undefined>,
): { page: JsonObject[]; next: string | undefined } {
  const from = Number(Buffer.from(text(cursor), 'base64url').toString()) || 0
  const size = Math.min(Number(text(limit)) || 100, 999)
  const next = from + size < all.length ? Buffer.from(String(from + size)).toString('base64url') : undefined
  return { page: all.slice(from, from + size), next }
}

function react(call: TwinCall): TwinAnswer {
  const found = reactionOf(call)
  if (typeof found === 'string') return refuse(found)
  if (call.state('reactions').has(found.key)) return refuse('already_reacted')
  call.state('reactions').set(found.key, { name: found.name, users: [BOT.user] })
  return ok({})
}

function unreact(call: TwinCall): TwinAnswer {
  const found = reactionOf(call)
  if (typeof found === 'string') return refuse(found)
  return call.state('reactions').delete(found.key) ? ok({}) : refuse('no_reaction')
}

function reactionOf(call: TwinCall): { key: string; name: string } | string {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  const message = keyOf(channel ?? '', text(given.timestamp))
  if (!call.state('messages').has(message)) return 'message_not_found'
  const name = text(given.name)
  return /^[a-z0-9_+'-]+$/.test(name) ? { key: `${message}/${name}`, name } : 'invalid_name'
}

function openConversation(call: TwinCall): TwinAnswer {
  const users = text(parametersOf(call).users)
  if (!users) return refuse('users_list_not_supplied')
  return ok({ channel: { id: openDm(call.state, call.nextId, users) } })
}

function closeConversation(call: TwinCall): TwinAnswer {
  const id = text(parametersOf(call).channel)
  const dm = call.state('dms').get(id)
  if (!dm) return refuse('channel_not_found')
  if (dm.open === false) return ok({ no_op: true, already_closed: true })
  call.state('dms').set(id, { ...dm, open: false })
  return ok({})
}

/** Incoming webhooks answer in plain text. */
function postByWebhook(call: TwinCall): TwinAnswer {
  const { body, state } = call
  if (!text(body.text) && !Array.isArray(body.blocks)) return { status: 400, body: 'no_text' }
  const ts = nextTs(call)
  const message = { type: 'message', subtype: 'bot_message', text: slackEscaped(text(body.text)), bot_id: BOT.bot, ts }
  state('messages').set(keyOf(WEBHOOK_CHANNEL, ts), { channel: WEBHOOK_CHANNEL, message, broadcast: false })
  return { body: 'ok' }
}

/** The channel that the twin's incoming webhook was made for: #general. */
const WEBHOOK_CHANNEL = 'C0TWIN00001'

const whoAmI = (): TwinAnswer =>
  ok({
    url: 'https://twin.slack.com/',
    team: 'Twin',
    user: 'infra',
    team_id: BOT.team,
    user_id: BOT.user,
    bot_id: BOT.bot,
  })

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'rate-limited') {
      return { status: 429, headers: { 'retry-after': '1' }, body: { ok: false, error: 'ratelimited' } }
    }
    if (kind === 'unavailable') return { status: 503, body: { ok: false, error: 'service_unavailable' } }
    if (kind === 'unauthorized') return refuse('invalid_auth')
    if (kind === 'not-found') return refuse('unknown_method')
    return { body: { ok: false, error: 'invalid_arguments', response_metadata: { messages: [`[ERROR] ${message}`] } } }
  },
  seed: (state) => {
    seedChannels(state)
    seedPeople(state)
  },
  described,
  operations: {
    'message.send': postMessage,
    'message.edit': update,
    'message.delete': remove,
    'message.list': history,
    'channel.list': listChannels,
    'auth.test': whoAmI,
    'thread.list': replies,
    'message.react': react,
    'reaction.remove': unreact,
    'dm.open': openConversation,
    'dm.close': closeConversation,
    'message.schedule': schedule,
    'message.unschedule': unschedule,
    'message.ephemeral': postEphemeral,
    'file.upload': giveUploadUrl,
    'file.delete': deleteFile,
    'user.byEmail': lookupByEmail,
    'webhook.post': postByWebhook,
    'socket.open': ({ nextId }) =>
      ok({ url: `wss://wss-primary.slack.com/link/?ticket=${nextId('ticket-')}&app_id=A0TWIN00001` }),
  },
  routes: {
    'POST /upload/v1/{token+}': takeUpload,
    'POST /api/files.completeUploadExternal': completeUpload,
    'POST /api/users.lookupByEmail': lookupByEmail,
    'POST /api/api.test': () => ok({}),
    'POST /api/auth.test': whoAmI,
    'POST /api/conversations.history': history,
    'POST /api/conversations.list': listChannels,
    'POST /api/conversations.replies': replies,
  },
}
