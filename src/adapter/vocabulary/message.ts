// Family message and channel: words between people, in whatever chat they use.
import { z } from 'zod'
import { extras, id, limit, rfc3339 } from './shapes.ts'

const to = z.string().min(1).max(512).describe('Channel, chat or person, as the provider names it.')
const text = z.string().min(1).max(40_000).describe('The words.')

export const message = {
  'message.send': {
    summary: 'Send a message to a channel, chat or person.',
    input: z.strictObject({
      to,
      text,
      replyTo: id.optional().describe('Id of the message that this one answers.'),
      native: extras,
    }),
    result: z.object({ id, to: z.string(), sentAt: rfc3339 }),
  },
  'message.edit': {
    summary: 'Replace the text of a message.',
    input: z.strictObject({ to, id: id.describe('Id of the message.'), text, native: extras }),
    result: z.object({ id, to: z.string() }),
  },
  'message.delete': {
    summary: 'Delete a message.',
    input: z.strictObject({ to, id: id.describe('Id of the message.') }),
    result: z.object({ id, to: z.string() }),
  },
  'message.list': {
    summary: 'Read the latest messages of a channel, newest first.',
    input: z.strictObject({
      to,
      limit,
      before: id.optional().describe('Only messages up to and including this id.'),
      after: id.optional().describe('Only messages later than this id.'),
    }),
    result: z.object({
      messages: z.array(z.object({ id, text: z.string(), from: z.string().nullable(), sentAt: rfc3339 })),
    }),
  },
} as const

export const channel = {
  'channel.list': {
    summary: 'List the channels that the credential can see.',
    input: z.strictObject({ limit }),
    result: z.object({ channels: z.array(z.object({ id, name: z.string() })) }),
  },
} as const
