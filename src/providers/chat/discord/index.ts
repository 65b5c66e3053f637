// Discord, HTTP API v10, as a bot. Every id is a snowflake: 64 bits, kept as text. What people write arrives over
// Discord's gateway only; over HTTP messages are read by asking, and events of the application come by webhook.
import {
  defineProvider,
  del,
  get,
  header,
  inPath,
  type JsonObject,
  knownExtras,
  type OperationCall,
  patch,
  post,
  put,
  readAs,
  secret,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { EVENTS_ON, settingsIn } from './application.ts'
import { channelsEverywhere } from './channels.ts'
import { discordFault, discordRate } from './errors.ts'
import { application, attachment, CHANNEL, category, GUILD, guild, MESSAGE, message, textChannel } from './examples.ts'
import { webhooks } from './hooks.ts'
import { natives } from './native.ts'
import { fitting, once, withFiles } from './payload.ts'
import {
  applicationAnswer,
  channelsAnswer,
  GUILDS_PAGE,
  isLater,
  justAfter,
  MESSAGES_PAGE,
  messageAnswer,
  messagesAnswer,
  olderMessages,
  snowflake,
  toChannels,
  toListed,
  toSent,
} from './shapes.ts'
import { twin } from './twin.ts'

const SEND_EXTRAS = ['allowed_mentions', 'components', 'embeds', 'flags', 'poll', 'sticker_ids', 'tts']
const EDIT_EXTRAS = ['allowed_mentions', 'components', 'embeds', 'flags']

const MESSAGES = '/channels/{channel_id}/messages'
const ONE_MESSAGE = '/channels/{channel_id}/messages/{message_id}'

const oneOf = ({ to, id }: { to: string; id: string }) => ({
  path: { channel_id: snowflake(to, 'to'), message_id: snowflake(id, 'id') },
})

const readOne = (to: string, id: string): OperationCall => ({ operation: 'discord:message.get', input: { to, id } })

const isIt = (id: string) => (read: JsonObject) => read.id === id

/** Whoever may not read the history gets an empty list, so only an older message in its place shows that it is gone. */
const isGone = (id: string) => (read: JsonObject) => {
  const [newest] = z.object({ messages: z.array(z.object({ id: z.string() })) }).safeParse(read).data?.messages ?? []
  return newest !== undefined && newest.id !== id
}

const textIn = (read: JsonObject | undefined): string | undefined =>
  z.object({ text: z.string() }).safeParse(read).data?.text

const definition = defineProvider({
  id: 'discord',
  name: 'Discord',
  category: 'chat',
  version: '1.0.0',
  docs: 'https://docs.discord.com/developers',
  sources: [
    'https://github.com/discord/discord-api-spec (specs/openapi.json 74fda0f, 2026-07-18)',
    'https://github.com/discord/discord-api-docs c98d64bc (developers/resources/message.mdx, topics/rate-limits.mdx, topics/opcodes-and-status-codes.mdx, reference.mdx, events/webhook-events.mdx)',
    'npm @discordjs/rest 2.6.3',
  ],
  notes: [
    'Ids are numbers of 64 bits and are given as text; channels have no names in the API, so `to` is always an id.',
    'A send is repeated safely for a few minutes only, by its nonce; one with files has none and is never repeated.',
    'Mentions such as @everyone in a text notify people; native.allowed_mentions holds them back.',
    'Files live in messages: file.upload posts one, and its id is the id of that message.',
    'Messages that people write are pushed over the websocket gateway alone, which this definition does not open.',
    'Limits are per route and change; the headers of each answer are followed. 10,000 refused calls in ten minutes ban the address.',
    'The token of a webhook is a credential: webhook.create leaves it out of its result. It is in the webhook’s address in the settings of the server.',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://discord.com/api/v10' },
  secrets: {
    DISCORD_BOT_TOKEN: {
      label: 'bot token',
      get: 'https://discord.com/developers/applications → Bot → Reset Token; then OAuth2 → scope bot, to invite it to a server',
      pattern: /^[\w.-]{30,}$/,
    },
    DISCORD_WEBHOOK_TOKEN: {
      label: 'token of an incoming webhook, the last part of its address',
      get: 'server settings → Integrations → Webhooks → Copy Webhook URL: https://discord.com/api/webhooks/ID/TOKEN',
      pattern: /^[\w-]{30,}$/,
      required: false,
    },
    DISCORD_PUBLIC_KEY: {
      label: 'public key of the application, 64 hex digits',
      get: 'https://discord.com/developers/applications → General Information',
      pattern: /^[0-9a-fA-F]+$/,
      required: false,
    },
  },
  auth: header('Authorization', secret('DISCORD_BOT_TOKEN'), 'Bot '),
  auths: { webhook: inPath('webhook_token', secret('DISCORD_WEBHOOK_TOKEN')) },
  // Without a name like this Cloudflare may block the call (docs.discord.com/developers/reference#user-agent).
  headers: { 'User-Agent': 'DiscordBot (https://www.npmjs.com/package/infrafabric, 1.0.0)' },
  limits: { rps: 50, burst: 50, backoffSeconds: [1, 2, 5, 10, 30] },
  // "In the past few minutes", so no more than two are trusted.
  idempotency: { windowHours: 1 / 30 },
  errors: discordFault,
  rate: discordRate,
  health: {
    operation: 'discord:user.get',
    input: {},
    tell: (result) => `${result.bot ? 'bot ' : ''}@${result.username}`,
  },
  operations: {
    'message.send': {
      summary: 'Post a message into a channel, a thread or a direct conversation; with files where some are given.',
      effect: 'send',
      without: ['template'],
      scope: 'SEND_MESSAGES',
      request: ({ to, text, attachments, replyTo, native: extras }) => {
        const payload = {
          ...knownExtras(extras, SEND_EXTRAS),
          content: fitting(text),
          ...(replyTo === undefined ? {} : { message_reference: { message_id: snowflake(replyTo, 'replyTo') } }),
        }
        const body = attachments?.length ? withFiles(payload, attachments) : once(payload)
        return post(MESSAGES, { path: { channel_id: snowflake(to, 'to') }, ...body })
      },
      result: (body) => toSent(readAs(messageAnswer, body)),
      cost: 'free',
      undo: ({ result }) => ({ operation: 'message.delete', input: { to: result.to, id: result.id } }),
      undoLabel: 'message.delete',
      verify: ({ result }) =>
        result && { ...readOne(result.to, result.id), holds: isIt(result.id), consistency: 'eventual' },
      examples: [
        {
          input: { to: CHANNEL, text: 'The show starts at eight.' },
          response: message({ nonce: '3f0c7f5c7a0e4d1c9b2a6d5e1' }),
        },
        {
          input: {
            to: CHANNEL,
            text: 'Yes, at eight.',
            replyTo: MESSAGE,
            native: { allowed_mentions: { parse: [] }, embeds: [{ title: 'Doors at seven' }] },
          },
          response: message({
            id: '1191800000000000001',
            type: 19,
            content: 'Yes, at eight.',
            embeds: [{ type: 'rich', title: 'Doors at seven' }],
            message_reference: { type: 0, channel_id: CHANNEL, message_id: MESSAGE, guild_id: GUILD },
          }),
        },
        {
          input: {
            to: CHANNEL,
            text: 'Tonight:',
            attachments: [{ name: 'running-order.txt', text: 'Doors, show, encore' }],
          },
          response: message({ id: '1191800000000000002', content: 'Tonight:', attachments: [attachment] }),
        },
      ],
    },
    'message.edit': {
      summary: 'Replace the text of a message of the bot’s own.',
      effect: 'update',
      request: ({ to, id, text, native: extras }) =>
        patch(ONE_MESSAGE, {
          ...oneOf({ to, id }),
          json: { ...knownExtras(extras, EDIT_EXTRAS), content: fitting(text) },
        }),
      result: (body) => {
        const { id, channel_id } = readAs(messageAnswer, body)
        return { id, to: channel_id }
      },
      cost: 'free',
      idempotent: true,
      before: ({ to, id }) => readOne(to, id),
      // Embeds and components of the old message are not read: only its text returns.
      undo: ({ input, before }) => {
        const text = textIn(before)
        return text ? { operation: 'message.edit', input: { to: input.to, id: input.id, text } } : undefined
      },
      undoLabel: 'message.edit to the old text',
      // Discord trims a text, so the ends are not compared.
      verify: ({ input }) => ({
        ...readOne(input.to, input.id),
        holds: (read) => textIn(read)?.trim() === input.text.trim(),
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { to: CHANNEL, id: MESSAGE, text: 'The show starts at nine.' },
          response: message({
            content: 'The show starts at nine.',
            edited_timestamp: '2024-01-02T16:12:00.101000+00:00',
          }),
        },
      ],
    },
    'message.delete': {
      summary: 'Delete a message; of others only with the permission to manage messages.',
      effect: 'delete',
      scope: 'MANAGE_MESSAGES',
      request: ({ to, id }) => del(ONE_MESSAGE, { ...oneOf({ to, id }), answer: 'empty' }),
      result: (_body, { input: { to, id } }) => ({ id, to }),
      cost: 'free',
      undo: { none: 'Discord forgets a deleted message; sent again it would be another one, at the end.' },
      verify: ({ input }) => ({
        operation: 'message.list',
        input: { to: input.to, before: input.id, limit: 1 },
        holds: isGone(input.id),
        consistency: 'eventual',
      }),
      examples: [{ input: { to: CHANNEL, id: MESSAGE }, response: null, status: 204 }],
    },
    'message.react': {
      summary: 'Put an emoji on a message: the emoji itself, or name:id of one of the server’s own.',
      effect: 'create',
      scope: 'ADD_REACTIONS',
      request: ({ to, id, emoji }) => {
        const { path } = oneOf({ to, id })
        return put(`${ONE_MESSAGE}/reactions/{emoji_name}/@me`, {
          path: { ...path, emoji_name: emoji },
          answer: 'empty',
        })
      },
      result: (_body, { input: { to, id } }) => ({ id, to }),
      cost: 'free',
      idempotent: true,
      undo: ({ input }) => ({ operation: 'discord:reaction.remove', input }),
      undoLabel: 'discord:reaction.remove',
      examples: [
        { input: { to: CHANNEL, id: MESSAGE, emoji: '🎉' }, response: null, status: 204 },
        { input: { to: CHANNEL, id: MESSAGE, emoji: 'onair:1175000000000000000' }, response: null, status: 204 },
      ],
    },
    'message.list': {
      summary: 'Read the latest messages of a channel, newest first.',
      effect: 'read',
      scope: 'READ_MESSAGE_HISTORY',
      // One of both alone is taken, and after would give the oldest ones: so it goes back from the newest, to after.
      request: ({ to, limit, before }) =>
        get(MESSAGES, {
          path: { channel_id: snowflake(to, 'to') },
          query: {
            before: before === undefined ? undefined : justAfter(before),
            limit: Math.min(limit, MESSAGES_PAGE),
          },
        }),
      result: (body, { input: { after } }) => ({
        messages: readAs(messagesAnswer, body)
          .filter(({ id }) => isLater(id, after))
          .map(toListed),
      }),
      cost: 'free',
      pages: {
        field: 'messages',
        next: (body, { input }) => olderMessages(body, typeof input.after === 'string' ? input.after : undefined),
      },
      examples: [
        {
          input: { to: CHANNEL, limit: 2 },
          response: [message({ id: '1191800000000000003', content: 'Is it at nine?' }), message({})],
        },
        {
          input: { to: CHANNEL, limit: 1, before: MESSAGE, after: '1191700000000000000' },
          response: [message({})],
        },
      ],
    },
    'channel.list': {
      summary: 'List the channels of a server, or of every server that the bot is in.',
      effect: 'read',
      request: ({ within }) =>
        within === undefined
          ? get('/users/@me/guilds', { query: { limit: GUILDS_PAGE } })
          : get('/guilds/{guild_id}/channels', { path: { guild_id: snowflake(within, 'within') } }),
      result: (body, { input: { limit } }) => ({ channels: toChannels(readAs(channelsAnswer, body)).slice(0, limit) }),
      more: function* ({ input: { within, limit }, answer }) {
        if (within === undefined) return yield* channelsEverywhere(limit, answer.body)
        return { channels: toChannels(readAs(channelsAnswer, answer.body)).slice(0, limit) }
      },
      cost: 'free',
      examples: [
        {
          input: { within: GUILD, limit: 100 },
          response: [category, textChannel(CHANNEL, 'general', 1), textChannel('1170000000000000011', 'launch', 2)],
        },
        {
          input: { limit: 100 },
          response: [guild],
          more: [{ body: [category, textChannel(CHANNEL, 'general', 1)] }],
        },
      ],
    },
    'file.upload': {
      summary: 'Post a file into a channel; the id is that of the message which holds it.',
      effect: 'send',
      labels: { reads: 'public', returns: 'trusted', sends: 'external' },
      scope: 'ATTACH_FILES',
      request: ({ file, to, text, native: extras }) => {
        if (to === undefined) throw unsupported('to: a file needs a channel at Discord', 'Give the id of a channel.')
        const content = text === undefined ? {} : { content: fitting(text) }
        return post(MESSAGES, {
          path: { channel_id: snowflake(to, 'to') },
          ...withFiles({ ...knownExtras(extras, SEND_EXTRAS), ...content }, [file]),
        })
      },
      result: (body) => {
        const { id, attachments } = readAs(messageAnswer, body)
        return { id, url: attachments[0]?.url ?? null }
      },
      cost: 'free',
      undo: ({ input, result }) =>
        input.to === undefined ? undefined : { operation: 'message.delete', input: { to: input.to, id: result.id } },
      undoLabel: 'message.delete',
      verify: ({ input: { to }, result }) =>
        result && to !== undefined
          ? { ...readOne(to, result.id), holds: isIt(result.id), consistency: 'eventual' }
          : undefined,
      examples: [
        {
          input: { to: CHANNEL, file: { name: 'running-order.txt', text: 'Doors, show, encore' }, text: 'Tonight:' },
          response: message({ content: 'Tonight:', attachments: [attachment] }),
        },
      ],
    },
    'webhook.set': {
      summary: 'Have events of the application sent to an address, by the names of Discord: APPLICATION_AUTHORIZED.',
      effect: 'update',
      without: ['native'],
      labels: { reads: 'private', returns: 'trusted', sends: 'external' },
      request: ({ url, events }) =>
        patch('/applications/@me', {
          json: {
            event_webhooks_url: url,
            event_webhooks_status: EVENTS_ON,
            event_webhooks_types: events,
          },
        }),
      result: (body) => ({ id: readAs(applicationAnswer, body).id }),
      cost: 'free',
      idempotent: true,
      before: () => ({ operation: 'discord:application.get', input: {} }),
      undo: ({ before }) => before && { operation: 'discord:application.update', input: settingsIn(before) },
      undoLabel: 'discord:application.update to the old addresses',
      verify: ({ input }) => ({
        operation: 'discord:application.get',
        input: {},
        holds: (read) => read.eventsUrl === input.url,
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { url: 'https://fabric.example/hooks/discord', events: ['APPLICATION_AUTHORIZED'] },
          response: application({
            event_webhooks_url: 'https://fabric.example/hooks/discord',
            event_webhooks_status: 2,
            event_webhooks_types: ['APPLICATION_AUTHORIZED'],
          }),
        },
      ],
    },
  },
  webhooks,
  native: natives,
  twin,
})

export default definition
