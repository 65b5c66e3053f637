// Updates: what people do, as getUpdates lists it and as the webhook delivers it. Each is `{update_id, <kind>: {…}}`; the
// id is the same in every delivery.
import { type JsonObject, type JsonValue, readAs, z } from '../../../adapter/index.ts'
import { numeric } from './shapes.ts'

export const update = z.looseObject({ update_id: numeric })
/** Times of messages, edits, reactions and of people who come and go. */
const dated = z.looseObject({ date: z.int().optional(), edit_date: z.int().optional() })

export interface Update {
  id: string
  /** `message`, `callback_query`, `message_reaction`. */
  type: string
  at?: string
  data: JsonObject
}

/** IF_ERR_BAD_RESPONSE where it is no update. */
export function toUpdate(body: JsonValue): Update {
  const { update_id, ...kinds } = readAs(update, body)
  const [type = 'unknown', content] = Object.entries(kinds)[0] ?? []
  const data = readAs(z.record(z.string(), z.json()), (content ?? {}) as JsonValue) // z.looseObject keeps JSON as it was
  const { date, edit_date } = dated.safeParse(data).data ?? {}
  const seconds = edit_date ?? date
  return {
    id: update_id,
    type,
    ...(seconds === undefined ? {} : { at: new Date(seconds * 1000).toISOString() }),
    data,
  }
}
