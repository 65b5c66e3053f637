// What somebody gave for an operation, parsed once. An error names operation, field, what was expected and what was
// found, and says how to write it right. Where a value is not known yet (a hole), the schema is not asked.
import type { z } from 'zod'
import {
  currencyExponent,
  describeIssue,
  FabricError,
  formatAmount,
  formatPath,
  type JsonObject,
  parseDecimal,
  suggestion,
} from '../foundation/index.ts'
import { exampleOf } from './operations.ts'
import type { OperationEntry } from './planned.ts'
import { fieldsAt, loosen } from './schema-kinds.ts'

type Holes = ReadonlySet<string> | ReadonlyMap<string, unknown>

export interface ParseInputOptions {
  /** Paths (as formatPath writes them) whose values are not known yet; what stands there passes through. */
  holes?: Holes
}

/** Parses an operation's input, defaults filled in; IF_ERR_INVALID_INPUT where it is wrong. */
export function parseInput(entry: OperationEntry, raw: JsonObject, options: ParseInputOptions = {}): JsonObject {
  const beyond = entry.operation.without?.find((field) => raw[field] !== undefined)
  if (beyond !== undefined) throw notTaken(entry, beyond)
  const parsed = entry.inputSchema.safeParse(raw)
  if (parsed.success) return parsed.data as JsonObject // input schemas are objects of JSON values
  const holes = options.holes ?? new Set<string>()
  const outside = parsed.error.issues.filter(({ path }) => !isInHole(path, holes))
  if (outside.length === 0) {
    const loose = loosen(entry.inputSchema, holePaths(raw, holes)) as z.ZodType // a classic schema, loosened
    const result = loose.safeParse(raw)
    if (result.success) return result.data as JsonObject
  }
  const [issue] = [...outside, ...parsed.error.issues] as [z.core.$ZodIssue] // a failed parse has at least one
  throw invalidInput(entry, raw, issue)
}

const notTaken = ({ id, operation: { without = [] } }: OperationEntry, field: string): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', `${id} ${field}: the provider has nothing like it`, {
    hint: `Leave it out${without.length > 1 ? ` (as ${without.filter((other) => other !== field).join(', ')})` : ''}, or choose another provider.`,
    details: { operation: id, field },
  })

const isInHole = (path: readonly PropertyKey[], holes: Holes): boolean =>
  path.some((_part, at) => holes.has(formatPath(path.slice(0, at + 1))))

/** Paths of the holes that the value has. */
function holePaths(value: unknown, holes: Holes, path: readonly PropertyKey[] = []): PropertyKey[][] {
  if (path.length > 0 && holes.has(formatPath(path))) return [[...path]]
  if (value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) return value.flatMap((item, at) => holePaths(item, holes, [...path, at]))
  return Object.entries(value).flatMap(([name, member]) => holePaths(member, holes, [...path, name]))
}

function invalidInput(entry: OperationEntry, raw: JsonObject, issue: z.core.$ZodIssue): FabricError {
  const field = formatPath(issue.path)
  const found = valueAt(raw, issue.path)
  const where = field ? `${entry.id} ${field}` : entry.id
  return new FabricError('IF_ERR_INVALID_INPUT', `${where}: ${problemOf(issue, found)}`, {
    hint: hintFor(entry, raw, issue, found),
    details: { operation: entry.id, field: field || null },
  })
}

function problemOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'unrecognized_keys') return describeIssue(issue)
  if (found === undefined) return 'is required'
  return `${describeIssue(issue).replace(/, received .*$/, '')}, got ${shorten(JSON.stringify(found) ?? String(found))}`
}

function hintFor(entry: OperationEntry, raw: JsonObject, issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(entry, issue.path)
    return suggestion(
      issue.keys[0] ?? '',
      known,
      known.length > 0 ? `Fields: ${known.join(', ')}.` : 'It takes no fields.',
    )
  }
  if (issue.path.at(-1) === 'amount') return amountHint(raw, found)
  return `A valid input: ${shorten(JSON.stringify(exampleOf(entry)), 300)}`
}

/** Who types 25.00 means pounds, so the answer is the number of pence. */
function amountHint(raw: JsonObject, found: unknown): string {
  const rule = 'Amounts are whole numbers of the minor unit: 2500 is GBP 25.00.'
  const { currency } = raw
  if (typeof currency !== 'string' || (typeof found !== 'string' && typeof found !== 'number')) return rule
  try {
    const minor = parseDecimal(String(found).trim(), currencyExponent(currency))
    return `${formatAmount(minor, currency)} is amount=${minor}.`
  } catch {
    return rule // the currency is unknown too, or it is no number at all
  }
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, part) =>
      inner !== null && typeof inner === 'object' && Object.hasOwn(inner, part)
        ? (inner as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  )

const shorten = (text: string, length = 60): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)
