// Names of things: ULIDs for what is made, `if://` addresses for who and what acts.
import { randomFillSync } from 'node:crypto'
import { decodeTime, monotonicFactory } from 'ulid'
import { FabricError } from './errors.ts'

/** Strong numbers from 0 up to 1, a few hundred from each call of the system: a ULID takes sixteen. */
function pooledRandom(): () => number {
  const pool = new Uint32Array(256)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      randomFillSync(pool)
      next = 0
    }
    return (pool[next++] as number) / 2 ** 32 // next < length
  }
}

const nextUlid = monotonicFactory(pooledRandom())

/** A new ULID: 26 characters, sorts by time of making; strictly growing within one process. */
export const ulid = (): string => nextUlid()

/** When a ULID was made, milliseconds since 1970; 0 for what is none. */
export const ulidTime = (id: string): number => (/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) ? decodeTime(id) : 0)

const SHORT_LENGTH = 8

/** What people see of an id or digest: its first 8 characters (of a ULID its last 8, as the first ones tell only the time). */
export const shortId = (id: string): string =>
  /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? id.slice(-SHORT_LENGTH).toLowerCase() : id.slice(0, SHORT_LENGTH)

/** Kinds of `if://` addresses. */
export const ADDRESS_KINDS = ['person', 'swarm', 'session', 'agent', 'service', 'capability'] as const
export type AddressKind = (typeof ADDRESS_KINDS)[number]

export interface Address {
  kind: AddressKind
  name: string
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}(\/[A-Za-z0-9][A-Za-z0-9._@-]{0,127})*$/

/** Parses `if://agent/refunds`; a wrong kind or name is refused with what was expected. */
export function parseAddress(text: string): Address {
  const match = /^if:\/\/([a-z]+)\/(.+)$/.exec(text)
  const kind = ADDRESS_KINDS.find((known) => known === match?.[1])
  const name = match?.[2]
  if (!kind || !name || !NAME.test(name)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not an address`, {
      hint: `Addresses look like if://agent/refunds; kinds are ${ADDRESS_KINDS.join(', ')}.`,
    })
  }
  return { kind, name }
}

export const formatAddress = ({ kind, name }: Address): string => `if://${kind}/${name}`

const THING = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** Whether a text may name an instance, step, task or swarm. */
export const isName = (text: string): boolean => THING.test(text)

/** Refuses a name that could not stand in a key, path or address. */
export function checkName(what: string, text: string): string {
  if (isName(text)) return text
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not a ${what} name`, {
    hint: 'Names start with a letter or digit and hold letters, digits, dots, underscores and hyphens, 128 at most.',
  })
}
