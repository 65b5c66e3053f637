// The menu of an account: replaced as a whole, so the one before is read first and can be put back.
import {
  get,
  type JsonObject,
  type Labels,
  type NativeOperation,
  native,
  post,
  readAs,
  z,
} from '../../../adapter/index.ts'
import { isWithoutMenu } from './errors.ts'
import { done } from './shapes.ts'

const OWN: Labels = { reads: 'private', returns: 'trusted', sends: 'none' }
const SHOWN: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }

const button = z
  .record(z.string(), z.json())
  .refine(({ name }) => typeof name === 'string' && name !== '', { error: 'a button has a name' })
const buttons = z.array(button).min(1).max(3)

const menuAnswer = z.object({ menu: z.object({ button: z.array(z.record(z.string(), z.json())) }) })

const menuOf = (read: JsonObject | undefined) => z.object({ buttons: buttons.nullable() }).safeParse(read).data?.buttons

/** A button that was made without a sub-menu is shown with an empty one. */
const asMade = ({ sub_button, ...made }: JsonObject): JsonObject =>
  sub_button === undefined || (Array.isArray(sub_button) && sub_button.length === 0) ? made : { ...made, sub_button }

const putBack = (before: JsonObject | undefined) => {
  const earlier = menuOf(before)
  return earlier ? { operation: 'wechat:menu.set', input: { buttons: earlier } } : undefined
}

const readMenu = () => ({ operation: 'wechat:menu.get', input: {} })

export const menus: Record<string, NativeOperation> = {
  'menu.get': native({
    summary: 'Read the menu of the account.',
    effect: 'read',
    labels: OWN,
    input: z.strictObject({}),
    output: z.object({ buttons: z.array(z.record(z.string(), z.json())).nullable().describe('Null without a menu.') }),
    request: () => get('/cgi-bin/menu/get'),
    result: (body) => ({ buttons: isWithoutMenu(body) ? null : readAs(menuAnswer, body).menu.button.map(asMade) }),
    cost: 'free',
    examples: [
      {
        input: {},
        response: {
          menu: {
            button: [{ type: 'click', name: '今晚', key: 'TONIGHT', sub_button: [] }],
          },
        },
      },
    ],
  }),
  'menu.set': native({
    summary: 'Replace the menu of the account.',
    effect: 'update',
    labels: SHOWN,
    input: z.strictObject({
      buttons: buttons.describe('Up to three, each with up to five in sub_button, as WeChat has them.'),
    }),
    output: z.object({}),
    request: ({ buttons: wanted }) => post('/cgi-bin/menu/create', { json: { button: wanted } }),
    result: (body) => {
      readAs(done, body)
      return {}
    },
    cost: 'free',
    idempotent: true,
    before: readMenu,
    undo: ({ before }) => before && (putBack(before) ?? { operation: 'wechat:menu.delete', input: {} }),
    undoLabel: 'wechat:menu.set to the earlier one, or wechat:menu.delete',
    examples: [
      {
        input: {
          buttons: [
            { type: 'click', name: '今晚', key: 'TONIGHT' },
            { name: '更多', sub_button: [{ type: 'view', name: '节目单', url: 'https://example.com/' }] },
          ],
        },
        response: { errcode: 0, errmsg: 'ok' },
      },
    ],
  }),
  'menu.delete': native({
    summary: 'Delete the menu of the account, and with it all menus for some people only.',
    effect: 'delete',
    labels: SHOWN,
    input: z.strictObject({}),
    output: z.object({}),
    // A GET that deletes: it is no read, so nothing repeats it.
    request: () => get('/cgi-bin/menu/delete'),
    result: () => ({}),
    cost: 'free',
    before: readMenu,
    undo: ({ before }) => putBack(before),
    undoLabel: 'wechat:menu.set to the earlier one; menus for some people only do not come back',
    examples: [{ input: {}, response: { errcode: 0, errmsg: 'ok' } }],
  }),
}
