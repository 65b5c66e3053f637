// WeChat, official accounts (公众号, 服务号). An access token of two hours goes in the query of every call, and errors come
// inside HTTP 200. An account answers people who have written lately; otherwise it has templates and broadcasts.
import {
  ACCESS_TOKEN,
  defineProvider,
  type JsonObject,
  keyInBody,
  knownExtras,
  post,
  readAs,
  secret,
  secretInBody,
  sessionLogin,
  unsupported,
} from '../../../adapter/index.ts'
import { isRejected, requestIdOf, wechatFault } from './errors.ts'
import { webhooks } from './hooks.ts'
import { kindOf, mediaPart, uploaded } from './media.ts'
import { natives } from './native.ts'
import { done, numbered, sentAtOf } from './shapes.ts'
import { twin } from './twin.ts'

/** In place of the id of a customer-service message, which WeChat does not number. */
const NO_ID = 'no-id'
const CLIENT_ID_MAX = 32

interface Template {
  name: string
  values: Record<string, string>
  language?: string | undefined
}

const textRequest = (to: string, text: string, native: JsonObject | undefined) =>
  post('/cgi-bin/message/custom/send', {
    json: { touser: to, msgtype: 'text', text: { content: text }, ...knownExtras(native, ['customservice']) },
  })

function templateRequest(to: string, { name, values, language }: Template, native: JsonObject | undefined) {
  if (language !== undefined) {
    throw unsupported('template.language: WeChat keeps a template in one language', 'Leave it out.')
  }
  return post('/cgi-bin/message/template/send', {
    json: {
      touser: to,
      template_id: name,
      ...knownExtras(native, ['miniprogram', 'url']),
      data: Object.fromEntries(Object.entries(values).map(([place, value]) => [place, { value }])),
      client_msg_id: keyInBody({ length: CLIENT_ID_MAX }),
    },
  })
}

const definition = defineProvider({
  id: 'wechat',
  name: 'WeChat Official Account',
  category: 'chat',
  version: '1.0.0',
  docs: 'https://developers.weixin.qq.com/doc/service/en/',
  sources: [
    'https://developers.weixin.qq.com/doc/service/en/api/base/api_getstableaccesstoken.html',
    'https://developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html',
    'https://developers.weixin.qq.com/doc/service/en/api/notify/template/api_sendtemplatemessage.html',
    'https://developers.weixin.qq.com/doc/service/api/notify/message/api_sendall',
    'https://developers.weixin.qq.com/doc/service/api/notify/message/api_deletemassmsg',
    'https://developers.weixin.qq.com/doc/service/en/guide/dev/push/encryption.html',
    'npm co-wechat-api 3.11.0 (lib/*.js), a client of the community; WeChat publishes none for Node and no description',
  ],
  checkedAt: '2026-11-25',
  confidence: 'medium',
  standing: 'active',
  notes: [
    'A person can be written to freely only after they did something themselves: 5 messages in 48 hours after they wrote, 3 in a minute after a menu button, a follow or a QR code. Later it takes a template.',
    'A customer-service message gets no id at WeChat: its id reads "no-id", and its time is that of the answer. It is never repeated by itself.',
    'A template message is repeated safely for ten minutes, by its client_msg_id.',
    'No message of any kind can be edited, deleted or reacted to; of broadcasts the pages of articles and films can be taken away.',
    'The stable token of an account is shared by all who ask for it; it is renewed once where WeChat refuses it.',
    'The machine has to be on the IP whitelist of the account (error 40164), and most interfaces need a verified service account (48001).',
    'Deleting the menu is a GET at WeChat; it is treated as the deletion it is.',
    'Webhooks: the plain signature does not cover the body; choose the encrypted mode.',
    'The codes of errors and the chat records (customservice/msgrecord/getmsglist) are taken from clients of the community, not from pages that were read; uncertain.',
  ],
  baseUrls: { main: 'https://api.weixin.qq.com' },
  secrets: {
    WECHAT_APP_ID: {
      label: 'AppID (wx…)',
      get: 'https://mp.weixin.qq.com → Settings and Development → Basic Configuration',
      pattern: /^wx[0-9a-f]{16}$/,
      testPrefix: 'wx',
      testDigits: 16,
    },
    WECHAT_APP_SECRET: {
      label: 'AppSecret (32 hex digits)',
      get: 'https://mp.weixin.qq.com → Settings and Development → Basic Configuration; shown once',
      pattern: /^[0-9a-f]{32}$/,
      testDigits: 32,
    },
    WECHAT_TOKEN: {
      label: 'Token of the server configuration, for webhooks',
      get: 'of your own choice, 3 to 32 letters and digits',
      pattern: /^[A-Za-z0-9]{3,32}$/,
      testDigits: 32,
      required: false,
    },
    WECHAT_ENCODING_AES_KEY: {
      label: 'EncodingAESKey of the server configuration, for encrypted webhooks',
      get: 'made at random where the server is configured, 43 letters and digits',
      pattern: /^[A-Za-z0-9]{43}$/,
      testDigits: 43,
      required: false,
    },
  },
  auth: sessionLogin({
    request: post('/cgi-bin/stable_token', {
      json: {
        grant_type: 'client_credential',
        appid: secretInBody(secret('WECHAT_APP_ID')),
        secret: secretInBody(secret('WECHAT_APP_SECRET')),
      },
    }),
    token: 'access_token',
    expiresIn: 'expires_in',
    lifetimeSeconds: 7200,
    slot: { in: 'query', name: 'access_token', parts: [{ secret: ACCESS_TOKEN }] },
    rejected: isRejected,
  }),
  // WeChat counts calls by the day and the minute and names no rate; this is a pace of our own.
  limits: { rps: 10, burst: 20, backoffSeconds: [2, 5, 15, 60] },
  // Of templates (ten minutes, less one for the clocks); broadcasts are remembered longer.
  idempotency: { windowHours: 0.15 },
  errors: wechatFault,
  webhooks,
  requestId: requestIdOf,
  health: {
    operation: 'wechat:address.list',
    input: {},
    tell: (result) => `${Array.isArray(result.addresses) ? result.addresses.length : 0} addresses of WeChat answer`,
  },
  operations: {
    'message.send': {
      summary: 'Write to a person who has written lately, or send a template to any follower.',
      effect: 'send',
      without: ['attachments', 'replyTo'],
      request: ({ to, text, template, native }) =>
        template ? templateRequest(to, template, native) : textRequest(to, text, native),
      result: (body, { input: { to, template }, headers }) => {
        const sentAt = sentAtOf(headers)
        if (template) return { id: readAs(numbered, body).msgid, to, sentAt }
        readAs(done, body)
        return { id: NO_ID, to, sentAt }
      },
      cost: 'free',
      undo: { none: 'WeChat takes no message back.' },
      examples: [
        {
          input: { to: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M', text: '演出八点开始。' },
          response: { errcode: 0, errmsg: 'ok' },
          headers: { date: 'Tue, 25 Nov 2025 14:00:00 GMT' },
        },
        {
          input: {
            to: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
            text: '演出：今晚，20:00',
            template: {
              name: 'iPk5sOIt5X_flOVKn5GrTFpncEYTojx6ddbt8WYoV5s',
              values: { thing1: '今晚', time2: '20:00' },
            },
            native: { url: 'https://example.com/tonight' },
          },
          response: { errcode: 0, errmsg: 'ok', msgid: 4023456789012345 },
          headers: { date: 'Tue, 25 Nov 2025 14:00:00 GMT' },
        },
      ],
    },
    'file.upload': {
      summary: 'Upload a picture, a recording or a film, to be sent within three days.',
      effect: 'create',
      without: ['to', 'text'],
      labels: { reads: 'public', returns: 'trusted', sends: 'none' },
      request: ({ file, native }) =>
        post('/cgi-bin/media/upload', { query: { type: kindOf(file, native) }, multipart: [mediaPart(file)] }),
      result: (body) => ({ id: readAs(uploaded, body), url: null }),
      cost: 'free',
      undo: { none: 'WeChat deletes it by itself after three days, and not before.' },
      examples: [
        {
          input: { file: { name: 'poster.png', base64: 'iVBORw0KGgo=', contentType: 'image/png' } },
          response: { type: 'image', media_id: 'MEDIA_ID_3days', created_at: 1764079200 },
        },
        {
          input: { file: { name: 'poster.jpg', base64: '/9j/' }, native: { type: 'thumb' } },
          response: { type: 'thumb', thumb_media_id: 'THUMB_ID_3days', created_at: 1764079200 },
        },
      ],
    },
  },
  native: natives,
  twin,
})

export default definition
