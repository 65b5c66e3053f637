// Decodes application/x-www-form-urlencoded on its own: percent-decoding by the platform, brackets nested here.
// `a[b]=1` is an object, `a[]=1` and `a[0]=1` are lists, a repeated plain name keeps its last value. A name that is both
// a value and a group is refused. Shares no code with our encoder, so that the two can prove each other.
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import { Refusal } from './refusal.ts'

const DEEPEST = 32

/** Group members by name; `''` never occurs, an append gets the next free number. */
type Group = Map<string, string | Group>

/** The fields of a form or a query, nested by their brackets; all values are text. */
export function decodeForm(text: string): JsonObject {
  const root: Group = new Map()
  for (const [name, value] of new URLSearchParams(text)) put(root, pathOf(name), value, name)
  return Object.fromEntries([...root].map(([name, member]) => [name, toJson(member)]))
}

/** `items[0][price]` → items, 0, price. A name whose brackets are not in order is one plain name. */
function pathOf(name: string): string[] {
  const open = name.indexOf('[')
  if (open <= 0 || !/^(\[[^[\]]*\])+$/.test(name.slice(open))) return [name]
  const path = [name.slice(0, open), ...name.slice(open + 1, -1).split('][')]
  if (path.length > DEEPEST) throw new Refusal('invalid', `the parameter ${name.slice(0, 100)} is nested too deeply`)
  return path
}

function put(root: Group, path: string[], value: string, name: string): void {
  let group = root
  for (const [at, part] of path.entries()) {
    const key = part === '' && at > 0 ? String(group.size) : part
    const present = group.get(key)
    if (at === path.length - 1) {
      if (present instanceof Map) throw clash(name)
      group.set(key, value)
      return
    }
    if (typeof present === 'string') throw clash(name)
    const next = present ?? new Map()
    group.set(key, next)
    group = next
  }
}

const clash = (name: string): Refusal =>
  new Refusal('invalid', `the parameter ${name.slice(0, 100)} is given both as a value and as a group`)

/** A group whose names are exactly 0, 1, 2 … is a list. */
function toJson(member: string | Group): JsonValue {
  if (typeof member === 'string') return member
  const entries = [...member]
  if (entries.every(([key], at) => key === String(at))) return entries.map(([, inner]) => toJson(inner))
  return Object.fromEntries(entries.map(([key, inner]) => [key, toJson(inner)]))
}
