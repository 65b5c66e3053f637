// Slack, Web API. A `ts` is the id of a message and stays a text: as a number it would lose its last digits.
// Parameters go as a form, which Slack's description names for every method.
import {
  bearer,
  defineProvider,
  get,
  inPath,
  type JsonObject,
  knownExtras,
  noAuth,
  type OperationCall,
  post,
  readAs,
  secret,
  stringified,
  z,
} from '../../../adapter/index.ts'
import { emojiName } from './emoji.ts'
import { slackFault } from './errors.ts'
import { uploadFile } from './files.ts'
import { natives } from './native.ts'
import {
  channelsAnswer,
  LARGEST_PAGE,
  messageAnswer,
  messagesAnswer,
  nextCursor,
  sentAnswer,
  sentAtOf,
  toMessage,
} from './shapes.ts'
import { twin } from './twin.ts'
import { webhooks } from './webhooks.ts'

const SEND_EXTRAS = [
  'attachments',
  'blocks',
  'icon_emoji',
  'icon_url',
  'link_names',
  'mrkdwn',
  'parse',
  'reply_broadcast',
  'unfurl_links',
  'unfurl_media',
  'username',
]
const EDIT_EXTRAS = ['attachments', 'blocks', 'link_names', 'parse']

/** Reads exactly one message of a channel; answers in threads are not in the channel's history. */
const readOne = (to: string, id: string): OperationCall => ({
  operation: 'message.list',
  input: { to, before: id, limit: 1 },
})

const messagesOf = (read: JsonObject | undefined): { id: string; text: string }[] =>
  z.object({ messages: z.array(z.object({ id: z.string(), text: z.string() })) }).safeParse(read).data?.messages ?? []

const has = (id: string) => (read: JsonObject) => messagesOf(read).some((message) => message.id === id)

/** Slack keeps these three characters escaped (docs.slack.dev/messaging/formatting-message-text). */
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const definition = defineProvider({
  id: 'slack',
  name: 'Slack',
  category: 'chat',
  version: '1.1.0',
  docs: 'https://docs.slack.dev/',
  sources: [
    'https://github.com/slackapi/slack-api-specs (web-api/slack_web_openapi_v2.json, 2021-09-07, archived by Slack)',
    'https://docs.slack.dev/apis/web-api/rate-limits',
    'https://docs.slack.dev/apis/web-api/pagination',
    'npm @slack/web-api 8.2.0',
    'https://docs.slack.dev/messaging/working-with-files',
    'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  notes: [
    'A ts is the id of a message within its channel and is never a number.',
    'Slack has no idempotency key: after a cut connection a message may be there twice.',
    'A file goes in three steps; it is seen once the third one has ended. message.send takes no files: file.upload with `to` and `text` posts one with words, and gives the id of the file, not of the message.',
    'Emoji are named (thumbsup), not drawn.',
    'The description that Slack published is of 2021; uploads, Socket Mode and incoming webhooks are not in it.',
  ],
  baseUrls: {
    main: 'https://slack.com/api',
    upload: 'https://files.slack.com',
    incomingWebhook: 'https://hooks.slack.com',
  },
  secrets: {
    SLACK_BOT_TOKEN: {
      label: 'bot token (xoxb-…)',
      get: 'https://api.slack.com/apps → OAuth & Permissions (chat:write, channels:read; channels:history to read back)',
      pattern: /^xox[bp]-[A-Za-z0-9-]{8,}$/,
      testPrefix: 'xoxb-',
    },
    SLACK_SIGNING_SECRET: {
      label: 'signing secret of the app (32 hex digits), for webhooks',
      get: 'https://api.slack.com/apps → Basic Information → App Credentials',
      pattern: /^[0-9a-f]{32}$/,
      required: false,
    },
    SLACK_APP_TOKEN: {
      label: 'app-level token (xapp-…), for Socket Mode',
      get: 'https://api.slack.com/apps → Basic Information → App-Level Tokens (connections:write)',
      pattern: /^xapp-[A-Za-z0-9-]{8,}$/,
      testPrefix: 'xapp-',
      required: false,
    },
    SLACK_WEBHOOK_TOKEN: {
      label: 'token of an incoming webhook: the last part of its address',
      get: 'https://api.slack.com/apps → Incoming Webhooks (https://hooks.slack.com/services/T…/B…/<token>)',
      pattern: /^[A-Za-z0-9]{8,}$/,
      testDigits: 24,
      required: false,
    },
  },
  auth: bearer(secret('SLACK_BOT_TOKEN')),
  auths: {
    app: bearer(secret('SLACK_APP_TOKEN')),
    // The address of an upload is its own credential, and counts for that upload alone.
    upload: noAuth(),
    webhook: inPath('webhook_token', secret('SLACK_WEBHOOK_TOKEN')),
  },
  // Limits are per method, workspace and app, by tiers; chat.postMessage takes about one a second for a channel.
  limits: { rps: 1, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: slackFault,
  webhooks,
  requestId: (response) => response.headers['x-slack-req-id'],
  health: {
    operation: 'slack:auth.test',
    input: {},
    tell: (result) => `workspace ${result.team}, ${result.botId ? 'bot ' : ''}@${result.user}`,
  },
  operations: {
    'message.send': {
      summary: 'Post a message, or an answer in a thread.',
      effect: 'send',
      without: ['attachments', 'template'],
      scope: 'chat:write',
      request: ({ to, text, replyTo, native: extras }) =>
        post('/chat.postMessage', {
          form: { channel: to, text, thread_ts: replyTo, ...stringified(knownExtras(extras, SEND_EXTRAS)) },
        }),
      result: (body) => {
        const { ts, channel } = readAs(sentAnswer, body)
        return { id: ts, to: channel, sentAt: sentAtOf(ts) }
      },
      cost: 'free',
      undo: ({ result }) => ({ operation: 'message.delete', input: { to: result.to, id: result.id } }),
      undoLabel: 'message.delete',
      verify: ({ input, result }) => {
        if (!result) return undefined
        const call = input.replyTo
          ? { operation: 'slack:thread.list', input: { to: result.to, id: input.replyTo, limit: LARGEST_PAGE } }
          : readOne(result.to, result.id)
        return { ...call, holds: has(result.id), consistency: 'eventual' }
      },
      examples: [
        {
          input: { to: '#general', text: 'The show starts at eight.' },
          response: {
            ok: true,
            channel: 'C1H9RESGL',
            ts: '1503435956.000247',
            message: {
              type: 'message',
              text: 'The show starts at eight.',
              user: 'U0G9QF9C6',
              bot_id: 'B19LU7CSY',
              ts: '1503435956.000247',
            },
          },
        },
        {
          input: {
            to: 'C1H9RESGL',
            text: 'Yes, at eight.',
            replyTo: '1503435956.000247',
            native: { reply_broadcast: true, blocks: [{ type: 'divider' }] },
          },
          response: {
            ok: true,
            channel: 'C1H9RESGL',
            ts: '1503435957.000300',
            message: {
              type: 'message',
              text: 'Yes, at eight.',
              user: 'U0G9QF9C6',
              ts: '1503435957.000300',
              thread_ts: '1503435956.000247',
            },
          },
        },
      ],
    },
    'message.edit': {
      summary: 'Replace the text of a message of one’s own.',
      effect: 'update',
      scope: 'chat:write',
      request: ({ to, id, text, native: extras }) =>
        post('/chat.update', {
          form: { channel: to, ts: id, text, ...stringified(knownExtras(extras, EDIT_EXTRAS)) },
        }),
      result: (body) => {
        const { ts, channel } = readAs(messageAnswer, body)
        return { id: ts, to: channel }
      },
      cost: 'free',
      idempotent: true,
      before: ({ to, id }) => readOne(to, id),
      // Blocks and attachments of the old message are not read back: only its text returns.
      undo: ({ input, before }) => {
        const old = messagesOf(before).find((message) => message.id === input.id)
        return old && { operation: 'message.edit', input: { to: input.to, id: input.id, text: unescaped(old.text) } }
      },
      undoLabel: 'message.edit to the old text',
      verify: ({ input }) => ({
        ...readOne(input.to, input.id),
        holds: (read) =>
          messagesOf(read).some(({ id, text }) => id === input.id && unescaped(text) === unescaped(input.text)),
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { to: 'C1H9RESGL', id: '1503435956.000247', text: 'The show starts at nine.' },
          response: {
            ok: true,
            channel: 'C1H9RESGL',
            ts: '1503435956.000247',
            text: 'The show starts at nine.',
            message: { text: 'The show starts at nine.' },
          },
        },
      ],
    },
    'message.delete': {
      summary: 'Delete a message of one’s own.',
      effect: 'delete',
      scope: 'chat:write',
      request: ({ to, id }) => post('/chat.delete', { form: { channel: to, ts: id } }),
      result: (body) => {
        const { ts, channel } = readAs(messageAnswer, body)
        return { id: ts, to: channel }
      },
      cost: 'free',
      undo: { none: 'Slack forgets a deleted message; sent again it would be another one, at the end.' },
      verify: ({ input }) => ({
        ...readOne(input.to, input.id),
        holds: (read) => !has(input.id)(read),
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { to: 'C1H9RESGL', id: '1503435956.000247' },
          response: { ok: true, channel: 'C1H9RESGL', ts: '1503435956.000247' },
        },
      ],
    },
    'message.react': {
      summary: 'Put an emoji on a message.',
      effect: 'create',
      labels: { reads: 'private', returns: 'trusted', sends: 'external' },
      scope: 'reactions:write',
      request: ({ to, id, emoji }) =>
        post('/reactions.add', { form: { channel: to, timestamp: id, name: emojiName(emoji) } }),
      result: (_body, { input }) => ({ id: input.id, to: input.to }),
      cost: 'free',
      undo: ({ input }) => ({ operation: 'slack:reaction.remove', input }),
      undoLabel: 'slack:reaction.remove',
      examples: [{ input: { to: 'C1H9RESGL', id: '1503435956.000247', emoji: 'thumbsup' }, response: { ok: true } }],
    },
    'file.upload': uploadFile,
    'message.list': {
      summary: 'Read the latest messages of a channel, newest first.',
      effect: 'read',
      labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
      scope: 'channels:history',
      request: ({ to, limit, before, after }) =>
        get('/conversations.history', {
          query: {
            channel: to,
            latest: before,
            oldest: after,
            // Both ends are meant by it; `after` itself is taken out of the answer again.
            inclusive: before === undefined ? undefined : true,
            limit: Math.min(limit + (after === undefined ? 0 : 1), LARGEST_PAGE),
          },
        }),
      result: (body, { input }) => ({
        messages: readAs(messagesAnswer, body)
          .messages.filter((message) => message.ts !== input.after)
          .map(toMessage),
      }),
      cost: 'free',
      pages: { field: 'messages', next: nextCursor },
      examples: [
        {
          input: { to: 'C1H9RESGL', limit: 2 },
          response: {
            ok: true,
            messages: [
              { type: 'message', user: 'U012AB3CDE', text: 'Is it at nine?', ts: '1512085950.000216' },
              { type: 'message', bot_id: 'B19LU7CSY', text: 'The show starts at eight.', ts: '1503435956.000247' },
            ],
            has_more: false,
            pin_count: 0,
            channel_actions_ts: null,
            channel_actions_count: 0,
          },
        },
        {
          input: { to: 'C1H9RESGL', limit: 1, before: '1503435956.000247', after: '1503435000.000100' },
          response: {
            ok: true,
            messages: [
              { type: 'message', bot_id: 'B19LU7CSY', text: 'The show starts at eight.', ts: '1503435956.000247' },
            ],
            has_more: false,
            pin_count: 0,
            channel_actions_ts: null,
            channel_actions_count: 0,
          },
        },
      ],
    },
    'channel.list': {
      summary: 'List the public channels that are not archived.',
      effect: 'read',
      without: ['within'],
      labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
      scope: 'channels:read',
      request: ({ limit }) =>
        get('/conversations.list', { query: { exclude_archived: true, limit: Math.min(limit, LARGEST_PAGE) } }),
      result: (body) => ({
        channels: readAs(channelsAnswer, body).channels.map(({ id, name }) => ({ id, name: name ?? id })),
      }),
      cost: 'free',
      pages: { field: 'channels', next: nextCursor },
      examples: [
        {
          input: { limit: 100 },
          response: {
            ok: true,
            channels: [
              {
                id: 'C012AB3CD00',
                name: 'general',
                name_normalized: 'general',
                is_channel: true,
                is_group: false,
                is_im: false,
                created: 1449252889,
                creator: 'U012A3CDE',
                is_archived: false,
                is_general: true,
                is_shared: false,
                is_org_shared: false,
                is_member: true,
                is_private: false,
                is_mpim: false,
                topic: { value: 'Company-wide announcements', creator: '', last_set: 0 },
                purpose: { value: 'For all of us', creator: '', last_set: 0 },
                num_members: 4,
              },
            ],
            response_metadata: { next_cursor: '' },
          },
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
