// What the twin's account sends: to one person, by template, to all; and the files for it.
import type { JsonObject, TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'
import { listOf, objectOf, ok, refuse, TWIN_PEOPLE, TWIN_TEMPLATE, text } from './twin-shapes.ts'

/** After somebody has written. */
const ANSWERS_MAX = 5
const MEDIA_KINDS = ['image', 'voice', 'video', 'thumb']

export function seedAccount(state: TwinState): void {
  const { ada, grace, gone } = TWIN_PEOPLE
  state('users').set(ada, { openid: ada, subscribe: 1, subscribe_time: 1_700_000_000, left: ANSWERS_MAX })
  state('users').set(grace, { openid: grace, subscribe: 1, subscribe_time: 1_700_000_100, left: 0 })
  state('users').set(gone, { openid: gone, subscribe: 0 })
  state('templates').set(TWIN_TEMPLATE, {
    template_id: TWIN_TEMPLATE,
    title: '演出提醒',
    primary_industry: '文体娱乐',
    deputy_industry: '其他',
    content: '演出：{{thing1.DATA}}\n时间：{{time2.DATA}}',
    example: '演出：今晚\n时间：20:00',
  })
}

export function customSend({ body, state, nextId, now }: TwinCall): TwinAnswer {
  const user = state('users').get(text(body.touser))
  if (!user) return refuse(40003, 'invalid openid')
  const kind = text(body.msgtype)
  if (!['text', 'image', 'voice', 'video', 'mpnews'].includes(kind)) return refuse(40008, 'invalid message type')
  const content = objectOf(body[kind])
  if (kind === 'text' && text(content.content) === '') return refuse(44004, 'empty content')
  if (kind !== 'text' && kind !== 'mpnews' && !state('media').has(text(content.media_id))) {
    return refuse(40007, 'invalid media_id')
  }
  if (user.subscribe !== 1) return refuse(43004, 'require subscribe')
  const left = Number(user.left ?? 0)
  if (left === 0 && user.answered !== true)
    return refuse(45015, 'response out of time limit or subscription is canceled')
  if (left === 0) return refuse(45047, 'out of response count limit')
  state('users').set(text(user.openid), { ...user, left: left - 1, answered: true })
  state('messages').set(nextId('custom_'), {
    openid: text(user.openid),
    text: kind === 'text' ? text(content.content) : `[${kind}]`,
    time: Math.floor(now / 1000),
  })
  return ok()
}

/** The same person and client_msg_id again: sent once, and answered as before. */
export function sendTemplate({ body, state, nextId }: TwinCall): TwinAnswer {
  const user = state('users').get(text(body.touser))
  if (!user) return refuse(40003, 'invalid openid')
  if (!state('templates').has(text(body.template_id))) return refuse(40037, 'invalid template_id')
  if (Object.keys(objectOf(body.data)).length === 0) return refuse(47003, 'argument invalid! data is empty')
  if (user.subscribe !== 1) return refuse(43004, 'require subscribe')
  const key = body.client_msg_id === undefined ? undefined : `${text(user.openid)}/${text(body.client_msg_id)}`
  const earlier = key === undefined ? undefined : state('templateKeys').get(key)
  if (earlier) return ok({ msgid: earlier.msgid ?? 0 })
  const msgid = 4_023_456_789_000_000 + Number(nextId('tpl_').replace(/\D/g, ''))
  state('templateMessages').set(String(msgid), { msgid, touser: text(user.openid) })
  if (key !== undefined) state('templateKeys').set(key, { msgid })
  return ok({ msgid })
}

export function broadcast({ body, state, nextId }: TwinCall): TwinAnswer {
  const filter = objectOf(body.filter)
  if (filter.is_to_all !== true && typeof filter.tag_id !== 'number') return refuse(40050, 'invalid tag id')
  const kind = text(body.msgtype)
  if (!['text', 'image', 'voice', 'mpnews', 'mpvideo'].includes(kind)) return refuse(40008, 'invalid message type')
  const content = objectOf(body[kind === 'image' && body.images !== undefined ? 'images' : kind])
  const [first] = listOf(content.media_ids)
  if (kind === 'text' ? text(content.content) === '' : text(content.media_id ?? first) === '') {
    return refuse(44004, 'empty content')
  }
  const key = text(body.clientmsgid)
  const earlier = key === '' ? undefined : state('broadcastKeys').get(key)
  if (earlier) return refuse(45065, 'clientmsgid exist', { msg_id: earlier.msg_id ?? 0 })
  const number = Number(nextId('mass_').replace(/\D/g, ''))
  const sent: JsonObject = { msg_id: 34_181 + number, msg_data_id: 206_227_729 + number }
  state('broadcasts').set(text(sent.msg_id), { ...sent, kind })
  if (key !== '') state('broadcastKeys').set(key, sent)
  return { body: { errcode: 0, errmsg: 'send job submission success', ...sent } }
}

/** Articles and films alone. */
export function deleteBroadcast({ body, state }: TwinCall): TwinAnswer {
  const id = text(body.msg_id)
  const sent = state('broadcasts').get(id)
  if (!sent) return refuse(40059, 'invalid msg id')
  if (sent.kind !== 'mpnews' && sent.kind !== 'mpvideo') return refuse(40008, 'invalid message type')
  state('broadcasts').delete(id)
  return ok()
}

export function upload({ body, query, state, nextId, now }: TwinCall): TwinAnswer {
  const kind = query.type ?? ''
  if (!MEDIA_KINDS.includes(kind)) return refuse(40004, 'invalid media type')
  const media = objectOf(body.media)
  if (media.base64 === undefined) return refuse(41005, 'media data missing')
  const id = nextId('media_')
  state('media').set(id, { kind, contentType: text(media.contentType), base64: text(media.base64) })
  return {
    body: { type: kind, [kind === 'thumb' ? 'thumb_media_id' : 'media_id']: id, created_at: Math.floor(now / 1000) },
  }
}

/** Bytes, but for a film the address of it. */
export function getMedia({ query, state }: TwinCall): TwinAnswer {
  const media = state('media').get(query.media_id ?? '')
  if (!media) return refuse(40007, 'invalid media_id')
  if (media.kind === 'video') return { body: { video_url: `https://video.example.com/${query.media_id}.mp4` } }
  return {
    headers: { 'content-type': text(media.contentType) || 'application/octet-stream' },
    body: null,
    bytes: Buffer.from(text(media.base64), 'base64'),
  }
}
