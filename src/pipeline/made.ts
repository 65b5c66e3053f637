// What a session has made: it may delete that without asking.
import { keyOf, type Write } from '../store/index.ts'
import type { Outcome, Passage } from './passage.ts'

/** Where the store remembers it. */
export const madeKey = (session: string, instance: string, id: string): string => keyOf('made', session, instance, id)

const MAKES: ReadonlySet<string> = new Set(['create', 'send', 'charge'])

/** The mark of a thing that an action made, where it has an id. */
export function madeMarks({ acting, entry, instance }: Passage, outcome: Outcome, at: string): Write[] {
  const id = outcome.state === 'done' && MAKES.has(entry.effect) ? outcome.result?.id : undefined
  if (typeof id !== 'string') return []
  return [{ key: madeKey(acting.session, instance.name, id), value: { at, operation: entry.id }, expect: 'any' }]
}
