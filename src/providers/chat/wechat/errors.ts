// WeChat answers errors inside HTTP 200: `{errcode, errmsg}`, where 0 or no code is a success. `errmsg` ends in the id of
// the request. Codes: developers.weixin.qq.com/doc/service/guide/dev/api_permission/errorcode.html
import {
  type Fault,
  faultOfStatus,
  type IncomingResponse,
  type JsonValue,
  type Meaning,
  type Meanings,
  objectIn,
  textOf,
} from '../../../adapter/index.ts'

const denied = (hint: string): Meaning => ({ code: 'IF_ERR_AUTH_FAILED', hint })
const refused = (hint: string): Meaning => ({ code: 'IF_ERR_ACTION_FAILED', hint })
const missing = (hint: string): Meaning => ({ code: 'IF_ERR_NOT_FOUND', hint })

const TOKEN = denied('The access token does not count (any more); the engine gets a new one once by itself.')
const SECRET = denied(
  'Copy AppID and AppSecret again: mp.weixin.qq.com → Settings and Development → Basic Configuration.',
)
const PERMISSION = denied('The account lacks this interface; most of them need a verified service account.')

const MEANINGS: Meanings = {
  '-1': { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  40001: TOKEN,
  40014: TOKEN,
  41001: TOKEN,
  42001: TOKEN,
  40002: SECRET,
  40013: SECRET,
  40125: SECRET,
  40243: denied('The AppSecret is frozen; unfreeze it at mp.weixin.qq.com.'),
  40164: denied('Add the address of this machine to the IP whitelist of the account.'),
  48001: PERMISSION,
  50001: PERMISSION,
  50002: PERMISSION,
  40003: missing('Give the openid that this account knows the person by: wechat:user.list.'),
  40007: missing('Upload the file again: a media id counts for three days.'),
  40037: missing('Take the id of a template of this account: wechat:template.list.'),
  40059: missing('Give the id that wechat:broadcast.send returned.'),
  43004: refused('The person does not follow the account.'),
  45015: refused('The person has not written, or pressed a menu button, lately enough; use a template.'),
  45047: refused('The person has got as many messages since their last one as WeChat allows; wait for an answer.'),
  45028: refused('The broadcasts of this day or month are used up.'),
  // The quota of a day: a repeat within minutes is in vain.
  45009: {
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    retryable: false,
    hint: 'The calls of this day are used up; the count begins anew at midnight in China.',
  },
  45011: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED' },
  // The same broadcast again within a minute: it may be under way.
  45066: {
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    retryable: false,
    outcome: 'unknown',
    hint: 'Repeat it after a minute.',
  },
}

/** The menu that is asked for, or to be deleted, is not there: as it should be, or told as such. */
const NO_MENU = 46003
/** A broadcast under the same `clientmsgid` exists, and the answer has its id: the repeat of a call that got through. */
const SENT_BEFORE = 45065

/** Whether an answer says that there is no menu. */
export const isWithoutMenu = (body: JsonValue): boolean =>
  body !== null && typeof body === 'object' && !Array.isArray(body) && body.errcode === NO_MENU

/** Files come as what they are; only answers are JSON, or text that is JSON. */
const isAnswer = ({ headers }: IncomingResponse): boolean => /^$|json|text/.test(headers['content-type'] ?? '')

export function wechatFault(response: IncomingResponse): Fault | undefined {
  const body = isAnswer(response) ? objectIn(response) : {}
  const { errcode } = body
  const code = typeof errcode === 'number' ? errcode : 0
  if (code === NO_MENU || (code === SENT_BEFORE && body.msg_id !== undefined)) return undefined
  return faultOfStatus(response, {
    message: textOf(body.errmsg) ?? `WeChat answered ${code === 0 ? response.status : code}`,
    ...(code === 0 ? {} : { vendorCode: String(code) }),
    meanings: MEANINGS,
  })
}

/** `invalid openid rid: 66f3bd4d-25a283a9-73c6a452` */
export const requestIdOf = (response: IncomingResponse): string | undefined =>
  /\brid: ?([\w-]+)/.exec(textOf(objectIn(response).errmsg) ?? '')?.[1]

/** A token that WeChat no longer takes: expired, replaced by another process, or of another account. */
export const isRejected = ({ vendorCode }: Fault): boolean => ['40001', '40014', '42001'].includes(vendorCode ?? '')
