// How a core module asks its host: its export returns `{"pending": WANT, "state": ANY}` instead of an answer, and is called
// again with `{"resume": {"state": ANY, "ok": ANY}}` or `{"resume": {"state": ANY, "error": {code, message, …}}}`.
// WANT is one of {"call": INTENT}, {"kv": {"get": KEY}}, {"kv": {"set": KEY, "value": ANY}}, {"kv": {"delete": KEY}},
// {"kv": {"list": PREFIX}}. The state is at most 64 KiB; the module's memory stays as it was until it is called again.
import type { GuestAnswer, GuestWant } from '../guest-protocol.ts'

export interface Pending {
  what: GuestWant
  /** JSON text, handed back as it came. */
  state: string
}

/** What an answer asks for; undefined where it is an answer, the text of the fault where it is neither. */
export function pendingOf(answer: unknown): Pending | string | undefined {
  if (!isRecord(answer) || !Object.hasOwn(answer, 'pending')) return undefined
  const { pending, state = null, ...rest } = answer
  if (Object.keys(rest).length > 0) return undefined
  const what = isRecord(pending) ? wantOf(pending) : undefined
  if (!what) return 'its `pending` is neither {"call": …} nor {"kv": {"get"|"set"|"delete"|"list": …}}'
  return { what, state: JSON.stringify(state) }
}

/** What the export is called with again. */
export function resumeWith(state: string, answer: GuestAnswer): string {
  const told = 'ok' in answer ? `"ok":${answer.ok}` : `"error":${JSON.stringify(answer.error)}`
  return `{"resume":{"state":${state},${told}}}`
}

function wantOf(pending: Record<string, unknown>): GuestWant | undefined {
  const [name, ...more] = Object.keys(pending)
  if (more.length > 0) return undefined
  if (name === 'call') return { kind: 'call', intent: JSON.stringify(pending.call) }
  return name === 'kv' && isRecord(pending.kv) ? recordWantOf(pending.kv) : undefined
}

function recordWantOf({ value, ...named }: Record<string, unknown>): GuestWant | undefined {
  const [[name, key] = [], ...more] = Object.entries(named)
  if (typeof key !== 'string' || more.length > 0) return undefined
  if (name === 'set') return value === undefined ? undefined : { kind: 'kv.set', key, value: JSON.stringify(value) }
  if (value !== undefined) return undefined
  if (name === 'get') return { kind: 'kv.get', key }
  if (name === 'delete') return { kind: 'kv.delete', key }
  return name === 'list' ? { kind: 'kv.list', prefix: key } : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
