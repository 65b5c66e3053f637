// What a caller says of a new task, checked once at the edge and filled up with the defaults.
import { z } from 'zod'
import { checkCapability, describeIssue, FabricError, isName, type JsonValue, ulid } from '../foundation/index.ts'
import { DEFAULT_ATTEMPTS, DEFAULT_BACKOFF, type TaskSpec } from './record.ts'

/** 256 KiB of JSON, for a payload as for a result. */
export const MAX_PAYLOAD_BYTES = 256 * 1024
/** Characters of JSON that are cheaper rewritten with the record than read under a key of their own. */
const MAX_INLINE = 1_024
/** Whoever reads it may do so recursively. */
const MAX_DEPTH = 200
const MAX_AFTER = 256
const MAX_NEEDS = 64
const MIN_PRIORITY = -1000
const MAX_PRIORITY = 1000

const name = z.string().refine(isName, {
  error: 'expected letters, digits, dots, underscores and hyphens, a letter or digit first, 128 at most',
})
const capability = z.string().superRefine((text, context) => {
  try {
    checkCapability(text)
  } catch (thrown) {
    if (!(thrown instanceof FabricError)) throw thrown
    context.addIssue({ code: 'custom', message: thrown.hint ?? thrown.message })
  }
})
const milliseconds = z
  .int()
  .min(0)
  .max(30 * 24 * 3_600_000)

export const taskInputSchema = z.strictObject({
  /** Default: a new ULID. */
  id: name.optional(),
  /** What sort of work it is; workers may choose by it. */
  kind: name,
  /** The swarm that asks. Default `default`. */
  swarm: name.default('default'),
  /** JSON, 256 KiB at most; kept as it is and given to the worker. */
  payload: z.unknown().optional(),
  capabilities: z.array(capability).max(MAX_NEEDS).default([]),
  /** Higher first, within a swarm. Default 0. */
  priority: z.int().min(MIN_PRIORITY).max(MAX_PRIORITY).default(0),
  /** Ids of tasks that must be done before. */
  after: z.array(name).max(MAX_AFTER).default([]),
  /** Not claimed before, RFC 3339. */
  notBefore: z.iso.datetime({ offset: true }).optional(),
  /** Given up when it is still open then, RFC 3339. */
  deadline: z.iso.datetime({ offset: true }).optional(),
  /** How often it may be tried. Default 3. */
  attempts: z.int().min(1).max(1000).default(DEFAULT_ATTEMPTS),
  /** Default 1 s, doubled each time, a minute at most. */
  backoff: z
    .strictObject({
      firstMs: milliseconds.default(DEFAULT_BACKOFF.firstMs),
      factor: z.number().min(1).max(10).default(DEFAULT_BACKOFF.factor),
      maxMs: milliseconds.default(DEFAULT_BACKOFF.maxMs),
    })
    .optional(),
})

/** What `add` takes. */
export type TaskInput = z.input<typeof taskInputSchema>

export interface CheckedTask {
  spec: TaskSpec
  /** As JSON text: the caller may go on using its objects. */
  payload: string
}

/** IF_ERR_INVALID_INPUT names the field. */
export function checkTask(input: TaskInput, enqueuedAt: string): CheckedTask {
  return checkPlain(input, enqueuedAt) ?? checkAny(input, enqueuedAt)
}

const PLAIN_FIELDS: ReadonlySet<string> = new Set(['kind', 'swarm', 'payload', 'priority'])

/** What most tasks are: a kind, a swarm, a payload. The schema is exact on all, and takes ten times as long. */
function checkPlain(input: TaskInput, enqueuedAt: string): CheckedTask | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  for (const field in input) if (!PLAIN_FIELDS.has(field)) return undefined
  const { kind, swarm = 'default', priority = 0 } = input
  if (typeof kind !== 'string' || typeof swarm !== 'string' || !isName(kind) || !isName(swarm)) return undefined
  if (!Number.isInteger(priority) || priority < MIN_PRIORITY || priority > MAX_PRIORITY) return undefined
  const text = input.payload === undefined ? undefined : jsonText('payload', input.payload)
  const id = ulid()
  const spec: Mutable<TaskSpec> = { id, kind, swarm, enqueuedAt }
  if (priority !== 0) spec.priority = priority
  if (text !== undefined) {
    if (text.length <= MAX_INLINE) spec.payload = JSON.parse(text) as JsonValue
    else spec.payloadKey = id
  }
  return { spec, payload: text ?? 'null' }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function checkAny(input: TaskInput, enqueuedAt: string): CheckedTask {
  const parsed = taskInputSchema.safeParse(input)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.length ? ` ${issue.path.join('.')}:` : ''
    throw new FabricError('IF_ERR_INVALID_INPUT', `task:${field} ${issue ? describeIssue(issue) : 'is wrong'}`)
  }
  const { id, kind, swarm, capabilities, priority, after, notBefore, deadline, attempts, backoff } = parsed.data
  const payload = input.payload === undefined ? undefined : jsonText('payload', input.payload)
  const own = id ?? ulid()
  if (after.includes(own)) {
    throw new FabricError('IF_ERR_REFERENCE', `task ${own} waits for itself`, { details: { circle: [own, own] } })
  }
  return {
    spec: {
      id: own,
      ...(id === undefined ? {} : { isNamed: true as const }),
      kind,
      swarm,
      ...(priority === 0 ? {} : { priority }),
      ...(capabilities.length === 0 ? {} : { capabilities: [...new Set(capabilities)].sort() }),
      ...(after.length === 0 ? {} : { after: [...new Set(after)] }),
      enqueuedAt,
      ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
      ...(deadline === undefined ? {} : { deadline: new Date(deadline).toISOString() }),
      ...(attempts === DEFAULT_ATTEMPTS ? {} : { attempts }),
      ...(backoff === undefined ? {} : { backoff }),
      ...payloadOf(payload, own, id !== undefined),
    },
    payload: payload ?? 'null',
  }
}

/** A chosen id may come twice: only one of them gets the record, and must not find the other's payload. */
function payloadOf(text: string | undefined, id: string, isNamed: boolean): Pick<TaskSpec, 'payload' | 'payloadKey'> {
  if (text === undefined) return {}
  if (text.length <= MAX_INLINE) return { payload: JSON.parse(text) as JsonValue }
  return { payloadKey: isNamed ? `${id}~${ulid()}` : id }
}

/** The JSON text of a payload or result; refuses what has none, and what is over the limit. */
export function jsonText(what: string, value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `task: ${what} has no JSON form: ${String(cause)}`, { cause })
  }
  if (text === undefined) throw new FabricError('IF_ERR_INVALID_INPUT', `task: ${what} has no JSON form`)
  if (text.length > 2 * MAX_DEPTH && depthOf(text) > MAX_DEPTH) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `task: ${what} is nested more than ${MAX_DEPTH} levels deep`)
  }
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= MAX_PAYLOAD_BYTES) return text
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_PAYLOAD_BYTES) return text
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `task: ${what} has ${bytes} bytes of JSON, ${MAX_PAYLOAD_BYTES} at most`,
    {
      hint: 'Keep large content in an object store or a file, and put its address into the task.',
      details: { bytes, limit: MAX_PAYLOAD_BYTES },
    },
  )
}

/** How deep arrays and objects are nested in a JSON text. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isInside = false
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]
    if (isInside) {
      if (unit === '\\') at++
      else if (unit === '"') isInside = false
    } else if (unit === '"') isInside = true
    else if (unit === '[' || unit === '{') deepest = Math.max(deepest, ++depth)
    else if (unit === ']' || unit === '}') depth--
  }
  return deepest
}

/** A checked result as the record keeps it: a copy, so that the caller may go on using its objects. */
export function checkResult(value: unknown): JsonValue {
  if (value === undefined || value === null) return null
  return JSON.parse(jsonText('result', value)) as JsonValue
}
