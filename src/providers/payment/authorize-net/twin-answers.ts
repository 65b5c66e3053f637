// Answers of the XML API as it sends them: JSON behind a byte order mark.
import type { JsonObject, TwinAnswer } from '../../../adapter/index.ts'
import { ok } from './examples.ts'

const BYTE_ORDER_MARK = '\ufeff'

/** A call that went well. */
export const answered = (body: JsonObject): TwinAnswer => marked('messages' in body ? body : ok(body))

/** A call that failed, inside HTTP 200. */
export const refused = (code: string, text: string, members: JsonObject = {}): TwinAnswer =>
  marked({ ...members, messages: { resultCode: 'Error', message: [{ code, text }] } })

const marked = (body: JsonObject): TwinAnswer => ({
  body: BYTE_ORDER_MARK + JSON.stringify(body),
  headers: { 'content-type': 'application/json; charset=utf-8' },
})
