// The workspace of Slack's twin: channels, people, the clock of messages, and the forms of its answers.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'

export const BOT = { user: 'U0TWINBOT', bot: 'B0TWIN00001', team: 'T0TWIN00001' }
const FOUNDED = 1_500_000_000

export const ok = (body: JsonObject): TwinAnswer => ({ body: { ok: true, ...body } })
export const refuse = (error: string): TwinAnswer => ({ body: { ok: false, error } })

/** Slack's own client posts everything, reads too: parameters are in the query or in the body. */
export const parametersOf = ({ query, body }: TwinCall): Record<string, JsonValue | undefined> => ({
  ...query,
  ...body,
})

export const text = (value: JsonValue | undefined): string =>
  value === undefined || value === null ? '' : String(value)

export const seedChannels = (state: TwinState): void => {
  for (const [at, name] of ['general', 'launch', 'refunds', 'studio'].entries()) {
    const id = `C0TWIN0000${at + 1}`
    state('channels').set(id, {
      id,
      name,
      name_normalized: name,
      is_channel: true,
      is_group: false,
      is_im: false,
      is_mpim: false,
      is_private: false,
      is_archived: false,
      is_general: at === 0,
      is_shared: false,
      is_org_shared: false,
      is_member: true,
      created: FOUNDED,
      creator: BOT.user,
      topic: { value: '', creator: '', last_set: 0 },
      purpose: { value: '', creator: '', last_set: 0 },
      num_members: 2,
    })
  }
}

/** Id of a channel given by id, by name (chat.postMessage only), or by the person that it is with. */
export function channelOf({ state, nextId }: TwinCall, given: string, byName = false): string | undefined {
  if (state('channels').has(given) || state('dms').has(given)) return given
  if (/^[UW][A-Z0-9]{2,}$/.test(given) && byName) return openDm(state, nextId, given)
  if (!byName) return undefined
  const name = given.replace(/^#/, '')
  return [...state('channels').values()]
    .map(({ id, name: known }) => ({ id: text(id), known }))
    .find(({ known }) => known === name)?.id
}

export function openDm(state: TwinState, nextId: (prefix: string) => string, users: string): string {
  const open = [...state('dms').values()].find((dm) => dm.users === users)
  if (open) return text(open.id)
  const id = `D0TWIN${nextId('dm_').replace(/\D/g, '').padStart(5, '0')}`
  state('dms').set(id, { id, users, open: true })
  return id
}

/** A ts is unique in its workspace and only grows, even where the clock does not. */
export function nextTs({ state, now }: TwinCall): string {
  const last = state('clock').get('ts')
  const seconds = Math.max(Math.floor(now / 1000), Number(last?.seconds ?? 0))
  const count = Number(last?.count ?? 0) + 1
  state('clock').set('ts', { seconds, count })
  return `${seconds}.${String(count % 1_000_000).padStart(6, '0')}`
}

export const keyOf = (channel: string, ts: string): string => `${channel}/${ts}`
