// Canonical JSON (RFC 8785) and the digests built on it: the same value gives the same bytes everywhere,
// so that plans, manifests and log entries can be compared and signed.
import { createHash, hash as nodeHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { FabricError } from './errors.ts'

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }
export type JsonObject = { [key: string]: JsonValue }

/** RFC 8785 text of a JSON value. Members that are `undefined` are left out; NaN and Infinity are refused. */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (v: unknown) => string | undefined)(value)
  if (text === undefined) throw new FabricError('IF_ERR_INTERNAL', 'this value has no JSON form')
  return text
}

/** Lower-case hex SHA-256 of bytes or UTF-8 text. */
export const sha256Hex = (content: string | Uint8Array): string =>
  typeof nodeHash === 'function'
    ? nodeHash('sha256', content, 'hex')
    : createHash('sha256').update(content).digest('hex')

/** Lower-case hex SHA-256 of the RFC 8785 form of a value. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value))
