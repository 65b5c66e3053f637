// Families message, channel, file, webhook: words between people, in whatever chat they use.
import { z } from 'zod'
import { extras, file, id, limit, name, rfc3339, webAddress } from './shapes.ts'

const to = z.string().min(1).max(512).describe('Channel, chat or person, as the provider names it.')
const text = z.string().min(1).max(40_000).describe('The words.')
const messageId = id.describe('Id of the message.')

export const message = {
  'message.send': {
    summary: 'Send a message to a channel, chat or person.',
    input: z.strictObject({
      to,
      text,
      attachments: z.array(file).max(10).optional().describe('Files that go with it.'),
      replyTo: id.optional().describe('Id of the message that this one answers.'),
      template: z
        .strictObject({
          name: z.string().min(1).max(512).describe('Name or id of the template at the provider.'),
          values: z.record(z.string(), z.string()).default({}).describe('What to put into it, by place.'),
          language: z.string().max(20).optional().describe('BCP 47, where the provider has several.'),
        })
        .optional()
        .describe(
          'A message that the provider keeps, in place of free words; text is then what people are shown here.',
        ),
      native: extras,
    }),
    result: z.object({ id, to: z.string(), sentAt: rfc3339 }),
  },
  'message.edit': {
    summary: 'Replace the text of a message.',
    input: z.strictObject({ to, id: messageId, text, native: extras }),
    result: z.object({ id, to: z.string() }),
  },
  'message.delete': {
    summary: 'Delete a message.',
    input: z.strictObject({ to, id: messageId }),
    result: z.object({ id, to: z.string() }),
  },
  'message.react': {
    summary: 'Put an emoji on a message.',
    input: z.strictObject({
      to,
      id: messageId,
      emoji: z.string().min(1).max(100).describe('The emoji itself, or its name where the provider has names.'),
    }),
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
    input: z.strictObject({
      limit,
      within: id.optional().describe('Server, team or workspace, where there are several.'),
    }),
    result: z.object({ channels: z.array(z.object({ id, name: z.string() })) }),
  },
} as const

export const files = {
  'file.upload': {
    summary: 'Upload a file, into a channel where one is given.',
    input: z.strictObject({ file, to: to.optional(), text: z.string().max(40_000).optional(), native: extras }),
    result: z.object({ id, url: z.string().nullable() }),
  },
} as const

export const webhook = {
  'webhook.set': {
    summary: 'Have events sent to an address.',
    input: z.strictObject({
      url: webAddress,
      events: z
        .array(name)
        .max(200)
        .optional()
        .describe('Kinds of events, by the names of the provider; default its own.'),
      native: extras,
    }),
    result: z.object({ id: id.nullable().describe('Null where the provider keeps one alone.') }),
  },
} as const
