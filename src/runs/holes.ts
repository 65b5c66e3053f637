// What a plan can't know yet: the result of an earlier step stands in an input as a sentinel of its field's kind, and shows
// in the planned request as the reference that it was.
import {
  findSentinels,
  type OperationEntry,
  type PlannedRequest,
  schemaKindAt,
  sentinelFor,
  sentinelNumber,
} from '../adapter/index.ts'
import { FabricError, formatPath, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { fillReferences } from './references.ts'

export interface Placed {
  input: JsonObject
  /** Paths whose value is not known yet. */
  holes: Set<string>
  /** Text of each reference, by number. */
  texts: string[]
  /** A number is among them, so a price can't be reckoned. */
  hasNumber: boolean
}

/** Puts a sentinel of the field's kind where the result of an earlier step will be. */
export function placeHoles(entry: OperationEntry, input: JsonObject): Placed {
  const placed: Placed = { input, holes: new Set(), texts: [], hasNumber: false }
  placed.input = fillReferences(input, (reference, { whole, path }) => {
    if (reference.root !== 'steps') {
      throw new FabricError('IF_ERR_REFERENCE', `${formatPath(path)}: ${reference.text} belongs into a playbook`, {
        hint: 'A literal ${ is written $${.',
      })
    }
    const kind = whole && schemaKindAt(entry, path) === 'number' ? 'number' : 'string'
    placed.holes.add(formatPath(path))
    placed.hasNumber ||= kind === 'number'
    return sentinelFor(kind, placed.texts.push(reference.text) - 1)
  }) as JsonObject
  return placed
}

export const isKnown = (value: number | string): boolean => sentinelNumber(value) === undefined

/** The planned request with references where the sentinels stand. */
export function showHoles(planned: PlannedRequest, texts: string[]): PlannedRequest {
  return texts.length === 0 ? planned : (showIn(planned as unknown as JsonValue, texts) as unknown as PlannedRequest)
}

function showIn(value: JsonValue, texts: string[]): JsonValue {
  if (typeof value === 'number') {
    const n = sentinelNumber(value)
    return n === undefined ? value : (texts[n] ?? value)
  }
  if (typeof value === 'string') return showInText(value, texts)
  if (Array.isArray(value)) return value.map((item) => showIn(item, texts))
  if (value === null) return null
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [showInText(name, texts), showIn(member, texts)]),
  )
}

export function showInText(text: string, texts: string[]): string {
  let shown = ''
  let from = 0
  for (const found of findSentinels(text)) {
    shown += text.slice(from, found.at) + (texts[found.n] ?? found.text)
    from = found.at + found.text.length
  }
  return shown + text.slice(from)
}
