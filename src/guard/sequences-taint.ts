// What a session or a swarm has touched: a small record that stays small. Pure; sequences.ts keeps it.
import { optional } from '../foundation/index.ts'
import { type Entry, keyOf, prefixOf, type Write } from '../store/index.ts'
import type { SessionLeg } from './verdict.ts'

/** One action that touched something. */
export type Touched = {
  id: string
  instance: string
  operation: string
  /** Who did it, in which run and step. */
  actor?: string
  session: string
  run?: string
  step?: string
  at: string
  /** Of its entry in the log; -1 until that is known. */
  seq: number
  /** The addresses that hold all of what it brought. */
  origins: string[]
}

/** One leg: how it came about, and how it went on. */
export type Leg = {
  first: Touched[]
  last: Touched[]
  /** The addresses that hold all of what any action of this leg brought. */
  origins: string[]
}

export type Taint = {
  private?: Leg
  untrusted?: Leg
  /** Swarms that the session worked for: what they have touched, it has. */
  swarms?: string[]
  /** When something was last touched, to a day. */
  at: string
}

export const sessionKey = (session: string): string => keyOf('taint', 'session', session)
export const swarmKey = (swarm: string): string => keyOf('taint', 'swarm', swarm)
export const sessionsPrefix = prefixOf('taint', 'session')

export const taintWrite = (key: string, value: Taint, entry: Entry<Taint> | undefined): Write => ({
  key,
  value,
  expect: entry?.revision ?? 'absent',
})

export type LegName = SessionLeg['leg']

export const LEGS: readonly LegName[] = ['private', 'untrusted']

const KEEP_FIRST = 3
const KEEP_LAST = 5

/** The leg with one more action; the same leg where that says nothing new. */
export function withTouched(leg: Leg | undefined, touched: Touched): Leg {
  if (!leg) return { first: [touched], last: [], origins: touched.origins }
  if (touchesOf(leg).some((known) => isLike(known, touched))) return leg
  return trimmed([...touchesOf(leg), touched], common(leg.origins, touched.origins))
}

/** Both together, as if one had touched it all. */
export function mergedLegs(a: Leg | undefined, b: Leg | undefined): Leg | undefined {
  if (!a || !b) return a ?? b
  const known = new Set(touchesOf(a).map(({ id }) => id))
  const touches = [...touchesOf(a), ...touchesOf(b).filter(({ id }) => !known.has(id))]
  return trimmed(
    touches.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)),
    common(a.origins, b.origins),
  )
}

/** Both records' legs together, on top of the first record. */
export function mergedTaint<T extends Partial<Taint>>(a: T, b: Taint | undefined): T {
  return {
    ...a,
    ...optional('private', mergedLegs(a.private, b?.private)),
    ...optional('untrusted', mergedLegs(a.untrusted, b?.untrusted)),
  }
}

/** The record with the place of one touch in the log; the same record where it is not there, or has its place. */
export function withPlace(taint: Taint, id: string, seq: number): Taint {
  const placed = { ...taint }
  for (const name of LEGS) {
    const leg = taint[name]
    if (!leg || !touchesOf(leg).some((touched) => touched.id === id && touched.seq !== seq)) continue
    const place = (touched: Touched): Touched => (touched.id === id ? { ...touched, seq } : touched)
    placed[name] = { ...leg, first: leg.first.map(place), last: leg.last.map(place) }
  }
  return LEGS.every((name) => placed[name] === taint[name]) ? taint : placed
}

export const touchesOf = ({ first, last }: Leg): Touched[] => [...first, ...last]

const trimmed = (touches: Touched[], origins: string[]): Leg => ({
  first: touches.slice(0, KEEP_FIRST),
  last: touches.slice(KEEP_FIRST).slice(-KEEP_LAST),
  origins,
})

const common = (a: readonly string[], b: readonly string[]): string[] => a.filter((origin) => b.includes(origin))

const isLike = (a: Touched, b: Touched): boolean =>
  a.instance === b.instance && a.operation === b.operation && a.origins.join() === b.origins.join()
