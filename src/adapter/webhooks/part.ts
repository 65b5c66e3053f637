// Text that a scheme reads or signs, as data: literal pieces, parts of the delivery, secrets by name. Joined as bytes, so
// that a body which is no valid text is signed as it came.
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { JsonValue } from '../../foundation/index.ts'
import type { SecretRef } from '../secret-ref.ts'
import type { HookDelivery } from './delivery.ts'

/** A place in a delivery. `field` is a dotted path into the body. `match` takes its first group; several where it is global. */
export type HookSource = ({ header: string } | { query: string } | { field: string }) & { match?: RegExp }

export type HookPart =
  | string
  | SecretRef
  | { setting: string }
  | HookSource
  | {
      of:
        | 'method'
        /** The public address with its query. */
        | 'url'
        | 'path'
        | 'body'
        | 'body-sha256-hex'
        | 'body-sha256-base64'
        /** As an unsigned decimal number. */
        | 'body-crc32'
        /** Every form field's name and value, sorted by name. */
        | 'sorted-form'
        /** The address with its query sorted; `.` behind it where form fields follow (Plivo, version 3). */
        | 'plivo-url'
    }
  /** `&name=value` of every parameter, sorted; `&` and `=` in values become `_` (Vonage). */
  | { pairs: 'parameters'; except: readonly string[] }
  /** Compact JSON of these members of the body, in this order. */
  | { json: readonly string[] }
  /** These texts, sorted and joined. */
  | { sorted: readonly HookPart[] }

/** What parts may read besides the delivery. */
export interface PartFacts {
  delivery: HookDelivery
  /** Opened before; undefined where the instance has none. */
  secret: (name: string) => string | undefined
  setting: (name: string) => string | undefined
}

/** Something that a scheme needs is not there: the delivery then proves nothing. */
export class HookFault extends Error {}

export function joinParts(parts: readonly HookPart[], facts: PartFacts): Buffer {
  return Buffer.concat(parts.map((part) => bytesOf(part, facts)))
}

export const textOfPart = (part: HookPart, facts: PartFacts): string => bytesOf(part, facts).toString('utf8')

/** Every value of a place; none where nothing stands there. */
export function valuesOf(source: HookSource, delivery: HookDelivery): string[] {
  const text = rawValue(source, delivery)
  if (text === undefined) return []
  if (!source.match) return [text]
  const { match } = source
  const found = match.global ? [...text.matchAll(match)] : [match.exec(text)]
  return found.flatMap((one) => one?.[1] ?? [])
}

/** The member at a dotted path; undefined where there is none. */
export function memberAt(value: JsonValue, path: string): JsonValue | undefined {
  let at: JsonValue | undefined = value
  for (const name of path.split('.')) {
    if (at === null || typeof at !== 'object') return undefined
    at = Array.isArray(at) ? at[Number(name)] : Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}

/** Names of all secrets in parts. */
export function secretsIn(parts: readonly HookPart[]): string[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return []
    if ('secret' in part) return [part.secret]
    return 'sorted' in part ? secretsIn(part.sorted) : []
  })
}

function rawValue(source: HookSource, { headers, query, body }: HookDelivery): string | undefined {
  if ('header' in source) return headers[source.header.toLowerCase()]
  if ('query' in source) return query[source.query]
  const value = memberAt(body, source.field)
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value)
}

function bytesOf(part: HookPart, facts: PartFacts): Buffer {
  if (typeof part === 'string') return Buffer.from(part)
  if ('secret' in part) return Buffer.from(needed(facts.secret(part.secret), `the secret ${part.secret}`))
  if ('setting' in part) return Buffer.from(needed(facts.setting(part.setting), `the setting ${part.setting}`))
  if ('of' in part) return takenFrom(part.of, facts.delivery)
  if ('pairs' in part) return Buffer.from(sortedPairs(facts.delivery, part.except))
  if ('json' in part) return Buffer.from(someMembers(facts.delivery.body, part.json))
  if ('sorted' in part) return Buffer.concat(part.sorted.map((one) => bytesOf(one, facts)).sort(Buffer.compare))
  return Buffer.from(needed(valuesOf(part, facts.delivery)[0], placeText(part)))
}

type Taken = Extract<HookPart, { of: string }>['of']

function takenFrom(of: Taken, { method, url, path, bytes, body }: HookDelivery): Buffer {
  switch (of) {
    case 'method':
      return Buffer.from(method)
    case 'url':
      return Buffer.from(url)
    case 'path':
      return Buffer.from(path)
    case 'body':
      return Buffer.from(bytes)
    case 'body-sha256-hex':
      return Buffer.from(createHash('sha256').update(bytes).digest('hex'))
    case 'body-sha256-base64':
      return Buffer.from(createHash('sha256').update(bytes).digest('base64'))
    case 'body-crc32':
      return Buffer.from(String(crc32(bytes)))
    case 'sorted-form':
      return Buffer.from(sortedForm(body))
    case 'plivo-url':
      return Buffer.from(plivoUrl(url, sortedForm(body) !== ''))
  }
}

/** Values of a repeated field are sorted too, and equal ones count once. */
export function sortedForm(body: JsonValue): string {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return ''
  return Object.keys(body)
    .sort()
    .flatMap((name) => {
      const value = body[name]
      const values = Array.isArray(value) ? [...new Set(value.map(String))].sort() : [String(value)]
      return values.map((one) => name + one)
    })
    .join('')
}

function plivoUrl(url: string, hasForm: boolean): string {
  const { origin, pathname, searchParams } = new URL(url)
  const query = [...searchParams]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
  return `${origin}${pathname}${query !== '' || hasForm ? `?${query}` : ''}${query !== '' && hasForm ? '.' : ''}`
}

function sortedPairs({ query, body }: HookDelivery, except: readonly string[]): string {
  const members = body !== null && typeof body === 'object' && !Array.isArray(body) ? body : {}
  const all = { ...query, ...members }
  return Object.keys(all)
    .filter((name) => !except.includes(name))
    .sort()
    .map((name) => `&${name}=${String(all[name]).replace(/[&=]/g, '_')}`)
    .join('')
}

function someMembers(body: JsonValue, names: readonly string[]): string {
  const members = names.map((name) => [name, memberAt(body, name)] as const)
  return JSON.stringify(Object.fromEntries(members.filter(([, value]) => value !== undefined)))
}

const placeText = (source: HookSource): string =>
  'header' in source
    ? `the header ${source.header}`
    : 'query' in source
      ? `the parameter ${source.query}`
      : `the field ${source.field}`

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new HookFault(`${what} is missing`)
  return value
}
