// Answers as Discord gives them, for the examples of several operations.
import type { JsonObject } from '../../../adapter/index.ts'

export const BOT: JsonObject = {
  id: '1180000000000000001',
  username: 'infra',
  avatar: null,
  discriminator: '4071',
  public_flags: 0,
  flags: 0,
  bot: true,
  global_name: null,
  primary_guild: null,
}

export const CHANNEL = '1170000000000000010'
export const GUILD = '1170000000000000001'
export const MESSAGE = '1191800000000000000'

/** A message of the bot. */
export const message = (changes: JsonObject): JsonObject => ({
  id: MESSAGE,
  channel_id: CHANNEL,
  type: 0,
  content: 'The show starts at eight.',
  author: BOT,
  timestamp: '2024-01-02T16:10:13.623000+00:00',
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
  ...changes,
})

export const attachment: JsonObject = {
  id: '1191800000000000100',
  filename: 'running-order.txt',
  size: 19,
  url: 'https://cdn.discordapp.com/attachments/1170000000000000010/1191800000000000100/running-order.txt',
  proxy_url: 'https://media.discordapp.net/attachments/1170000000000000010/1191800000000000100/running-order.txt',
  content_type: 'text/plain; charset=utf-8',
}

export const textChannel = (id: string, name: string, position: number): JsonObject => ({
  id,
  type: 0,
  flags: 0,
  guild_id: GUILD,
  name,
  position,
  parent_id: '1170000000000000009',
  topic: null,
  nsfw: false,
  rate_limit_per_user: 0,
  permission_overwrites: [],
  last_message_id: null,
})

export const category: JsonObject = {
  id: '1170000000000000009',
  type: 4,
  flags: 0,
  guild_id: GUILD,
  name: 'Studio',
  position: 0,
  parent_id: null,
  permission_overwrites: [],
}

export const guild: JsonObject = {
  id: GUILD,
  name: 'Studio One',
  icon: null,
  banner: null,
  owner: false,
  permissions: '2222085723512896',
  features: [],
}

export const thread: JsonObject = {
  id: MESSAGE,
  type: 11,
  flags: 0,
  guild_id: GUILD,
  parent_id: CHANNEL,
  name: 'Tonight',
  owner_id: '1180000000000000001',
  last_message_id: null,
  rate_limit_per_user: 0,
  message_count: 0,
  member_count: 1,
  total_message_sent: 0,
  thread_metadata: {
    archived: false,
    archive_timestamp: '2024-01-02T16:11:00.000000+00:00',
    auto_archive_duration: 1440,
    locked: false,
  },
}

export const application = (changes: JsonObject): JsonObject => ({
  id: '1180000000000000001',
  name: 'infra',
  icon: null,
  description: '',
  type: null,
  verify_key: '0000000000000000000000000000000000000000000000000000000000000000',
  flags: 0,
  flags_new: '0',
  redirect_uris: [],
  interactions_endpoint_url: null,
  role_connections_verification_url: null,
  owner: { ...BOT, id: '1160000000000000001', username: 'ada', bot: false },
  approximate_guild_count: 1,
  approximate_user_install_count: 0,
  approximate_user_authorization_count: 0,
  explicit_content_filter: 0,
  team: null,
  eligible_oauth2_scopes: [],
  event_webhooks_url: null,
  event_webhooks_status: 1,
  event_webhooks_types: [],
  ...changes,
})
