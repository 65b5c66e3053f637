// Messages to all followers, or to those of a tag. The key of the step goes along as `clientmsgid`, so that a repeat is
// answered with the id of the first one.
import {
  type BodyValue,
  keyInBody,
  type Labels,
  type NativeOperation,
  native,
  post,
  readAs,
  z,
} from '../../../adapter/index.ts'
import { done, idNumber, MEDIA_ID, numeric } from './shapes.ts'

const ACTS: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }
const CLIENT_ID_MAX = 64

const media = z.strictObject({
  type: z.enum(['image', 'voice', 'mpnews', 'mpvideo']).describe('As WeChat names them; mpnews is an article.'),
  id: MEDIA_ID,
})

const broadcast = z
  .strictObject({
    to: z.union([
      z.strictObject({ all: z.literal(true).describe('Every follower.') }),
      z.strictObject({ tag: z.int().min(0).describe('Followers with this tag.') }),
    ]),
    text: z.string().min(1).max(40_000).optional(),
    media: media.optional(),
  })
  .refine(({ text, media: given }) => (text === undefined) !== (given === undefined), {
    error: 'give either text or media',
  })

/** WeChat takes back articles and films alone. */
const CAN_BE_DELETED = ['mpnews', 'mpvideo']

const contentOf = ({ text, media: given }: z.output<typeof broadcast>): { readonly [name: string]: BodyValue } => {
  if (!given) return { msgtype: 'text', text: { content: text ?? '' } }
  return given.type === 'image'
    ? { msgtype: 'image', images: { media_ids: [given.id] } }
    : { msgtype: given.type, [given.type]: { media_id: given.id } }
}

export const broadcasts: Record<string, NativeOperation> = {
  'broadcast.send': native({
    summary: 'Send a message to all followers, or to those with a tag; people get four a month from a service account.',
    effect: 'send',
    labels: ACTS,
    input: broadcast,
    output: z.object({ id: z.string(), dataId: z.string().nullable() }),
    request: (input) => {
      const { to } = input
      return post('/cgi-bin/message/mass/sendall', {
        json: {
          filter: 'all' in to ? { is_to_all: true } : { is_to_all: false, tag_id: to.tag },
          ...contentOf(input),
          clientmsgid: keyInBody({ length: CLIENT_ID_MAX }),
        },
      })
    },
    result: (body) => {
      const { msg_id, msg_data_id } = readAs(z.object({ msg_id: numeric, msg_data_id: numeric.optional() }), body)
      return { id: msg_id, dataId: msg_data_id ?? null }
    },
    cost: 'free',
    undo: ({ input, result }) =>
      CAN_BE_DELETED.includes(input.media?.type ?? '')
        ? { operation: 'wechat:broadcast.delete', input: { id: result.id } }
        : undefined,
    undoLabel: 'wechat:broadcast.delete for articles and films; other kinds stay with everybody',
    examples: [
      {
        input: { to: { tag: 2 }, text: '演出八点开始。' },
        response: { errcode: 0, errmsg: 'send job submission success', msg_id: 34182, msg_data_id: 206227730 },
      },
      {
        input: { to: { all: true }, media: { type: 'mpnews', id: '123dsdajkasd231jhksad' } },
        response: { errcode: 0, errmsg: 'send job submission success', msg_id: 34183, msg_data_id: 206227731 },
      },
      {
        input: {
          to: { tag: 2 },
          media: { type: 'image', id: 'BTgN0opcW3Y5zV_ZebbsD3NFKRWf6cb7OPswPi9Q83fOJHK2P67dzxn11Cp7THat' },
        },
        response: { errcode: 0, errmsg: 'send job submission success', msg_id: 34184 },
      },
    ],
  }),
  'broadcast.delete': native({
    summary: 'Take the pages of a broadcast article or film away; its card stays with those who have it.',
    effect: 'delete',
    labels: ACTS,
    input: z.strictObject({ id: z.string().min(1).max(64).describe('Id of the broadcast.') }),
    output: z.object({}),
    // Place 0 means all articles of it (developers.weixin.qq.com/doc/service/api/notify/message/api_deletemassmsg).
    request: ({ id }) => post('/cgi-bin/message/mass/delete', { json: { msg_id: idNumber(id, 'id'), article_idx: 0 } }),
    result: (body) => {
      readAs(done, body)
      return {}
    },
    cost: 'free',
    undo: { none: 'WeChat does not show a deleted broadcast again; sent again it would be another one.' },
    examples: [{ input: { id: '34183' }, response: { errcode: 0, errmsg: 'ok' } }],
  }),
}
