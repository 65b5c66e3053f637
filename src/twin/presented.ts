// A request as its credential is looked for: what stands where, before anything acts on it.
import type { JsonValue } from '../foundation/index.ts'
import { pathOf, queryOf } from './received.ts'

export interface Presented {
  method: string
  /** Path with query, as it came. */
  target: string
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  /** Values of the route's names. */
  path: Readonly<Record<string, string>>
  /** The decoded body. */
  value: JsonValue
  /** The body as it came, `aws-chunked` undone. */
  bytes: Uint8Array
}

/** The query as it came, without one parameter: what is signed before the signature is put beside it. */
export function queryWithout({ target }: Pick<Presented, 'target'>, name: string | undefined): string {
  const pairs = queryOf(target).split('&')
  return pairs.filter((pair) => name === undefined || nameOf(pair) !== name).join('&')
}

const nameOf = (pair: string): string | undefined => new URLSearchParams(pair).keys().next().value

/** Path, and what is left of the query. */
export function targetWithout(presented: Presented, name: string | undefined): string {
  const query = queryWithout(presented, name)
  return query === '' ? pathOf(presented.target) : `${pathOf(presented.target)}?${query}`
}
