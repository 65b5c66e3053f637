// What the rooms of the twin share.
import type { JsonObject, JsonValue, TwinAnswer } from '../../../adapter/index.ts'

export const ok = (more: JsonObject = {}): TwinAnswer => ({ body: { errcode: 0, errmsg: 'ok', ...more } })

export const refuse = (errcode: number, errmsg: string, more: JsonObject = {}): TwinAnswer => ({
  body: { errcode, errmsg: `${errmsg} rid: 66f3bd4d-25a283a9-73c6a452`, ...more },
})

export const text = (value: JsonValue | undefined): string =>
  value === undefined || value === null || typeof value === 'object' ? '' : String(value)

export const objectOf = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}

export const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

export const TWIN_PEOPLE = {
  /** Has written lately. */
  ada: 'oTwin_ada_0000000000000000001',
  /** Has not written for days. */
  grace: 'oTwin_grace_00000000000000002',
  /** No longer follows. */
  gone: 'oTwin_gone_000000000000000003',
}
export const TWIN_TEMPLATE = 'twinTemplate_0000000000000000000000000000001'
