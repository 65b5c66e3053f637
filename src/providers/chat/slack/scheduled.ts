// Messages that are not simply posted: later, or for one person's eyes.
import {
  knownExtras,
  type NativeOperation,
  native,
  post,
  readAs,
  sentinelNumber,
  stringified,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { ID } from './shapes.ts'

const text = z.string().min(1).max(40_000).describe('The words.')
const extras = z.record(z.string(), z.json()).optional().describe("Slack's own parameters, by its names.")
const replyTo = ID.optional().describe('Id of the message that this one answers.')

const SCHEDULE_EXTRAS = [
  'attachments',
  'blocks',
  'link_names',
  'parse',
  'reply_broadcast',
  'unfurl_links',
  'unfurl_media',
]
const EPHEMERAL_EXTRAS = ['attachments', 'blocks', 'icon_emoji', 'icon_url', 'link_names', 'parse', 'username']

const ts = z.string().regex(/^\d{10,}\.\d{6}$/)
const scheduled = z.object({ scheduled_message_id: z.string(), channel: z.string(), post_at: z.int() })

/** Slack takes whole seconds. */
function secondsOf(at: string): number {
  if (sentinelNumber(at) !== undefined) throw unsupported('at: the time must be known', 'Write the time itself.')
  const seconds = Date.parse(at) / 1000
  if (Number.isInteger(seconds)) return seconds
  throw unsupported(`at: ${at} is no whole second`, 'Slack takes whole seconds.')
}

/** By their names without the provider. */
export const scheduledOperations: Record<string, NativeOperation> = {
  'message.schedule': native({
    summary: 'Have a message posted later, within 120 days.',
    // What is scheduled is sent, if nobody takes it back before.
    effect: 'send',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'chat:write',
    input: z.strictObject({
      to: ID.describe('Id of the channel.'),
      text,
      at: z.iso.datetime().describe('When: RFC 3339, UTC.'),
      replyTo,
      native: extras,
    }),
    output: z.object({ id: z.string(), to: z.string(), at: z.iso.datetime() }),
    request: (input) =>
      post('/chat.scheduleMessage', {
        form: {
          channel: input.to,
          text: input.text,
          post_at: secondsOf(input.at),
          thread_ts: input.replyTo,
          ...stringified(knownExtras(input.native, SCHEDULE_EXTRAS)),
        },
      }),
    result: (body) => {
      const { scheduled_message_id: id, channel: to, post_at } = readAs(scheduled, body)
      return { id, to, at: new Date(post_at * 1000).toISOString() }
    },
    cost: 'free',
    undo: ({ result }) => ({ operation: 'slack:message.unschedule', input: { to: result.to, id: result.id } }),
    undoLabel: 'slack:message.unschedule, until a minute before',
    examples: [
      {
        input: { to: 'C1H9RESGL', text: 'Doors in ten minutes.', at: '2026-12-01T19:50:00Z' },
        response: {
          ok: true,
          channel: 'C1H9RESGL',
          scheduled_message_id: 'Q1298393284',
          post_at: 1796154600,
          message: {
            type: 'message',
            text: 'Doors in ten minutes.',
            user: 'U0G9QF9C6',
            bot_id: 'B19LU7CSY',
            team: 'T0G9PQBBK',
          },
        },
      },
    ],
  }),
  'message.unschedule': native({
    summary: 'Take back a message that was scheduled and not posted yet.',
    effect: 'delete',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: 'chat:write',
    input: z.strictObject({
      to: ID.describe('Id of the channel.'),
      id: ID.describe('Id of the scheduled message, as message.schedule gave it.'),
    }),
    output: z.object({ id: z.string(), to: z.string() }),
    request: ({ to, id }) => post('/chat.deleteScheduledMessage', { form: { channel: to, scheduled_message_id: id } }),
    result: (_body, { input }) => ({ id: input.id, to: input.to }),
    cost: 'free',
    undo: { none: 'Slack forgets it; schedule it again, under another id.' },
    examples: [{ input: { to: 'C1H9RESGL', id: 'Q1298393284' }, response: { ok: true } }],
  }),
  'message.ephemeral': native({
    summary: 'Show a message to one person in a channel, until that person reloads.',
    effect: 'send',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 'chat:write',
    input: z.strictObject({
      to: ID.describe('Id of the channel.'),
      user: ID.describe('Id of the person, who must be in the channel.'),
      text,
      replyTo,
      native: extras,
    }),
    output: z.object({ id: z.string(), to: z.string() }),
    request: (input) =>
      post('/chat.postEphemeral', {
        form: {
          channel: input.to,
          user: input.user,
          text: input.text,
          thread_ts: input.replyTo,
          ...stringified(knownExtras(input.native, EPHEMERAL_EXTRAS)),
        },
      }),
    result: (body, { input }) => ({ id: readAs(z.object({ message_ts: ts }), body).message_ts, to: input.to }),
    cost: 'free',
    undo: { none: 'Slack cannot take back what it has shown to one person.' },
    examples: [
      {
        input: { to: 'C1H9RESGL', user: 'U061F7AUR', text: 'Only you can see this.' },
        response: { ok: true, message_ts: '1502210682.580145' },
      },
    ],
  }),
}
