// Where messages of the twin live: its server, channels, threads, direct conversations and incoming webhooks.
import type { JsonObject, TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'
import { postMessage, timeOf } from './twin-messages.ts'
import {
  allOf,
  channelOf,
  invalid,
  isSnowflake,
  nextSnowflake,
  older,
  person,
  refuse,
  TWIN_BOT,
  TWIN_GUILD,
  text,
  unknown,
} from './twin-shapes.ts'

const CATEGORY = '1100000000000000009'
/** Its token is the twin's secret. */
export const TWIN_WEBHOOK = '1100000000000000030'

export function seedServer(state: TwinState): void {
  state('guilds').set(TWIN_GUILD, {
    id: TWIN_GUILD,
    name: 'Twin',
    icon: null,
    banner: null,
    owner: false,
    permissions: '2222085723512896',
    features: [],
  })
  state('channels').set(CATEGORY, guildChannel({ id: CATEGORY, name: 'Studio', type: 4, position: 0 }))
  for (const [at, name] of ['general', 'launch', 'refunds', 'studio'].entries()) {
    const id = `110000000000000001${at + 1}`
    state('channels').set(id, guildChannel({ id, name, type: 0, position: at + 1 }))
  }
  state('messages').set('1100000000000000100', {
    id: '1100000000000000100',
    channel_id: '1100000000000000011',
    type: 0,
    content: 'Is anybody there?',
    author: person('1160000000000000001', 'ada'),
    timestamp: '2023-05-22T09:00:00.000000+00:00',
    edited_timestamp: null,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    tts: false,
    flags: 0,
  })
  state('webhooks').set(TWIN_WEBHOOK, {
    ...webhook({ id: TWIN_WEBHOOK, name: 'Stage manager', channel: '1100000000000000014' }),
  })
}

const guildChannel = ({ id, name, type, position }: { id: string; name: string; type: number; position: number }) => ({
  id,
  type,
  flags: 0,
  guild_id: TWIN_GUILD,
  name,
  position,
  parent_id: type === 4 ? null : CATEGORY,
  permission_overwrites: [],
  ...(type === 4 ? {} : { topic: null, nsfw: false, rate_limit_per_user: 0, last_message_id: null }),
})

const webhook = ({ id, name, channel }: { id: string; name: string; channel: string }): JsonObject => ({
  id,
  type: 1,
  name,
  avatar: null,
  channel_id: channel,
  guild_id: TWIN_GUILD,
  application_id: TWIN_BOT.id,
  user: TWIN_BOT,
})

export function listGuilds(call: TwinCall): TwinAnswer {
  const { before, after, limit = '200' } = call.query
  const size = Number(limit)
  if (!Number.isInteger(size) || size < 1 || size > 200) {
    return invalid('limit', 'NUMBER_TYPE_MAX', 'int value should be between 1 and 200.')
  }
  const found = allOf(call, 'guilds')
    .filter(({ id }) => after === undefined || older(after, text(id)))
    .filter(({ id }) => before === undefined || older(text(id), before))
    .sort((a, b) => (older(text(a.id), text(b.id)) ? -1 : 1))
  return { body: before !== undefined && after === undefined ? found.slice(-size) : found.slice(0, size) }
}

export function listChannels(call: TwinCall): TwinAnswer {
  const guild = call.path.guild_id ?? ''
  if (!call.state('guilds').has(guild)) return unknown.guild()
  return {
    body: allOf(call, 'channels').filter(({ guild_id, thread_metadata }) => guild_id === guild && !thread_metadata),
  }
}

/** The thread of a message has the message's id. */
export function createThread(call: TwinCall): TwinAnswer {
  const { channel_id: parent = '', message_id: id = '' } = call.path
  if (!channelOf(call, parent)) return unknown.channel()
  if (call.state('messages').get(id)?.channel_id !== parent) return unknown.message()
  if (channelOf(call, id)) return refuse(400, 160004, 'A thread has already been created for this message')
  const name = text(call.body.name)
  if (name === '' || name.length > 100) {
    return invalid('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.')
  }
  const thread: JsonObject = {
    id,
    type: 11,
    flags: 0,
    guild_id: TWIN_GUILD,
    parent_id: parent,
    name,
    owner_id: TWIN_BOT.id,
    last_message_id: null,
    rate_limit_per_user: 0,
    message_count: 0,
    member_count: 1,
    total_message_sent: 0,
    thread_metadata: {
      archived: false,
      archive_timestamp: timeOf(call.now),
      auto_archive_duration: Number(call.body.auto_archive_duration ?? 1440),
      locked: false,
    },
  }
  call.state('channels').set(id, thread)
  return { status: 201, body: thread }
}

/** A conversation is closed and keeps its messages. */
export function deleteChannel(call: TwinCall): TwinAnswer {
  const id = call.path.channel_id ?? ''
  const channel = channelOf(call, id)
  if (!channel) return unknown.channel()
  call.state('channels').delete(id)
  if (channel.type !== 1) {
    for (const message of allOf(call, 'messages')) {
      if (message.channel_id === id) call.state('messages').delete(text(message.id))
    }
  }
  return { body: channel }
}

export function openDm(call: TwinCall): TwinAnswer {
  const user = text(call.body.recipient_id)
  if (user === '') return refuse(400, 50033, 'Invalid Recipient(s)')
  if (!isSnowflake(user)) return invalid('recipient_id', 'NUMBER_TYPE_COERCE', `Value "${user}" is not snowflake.`)
  if (user === TWIN_BOT.id) return refuse(400, 50007, 'Cannot send messages to this user')
  const known = call.state('dms').get(user)
  const id = known ? text(known.id) : nextSnowflake(call)
  const dm: JsonObject = { id, type: 1, flags: 0, last_message_id: null, recipients: [person(user)] }
  if (!known) call.state('dms').set(user, { id })
  if (!channelOf(call, id)) call.state('channels').set(id, dm)
  return { body: dm }
}

export function createWebhook(call: TwinCall): TwinAnswer {
  const channel = call.path.channel_id ?? ''
  if (!channelOf(call, channel)) return unknown.channel()
  const name = text(call.body.name).trim()
  if (name === '' || name.length > 80) {
    return invalid('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.')
  }
  const id = nextSnowflake(call)
  const token = `twin-token-of-the-webhook-${id}`
  const made = { ...webhook({ id, name, channel }), token, url: `https://discord.com/api/webhooks/${id}/${token}` }
  call.state('webhooks').set(id, made)
  return { body: made }
}

export function deleteWebhook(call: TwinCall): TwinAnswer {
  return call.state('webhooks').delete(call.path.webhook_id ?? '') ? { status: 204, body: null } : unknown.webhook()
}

export function postByWebhook(call: TwinCall): TwinAnswer {
  const found = webhookOf(call)
  if ('body' in found) return found
  const id = text(found.webhook.id)
  const author = {
    ...person(id, text(call.body.username) || text(found.webhook.name)),
    bot: true,
    discriminator: '0000',
  }
  const to = call.query.thread_id ?? text(found.webhook.channel_id)
  if (!channelOf(call, to)) return unknown.channel()
  const answer = postMessage(call, { to, author, webhook: id })
  const silent = answer.status === undefined && call.query.wait !== 'true'
  return silent ? { status: 204, body: null } : answer
}

export function deletePost(call: TwinCall): TwinAnswer {
  const found = webhookOf(call)
  if ('body' in found) return found
  const id = call.path.message_id ?? ''
  if (call.state('messages').get(id)?.webhook_id !== found.webhook.id) return unknown.message()
  call.state('messages').delete(id)
  return { status: 204, body: null }
}

/** By its own token: the one that it was made with, or the twin's secret for the webhook that is there from the start. */
function webhookOf(call: TwinCall): TwinAnswer | { webhook: JsonObject } {
  const { webhook_id: id = '', webhook_token: token = '' } = call.path
  const kept = call.state('webhooks').get(id)
  if (!kept) return unknown.webhook()
  const isIts = kept.token === undefined ? call.accepts(token) : kept.token === token
  return isIts ? { webhook: kept } : refuse(401, 50027, 'Invalid Webhook Token')
}
