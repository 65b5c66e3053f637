// WeChat in rehearsal: an account with a few followers, one of whom has written lately, a template and no menu.
import type { JsonObject, JsonValue, TwinAnswer, TwinAsked, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import { broadcast, customSend, deleteBroadcast, getMedia, seedAccount, sendTemplate, upload } from './twin-messages.ts'
import { listRecords, listTemplates, listUsers, userInfo } from './twin-reads.ts'
import { ok, refuse } from './twin-shapes.ts'

const LIFETIME = 7200
const KEPT = 'token'

/** One token for all who ask, as long as it counts. */
function stableToken({ state, issue, issued, body }: TwinCall): TwinAnswer {
  const kept = state('tokens').get(KEPT)
  if (kept && body.force_refresh !== true && issued('access', String(kept.value))) {
    return { body: { access_token: kept.value ?? '', expires_in: LIFETIME } }
  }
  if (kept) issued('access', String(kept.value), { spend: true })
  const value = issue('access', LIFETIME)
  state('tokens').set(KEPT, { value })
  return { body: { access_token: value, expires_in: LIFETIME } }
}

/** The older way, with the credential in the query: each token is another one. */
function plainToken({ query, accepts, issue }: TwinCall): TwinAnswer {
  if (!accepts(query.appid ?? '')) return refuse(40013, 'invalid appid')
  if (!accepts(query.secret ?? '')) return refuse(40125, 'invalid appsecret')
  return { body: { access_token: issue('access', LIFETIME), expires_in: LIFETIME } }
}

const MENU = 'menu'

const getMenu = ({ state }: TwinCall): TwinAnswer => {
  const menu = state('menus').get(MENU)
  return menu ? { body: { menu: { button: menu.button ?? [] } } } : refuse(46003, 'menu no exist')
}

function setMenu({ state, body }: TwinCall): TwinAnswer {
  const { button } = body
  if (!Array.isArray(button) || button.length === 0 || button.length > 3) return refuse(40016, 'invalid button size')
  if (button.some((one) => !isNamed(one))) return refuse(40018, 'invalid button name size')
  state('menus').set(MENU, { button: button.map(shown) })
  return ok()
}

const isNamed = (one: JsonValue): one is JsonObject =>
  one !== null && typeof one === 'object' && !Array.isArray(one) && typeof one.name === 'string' && one.name !== ''

/** Shown with a sub-menu, even where that is empty. */
const shown = (one: JsonValue): JsonValue => (isNamed(one) ? { ...one, sub_button: one.sub_button ?? [] } : one)

const deleteMenu = ({ state }: TwinCall): TwinAnswer => {
  state('menus').delete(MENU)
  return ok()
}

/** What is sent to one person: words, or something that was uploaded. */
const discriminate = ({ template, body }: TwinAsked): string | undefined => {
  if (!template.endsWith('/message/custom/send')) return undefined
  return body.msgtype === 'text' ? 'message.send' : 'wechat:media.send'
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') {
      return refuse(
        40001,
        'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken',
      )
    }
    if (kind === 'not-found') return { status: 404, body: '<html>404 Not Found</html>' }
    if (kind === 'unavailable') return refuse(-1, 'system error')
    return kind === 'rate-limited'
      ? refuse(45011, 'api minute-quota reach limit')
      : refuse(47001, `data format error: ${message}`)
  },
  ownKeys: true,
  discriminate,
  seed: seedAccount,
  open: ['GET /cgi-bin/token'],
  operations: {
    'message.send': (call) => (call.template.endsWith('/template/send') ? sendTemplate(call) : customSend(call)),
    'file.upload': upload,
    'media.send': customSend,
    'media.get': getMedia,
    'broadcast.send': broadcast,
    'broadcast.delete': deleteBroadcast,
    'menu.get': getMenu,
    'menu.set': setMenu,
    'menu.delete': deleteMenu,
    'template.list': listTemplates,
    'user.list': listUsers,
    'user.get': userInfo,
    'record.list': listRecords,
    'address.list': () => ({ body: { ip_list: ['203.0.113.94', '203.0.113.106'] } }),
  },
  routes: {
    'POST /cgi-bin/stable_token': stableToken,
    'GET /cgi-bin/token': plainToken,
  },
}
