// What Slack has beyond the vocabulary.
import { get, type NativeOperation, native, post, readAs, z } from '../../../adapter/index.ts'
import { emojiName } from './emoji.ts'
import { USER } from './examples.ts'
import { deleteFile } from './files.ts'
import { webhookPost } from './incoming-webhook.ts'
import { scheduledOperations } from './scheduled.ts'
import { ID, LARGEST_PAGE, messagesAnswer, nextCursor, toMessage, userAnswer, whoAnswer } from './shapes.ts'

const reaction = z.strictObject({
  to: ID.describe('Id of the channel.'),
  id: ID.describe('Id of the message.'),
  emoji: z.string().min(1).max(100).describe('Name of the emoji without colons: thumbsup.'),
})

const conversation = z.strictObject({ id: ID.describe('Id of the conversation.') })

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'auth.test': native({
    summary: 'Tell whose token it is.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({
      team: z.string(),
      user: z.string(),
      url: z.string(),
      teamId: z.string(),
      userId: z.string(),
      botId: z.string().nullable(),
    }),
    request: () => get('/auth.test'),
    result: (body) => {
      const { team, user, url, team_id, user_id, bot_id } = readAs(whoAnswer, body)
      return { team, user, url, teamId: team_id, userId: user_id, botId: bot_id ?? null }
    },
    cost: 'free',
    examples: [
      {
        input: {},
        response: {
          ok: true,
          url: 'https://acme.slack.com/',
          team: 'Acme',
          user: 'infra',
          team_id: 'T0G9PQBBK',
          user_id: 'U0G9QF9C6',
          bot_id: 'B19LU7CSY',
        },
      },
    ],
  }),
  'thread.list': native({
    summary: 'Read a thread: its first message, then the answers, oldest first.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'channels:history',
    input: z.strictObject({
      to: ID.describe('Id of the channel.'),
      id: ID.describe('Id of the first message of the thread.'),
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many messages.'),
    }),
    output: z.object({
      messages: z.array(
        z.object({ id: z.string(), text: z.string(), from: z.string().nullable(), sentAt: z.iso.datetime() }),
      ),
    }),
    request: ({ to, id, limit }) =>
      get('/conversations.replies', { query: { channel: to, ts: id, limit: Math.min(limit, LARGEST_PAGE) } }),
    result: (body) => ({ messages: readAs(messagesAnswer, body).messages.map(toMessage) }),
    cost: 'free',
    pages: { field: 'messages', next: nextCursor },
    examples: [
      {
        input: { to: 'C1H9RESGL', id: '1503435956.000247', limit: 100 },
        response: {
          ok: true,
          messages: [
            {
              type: 'message',
              user: 'U061F7AUR',
              text: 'The show starts at eight.',
              thread_ts: '1503435956.000247',
              reply_count: 1,
              subscribed: true,
              ts: '1503435956.000247',
            },
            {
              type: 'message',
              user: 'U061F7AUR',
              text: 'Yes, at eight.',
              thread_ts: '1503435956.000247',
              parent_user_id: 'U061F7AUR',
              ts: '1503435957.000300',
            },
          ],
          has_more: false,
        },
      },
    ],
  }),
  'reaction.remove': native({
    summary: 'Take one’s emoji off a message.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'reactions:write',
    input: reaction,
    output: z.object({}),
    request: ({ to, id, emoji }) =>
      post('/reactions.remove', { form: { channel: to, timestamp: id, name: emojiName(emoji) } }),
    result: () => ({}),
    cost: 'free',
    undo: ({ input }) => ({ operation: 'message.react', input }),
    undoLabel: 'message.react',
    examples: [{ input: { to: 'C1H9RESGL', id: '1503435956.000247', emoji: 'thumbsup' }, response: { ok: true } }],
  }),
  'dm.open': native({
    summary: 'Open a direct conversation with one person or a few.',
    effect: 'create',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'im:write',
    input: z.strictObject({ users: z.array(ID).min(1).max(8).describe('Ids of the people.') }),
    output: z.object({ id: z.string() }),
    request: ({ users }) => post('/conversations.open', { form: { users: users.join(',') } }),
    result: (body) => ({ id: readAs(z.object({ channel: z.object({ id: z.string() }) }), body).channel.id }),
    cost: 'free',
    idempotent: true,
    undo: ({ result }) => ({ operation: 'slack:dm.close', input: { id: result.id } }),
    undoLabel: 'slack:dm.close',
    examples: [{ input: { users: ['U061F7AUR'] }, response: { ok: true, channel: { id: 'D069C7QFK' } } }],
  }),
  'dm.close': native({
    summary: 'Close a direct conversation; its messages stay.',
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'im:write',
    input: conversation,
    output: z.object({}),
    request: ({ id }) => post('/conversations.close', { form: { channel: id } }),
    result: () => ({}),
    cost: 'free',
    idempotent: true,
    undo: { none: 'Opening it again needs the people: slack:dm.open.' },
    examples: [{ input: { id: 'D069C7QFK' }, response: { ok: true } }],
  }),
  ...scheduledOperations,
  'file.delete': deleteFile,
  'webhook.post': webhookPost,
  'user.byEmail': native({
    summary: 'Find a person of the workspace by e-mail address.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 'users:read.email',
    input: z.strictObject({ email: z.email() }),
    output: z.object({ id: z.string(), name: z.string(), realName: z.string().nullable() }),
    request: ({ email }) => get('/users.lookupByEmail', { query: { email } }),
    result: (body) => {
      const { user } = readAs(userAnswer, body)
      return { id: user.id, name: user.name, realName: user.real_name ?? null }
    },
    cost: 'free',
    examples: [{ input: { email: 'ada@example.com' }, response: { ok: true, user: USER } }],
  }),
  'socket.open': native({
    summary: 'Get the address of a Socket Mode connection; it counts once, for about half a minute.',
    effect: 'read',
    // Whoever has the address gets the events of the app.
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'connections:write',
    input: z.strictObject({}),
    output: z.object({ url: z.url({ protocol: /^wss$/ }) }),
    request: () => post('/apps.connections.open', { auth: 'app', form: {} }),
    result: (body) => readAs(z.object({ url: z.url({ protocol: /^wss$/ }) }), body),
    cost: 'free',
    examples: [
      {
        input: {},
        response: { ok: true, url: 'wss://wss-primary.slack.com/link/?ticket=12348&app_id=5678' },
      },
    ],
  }),
}
