// At the door: the request minus its holes must be the planned bytes. A hole shows in a plan as `${steps.x.result.y}` and
// stands for one value; it can't smuggle in another parameter, segment or member.
import { canonicalJson, type JsonValue } from '../foundation/index.ts'
import type { PlannedRequest } from './planned.ts'

const HOLE = /\$\{steps\.[^}]+\}/g

/** Where the request differs from what was planned; undefined when it fits. */
export function differsFromPlanned(planned: PlannedRequest, actual: PlannedRequest): string | undefined {
  if (planned.transport !== actual.transport) return 'transport'
  if (planned.method !== actual.method) return `method ${actual.method} instead of ${planned.method}`
  if (!fitsText(planned.url, actual.url, /[/\\?&=#]/)) return `address ${actual.url} instead of ${planned.url}`
  for (const name of new Set([...Object.keys(planned.headers), ...Object.keys(actual.headers)])) {
    if (!fitsText(planned.headers[name] ?? '', actual.headers[name] ?? '', /[\r\n]/)) return `header ${name}`
  }
  return differsInBody(planned.body, actual.body, 'body')
}

function differsInBody(planned: JsonValue, actual: JsonValue, at: string): string | undefined {
  if (typeof planned === 'string') {
    if (planned !== '' && planned.replace(HOLE, '') === '') return undefined // the schema judges the value itself
    return typeof actual === 'string' && fitsText(planned, actual, undefined) ? undefined : at
  }
  if (planned === null || typeof planned !== 'object') return Object.is(planned, actual) ? undefined : at
  if (actual === null || typeof actual !== 'object' || Array.isArray(planned) !== Array.isArray(actual)) return at
  const members = planned as Record<string, JsonValue>
  const found = actual as Record<string, JsonValue>
  const names = Object.keys(members)
  if (names.length !== Object.keys(found).length) return at
  for (const name of names) {
    const value = found[name]
    if (value === undefined) return `${at}.${name}`
    const inner = differsInBody(members[name] ?? null, value, `${at}.${name}`)
    if (inner) return inner
  }
  return undefined
}

/**
 * Whether the text is the planned one with a value in each hole. The leftmost place of each literal part is as good as
 * any other, as all holes refuse the same characters; so one pass is enough, however long a value a vendor sent.
 */
function fitsText(planned: string, actual: string, forbidden: RegExp | undefined): boolean {
  if (planned === actual) return true
  const parts = planned.split(HOLE)
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  if (parts.length < 2 || !actual.startsWith(first)) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = actual.indexOf(part, from)
    if (at < 0 || forbidden?.test(actual.slice(from, at))) return false
    from = at + part.length
  }
  const end = actual.length - last.length
  return end >= from && actual.endsWith(last) && !forbidden?.test(actual.slice(from, end))
}

/** Whether two planned requests are the same bytes, holes included. */
export const isSameRequest = (a: PlannedRequest, b: PlannedRequest): boolean => canonicalJson(a) === canonicalJson(b)
