// References between steps and to inputs: `${steps.find.result.id}`, `${inputs.amount}`, `${item}`. A value that is only
// a reference keeps its type; inside text a scalar is written out. `$${` is a literal `${`.
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'

export interface Reference {
  /** As written: `${steps.find.result.id}`. */
  text: string
  root: 'steps' | 'inputs' | 'item' | 'index'
  /** For `steps`: the step. */
  step: string | undefined
  /** Into the step's result, the inputs, or the item. */
  path: string[]
}

const ESCAPE = '$${'
const PATTERN = /\$\$\{|\$\{([^}]*)\}/g

/** Parses what stands between the braces; `where` names file and field for the error. */
export function parseReference(inner: string, where: string): Reference {
  const text = `\${${inner}}`
  const trimmed = inner.trim()
  const step = /^steps\.(.+?)\.result(?=$|[.[])(.*)$/.exec(trimmed)
  if (step?.[1]) return { text, root: 'steps', step: step[1], path: parsePath(step[2] ?? '') }
  const other = /^(inputs|item|index)(?=$|[.[])(.*)$/.exec(trimmed)
  if (other)
    return { text, root: other[1] as 'inputs' | 'item' | 'index', step: undefined, path: parsePath(other[2] ?? '') }
  throw new FabricError('IF_ERR_REFERENCE', `${where}: ${text} is not a reference`, {
    hint: 'Write ${steps.NAME.result.FIELD}, ${inputs.NAME} or, inside forEach, ${item}. A literal ${ is written $${.',
  })
}

/** All references in a value. */
export function findReferences(value: JsonValue, where = ''): Reference[] {
  if (typeof value === 'string') {
    return [...value.matchAll(PATTERN)]
      .filter((match) => match[0] !== ESCAPE)
      .map((match) => parseReference(match[1] ?? '', where))
  }
  if (Array.isArray(value)) return value.flatMap((item, at) => findReferences(item, `${where}[${at}]`))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, member]) => findReferences(member, where ? `${where}.${name}` : name))
}

/** What to put in place of a reference; `undefined` leaves it standing. */
export type Lookup = (reference: Reference, at: { whole: boolean; path: (string | number)[] }) => JsonValue | undefined

/** A copy with references replaced. */
export function fillReferences(
  value: JsonValue,
  lookup: Lookup,
  where = '',
  path: (string | number)[] = [],
): JsonValue {
  if (typeof value === 'string') return fillText(value, lookup, where, path)
  if (Array.isArray(value))
    return value.map((item, at) => fillReferences(item, lookup, `${where}[${at}]`, [...path, at]))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      fillReferences(member, lookup, where ? `${where}.${name}` : name, [...path, name]),
    ]),
  )
}

function fillText(text: string, lookup: Lookup, where: string, path: (string | number)[]): JsonValue {
  if (!text.includes('${')) return text
  const only = /^\$\{([^}]*)\}$/.exec(text)
  if (only) {
    const found = lookup(parseReference(only[1] ?? '', where), { whole: true, path })
    return found === undefined ? text : found
  }
  return text.replace(PATTERN, (written, inner: string) => {
    if (written === ESCAPE) return '${'
    const found = lookup(parseReference(inner, where), { whole: false, path })
    if (found === undefined) return written
    if (found !== null && typeof found === 'object') {
      throw new FabricError(
        'IF_ERR_REFERENCE',
        `${where}: ${written} is ${Array.isArray(found) ? 'a list' : 'an object'} and can't stand inside text`,
      )
    }
    return String(found)
  })
}

/** The value at a path; IF_ERR_REFERENCE names the first member that is missing. */
export function valueAt(value: JsonValue | undefined, reference: Reference, where: string): JsonValue {
  let found: JsonValue | undefined = value
  for (const [at, part] of reference.path.entries()) {
    found = Array.isArray(found)
      ? found[Number(part)]
      : found !== null && typeof found === 'object'
        ? memberOf(found, part)
        : undefined
    if (found === undefined) {
      throw new FabricError(
        'IF_ERR_REFERENCE',
        `${where}: ${reference.text} points at nothing: there is no ${reference.path.slice(0, at + 1).join('.')}`,
      )
    }
  }
  if (found === undefined) throw new FabricError('IF_ERR_REFERENCE', `${where}: ${reference.text} points at nothing`)
  return found
}

/** A copy in which no text is taken for a reference: what comes from outside stays what it is. */
export const escapeReferences = (value: JsonValue): JsonValue =>
  mapText(value, (text) => text.replaceAll('${', () => '$${'))

/** A copy whose escapes are still there after references were filled once. */
export const keepEscapes = (value: JsonValue): JsonValue =>
  mapText(value, (text) => text.replaceAll('$${', () => '$$${'))

function mapText(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapText(item, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapText(member, change)]))
}

/** Own members only: a result has no `constructor`. */
const memberOf = (value: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined

const parsePath = (text: string): string[] => text.split(/[.[\]]/).filter((part) => part !== '')
