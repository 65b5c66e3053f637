// Text that can be pasted into a shell as it is.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'

/** One word of a POSIX shell, quoted where it must be. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** `amount=2500 text='hello there' native:='{"a":[1]}'`: the words that give this input again. */
export const assignmentWords = (input: JsonObject): string =>
  Object.entries(input)
    .map(([key, value]) => assignmentWord(key, value))
    .join(' ')

function assignmentWord(key: string, value: JsonValue): string {
  if (typeof value === 'string') return `${key}=${value === '' ? '' : shellWord(value)}`
  if (typeof value === 'number' || typeof value === 'boolean') return `${key}=${value}`
  return `${key}:=${shellWord(JSON.stringify(value))}`
}
