// What Discord has beyond the vocabulary: servers, threads, direct conversations.
import { del, get, type NativeOperation, native, post, readAs, z } from '../../../adapter/index.ts'
import { applicationOperations } from './application.ts'
import { audited, reason } from './audit.ts'
import { BOT, CHANNEL, guild, MESSAGE, message, textChannel, thread } from './examples.ts'
import { webhookOperations } from './incoming-webhooks.ts'
import { ACTS, OWN, READS, TAKES_BACK } from './labels.ts'
import { furtherGuilds, GUILDS_PAGE, guildsAnswer, messageAnswer, SNOWFLAKE, toListed, withId } from './shapes.ts'

const to = SNOWFLAKE.describe('Id of the channel, thread or direct conversation.')
const id = SNOWFLAKE.describe('Id of the message.')
const whoAnswer = z.object({ id: z.string(), username: z.string(), bot: z.boolean().default(false) })

const gatewayAnswer = z.object({
  url: z.string(),
  shards: z.int(),
  session_start_limit: z.object({ total: z.int(), remaining: z.int(), reset_after: z.int() }),
})

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  ...webhookOperations,
  ...applicationOperations,
  'user.get': native({
    summary: 'Tell whose token it is.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: whoAnswer,
    request: () => get('/users/@me'),
    result: (body) => readAs(whoAnswer, body),
    cost: 'free',
    examples: [{ input: {}, response: { ...BOT, mfa_enabled: true, locale: 'en-GB', verified: true, email: null } }],
  }),
  'message.get': native({
    summary: 'Read one message.',
    effect: 'read',
    labels: READS,
    scope: 'READ_MESSAGE_HISTORY',
    input: z.strictObject({ to, id }),
    output: z.object({
      id: z.string(),
      to: z.string(),
      text: z.string(),
      from: z.string(),
      sentAt: z.string(),
      editedAt: z.string().nullable(),
      files: z.array(z.object({ name: z.string(), url: z.string() })),
    }),
    request: (input) =>
      get('/channels/{channel_id}/messages/{message_id}', { path: { channel_id: input.to, message_id: input.id } }),
    result: (body) => {
      const read = readAs(messageAnswer, body)
      const files = read.attachments.map(({ filename, url }) => ({ name: filename, url }))
      return { ...toListed(read), to: read.channel_id, editedAt: read.edited_timestamp, files }
    },
    cost: 'free',
    examples: [{ input: { to: CHANNEL, id: MESSAGE }, response: message({}) }],
  }),
  'guild.list': native({
    summary: 'List the servers that the bot is in.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many servers.'),
    }),
    output: z.object({ guilds: z.array(z.object({ id: z.string(), name: z.string() })) }),
    // Whole pages are asked for: a full one is how a further one is known.
    request: () => get('/users/@me/guilds', { query: { limit: GUILDS_PAGE } }),
    result: (body) => ({ guilds: readAs(guildsAnswer, body) }),
    pages: { field: 'guilds', next: furtherGuilds },
    cost: 'free',
    examples: [{ input: { limit: 100 }, response: [guild] }],
  }),
  'thread.create': native({
    summary: 'Start a thread from a message.',
    effect: 'create',
    labels: ACTS,
    scope: 'CREATE_PUBLIC_THREADS',
    input: z.strictObject({
      to: SNOWFLAKE.describe('Id of the channel.'),
      id,
      name: z.string().min(1).max(100).describe('Name of the thread.'),
      archiveAfterMinutes: z
        .union([z.literal(60), z.literal(1440), z.literal(4320), z.literal(10080)])
        .optional()
        .describe('Idle time after which it is put away; default that of the channel.'),
    }),
    output: withId,
    request: (input) =>
      post('/channels/{channel_id}/messages/{message_id}/threads', {
        path: { channel_id: input.to, message_id: input.id },
        json: { name: input.name, auto_archive_duration: input.archiveAfterMinutes },
      }),
    result: (body) => readAs(withId, body),
    cost: 'free',
    undo: ({ result }) => ({ operation: 'discord:channel.delete', input: { id: result.id } }),
    undoLabel: 'discord:channel.delete of the thread',
    examples: [
      {
        input: { to: CHANNEL, id: MESSAGE, name: 'Tonight', archiveAfterMinutes: 1440 },
        response: thread,
        status: 201,
      },
    ],
  }),
  'channel.delete': native({
    summary: 'Delete a channel or thread with all that is in it, or close a direct conversation.',
    effect: 'delete',
    labels: TAKES_BACK,
    scope: 'MANAGE_CHANNELS',
    input: z.strictObject({ id: SNOWFLAKE.describe('Id of the channel, thread or conversation.'), reason }),
    output: withId,
    request: (input) => del('/channels/{channel_id}', { path: { channel_id: input.id }, ...audited(input.reason) }),
    result: (body) => readAs(withId, body),
    cost: 'free',
    undo: { none: 'A deleted channel is gone with its messages. A closed conversation opens again: discord:dm.open.' },
    examples: [
      {
        input: { id: '1170000000000000011', reason: 'the show is over' },
        response: textChannel('1170000000000000011', 'launch', 2),
      },
    ],
  }),
  'dm.open': native({
    summary: 'Open a direct conversation with a person; one that is open already is given back.',
    effect: 'create',
    labels: ACTS,
    input: z.strictObject({ user: SNOWFLAKE.describe('Id of the person.') }),
    output: withId,
    request: ({ user }) => post('/users/@me/channels', { json: { recipient_id: user } }),
    result: (body) => readAs(withId, body),
    cost: 'free',
    idempotent: true,
    undo: { none: 'It may have been open before, and nobody is told of it. discord:channel.delete closes it.' },
    examples: [
      {
        input: { user: '1160000000000000001' },
        response: {
          id: '1190000000000000001',
          type: 1,
          flags: 0,
          last_message_id: null,
          recipients: [{ ...BOT, id: '1160000000000000001', username: 'ada', bot: false }],
        },
      },
    ],
  }),
  'reaction.remove': native({
    summary: 'Take the bot’s emoji off a message.',
    effect: 'delete',
    labels: TAKES_BACK,
    input: z.strictObject({
      to,
      id,
      emoji: z.string().min(1).max(100).describe('The emoji itself, or name:id of one of the server’s own.'),
    }),
    output: z.object({}),
    request: (input) =>
      del('/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me', {
        path: { channel_id: input.to, message_id: input.id, emoji_name: input.emoji },
        answer: 'empty',
      }),
    result: () => ({}),
    cost: 'free',
    idempotent: true,
    undo: ({ input }) => ({ operation: 'message.react', input }),
    undoLabel: 'message.react',
    examples: [{ input: { to: CHANNEL, id: MESSAGE, emoji: '🎉' }, response: null, status: 204 }],
  }),
  'gateway.get': native({
    summary: 'Tell the address of the websocket gateway, and how many sessions may still be started.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({ url: z.string(), shards: z.int(), sessionsLeft: z.int(), resetMs: z.int() }),
    request: () => get('/gateway/bot'),
    result: (body) => {
      const { url, shards, session_start_limit: limit } = readAs(gatewayAnswer, body)
      return { url, shards, sessionsLeft: limit.remaining, resetMs: limit.reset_after }
    },
    cost: 'free',
    examples: [
      {
        input: {},
        response: {
          url: 'wss://gateway.discord.gg',
          shards: 1,
          session_start_limit: { total: 1000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 },
        },
      },
    ],
  }),
}
