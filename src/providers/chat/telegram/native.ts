// What Telegram has beyond the vocabulary.
import {
  get,
  type JsonObject,
  type Labels,
  type NativeOperation,
  native,
  post,
  readAs,
  VOCABULARY,
  z,
} from '../../../adapter/index.ts'
import { bot, CHAT, MESSAGE, message as messageExample, ok, photo, studio } from './examples.ts'
import { formExtras, PHOTO_EXTRAS, replyTo, withFile } from './payload.ts'
import {
  answerOf,
  CHAT_ID,
  chat,
  chatId,
  fitting,
  MESSAGE_ID,
  message,
  numeric,
  toSent,
  wholeNumber,
} from './shapes.ts'
import { toUpdate, update } from './updates.ts'

const READS: Labels = { reads: 'private', returns: 'untrusted', sends: 'none' }
const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
const ACTS: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }

const { file } = VOCABULARY['file.upload'].input.shape
const done = answerOf(z.literal(true))
const TO = CHAT_ID.describe('Number of the chat, or its @name.')

const photoInput = z
  .strictObject({
    to: TO,
    file: file.optional().describe('The picture, to be uploaded.'),
    fileId: z.string().min(1).max(512).optional().describe('file_id of a picture that Telegram has already.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address from which Telegram takes it.'),
    text: z.string().max(40_000).optional().describe('Words beside it.'),
    replyTo: MESSAGE_ID.optional().describe('Number of the message that this one answers.'),
    native: z.record(z.string(), z.json()).optional().describe("The vendor's own parameters, by its names."),
  })
  .refine((given) => [given.file, given.fileId, given.url].filter((one) => one !== undefined).length === 1, {
    error: 'give one of file, fileId and url',
  })

const webhookInfo = z.object({
  url: z.string(),
  pending_update_count: z.int(),
  last_error_message: z.string().optional(),
  max_connections: z.int().optional(),
  allowed_updates: z.array(z.string()).optional(),
})

const fileAnswer = answerOf(z.object({ file_path: z.string() }))

/** Puts an earlier webhook back, as telegram:webhook.get read it; undefined where there was none. */
export const webhookBack = (before: JsonObject | undefined) => {
  const { url, events, maxConnections } =
    z
      .object({ url: z.string(), events: z.array(z.string()).nullable(), maxConnections: z.int().nullable() })
      .safeParse(before).data ?? {}
  if (!url) return undefined
  return {
    operation: 'webhook.set',
    input: {
      url,
      ...(events ? { events } : {}),
      ...(maxConnections ? { native: { max_connections: maxConnections } } : {}),
    },
  }
}

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'bot.get': native({
    summary: 'Tell whose token it is.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({ id: z.string(), name: z.string(), username: z.string().nullable() }),
    request: () => post('/bot{token}/getMe', { form: {} }),
    result: (body) => {
      const user = z.object({ id: numeric, first_name: z.string(), username: z.string().optional() })
      const { id, first_name, username } = readAs(answerOf(user), body).result
      return { id, name: first_name, username: username ?? null }
    },
    cost: 'free',
    examples: [{ input: {}, response: ok({ ...bot, can_join_groups: true, can_read_all_group_messages: false }) }],
  }),
  'chat.get': native({
    summary: 'Read what a chat is called and what kind it is.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({ id: TO }),
    output: z.object({
      id: z.string(),
      type: z.string().describe('private, group, supergroup or channel.'),
      title: z.string().nullable(),
      username: z.string().nullable(),
      isForum: z.boolean(),
    }),
    request: ({ id }) => post('/bot{token}/getChat', { form: { chat_id: chatId(id, 'id') } }),
    result: (body) => {
      const { id, type, title, first_name, username, is_forum } = readAs(answerOf(chat), body).result
      return { id, type, title: title ?? first_name ?? null, username: username ?? null, isForum: is_forum ?? false }
    },
    cost: 'free',
    examples: [
      {
        input: { id: CHAT },
        response: ok({
          ...studio,
          accent_color_id: 2,
          max_reaction_count: 11,
          accepted_gift_types: {
            unlimited_gifts: false,
            limited_gifts: false,
            unique_gifts: false,
            premium_subscription: false,
            gifts_from_channels: false,
          },
        }),
      },
    ],
  }),
  'photo.send': native({
    summary: 'Send a picture to be seen in the chat: uploaded, known to Telegram already, or from an address.',
    effect: 'send',
    labels: ACTS,
    input: photoInput,
    output: z.object({ id: z.string(), to: z.string(), sentAt: z.iso.datetime(), fileId: z.string() }),
    request: ({ to, file: given, fileId, url, text, replyTo: answered, native: extras }) => {
      const fields = {
        chat_id: chatId(to),
        caption: text === undefined ? undefined : fitting(text, { caption: true, native: extras }),
        reply_parameters: replyTo(answered),
      }
      const more = formExtras(extras, PHOTO_EXTRAS) as Record<string, string | number | boolean> // scalars and JSON texts
      const body = given
        ? withFile({ ...fields, ...more }, { name: 'photo', file: given })
        : { form: { ...fields, ...more, photo: fileId ?? url } }
      return post('/bot{token}/sendPhoto', body)
    },
    result: (body) => {
      const sent = readAs(answerOf(message.required({ photo: true })), body).result
      return { ...toSent(sent), fileId: sent.photo.at(-1)?.file_id ?? '' }
    },
    cost: 'free',
    undo: ({ result }) => ({ operation: 'message.delete', input: { to: result.to, id: result.id } }),
    undoLabel: 'message.delete',
    examples: [
      {
        input: { to: CHAT, url: 'https://example.com/poster.jpg', text: 'Tonight', replyTo: MESSAGE },
        response: ok(messageExample({ message_id: 43, caption: 'Tonight', photo })),
      },
      {
        input: { to: CHAT, file: { name: 'poster.png', base64: 'iVBORw0KGgo=', contentType: 'image/png' } },
        response: ok(messageExample({ message_id: 44, photo })),
      },
    ],
  }),
  'reaction.remove': native({
    summary: 'Take the bot’s reaction off a message.',
    effect: 'update',
    labels: ACTS,
    input: z.strictObject({ to: TO, id: MESSAGE_ID.describe('Number of the message.') }),
    output: z.object({}),
    request: ({ to, id }) =>
      post('/bot{token}/setMessageReaction', {
        form: { chat_id: chatId(to), message_id: wholeNumber(id, 'id'), reaction: '[]' },
      }),
    result: (body) => {
      readAs(done, body)
      return {}
    },
    cost: 'free',
    idempotent: true,
    undo: { none: 'Telegram does not tell a bot which reaction it had: message.react puts one on again.' },
    examples: [{ input: { to: CHAT, id: MESSAGE }, response: ok(true) }],
  }),
  'thread.create': native({
    summary: 'Open a topic in a group that has topics.',
    effect: 'create',
    labels: ACTS,
    scope: 'can_manage_topics',
    input: z.strictObject({ to: TO, name: z.string().min(1).max(128).describe('Name of the topic.') }),
    output: z.object({ id: z.string().describe('For native.message_thread_id of a message.'), to: z.string() }),
    request: ({ to, name }) => post('/bot{token}/createForumTopic', { form: { chat_id: chatId(to), name } }),
    result: (body, { input }) => ({
      id: readAs(answerOf(z.object({ message_thread_id: numeric })), body).result.message_thread_id,
      to: input.to,
    }),
    cost: 'free',
    undo: ({ result }) => ({ operation: 'telegram:thread.delete', input: { to: result.to, id: result.id } }),
    undoLabel: 'telegram:thread.delete, with all that was written in it',
    examples: [
      {
        input: { to: CHAT, name: 'Questions' },
        response: ok({ message_thread_id: 45, name: 'Questions', icon_color: 7322096 }),
      },
    ],
  }),
  'thread.delete': native({
    summary: 'Delete a topic with all of its messages.',
    effect: 'delete',
    labels: ACTS,
    scope: 'can_delete_messages',
    input: z.strictObject({ to: TO, id: MESSAGE_ID.describe('Id of the topic.') }),
    output: z.object({}),
    request: ({ to, id }) =>
      post('/bot{token}/deleteForumTopic', {
        form: { chat_id: chatId(to), message_thread_id: wholeNumber(id, 'id') },
      }),
    result: (body) => {
      readAs(done, body)
      return {}
    },
    cost: 'free',
    undo: { none: 'Telegram forgets a deleted topic and the messages in it.' },
    examples: [{ input: { to: CHAT, id: '45' }, response: ok(true) }],
  }),
  'file.get': native({
    summary: 'Read a file that somebody sent, up to 20 MB.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({ id: z.string().min(1).max(512).describe('file_id, as an update shows it.') }),
    output: z.object({
      id: z.string(),
      path: z.string().describe("Telegram's own name of it; the name that people see stands in the message."),
      size: z.int().min(0),
      base64: z.string().describe('The content, as bytes in base64.'),
    }),
    request: ({ id }) => post('/bot{token}/getFile', { form: { file_id: id } }),
    // `more` gives the result; without a path there is nothing to read.
    result: () => undefined,
    more: function* ({ input: { id }, answer }) {
      const path = readAs(fileAnswer, answer.body).result.file_path
      const { body } = yield {
        request: get('/bot{token}/{file_path+}', { base: 'files', path: { file_path: path }, answer: 'bytes' }),
        reads: true,
      }
      const base64 = z.string().parse(body)
      return { id, path, size: Buffer.byteLength(base64, 'base64'), base64 }
    },
    cost: 'free',
    examples: [
      {
        input: { id: 'BQACAgIAAxkDAAMqZ0' },
        response: ok({
          file_id: 'BQACAgIAAxkDAAMqZ0',
          file_unique_id: 'AgADKgAD',
          file_size: 19,
          file_path: 'documents/file_7.txt',
        }),
        more: [{ body: Buffer.from('Doors, show, encore').toString('base64') }],
      },
    ],
  }),
  'update.list': native({
    summary: 'Read what people did since; with offset, what came before it is confirmed and gone.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({
      offset: z.int().min(0).optional().describe('`next` of the last answer. Telegram forgets all updates before it.'),
      limit: z.int().min(1).max(100).default(100),
      waitSeconds: z.int().min(0).max(50).default(0).describe('How long Telegram may wait for something to happen.'),
    }),
    output: z.object({
      updates: z.array(
        z.object({
          id: z.string(),
          type: z.string().describe('message, edited_message, callback_query, message_reaction …'),
          at: z.iso.datetime().optional(),
          data: z.record(z.string(), z.json()),
        }),
      ),
      next: z.int().nullable().describe('offset that confirms these; null where there are none.'),
    }),
    // `allowed_updates` would change what the bot gets from then on, so a read leaves it as webhook.set made it.
    request: ({ offset, limit, waitSeconds }) =>
      post('/bot{token}/getUpdates', { form: { offset, limit, timeout: waitSeconds } }),
    result: (body) => {
      const found = readAs(answerOf(z.array(z.json())), body).result
      const last = found.at(-1)
      return {
        updates: found.map(toUpdate),
        next: last === undefined ? null : Number(readAs(update, last).update_id) + 1,
      }
    },
    cost: 'free',
    examples: [
      {
        input: { offset: 10001, limit: 100, waitSeconds: 0 },
        response: ok([
          {
            update_id: 10001,
            message: {
              message_id: 1366,
              from: { id: 1111111, is_bot: false, first_name: 'Ada', username: 'ada_l' },
              chat: { id: 1111111, type: 'private', first_name: 'Ada', username: 'ada_l' },
              date: 1764079200,
              text: 'When does it start?',
            },
          },
        ]),
      },
    ],
  }),
  'webhook.get': native({
    summary: 'Tell where updates are sent, how many wait and what went wrong last.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({
      url: z.string().describe('Empty where there is none.'),
      pending: z.int(),
      lastError: z.string().nullable(),
      events: z.array(z.string()).nullable().describe('Null: the kinds that Telegram sends by default.'),
      maxConnections: z.int().nullable(),
    }),
    request: () => post('/bot{token}/getWebhookInfo', { form: {} }),
    result: (body) => {
      const { url, ...info } = readAs(answerOf(webhookInfo), body).result
      return {
        url,
        pending: info.pending_update_count,
        lastError: info.last_error_message ?? null,
        events: info.allowed_updates ?? null,
        maxConnections: info.max_connections ?? null,
      }
    },
    cost: 'free',
    examples: [
      {
        input: {},
        response: ok({
          url: 'https://fabric.example.com/hooks/telegram',
          has_custom_certificate: false,
          pending_update_count: 0,
          max_connections: 40,
          ip_address: '203.0.113.7',
          allowed_updates: ['message', 'callback_query'],
        }),
      },
    ],
  }),
  'webhook.unset': native({
    summary: 'Have updates no longer sent anywhere; they wait for telegram:update.list.',
    effect: 'delete',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({}),
    request: () => post('/bot{token}/deleteWebhook', { form: {} }),
    result: (body) => {
      readAs(done, body)
      return {}
    },
    cost: 'free',
    idempotent: true,
    before: () => ({ operation: 'telegram:webhook.get', input: {} }),
    undo: ({ before }) => webhookBack(before),
    undoLabel: 'webhook.set to the earlier address',
    verify: () => ({
      operation: 'telegram:webhook.get',
      input: {},
      holds: (read) => read.url === '',
      consistency: 'eventual',
    }),
    examples: [{ input: {}, response: ok(true) }],
  }),
}
