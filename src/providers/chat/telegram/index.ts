// Telegram, Bot API 10.1. The token of the bot stands in the path of every request. A bot sees what is sent to it and
// nothing else: no method lists chats or reads what was said before, so message.list and channel.list are not to be had.
import {
  defineProvider,
  inPath,
  type JsonObject,
  knownExtras,
  post,
  readAs,
  secret,
  secretInBody,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { isUnchanged, telegramFault } from './errors.ts'
import { CHAT, document, MESSAGE, message as messageExample, ok } from './examples.ts'
import { webhooks } from './hooks.ts'
import { natives, webhookBack } from './native.ts'
import { DOCUMENT_EXTRAS, EDIT_EXTRAS, formExtras, type GivenFile, replyTo, TEXT_EXTRAS, withFile } from './payload.ts'
import { answerOf, chatId, fitting, message, toSent, wholeNumber } from './shapes.ts'
import { twin } from './twin.ts'

const SEND_DOCUMENT = '/bot{token}/sendDocument'
/** core.telegram.org/bots/api#setwebhook */
const WEBHOOK_PORTS = ['', '443', '80', '88', '8443']

const messageAnswer = answerOf(message)
const done = answerOf(z.literal(true))

interface Words {
  to: string
  text?: string | undefined
  replyTo?: string | undefined
  native?: JsonObject | undefined
}

const documentRequest = ({ to, text, replyTo: answered, native }: Words, file: GivenFile) =>
  post(
    SEND_DOCUMENT,
    withFile(
      {
        chat_id: chatId(to),
        caption: text === undefined ? undefined : fitting(text, { caption: true, native }),
        reply_parameters: replyTo(answered),
        ...knownExtras(native, DOCUMENT_EXTRAS),
      },
      { name: 'document', file },
    ),
  )

/** Digits are the id of an emoji of somebody's own making, anything else is the emoji. */
const reactionOf = (emoji: string): string =>
  JSON.stringify([
    /^\d{10,}$/.test(emoji) ? { type: 'custom_emoji', custom_emoji_id: emoji } : { type: 'emoji', emoji },
  ])

function deliverable(url: string): string {
  const { protocol, port } = new URL(url)
  if (protocol === 'https:' && WEBHOOK_PORTS.includes(port)) return url
  throw unsupported(`url: ${url} cannot be a webhook of Telegram`, 'Give an https address on port 443, 80, 88 or 8443.')
}

const definition = defineProvider({
  id: 'telegram',
  name: 'Telegram Bot API',
  category: 'chat',
  version: '1.0.0',
  docs: 'https://core.telegram.org/bots/api',
  sources: [
    'https://core.telegram.org/bots/api (as https://github.com/PaulSonOfLars/telegram-bot-api-spec 160fd99 has it: Bot API 10.1, 2026-06-11)',
    'https://core.telegram.org/bots/faq (rates)',
    'https://github.com/TelegramBotAPI/errors (wording of errors, which Telegram does not document)',
    'npm grammy 1.46.0',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  notes: [
    'Telegram has no list of chats and no history for bots: there is no message.list and no channel.list; what people write comes by telegram:update.list or by the webhook, and only one of the two works at a time.',
    'The id of a message counts in its chat alone, so every operation on one takes the chat too.',
    'Telegram knows no idempotency key: a send whose answer was lost is not repeated, and nothing can be read to see whether it arrived.',
    'A bot deletes its messages within 48 hours; later they stay.',
    'People have to write to a bot first; until then, and once they block it, sending is refused.',
    'About 30 messages a second in all, one a second in a chat, 20 a minute in a group. Paid broadcasts, which lift the limit for Telegram Stars, are not passed on.',
    'A message takes one file; further ones go by file.upload. A send in message_thread_id of native goes into that topic.',
    'When a group becomes a supergroup its id changes: the error names the new one.',
    'update.list with an offset makes Telegram forget the updates before it; unread ones are kept for 24 hours.',
    'The undo of webhook.set puts the earlier address back with the secret that the instance has now.',
    'The test environment of Telegram, another server under /bot{token}/test/, is not reached.',
  ],
  baseUrls: { main: 'https://api.telegram.org', files: 'https://api.telegram.org/file' },
  secrets: {
    TELEGRAM_BOT_TOKEN: {
      label: 'bot token (123456789:AA…)',
      get: 'Telegram → @BotFather → /newbot, or /token for a bot that is there',
      pattern: /^\d{5,}:[\w-]{30,}$/,
      testPrefix: '110201543:',
    },
    TELEGRAM_WEBHOOK_SECRET: {
      label: 'secret that deliveries show: 1 to 256 of A-Z a-z 0-9 _ -, of your own choice',
      get: 'openssl rand -hex 32',
      pattern: /^[A-Za-z0-9_-]{1,256}$/,
      required: false,
    },
  },
  auth: inPath('token', secret('TELEGRAM_BOT_TOKEN')),
  // Of all chats together; Telegram tells how long to wait where a single chat or group is at its own limit.
  limits: { rps: 30, burst: 30, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: telegramFault,
  webhooks,
  health: {
    operation: 'telegram:bot.get',
    input: {},
    tell: (result) => `bot @${result.username ?? result.name}`,
  },
  operations: {
    'message.send': {
      summary: 'Write into a chat, answer a message in it, or send a file with words beside it.',
      effect: 'send',
      without: ['template'],
      request: (input) => {
        const { to, text, attachments = [], replyTo: answered, native } = input
        const [file, ...others] = attachments
        if (others.length > 0) {
          throw unsupported(
            'attachments: Telegram takes one file with a message',
            'Send the others by file.upload, each as a message of its own.',
          )
        }
        if (file) return documentRequest(input, file)
        return post('/bot{token}/sendMessage', {
          form: {
            chat_id: chatId(to),
            text: fitting(text, { native }),
            reply_parameters: replyTo(answered),
            ...formExtras(native, TEXT_EXTRAS),
          },
        })
      },
      result: (body) => toSent(readAs(messageAnswer, body).result),
      cost: 'free',
      undo: ({ result }) => ({ operation: 'message.delete', input: { to: result.to, id: result.id } }),
      undoLabel: 'message.delete, within 48 hours',
      examples: [
        {
          input: { to: CHAT, text: 'The show starts at eight.' },
          response: ok(messageExample({ text: 'The show starts at eight.' })),
        },
        {
          input: {
            to: CHAT,
            text: 'Yes, at <b>eight</b>.',
            replyTo: MESSAGE,
            native: { parse_mode: 'HTML', link_preview_options: { is_disabled: true } },
          },
          response: ok(
            messageExample({
              message_id: 43,
              text: 'Yes, at eight.',
              entities: [{ type: 'bold', offset: 8, length: 5 }],
              reply_to_message: messageExample({ text: 'The show starts at eight.' }),
              link_preview_options: { is_disabled: true },
            }),
          ),
        },
        {
          input: {
            to: CHAT,
            text: 'Tonight:',
            attachments: [{ name: 'running-order.txt', text: 'Doors, show, encore' }],
          },
          response: ok(messageExample({ message_id: 44, caption: 'Tonight:', document })),
        },
      ],
    },
    'message.edit': {
      summary: 'Replace the text of a message of the bot’s own.',
      effect: 'update',
      request: ({ to, id, text, native }) =>
        post('/bot{token}/editMessageText', {
          form: {
            chat_id: chatId(to),
            message_id: wholeNumber(id, 'id'),
            text: fitting(text, { native }),
            ...formExtras(native, EDIT_EXTRAS),
          },
        }),
      result: (body, { input }) => {
        if (isUnchanged(body)) return { id: input.id, to: input.to }
        const { id, to } = toSent(readAs(messageAnswer, body).result)
        return { id, to }
      },
      cost: 'free',
      idempotent: true,
      undo: { none: 'Telegram shows a bot no message again, so the old text is not known: edit it once more by hand.' },
      examples: [
        {
          input: { to: CHAT, id: MESSAGE, text: 'The show starts at nine.' },
          response: ok(messageExample({ text: 'The show starts at nine.', edit_date: 1764079260 })),
        },
      ],
    },
    'message.delete': {
      summary: 'Delete a message of the bot’s own within 48 hours; of others only with the right to.',
      effect: 'delete',
      scope: 'can_delete_messages',
      request: ({ to, id }) =>
        post('/bot{token}/deleteMessage', { form: { chat_id: chatId(to), message_id: wholeNumber(id, 'id') } }),
      result: (body, { input: { to, id } }) => {
        readAs(done, body)
        return { id, to }
      },
      cost: 'free',
      undo: { none: 'Telegram forgets a deleted message; sent again it would be another one, at the end.' },
      examples: [{ input: { to: CHAT, id: MESSAGE }, response: ok(true) }],
    },
    'message.react': {
      summary: 'Put an emoji on a message, in place of the one that the bot put there before.',
      effect: 'update',
      request: ({ to, id, emoji }) =>
        post('/bot{token}/setMessageReaction', {
          form: { chat_id: chatId(to), message_id: wholeNumber(id, 'id'), reaction: reactionOf(emoji) },
        }),
      result: (body, { input: { to, id } }) => {
        readAs(done, body)
        return { id, to }
      },
      cost: 'free',
      idempotent: true,
      undo: ({ input: { to, id } }) => ({ operation: 'telegram:reaction.remove', input: { to, id } }),
      undoLabel: 'telegram:reaction.remove; an earlier one of the bot does not come back',
      examples: [
        { input: { to: CHAT, id: MESSAGE, emoji: '🎉' }, response: ok(true) },
        { input: { to: CHAT, id: MESSAGE, emoji: '5368324170671202286' }, response: ok(true) },
      ],
    },
    'file.upload': {
      summary: 'Send a file into a chat; the id is that of the message which holds it.',
      effect: 'send',
      labels: { reads: 'public', returns: 'trusted', sends: 'external' },
      request: ({ file, to, text, native }) => {
        if (to === undefined) throw unsupported('to: a file needs a chat at Telegram', 'Give the number of a chat.')
        return documentRequest({ to, text, native }, file)
      },
      result: (body) => ({ id: toSent(readAs(messageAnswer, body).result).id, url: null }),
      cost: 'free',
      undo: ({ input, result }) =>
        input.to === undefined ? undefined : { operation: 'message.delete', input: { to: input.to, id: result.id } },
      undoLabel: 'message.delete, within 48 hours',
      examples: [
        {
          input: { to: CHAT, file: { name: 'running-order.txt', text: 'Doors, show, encore' }, text: 'Tonight:' },
          response: ok(messageExample({ caption: 'Tonight:', document })),
        },
      ],
    },
    'webhook.set': {
      summary:
        'Have updates sent to an address, by the names of Telegram: message, callback_query. Polling then stops.',
      effect: 'update',
      labels: { reads: 'private', returns: 'trusted', sends: 'external' },
      request: ({ url, events, native }) =>
        post('/bot{token}/setWebhook', {
          form: {
            url: deliverable(url),
            secret_token: secretInBody(secret('TELEGRAM_WEBHOOK_SECRET')),
            allowed_updates: events === undefined ? undefined : JSON.stringify(events),
            ...formExtras(native, ['max_connections']),
          },
        }),
      result: (body) => {
        readAs(done, body)
        return { id: null }
      },
      cost: 'free',
      idempotent: true,
      before: () => ({ operation: 'telegram:webhook.get', input: {} }),
      undo: ({ before }) => before && (webhookBack(before) ?? { operation: 'telegram:webhook.unset', input: {} }),
      undoLabel: 'webhook.set to the earlier address, or telegram:webhook.unset',
      verify: ({ input }) => ({
        operation: 'telegram:webhook.get',
        input: {},
        holds: (read) => read.url === input.url,
        consistency: 'eventual',
      }),
      examples: [
        {
          input: {
            url: 'https://fabric.example.com/hooks/telegram',
            events: ['message', 'callback_query'],
            native: { max_connections: 10 },
          },
          response: { ok: true, result: true, description: 'Webhook was set' },
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
