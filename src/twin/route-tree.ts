// Path templates as a tree of segments, so that a call finds its route in as many steps as its path has segments, however
// many there are. In one segment a literal wins over `bot{token}`, that over `{name}`, that over `{key+}`, which takes
// slashes too and is a segment of its own.
import { FabricError } from '../foundation/index.ts'

export interface TreeMatch<T> {
  /** All that was added under the template, in that order. */
  found: readonly T[]
  /** Decoded, of the template's names in their order. */
  values: readonly string[]
}

interface Segment<T> {
  literals: Map<string, Segment<T>>
  /** The one with most literal text first. */
  mixed: Mixed<T>[]
  parameter: Segment<T> | undefined
  greedy: Segment<T> | undefined
  /** By method. */
  ends: Map<string, T[]>
}

interface Mixed<T> {
  /** `bot{}`. */
  shape: string
  pattern: RegExp
  literalLength: number
  next: Segment<T>
}

const PART = /\{([^{}]+)\}/g

/** The names of a template, in order: `/bot{token}/{key+}` → token, key. */
export const namesIn = (template: string): string[] =>
  [...template.matchAll(PART)].map(([, name = '']) => name.replace(/\+$/, ''))

/** A template without its names: `/orders/{id}` and `/orders/{order}` are the same path. */
export const shapeOf = (template: string): string =>
  template.replace(PART, (_, name: string) => (name.endsWith('+') ? '{+}' : '{}'))

export class RouteTree<T> {
  readonly #root = emptySegment<T>()

  add(method: string, template: string, value: T): void {
    let segment = this.#root
    for (const part of template.split('/').slice(1)) segment = step(segment, part, template)
    const end = segment.ends.get(method)
    if (end) end.push(value)
    else segment.ends.set(method, [value])
  }

  /** Undefined: no such path, or not with this method. */
  find(method: string, path: string): TreeMatch<T> | undefined {
    const values: string[] = []
    const found = match(this.#root, path.split('/'), { at: 1, method, values })
    return found && { found, values }
  }
}

const emptySegment = <T>(): Segment<T> => ({
  literals: new Map(),
  mixed: [],
  parameter: undefined,
  greedy: undefined,
  ends: new Map(),
})

/** The segment behind `part`, made where it is new. */
function step<T>(segment: Segment<T>, part: string, template: string): Segment<T> {
  const shape = shapeOf(part)
  if (shape === '{}') {
    segment.parameter ??= emptySegment()
    return segment.parameter
  }
  if (shape === '{+}') {
    segment.greedy ??= emptySegment()
    return segment.greedy
  }
  if (shape.includes('{+}')) {
    throw new FabricError('IF_ERR_INTERNAL', `the template ${template} has text beside a {name+}`)
  }
  if (shape.includes('{}')) return mixedStep(segment, shape)
  const next = segment.literals.get(part) ?? emptySegment()
  segment.literals.set(part, next)
  return next
}

function mixedStep<T>(segment: Segment<T>, shape: string): Segment<T> {
  const known = segment.mixed.find((mixed) => mixed.shape === shape)
  if (known) return known.next
  const literals = shape.split('{}')
  const pattern = new RegExp(`^${literals.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)')}$`)
  const mixed = { shape, pattern, literalLength: literals.join('').length, next: emptySegment<T>() }
  segment.mixed.push(mixed)
  segment.mixed.sort((one, other) => other.literalLength - one.literalLength)
  return mixed.next
}

interface Search {
  at: number
  method: string
  /** Filled with the values of the names. */
  values: string[]
}

function match<T>(segment: Segment<T>, parts: readonly string[], { at, method, values }: Search): T[] | undefined {
  const part = parts[at]
  if (part === undefined) return segment.ends.get(method)
  const further = (next: Segment<T>, taken: readonly (string | undefined)[], end = at + 1): T[] | undefined => {
    if (taken.some((value) => !value)) return undefined
    const kept = values.length
    values.push(...taken.map(String))
    const found = match(next, parts, { at: end, method, values })
    if (!found) values.length = kept
    return found
  }
  const literal = segment.literals.get(part)
  const straight = literal && further(literal, [])
  if (straight) return straight
  for (const { pattern, next } of segment.mixed) {
    // `model%3Arun` is `model:run`: what no raw segment matches, a decoded one may.
    const raw = pattern.exec(part)?.slice(1).map(decodeSegment)
    const taken = raw ?? pattern.exec(decodeSegment(part) ?? '')?.slice(1)
    const found = taken && further(next, taken)
    if (found) return found
  }
  const found = segment.parameter && further(segment.parameter, [decodeSegment(part)])
  if (found || !segment.greedy) return found
  for (let end = parts.length; end > at; end -= 1) {
    const taken = parts.slice(at, end).map(decodeSegment)
    const whole = taken.includes(undefined) ? undefined : taken.join('/')
    const reached = further(segment.greedy, [whole], end)
    if (reached) return reached
  }
  return undefined
}

/** Undefined for broken percent-encoding: such a path leads nowhere. */
function decodeSegment(part: string): string | undefined {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
