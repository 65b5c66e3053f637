// What the conditions of a policy say without the engine: which fields of the context they read, and whether those alone
// already settle that the policy does not apply. What is settled here is exact; anything else is left to the engine.
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { isMadeOf } from '../../foundation/index.ts'
import type { ContextRecord, ContextValue } from './request.ts'

type Path = readonly string[]

/** The fields that policies read: `amount`, `session.private`; `everything` where one takes the context whole. */
export type Mentions = readonly string[] | 'everything'

/** Every field of the context that the conditions of the policies could depend on. */
export function mentionsOf(policies: readonly PolicyJson[]): Mentions {
  const found = new Set<string>()
  let isWhole = false
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const path = pathOf(node) ?? testedPath(node)
    if (path && path.length > 0) found.add(path.join('.'))
    else if (path) isWhole = true
    else for (const [kind, part] of Object.entries(node)) if (kind !== 'Value') look(part)
  }
  for (const { conditions } of policies) for (const { body } of conditions) look(body)
  return isWhole ? 'everything' : [...found].sort()
}

/** The mentioned part of a context. A record stays, be it empty, where a field of it is asked for. */
export function mentioned(context: ContextRecord, mentions: Mentions): ContextRecord {
  if (mentions === 'everything') return context
  const part: ContextRecord = {}
  for (const mention of mentions) {
    const [field = '', inner] = mention.split('.')
    const value = context[field]
    if (value === undefined) continue
    if (inner === undefined || !isRecord(value)) part[field] = value
    else if (part[field] !== value) {
      const known = part[field]
      const leaf = value[inner]
      part[field] = { ...(isRecord(known) ? known : {}), ...(leaf === undefined ? {} : { [inner]: leaf }) }
    }
  }
  return part
}

/**
 * Whether a policy certainly does not apply. Conditions are read in order and only as long as each has a plain answer:
 * behind anything else an error might wait, and an error is not a no.
 */
export function isRuledOut({ conditions }: PolicyJson, context: ContextRecord): boolean {
  for (const { kind, body } of conditions) {
    for (const part of kind === 'when' ? conjunctsOf(body) : [{ '!': { arg: body } }]) {
      const answer = plainAnswer(part, context)
      if (answer === undefined) return false
      if (!answer) return true
    }
  }
  return false
}

const split = new WeakMap<object, unknown[]>()

/** Kept by the condition, which is read for every action. */
function conjunctsOf(body: object): unknown[] {
  const known = split.get(body) ?? conjuncts(body)
  split.set(body, known)
  return known
}

function conjuncts(node: unknown): unknown[] {
  const both = member(node, '&&')
  return both ? [...conjuncts(member(both, 'left')), ...conjuncts(member(both, 'right'))] : [node]
}

/** Yes, no, or undefined where only the engine can tell. */
function plainAnswer(node: unknown, context: ContextRecord): boolean | undefined {
  const [kind, parts] = Object.entries(node ?? {})[0] ?? []
  const left = member(parts, 'left')
  const right = member(parts, 'right')
  switch (kind) {
    case '!':
      return negated(plainAnswer(member(parts, 'arg'), context))
    case '&&':
      return plainAnswer(left, context) === true ? plainAnswer(right, context) : refused(plainAnswer(left, context))
    case '||':
      return plainAnswer(left, context) === false ? plainAnswer(right, context) : granted(plainAnswer(left, context))
    case 'has': {
      const path = testedPath(node)
      return path ? valueAt(path, context) !== undefined : undefined
    }
    case 'like': {
      const value = plainValue(left, context)
      return typeof value === 'string' ? isLike(value, member(parts, 'pattern')) : undefined
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(kind, plainValue(left, context), plainValue(right, context))
    default: {
      const value = plainValue(node, context)
      return typeof value === 'boolean' ? value : undefined
    }
  }
}

const negated = (answer: boolean | undefined) => (answer === undefined ? undefined : !answer)
const refused = (answer: boolean | undefined) => (answer === false ? false : undefined)
const granted = (answer: boolean | undefined) => (answer === true ? true : undefined)

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

function compared(kind: Comparison, left: Plain | undefined, right: Plain | undefined): boolean | undefined {
  if (left === undefined || right === undefined || typeof left !== typeof right) return undefined
  if (kind === '==') return left === right
  if (kind === '!=') return left !== right
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  switch (kind) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

/** Whether a text is of the pattern, as the engine has parsed it: literal pieces, and wildcards for any characters. */
function isLike(text: string, pattern: unknown): boolean | undefined {
  if (!Array.isArray(pattern)) return undefined
  const pieces = ['']
  for (const element of pattern) {
    const literal = member(element, 'Literal')
    if (element === 'Wildcard') pieces.push('')
    else if (typeof literal === 'string') pieces.push(`${pieces.pop() ?? ''}${literal}`)
    else return undefined
  }
  return isMadeOf(text, pieces)
}

type Plain = string | number | boolean

/** A literal or a field of the context that is there; numbers only where they are exact here too. */
function plainValue(node: unknown, context: ContextRecord): Plain | undefined {
  const path = pathOf(node)
  const value = path && path.length > 0 ? valueAt(path, context) : member(node, 'Value')
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function valueAt(path: Path, context: ContextRecord): ContextValue | ContextRecord | undefined {
  let value: ContextValue | ContextRecord | undefined = context
  for (const field of path) value = isRecord(value) && Object.hasOwn(value, field) ? value[field] : undefined
  return value
}

/** Path of `context.a.b`; empty for the context itself; undefined for anything else. */
function pathOf(node: unknown): Path | undefined {
  if (member(node, 'Var') === 'context') return []
  const access = member(node, '.')
  if (access === undefined) return undefined
  const left = pathOf(member(access, 'left'))
  const attr = member(access, 'attr')
  return left && typeof attr === 'string' ? [...left, attr] : undefined
}

/** Path that `context has a.b` asks for. */
function testedPath(node: unknown): Path | undefined {
  const test = member(node, 'has')
  const left = test === undefined ? undefined : pathOf(member(test, 'left'))
  if (!left) return undefined
  const attr = member(test, 'attr')
  return [...left, ...(Array.isArray(attr) ? attr : [attr]).filter((part) => typeof part === 'string')]
}

const member = (node: unknown, name: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : undefined

const isRecord = (value: ContextValue | ContextRecord | undefined): value is ContextRecord =>
  typeof value === 'object' && !('__extn' in value)
