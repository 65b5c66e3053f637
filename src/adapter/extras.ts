// `native: {…}` of a standard operation: the vendor's own parameters. Only those that the definition lists pass, so that
// no extra can change what the standard input says and the guard has judged.
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { FormValue } from './request.ts'

/** The extras, all of them known; IF_ERR_INVALID_INPUT names the first that is not. */
export function knownExtras(extras: JsonObject | undefined, known: readonly string[]): JsonObject {
  const stranger = Object.keys(extras ?? {}).find((name) => !known.includes(name))
  if (stranger === undefined) return extras ?? {}
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `native.${stranger}: is not a parameter that this operation passes on`,
    {
      hint: `It passes on ${known.join(', ')}.`,
    },
  )
}

/** Extras as form fields whose objects and lists become brackets; null becomes the empty text, which unsets a field. */
export const bracketed = (extras: JsonObject): Record<string, FormValue> =>
  Object.fromEntries(Object.entries(extras).map(([name, value]) => [name, toFormValue(value)]))

/** Extras as form fields whose objects and lists are JSON texts. */
export const stringified = (extras: JsonObject): Record<string, FormValue> =>
  Object.fromEntries(
    Object.entries(extras).map(([name, value]) => [
      name,
      value === null || typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  )

function toFormValue(value: JsonValue): FormValue {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(toFormValue)
  return typeof value === 'object' ? bracketed(value) : value
}
