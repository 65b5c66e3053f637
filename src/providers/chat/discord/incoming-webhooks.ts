// Incoming webhooks: an address of a channel that takes messages without the bot. Its token is a credential of its own, which
// stands in the path of what is posted, and never in a result.
import { del, knownExtras, type NativeOperation, native, post, readAs, z } from '../../../adapter/index.ts'
import { audited, reason } from './audit.ts'
import { BOT, CHANNEL, GUILD, message } from './examples.ts'
import { ACTS, TAKES_BACK } from './labels.ts'
import { fitting } from './payload.ts'
import { messageAnswer, SNOWFLAKE, toSent, withId } from './shapes.ts'

const POST_EXTRAS = ['allowed_mentions', 'avatar_url', 'components', 'embeds', 'flags', 'poll', 'thread_name', 'tts']

const webhook = SNOWFLAKE.describe('Id of the webhook, in its address before the token.')
const id = SNOWFLAKE.describe('Id of the message.')
const thread = SNOWFLAKE.optional().describe('Id of a thread of the channel.')

const made = withId.extend({ name: z.string().nullable() })

export const webhookOperations: Record<string, NativeOperation> = {
  'webhook.create': native({
    summary: 'Make an incoming webhook of a channel. Its token is a credential and is not given back here.',
    effect: 'create',
    labels: ACTS,
    scope: 'MANAGE_WEBHOOKS',
    input: z.strictObject({
      to: SNOWFLAKE.describe('Id of the channel.'),
      name: z.string().min(1).max(80).describe('Name under which its messages appear.'),
      reason,
    }),
    output: made,
    request: (input) =>
      post('/channels/{channel_id}/webhooks', {
        path: { channel_id: input.to },
        json: { name: input.name },
        ...audited(input.reason),
      }),
    result: (body) => readAs(made, body),
    cost: 'free',
    undo: ({ result }) => ({ operation: 'discord:webhook.delete', input: { webhook: result.id } }),
    undoLabel: 'discord:webhook.delete',
    examples: [
      {
        input: { to: CHANNEL, name: 'Stage manager' },
        response: {
          id: '1192000000000000001',
          type: 1,
          name: 'Stage manager',
          avatar: null,
          channel_id: CHANNEL,
          guild_id: GUILD,
          application_id: '1180000000000000001',
          user: BOT,
        },
      },
    ],
  }),
  'webhook.delete': native({
    summary: 'Delete an incoming webhook; its messages stay.',
    effect: 'delete',
    labels: TAKES_BACK,
    scope: 'MANAGE_WEBHOOKS',
    input: z.strictObject({ webhook, reason }),
    output: z.object({}),
    request: (input) =>
      del('/webhooks/{webhook_id}', { path: { webhook_id: input.webhook }, answer: 'empty', ...audited(input.reason) }),
    result: () => ({}),
    cost: 'free',
    undo: { none: 'A new webhook has another id and another token.' },
    examples: [{ input: { webhook: '1192000000000000001' }, response: null, status: 204 }],
  }),
  'webhook.post': native({
    summary: 'Post through an incoming webhook, whose token is the secret DISCORD_WEBHOOK_TOKEN.',
    effect: 'send',
    labels: ACTS,
    input: z.strictObject({
      webhook,
      text: z.string().min(1).max(2000).describe('The words.'),
      username: z.string().min(1).max(80).optional().describe('In place of the name of the webhook.'),
      thread,
      native: z.record(z.string(), z.json()).optional().describe('Parameters of Discord, by its names.'),
    }),
    output: z.object({ id: z.string(), to: z.string(), sentAt: z.string() }),
    request: (input) =>
      post('/webhooks/{webhook_id}/{webhook_token}', {
        auth: 'webhook',
        path: { webhook_id: input.webhook },
        // Without it Discord answers before the message is saved, and nothing at all.
        query: { wait: true, thread_id: input.thread },
        json: { ...knownExtras(input.native, POST_EXTRAS), content: fitting(input.text), username: input.username },
      }),
    result: (body) => toSent(readAs(messageAnswer, body)),
    cost: 'free',
    undo: ({ input, result }) => ({
      operation: 'discord:webhook.deletePost',
      input: { webhook: input.webhook, id: result.id, ...(input.thread === undefined ? {} : { thread: input.thread }) },
    }),
    undoLabel: 'discord:webhook.deletePost',
    examples: [
      {
        input: { webhook: '1192000000000000001', text: 'Five minutes.', username: 'Stage manager' },
        response: message({
          id: '1192000000000000100',
          content: 'Five minutes.',
          webhook_id: '1192000000000000001',
          author: { ...BOT, id: '1192000000000000001', username: 'Stage manager', discriminator: '0000' },
        }),
      },
    ],
  }),
  'webhook.deletePost': native({
    summary: 'Delete a message of an incoming webhook.',
    effect: 'delete',
    labels: TAKES_BACK,
    input: z.strictObject({ webhook, id, thread }),
    output: z.object({}),
    request: (input) =>
      del('/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}', {
        auth: 'webhook',
        path: { webhook_id: input.webhook, message_id: input.id },
        query: { thread_id: input.thread },
        answer: 'empty',
      }),
    result: () => ({}),
    cost: 'free',
    undo: { none: 'Discord forgets a deleted message.' },
    examples: [{ input: { webhook: '1192000000000000001', id: '1192000000000000100' }, response: null, status: 204 }],
  }),
}
