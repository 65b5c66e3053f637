// What stands before a policy: @id names it, @text says it to people, @ask("2 of finance") makes a forbid a question.
import { didYouMean, nearest } from '../../foundation/index.ts'

export interface Annotated {
  id?: string
  text?: string
  /** Who has to say yes; without a group every approver may. */
  ask?: { needed: number; approvers?: string }
}

const KNOWN = ['id', 'text', 'ask']
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const ASK = /^(?:([1-9]\d?)(?: of |$))?([a-z][a-z0-9-]{0,63})?$/
const LONGEST_TEXT = 300

/** Reads the annotations of a policy; a string says what is wrong with them. */
export function readAnnotations(
  annotations: Record<string, string>,
  effect: 'permit' | 'forbid',
  groups: readonly string[] | undefined,
): Annotated | string {
  const { id, text, ask } = annotations
  const misspelt = Object.keys(annotations).find((name) => !KNOWN.includes(name) && nearest(name, KNOWN).length > 0)
  if (misspelt) return `unknown annotation @${misspelt}. ${didYouMean(misspelt, KNOWN)}`
  if (id !== undefined && !ID.test(id)) return `@id(${JSON.stringify(id)}): expected letters, digits, dots and hyphens`
  if (text !== undefined && (text.trim() === '' || text.length > LONGEST_TEXT))
    return `@text: expected 1 to ${LONGEST_TEXT} characters`
  const asked = ask === undefined ? undefined : readAsk(ask, effect, groups)
  if (typeof asked === 'string') return asked
  return {
    ...(id === undefined ? {} : { id }),
    ...(text === undefined ? {} : { text: text.trim() }),
    ...(asked ? { ask: asked } : {}),
  }
}

function readAsk(
  ask: string,
  effect: 'permit' | 'forbid',
  groups: readonly string[] | undefined,
): Annotated['ask'] | string {
  if (effect === 'permit') return '@ask stands before a forbid; a permit asks nobody'
  const match = ASK.exec(ask)
  if (!match || ask === '' || ask.endsWith(' of '))
    return `@ask(${JSON.stringify(ask)}): expected "approvers", a group, or "2 of finance"`
  const needed = Number(match[1] ?? 1)
  const group = match[2]
  if (group === undefined || group === 'approvers') return { needed }
  if (groups && !groups.includes(group)) {
    const near = didYouMean(group, groups)
    return `@ask(${JSON.stringify(ask)}): config.yaml has no group ${group} in approverGroups${near ? `. ${near}` : ''}`
  }
  return { needed, approvers: group }
}
