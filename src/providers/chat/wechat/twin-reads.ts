// What the twin's account can look up: followers, templates and what was written.
import type { JsonObject, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { refuse, text } from './twin-shapes.ts'

const USERS_PAGE = 10_000
const DAY_SECONDS = 86_400

/** Followers in the order in which they came, from behind `next_openid`. */
export function listUsers({ query, state }: TwinCall): TwinAnswer {
  const all = [...state('users').values()].filter(({ subscribe }) => subscribe === 1).map(({ openid }) => text(openid))
  const after = query.next_openid ?? ''
  const from = after === '' ? 0 : all.indexOf(after) + 1
  if (after !== '' && from === 0) return refuse(40003, 'invalid openid')
  const openid = all.slice(from, from + USERS_PAGE)
  return {
    body: {
      total: all.length,
      count: openid.length,
      ...(openid.length === 0 ? {} : { data: { openid } }),
      next_openid: openid.at(-1) ?? '',
    },
  }
}

export function userInfo({ query, state }: TwinCall): TwinAnswer {
  const user = state('users').get(query.openid ?? '')
  if (!user) return refuse(40003, 'invalid openid')
  const { openid = '', subscribe = 0, subscribe_time = 0 } = user
  if (subscribe !== 1) return { body: { subscribe: 0, openid, tagid_list: [] } }
  return {
    body: {
      subscribe: 1,
      openid,
      language: query.lang ?? 'zh_CN',
      subscribe_time,
      remark: '',
      groupid: 0,
      tagid_list: [2],
      subscribe_scene: 'ADD_SCENE_QR_CODE',
      qr_scene: 0,
      qr_scene_str: '',
    },
  }
}

export const listTemplates = ({ state }: TwinCall): TwinAnswer => ({
  body: { template_list: [...state('templates').values()] },
})

/** From behind `msgid` on; the first one is 2, as 1 asks for all. */
export function listRecords({ body, state }: TwinCall): TwinAnswer {
  const { starttime, endtime, msgid, number } = body
  const [from, until, size] = [Number(starttime), Number(endtime), Number(number)]
  if (!(until >= from) || until - from > DAY_SECONDS) return refuse(65416, 'invalid time range')
  if (!(size >= 1 && size <= 10_000)) return refuse(65417, 'invalid number')
  const found = [...state('messages').values()]
    .map((message, at): JsonObject => ({ ...message, msgid: at + 2 }))
    .filter(({ time, msgid: id }) => Number(time) >= from && Number(time) <= until && Number(id) > Number(msgid))
    .slice(0, size)
  return {
    body: {
      recordlist: found.map(({ openid = '', text: words = '', time = 0 }) => ({
        openid,
        opercode: 2002,
        text: words,
        time,
        worker: 'kf2001@gh_twin',
      })),
      number: found.length,
      msgid: found.at(-1)?.msgid ?? msgid ?? 1,
    },
  }
}
