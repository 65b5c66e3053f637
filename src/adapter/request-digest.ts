// The digest by which the log names a request: over its planned form, so that it holds no secret and no key. Reckoned once
// a request, as begin and end of an action both name it.
import { digestOf } from '../foundation/index.ts'
import type { BuiltRequest } from './planned.ts'

const known = new WeakMap<BuiltRequest, string>()

/** Lower-case hex SHA-256 of the RFC 8785 form of the planned request. */
export function requestDigestOf(built: BuiltRequest): string {
  const digest = known.get(built) ?? digestOf(built.planned)
  known.set(built, digest)
  return digest
}
