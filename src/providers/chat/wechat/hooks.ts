// What people write and do, as WeChat posts it: XML, open or sealed. The plain signature covers a time and a nonce alone and
// not the body, so the encrypted mode is the one to choose
// (developers.weixin.qq.com/doc/service/guide/dev/push/encryption.html).
import {
  type HookDelivery,
  hashSignature,
  inField,
  inQuery,
  type JsonValue,
  oneOf,
  readAs,
  secret,
  type Webhooks,
  z,
} from '../../../adapter/index.ts'

const TOKEN = secret('WECHAT_TOKEN')
const at = { from: inQuery('timestamp'), unit: 'seconds' } as const
const signed = [TOKEN, inQuery('timestamp'), inQuery('nonce')]

const delivered = z.object({
  xml: z.looseObject({
    FromUserName: z.string(),
    CreateTime: z.string().regex(/^\d{1,11}$/),
    MsgType: z.string(),
    MsgId: z.string().optional(),
    Event: z.string().optional(),
    EventKey: z.json().optional(),
  }),
})

function events({ body }: HookDelivery) {
  const { xml } = readAs(delivered, body)
  const { FromUserName, CreateTime, MsgType, MsgId, Event, EventKey } = xml
  // An event has no id; WeChat says to tell repeats by sender and time. The kind keeps two in one second apart.
  const id = MsgId ?? [FromUserName, CreateTime, Event ?? MsgType, keyText(EventKey)].join('/')
  return [
    {
      id,
      type: Event === undefined ? MsgType : `event.${Event}`,
      at: new Date(Number(CreateTime) * 1000).toISOString(),
      data: xml as Record<string, JsonValue>, // a decoded XML element is JSON
    },
  ]
}

const keyText = (key: JsonValue | undefined): string => (typeof key === 'string' ? key : '')

export const webhooks: Webhooks = {
  setup:
    'mp.weixin.qq.com → Settings and Development → Basic Configuration → Server Configuration: the address, a Token as WECHAT_TOKEN, the EncodingAESKey as WECHAT_ENCODING_AES_KEY, and the encrypted mode',
  methods: ['GET', 'POST'],
  verify: oneOf(
    hashSignature({
      hash: 'sha1',
      over: [{ sorted: [...signed, inField('xml.Encrypt')] }],
      given: inQuery('msg_signature'),
      at,
    }),
    hashSignature({ hash: 'sha1', over: [{ sorted: signed }], given: inQuery('signature'), at }),
  ),
  seal: {
    scheme: 'wechat-aes',
    key: secret('WECHAT_ENCODING_AES_KEY'),
    appId: secret('WECHAT_APP_ID'),
    field: 'xml.Encrypt',
  },
  handshake: ({ method, query }) => (method === 'GET' ? { reply: { text: query.echostr ?? '' } } : undefined),
  events,
  // Anything else, or nothing within five seconds, and WeChat sends it again, up to three times.
  reply: () => ({ text: 'success' }),
  example: {
    headers: { 'content-type': 'text/xml' },
    body: '<xml><ToUserName><![CDATA[gh_show]]></ToUserName><FromUserName><![CDATA[o6_bmjrPTlm6_2sgVt7hMZOPfL2M]]></FromUserName><CreateTime>1764079200</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[几点开始？]]></Content><MsgId>23401293847561029</MsgId></xml>',
  },
}
