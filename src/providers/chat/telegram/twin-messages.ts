// Messages, reactions and topics of the twin.
import type { JsonObject, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import {
  badRequest,
  chatIn,
  done,
  keyOf,
  nextNumber,
  objectOf,
  parametersOf,
  structured,
  succeed,
  TWIN_BOT,
  text,
} from './twin-shapes.ts'

const TEXT_MAX = 4096
const CAPTION_MAX = 1024
const COLOR = 7322096

export function sendMessage(call: TwinCall): TwinAnswer {
  const words = text(parametersOf(call).text)
  if (words.trim() === '') return badRequest('message text is empty')
  if ([...words].length > TEXT_MAX) return badRequest('message is too long')
  return post(call, { text: words })
}

/** Keeps a message with this content and answers with it. */
export function post(call: TwinCall, content: JsonObject): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const { chat } = found
  const given = parametersOf(call)
  const caption = text(given.caption)
  if ([...caption].length > CAPTION_MAX) return badRequest('message caption is too long')
  const thread = text(given.message_thread_id)
  if (thread !== '' && !call.state('topics').has(keyOf(chat, thread))) return badRequest('message thread not found')
  const reply = objectOf(given.reply_parameters)
  const answered = call.state('messages').get(keyOf(chat, reply.message_id))
  if (reply.message_id !== undefined && !answered && reply.allow_sending_without_reply !== true) {
    return badRequest('message to be replied not found')
  }

  const id = nextNumber(call, chat)
  const message: JsonObject = {
    message_id: id,
    ...(chat.type === 'channel' ? { sender_chat: chat } : { from: TWIN_BOT }),
    chat,
    date: Math.floor(call.now / 1000),
    ...(thread === '' ? {} : { message_thread_id: Number(thread), is_topic_message: true }),
    ...(answered ? { reply_to_message: answered } : {}),
    ...content,
    ...(caption === '' ? {} : { caption }),
  }
  call.state('messages').set(keyOf(chat, id), message)
  return succeed(message)
}

export function editText(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const given = parametersOf(call)
  const key = keyOf(found.chat, given.message_id)
  const message = call.state('messages').get(key)
  if (!message) return badRequest('message to edit not found')
  if (message.chat && !isOwn(message)) return badRequest("message can't be edited")
  const words = text(given.text)
  if (words.trim() === '') return badRequest('message text is empty')
  if (message.text === undefined) return badRequest('there is no text in the message to edit')
  if (message.text === words) {
    return badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    )
  }
  const changed = { ...message, text: words, edit_date: Math.floor(call.now / 1000) }
  call.state('messages').set(key, changed)
  return succeed(changed)
}

const isOwn = ({ from, sender_chat }: JsonObject): boolean =>
  sender_chat !== undefined || (from as JsonObject | undefined)?.id === TWIN_BOT.id

export function deleteMessage(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const key = keyOf(found.chat, parametersOf(call).message_id)
  return call.state('messages').delete(key) ? done() : badRequest('message to delete not found')
}

/** One reaction a message; none takes it off. */
export function react(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const { message_id, reaction } = parametersOf(call)
  const key = keyOf(found.chat, message_id)
  if (!call.state('messages').has(key)) return badRequest('message to react not found')
  const wanted = reaction === undefined ? [] : structured(reaction)
  if (!Array.isArray(wanted)) return badRequest("can't parse reaction types JSON object")
  if (wanted.length > 1) return badRequest('REACTIONS_TOO_MANY')
  const [first] = wanted.map(objectOf)
  if (!first) {
    call.state('reactions').delete(key)
    return done()
  }
  const isKnown =
    (first.type === 'emoji' && /^\p{Extended_Pictographic}/u.test(text(first.emoji))) ||
    (first.type === 'custom_emoji' && /^\d+$/.test(text(first.custom_emoji_id)))
  if (!isKnown) return badRequest('REACTION_INVALID')
  call.state('reactions').set(key, first)
  return done()
}

export function getChat(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  return succeed({
    ...found.chat,
    accent_color_id: 2,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
  })
}

export function createTopic(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const { chat } = found
  if (chat.is_forum !== true) return badRequest('the chat is not a forum')
  const name = text(parametersOf(call).name)
  if (name === '' || [...name].length > 128) return badRequest('TOPIC_TITLE_INVALID')
  const id = nextNumber(call, chat)
  call.state('topics').set(keyOf(chat, id), { id, name })
  return succeed({ message_thread_id: id, name, icon_color: COLOR })
}

/** The messages of a topic go with it. */
export function deleteTopic(call: TwinCall): TwinAnswer {
  const found = chatIn(call)
  if ('refusal' in found) return found.refusal
  const { chat } = found
  const id = text(parametersOf(call).message_thread_id)
  if (!call.state('topics').delete(keyOf(chat, id))) return badRequest('message thread not found')
  const messages = call.state('messages')
  for (const [key, { message_thread_id, chat: of }] of messages) {
    if (text(message_thread_id) === id && (of as JsonObject).id === chat.id) messages.delete(key)
  }
  return done()
}
