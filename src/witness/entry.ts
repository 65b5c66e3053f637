// What the log says: one entry a happening, handed in by the rooms and sealed with its place in the log. The sealed form
// is RFC 8785 canonical JSON on one line; its bytes are the leaf of the Merkle tree, so the form never changes meaning.
import { z } from 'zod'
import { canonicalJson, FabricError, type JsonValue } from '../foundation/index.ts'

const hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')
const name = z.string().min(1)
const jsonValue: z.ZodType<JsonValue> = z.json()

const EFFECTS = ['read', 'create', 'update', 'delete', 'send', 'charge'] as const

/** An entry as the rooms hand it in: what happened, who did it, and what it cost. */
export const witnessEntrySchema = z.strictObject({
  /** Dotted: `step.begin`, `approval.grant`, `run.settle`. */
  kind: z.string().regex(/^[a-z][a-zA-Z0-9-]*(\.[a-z][a-zA-Z0-9-]*)*$/, 'expected dotted words'),
  at: z.iso.datetime(),
  actor: name,
  session: name.optional(),
  trace: name.optional(),
  why: z.string().optional(),
  onBehalfOf: name.optional(),
  run: name.optional(),
  step: name.optional(),
  instance: name.optional(),
  provider: name.optional(),
  operation: name.optional(),
  effect: z.enum(EFFECTS).optional(),
  /** Digest of the plan, of the request that left and of the response that came back. */
  plan: hex64.optional(),
  request: hex64.optional(),
  response: hex64.optional(),
  vendorRequestId: z.string().optional(),
  outcome: name.optional(),
  verified: z.enum(['confirmed', 'refuted', 'unknown']).optional(),
  costMicroUsd: z.int().optional(),
  moves: z.strictObject({ amount: z.int(), currency: name, direction: name }).optional(),
  detail: z.record(z.string(), jsonValue).optional(),
})

export type WitnessEntry = z.infer<typeof witnessEntrySchema>

/** An entry with its place: the sequence number and the leaf hash of the entry before. */
export interface SealedEntry extends WitnessEntry {
  v: 1
  seq: number
  prev: string
}

/** The first entry has no predecessor. */
export const NO_ENTRY_HASH = '0'.repeat(64)

const TEXTS: ReadonlySet<string> = new Set([
  'actor',
  'session',
  'trace',
  'onBehalfOf',
  'run',
  'step',
  'instance',
  'provider',
  'operation',
  'outcome',
])
const KIND = /^[a-z][a-zA-Z0-9-]*(\.[a-z][a-zA-Z0-9-]*)*$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The common entry, seen at a glance: each action makes several, and the schema is asked only where this can't tell. */
function isPlainlyRight(entry: Record<string, unknown>): boolean {
  if (typeof entry.kind !== 'string' || !KIND.test(entry.kind)) return false
  if (typeof entry.at !== 'string' || !INSTANT.test(entry.at) || Number.isNaN(Date.parse(entry.at))) return false
  if (typeof entry.actor !== 'string') return false
  for (const field in entry) {
    const value = entry[field]
    if (field === 'kind' || field === 'at') continue
    if (TEXTS.has(field)) {
      if (typeof value !== 'string' || value === '') return false
    } else if (field === 'plan' || field === 'request' || field === 'response') {
      if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) return false
    } else if (field === 'effect') {
      if (!EFFECTS.includes(value as (typeof EFFECTS)[number])) return false
    } else if (field === 'costMicroUsd') {
      if (!Number.isSafeInteger(value)) return false
    } else return false
  }
  return true
}

/** Refuses an entry that is not of the schema, naming the field: always a fault of the room that made it. */
export function checkEntry(entry: unknown): asserts entry is WitnessEntry {
  if (typeof entry === 'object' && entry !== null && isPlainlyRight(entry as Record<string, unknown>)) return
  const parsed = witnessEntrySchema.safeParse(entry)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'the entry'
  throw new FabricError('IF_ERR_INTERNAL', `a witness entry was refused: ${field}: ${issue?.message ?? 'is wrong'}`)
}

const LINE_FIELDS = [...Object.keys(witnessEntrySchema.shape), 'v', 'seq', 'prev'].sort()

/**
 * The canonical line of a checked entry at its place. The fields and their order are known, and JSON's form of a text
 * or number is the canonical one, so that the general canonicaliser, several times slower, sees only `detail`.
 */
export function sealEntry(entry: WitnessEntry, seq: number, prev: string): string {
  const fields = entry as Record<string, unknown>
  const place: Record<string, unknown> = { v: 1, seq, prev }
  let line = ''
  for (const field of LINE_FIELDS) {
    const value = fields[field] ?? place[field]
    if (value === undefined) continue
    const text = typeof value === 'object' ? canonicalJson(value) : JSON.stringify(value)
    line += `${line === '' ? '{' : ','}"${field}":${text}`
  }
  return `${line}}`
}
