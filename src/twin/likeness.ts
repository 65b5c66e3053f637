// How like a call is to an example request of an operation, for routes that several operations share: vendors that take
// everything on one path, told apart by the body's root member or an `Action=…`. What the definition writes by itself counts
// most; what it takes from its input counts as being there or not.
import type { HttpRequestSpec, TwinAsked } from '../adapter/index.ts'
import type { JsonValue } from '../foundation/index.ts'

/** Features by their place; the text where the definition itself writes it, undefined where only the presence counts. */
export type Likeness = ReadonlyMap<string, string | undefined>

type Features = Map<string, string | undefined>

const SCORES = { sameText: 3, otherText: -10, missingText: -3, present: 1, missing: -0.5, stranger: -1 }

/** The features of an example request, its body as the twin reads it. */
export function likenessOf(spec: HttpRequestSpec, { input, body }: { input: JsonValue; body: JsonValue }): Likeness {
  const given = new Set(leavesOf(input))
  const constant = (text: string | undefined): string | undefined =>
    text === undefined || given.has(text) || /^([\d+<$-]|$)/.test(text) ? undefined : text
  const features: Features = featuresOf(body, { query: spec.query })
  for (const [name, value] of Object.entries(spec.headers)) features.set(`header ${name.toLowerCase()}`, value)
  return new Map([...features].map(([place, text]) => [place, constant(text)]))
}

/** The score of the best of the examples; what was never sent as an example is like nothing, and unlike nothing. */
export function likenessTo(asked: TwinAsked, examples: readonly Likeness[]): number {
  if (examples.length === 0) return WITHOUT_EXAMPLE
  const features = featuresOf(asked.value, { query: asked.queries })
  return Math.max(...examples.map((example) => scoreOf(features, asked.headers, example)))
}

/** Below what is like an operation, above what contradicts each of them. */
const WITHOUT_EXAMPLE = -5

function scoreOf(features: Features, headers: Readonly<Record<string, string>>, example: Likeness): number {
  let score = 0
  for (const [place, text] of example) {
    const header = place.startsWith('header ') ? headers[place.slice('header '.length)] : undefined
    const isThere = header !== undefined || features.has(place)
    if (text === undefined) score += isThere ? SCORES.present : SCORES.missing
    else if (!isThere) score += SCORES.missingText
    else score += (header ?? features.get(place)) === text ? SCORES.sameText : SCORES.otherText
  }
  for (const place of features.keys()) if (!example.has(place)) score += SCORES.stranger
  return score
}

function featuresOf(body: JsonValue, { query }: { query: Readonly<Record<string, unknown>> }): Features {
  const features: Features = new Map()
  for (const [name, value] of Object.entries(query)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined) features.set(`query ${name}`, String(last))
  }
  collect(body, 'body', features)
  features.delete('body')
  return features
}

/** Items of a list share one place, so that lists of other lengths are alike. */
function collect(value: JsonValue, place: string, features: Features): void {
  if (value === null || typeof value !== 'object') {
    features.set(place, typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined)
    return
  }
  features.set(place, undefined)
  const members: [string, JsonValue][] = Array.isArray(value)
    ? value.map((item) => ['[]', item])
    : Object.entries(value)
  for (const [name, member] of members) collect(member, `${place}/${name}`, features)
}

/** All scalars of an input, as texts. */
function leavesOf(value: JsonValue): string[] {
  if (value === null || typeof value !== 'object') return [String(value)]
  return Object.values(value).flatMap((member) => leavesOf(member as JsonValue))
}
