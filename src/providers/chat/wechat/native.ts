// What WeChat has beyond the vocabulary; menus and broadcasts have files of their own.
import {
  exactNumber,
  get,
  type Labels,
  type NativeOperation,
  native,
  post,
  readAs,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { broadcasts } from './broadcast.ts'
import { mediaOf } from './media.ts'
import { menus } from './menu.ts'
import {
  done,
  MEDIA_ID,
  nextRecords,
  nextUsers,
  OPENID,
  RECORDS_PAGE,
  recordsAnswer,
  rfc3339,
  sentAtOf,
  unixTime,
  usersAnswer,
} from './shapes.ts'

const READS: Labels = { reads: 'private', returns: 'untrusted', sends: 'none' }
const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
const ACTS: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }

const DAY_SECONDS = 86_400

const mediaInput = z
  .strictObject({
    to: OPENID,
    type: z.enum(['image', 'voice', 'video', 'mpnews']),
    id: MEDIA_ID,
    thumb: MEDIA_ID.optional().describe('Of a film: the picture that stands for it.'),
    title: z.string().max(512).optional().describe('Of a film.'),
    description: z.string().max(4096).optional().describe('Of a film.'),
  })
  .refine(
    ({ type, thumb, title, description }) =>
      type === 'video' ? thumb !== undefined : [thumb, title, description].every((given) => given === undefined),
    { error: 'a film has a thumb; thumb, title and description are for films alone' },
  )

const userAnswer = z.object({
  subscribe: z.int(),
  openid: z.string(),
  language: z.string().optional(),
  subscribe_time: z.int().optional(),
  unionid: z.string().optional(),
  remark: z.string().optional(),
  tagid_list: z.array(z.int()).default([]),
})

const templatesAnswer = z.object({
  template_list: z.array(
    z.object({
      template_id: z.string(),
      title: z.string(),
      content: z.string(),
      example: z.string().optional(),
    }),
  ),
})

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  ...broadcasts,
  ...menus,
  'media.send': native({
    summary: 'Send an uploaded picture, recording, film or an article to a person who has written lately.',
    effect: 'send',
    labels: ACTS,
    input: mediaInput,
    output: z.object({ to: z.string(), sentAt: z.iso.datetime() }),
    request: ({ to, type, id, thumb, title, description }) =>
      post('/cgi-bin/message/custom/send', {
        json: { touser: to, msgtype: type, [type]: { media_id: id, thumb_media_id: thumb, title, description } },
      }),
    result: (body, { input, headers }) => {
      readAs(done, body)
      return { to: input.to, sentAt: sentAtOf(headers) }
    },
    cost: 'free',
    undo: { none: 'WeChat gives such a message no id and takes none back.' },
    examples: [
      {
        input: { to: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', type: 'image', id: 'MEDIA_ID_3days' },
        response: { errcode: 0, errmsg: 'ok' },
        headers: { date: 'Tue, 25 Nov 2025 14:00:00 GMT' },
      },
      {
        input: {
          to: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
          type: 'video',
          id: 'MEDIA_ID_3days',
          thumb: 'THUMB_ID_3days',
          title: '今晚',
        },
        response: { errcode: 0, errmsg: 'ok' },
        headers: { date: 'Tue, 25 Nov 2025 14:00:00 GMT' },
      },
    ],
  }),
  'media.get': native({
    summary: 'Read an uploaded file, or where a film can be taken from.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({ id: MEDIA_ID }),
    output: z.object({
      id: z.string(),
      contentType: z.string().nullable(),
      size: z.int().min(0),
      base64: z.string().describe('The content, as bytes in base64; empty for a film.'),
      videoUrl: z.string().nullable().describe('Of a film.'),
    }),
    request: ({ id }) => get('/cgi-bin/media/get', { query: { media_id: id }, answer: 'bytes' }),
    result: (body, { input, headers }) => {
      const contentType = headers['content-type'] ?? null
      const { base64, videoUrl } = mediaOf(readAs(z.string(), body), contentType)
      return { id: input.id, contentType, size: Buffer.byteLength(base64, 'base64'), base64, videoUrl }
    },
    cost: 'free',
    examples: [
      {
        input: { id: 'MEDIA_ID_3days' },
        response: 'iVBORw0KGgo=',
        headers: { 'content-type': 'image/png' },
      },
    ],
  }),
  'template.list': native({
    summary: 'List the templates of the account, with the places that message.send fills.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({
      templates: z.array(
        z.object({
          id: z.string().describe('template.name of message.send.'),
          title: z.string(),
          content: z.string().describe('Places look like {{name.DATA}}.'),
          example: z.string().nullable(),
        }),
      ),
    }),
    request: () => get('/cgi-bin/template/get_all_private_template'),
    result: (body) => ({
      templates: readAs(templatesAnswer, body).template_list.map(({ template_id, title, content, example }) => ({
        id: template_id,
        title,
        content,
        example: example ?? null,
      })),
    }),
    cost: 'free',
    examples: [
      {
        input: {},
        response: {
          template_list: [
            {
              template_id: 'iPk5sOIt5X_flOVKn5GrTFpncEYTojx6ddbt8WYoV5s',
              title: '演出提醒',
              primary_industry: '文体娱乐',
              deputy_industry: '其他',
              content: '演出：{{thing1.DATA}}\n时间：{{time2.DATA}}',
              example: '演出：今晚\n时间：20:00',
            },
          ],
        },
      },
    ],
  }),
  'user.list': native({
    summary: 'List the openids of those who follow the account, in the order in which they came.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({ limit: z.int().min(1).max(100_000).default(1000).describe('At most so many.') }),
    output: z.object({ users: z.array(z.string()) }),
    request: () => get('/cgi-bin/user/get'),
    result: (body) => ({ users: readAs(usersAnswer, body).data?.openid ?? [] }),
    cost: 'free',
    pages: { field: 'users', next: nextUsers },
    examples: [
      {
        input: { limit: 1000 },
        response: {
          total: 2,
          count: 2,
          data: { openid: ['o6_bmjrPTlm6_2sgVt7hMZOPfL2M', 'o6_bmjrPTlm6_2sgVt7hMZOPfL2N'] },
          next_openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2N',
        },
      },
    ],
  }),
  'user.get': native({
    summary: 'Read what WeChat tells of a person: whether and since when they follow, their tags. No name, no picture.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({
      id: OPENID,
      language: z.enum(['zh_CN', 'zh_TW', 'en']).optional().describe('Of the names of places.'),
    }),
    output: z.object({
      id: z.string(),
      follows: z.boolean(),
      since: z.iso.datetime().nullable(),
      unionId: z.string().nullable(),
      language: z.string().nullable(),
      remark: z.string().nullable(),
      tags: z.array(z.int()),
    }),
    request: ({ id, language }) => get('/cgi-bin/user/info', { query: { openid: id, lang: language } }),
    result: (body) => {
      const user = readAs(userAnswer, body)
      return {
        id: user.openid,
        follows: user.subscribe === 1,
        since: user.subscribe_time === undefined ? null : rfc3339(user.subscribe_time),
        unionId: user.unionid ?? null,
        language: user.language || null,
        remark: user.remark || null,
        tags: user.tagid_list,
      }
    },
    cost: 'free',
    examples: [
      {
        input: { id: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', language: 'zh_CN' },
        response: {
          subscribe: 1,
          openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
          language: 'zh_CN',
          subscribe_time: 1382694957,
          unionid: 'o6_bmasdasdsad6_2sgVt7hMZOPfL',
          remark: '',
          groupid: 0,
          tagid_list: [128, 2],
          subscribe_scene: 'ADD_SCENE_QR_CODE',
          qr_scene: 98765,
          qr_scene_str: '',
        },
      },
    ],
  }),
  'record.list': native({
    summary: 'Read what people and the customer service wrote to each other, over a day at most.',
    effect: 'read',
    labels: READS,
    input: z.strictObject({
      from: z.iso.datetime().describe('RFC 3339, UTC.'),
      until: z.iso.datetime().describe('RFC 3339, UTC; within 24 hours of from.'),
      limit: z.int().min(1).max(100_000).default(100).describe('At most so many.'),
    }),
    output: z.object({
      records: z.array(
        z.object({
          openid: z.string(),
          worker: z.string(),
          code: z.int().describe('What happened: 2002 a worker wrote, 2003 a worker was written to.'),
          text: z.string(),
          at: z.iso.datetime(),
        }),
      ),
    }),
    request: ({ from, until, limit }) => {
      const [starttime, endtime] = [unixTime(from), unixTime(until)]
      if (endtime < starttime || endtime - starttime > DAY_SECONDS) {
        throw unsupported('until: WeChat reads at most 24 hours at a time', 'Ask for one day after the other.')
      }
      return post('/customservice/msgrecord/getmsglist', {
        json: { starttime, endtime, msgid: exactNumber('1'), number: Math.min(limit, RECORDS_PAGE) },
      })
    },
    result: (body) => ({
      records: readAs(recordsAnswer, body).recordlist.map(({ openid, opercode, text, time, worker }) => ({
        openid,
        worker,
        code: opercode,
        text,
        at: rfc3339(time),
      })),
    }),
    cost: 'free',
    pages: { field: 'records', next: nextRecords },
    examples: [
      {
        input: { from: '2025-11-25T00:00:00Z', until: '2025-11-25T12:00:00Z', limit: 100 },
        response: {
          recordlist: [
            {
              openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
              opercode: 2002,
              text: '演出八点开始。',
              time: 1764043200,
              worker: 'kf2001@gh_show',
            },
          ],
          number: 1,
          msgid: 20165267,
        },
      },
    ],
  }),
  'address.list': native({
    summary: 'List the addresses of WeChat’s interface: the cheapest call that proves the credential.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({ addresses: z.array(z.string()) }),
    request: () => get('/cgi-bin/get_api_domain_ip'),
    result: (body) => ({ addresses: readAs(z.object({ ip_list: z.array(z.string()) }), body).ip_list }),
    cost: 'free',
    examples: [{ input: {}, response: { ip_list: ['203.205.239.94', '101.226.103.106'] } }],
  }),
}
