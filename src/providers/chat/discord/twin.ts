// Discord in rehearsal: one server with a few channels, a bot in it, and one other person who has written already.
import type { TwinAnswer, TwinAsked, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import { deleteMessage, editMessage, getMessage, listMessages, react, sendMessage, unreact } from './twin-messages.ts'
import {
  createThread,
  createWebhook,
  deleteChannel,
  deletePost,
  deleteWebhook,
  listChannels,
  listGuilds,
  openDm,
  postByWebhook,
  seedServer,
} from './twin-places.ts'
import { invalid, refuse, TWIN_BOT } from './twin-shapes.ts'

const OWNER = {
  ...TWIN_BOT,
  id: '1160000000000000001',
  username: 'ada',
  bot: false,
}

const whoAmI = (): TwinAnswer => ({
  body: { ...TWIN_BOT, mfa_enabled: true, locale: 'en-GB', verified: true, email: null },
})

const gateway = (): TwinAnswer => ({
  body: {
    url: 'wss://gateway.discord.gg',
    shards: 1,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 },
  },
})

const application = ({ state }: TwinCall): TwinAnswer => ({
  body: {
    id: TWIN_BOT.id,
    name: TWIN_BOT.username,
    icon: null,
    description: '',
    type: null,
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: OWNER,
    approximate_guild_count: 1,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
    event_webhooks_url: null,
    event_webhooks_status: 1,
    event_webhooks_types: [],
    ...state('applications').get(TWIN_BOT.id),
  },
})

const ADDRESSES = [
  'interactions_endpoint_url',
  'event_webhooks_url',
  'event_webhooks_status',
  'event_webhooks_types',
] as const

function updateApplication(call: TwinCall): TwinAnswer {
  const { body, state } = call
  const given = ADDRESSES.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]] as const]))
  for (const [name, value] of given) {
    if (name.endsWith('_url') && value !== null && !/^https:\/\//.test(String(value))) {
      return invalid(name, 'URL_TYPE_INVALID_SCHEME', 'Scheme must be one of https.')
    }
  }
  state('applications').set(TWIN_BOT.id, { ...state('applications').get(TWIN_BOT.id), ...Object.fromEntries(given) })
  return application(call)
}

/** A file without words is an upload; servers are listed for themselves. Both have their route with another operation. */
function discriminate({ method, template, body }: TwinAsked): string | undefined {
  if (method === 'GET' && template.endsWith('/users/@me/guilds')) return 'discord:guild.list'
  if (method !== 'POST' || !template.endsWith('/messages')) return undefined
  const words = /"content":"[^"]/.test(String(body.payload_json ?? ''))
  return body['files[0]'] !== undefined && !words ? 'file.upload' : 'message.send'
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return { status: 401, body: { message: '401: Unauthorized', code: 0 } }
    if (kind === 'not-found') return { status: 404, body: { message: '404: Not Found', code: 0 } }
    if (kind === 'unavailable') return { status: 503, body: { message: '503: Service Unavailable', code: 0 } }
    if (kind === 'invalid') return { ...refuse(400, 50035, 'Invalid Form Body'), body: { ...INVALID, message } }
    return {
      status: 429,
      headers: { 'retry-after': '1', 'x-ratelimit-scope': 'user', 'x-ratelimit-remaining': '0' },
      body: { message: 'You are being rate limited.', code: 0, retry_after: 0.25, global: false },
    }
  },
  ownKeys: true,
  discriminate,
  seed: seedServer,
  // The token of a webhook stands in its path; the handlers look at it.
  open: ['webhook.post', 'webhook.deletePost'],
  described: {
    faults: [
      {
        reason:
          'the codes of fields are texts such as BASE_TYPE_CHOICES, not whole numbers (docs.discord.com/developers/reference#error-messages)',
        excuses: { operations: /^/, kind: 'response', where: /^\/errors(\/|$)/ },
      },
    ],
  },
  operations: {
    'message.send': sendMessage,
    'message.edit': editMessage,
    'message.delete': deleteMessage,
    'message.react': react,
    'message.list': listMessages,
    'message.get': getMessage,
    'file.upload': sendMessage,
    'channel.list': (call) => (call.path.guild_id === undefined ? listGuilds(call) : listChannels(call)),
    'guild.list': listGuilds,
    'thread.create': createThread,
    'channel.delete': deleteChannel,
    'dm.open': openDm,
    'reaction.remove': unreact,
    'webhook.create': createWebhook,
    'webhook.delete': deleteWebhook,
    'webhook.post': postByWebhook,
    'webhook.deletePost': deletePost,
    'webhook.set': updateApplication,
    'application.get': application,
    'application.update': updateApplication,
    'user.get': whoAmI,
    'gateway.get': gateway,
  },
}

const INVALID = { code: 50035, errors: {} }
