// Capabilities say what a task needs and what a worker has: `domain:skill[:detail]`, lower case, open-ended. `a:b` covers
// `a:b:c`; a worker's may end in a wildcard (`integration:*`). A task's are exact, since a need for anything is no need.
import { FabricError } from './errors.ts'

const NEEDED = /^[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*){1,2}$/
const OWNED = /^[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*){0,2}(:\*)?$/
const LONGEST = 128

/** Refuses what is not a capability; `owned` ones may end in `:*`. */
export function checkCapability(text: string, { owned = false }: { owned?: boolean } = {}): string {
  const isWhole = owned ? OWNED.test(text) && text.includes(':') : NEEDED.test(text)
  if (isWhole && text.length <= LONGEST) return text
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not a capability`, {
    hint: owned
      ? 'A capability is domain:skill or domain:skill:detail in lower case, and may end in :* (integration:*).'
      : 'A needed capability is domain:skill or domain:skill:detail in lower case, without a wildcard.',
  })
}

/** Whether having one capability is enough where another is needed. */
export function covers(owned: string, needed: string): boolean {
  if (owned === needed) return true
  if (owned.endsWith(':*')) return needed.startsWith(owned.slice(0, -1))
  return needed.startsWith(`${owned}:`)
}

/** The share of what is needed that is there, 0 to 1; 1 where nothing is needed. */
export function matchOf(owned: readonly string[], needed: readonly string[]): number {
  if (needed.length === 0) return 1
  const met = needed.filter((need) => owned.some((have) => covers(have, need)))
  return met.length / needed.length
}
