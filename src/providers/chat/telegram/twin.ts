// Telegram in rehearsal: a bot in a few chats, with a person who has written to it already. Every method takes its
// parameters in the query, as a form, as JSON or as multipart, and answers GET and POST alike.
import type { JsonObject, TwinAnswer, TwinAsked, TwinDefinition } from '../../../adapter/index.ts'
import { download, getFile, sendDocument, sendPhoto } from './twin-files.ts'
import { createTopic, deleteMessage, deleteTopic, editText, getChat, react, sendMessage } from './twin-messages.ts'
import { refuse, succeed, TWIN_BOT } from './twin-shapes.ts'
import { deleteWebhook, getUpdates, seedChats, setWebhook, webhookInfo } from './twin-updates.ts'

const whoAmI = (): TwinAnswer =>
  succeed({
    ...TWIN_BOT,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_guest_queries: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  })

/** Operations that share a method differ in what they ask of it. */
function discriminate({ template, body }: TwinAsked): string | undefined {
  if (template.endsWith('/sendDocument')) return body.caption === undefined ? 'file.upload' : undefined
  if (!template.endsWith('/setMessageReaction')) return undefined
  const { reaction } = body
  const isNone = reaction === undefined || (typeof reaction === 'string' ? reaction === '[]' : isEmpty(reaction))
  return isNone ? 'telegram:reaction.remove' : 'message.react'
}

const isEmpty = (value: JsonObject[string]): boolean => Array.isArray(value) && value.length === 0

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return refuse(401, 'Unauthorized')
    if (kind === 'not-found') return refuse(404, 'Not Found')
    if (kind === 'unavailable') return refuse(502, 'Bad Gateway')
    if (kind === 'invalid') return refuse(400, `Bad Request: ${message}`)
    return refuse(429, 'Too Many Requests: retry after 1', { retry_after: 1 })
  },
  discriminate,
  described: {
    faults: [
      {
        reason:
          'files are downloaded below /file/bot{token}/, which is no method (core.telegram.org/bots/api#getfile); the description has the methods alone',
        excuses: { operations: /^GET \/file\/bot/, kind: 'route', where: /./ },
      },
      {
        reason:
          'a file may come as a part of any name that a parameter points to by attach:// (core.telegram.org/bots/api#sending-files); grammY makes up 16 letters and digits',
        excuses: {
          operations: /^POST \/bot\{token\}\/send(Document|Photo)$/,
          kind: 'body',
          where: /^\/$/,
          message: /additional properties: [\da-z]{16}$/,
        },
      },
    ],
  },
  seed: seedChats,
  operations: {
    'message.send': (call) => (call.template.endsWith('/sendDocument') ? sendDocument(call) : sendMessage(call)),
    'message.edit': editText,
    'message.delete': deleteMessage,
    'message.react': react,
    'reaction.remove': react,
    'file.upload': sendDocument,
    'file.get': getFile,
    'photo.send': sendPhoto,
    'chat.get': getChat,
    'thread.create': createTopic,
    'thread.delete': deleteTopic,
    'update.list': getUpdates,
    'webhook.set': setWebhook,
    'webhook.get': webhookInfo,
    'webhook.unset': deleteWebhook,
    'bot.get': whoAmI,
  },
  routes: {
    'GET /bot{token}/getMe': whoAmI,
    'GET /bot{token}/getWebhookInfo': webhookInfo,
    'GET /file/bot{token}/{file_path+}': download,
  },
}
