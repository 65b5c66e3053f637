// What a module says of itself: `describe()` answers with this, once, when the module is built. Facts only: an adapter's
// addresses, secrets by name, operations and examples are data here, so that its manifest can be generated, signed and
// compared, and a plan needs the guest for nothing but the request.
import { z } from 'zod'
import { EFFECTS } from '../../adapter/index.ts'
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { isPlainPattern } from './plain-pattern.ts'

const json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>
const object = z.record(z.string(), json) as z.ZodType<JsonObject>
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'expected a name: letters, digits and _')
const semver = z.string().regex(/^\d+\.\d+\.\d+$/, 'expected a version such as 1.0.0')
const pattern = z
  .string()
  .refine(isPlainPattern, 'expected a pattern from ^ to $ without groups, with one open repetition at most')

/** `acme-mail`. */
export const moduleId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,47}$/, 'expected lower-case letters, digits and -, at most 48')

const baseUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/, 'expected an address with http(s):// and without query')

const auth = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('none') }),
  z.strictObject({ scheme: z.literal('bearer'), secret: name }),
  z.strictObject({ scheme: z.literal('basic'), user: name.describe('Secret of the user name.'), password: name }),
  z.strictObject({ scheme: z.literal('header'), header: z.string(), secret: name, prefix: z.string().optional() }),
  z.strictObject({ scheme: z.literal('query'), parameter: z.string(), secret: name }),
])

/** How a fault looks where the status does not tell it: the first that matches counts. */
const fault = z.strictObject({
  status: z.union([z.int(), z.string().regex(/^[1-5]xx$/)]).optional(),
  /** Field of the JSON body, dotted, and its value: `ok` = `false`. */
  field: z.strictObject({ path: z.string(), equals: json }).optional(),
  code: z.enum([
    'IF_ERR_ACTION_FAILED',
    'IF_ERR_AUTH_FAILED',
    'IF_ERR_NOT_FOUND',
    'IF_ERR_CONFLICT',
    'IF_ERR_INVALID_INPUT',
    'IF_ERR_RATE_LIMIT_EXCEEDED',
    'IF_ERR_PROVIDER_UNAVAILABLE',
  ]),
  retryable: z.boolean().optional(),
})

const operation = z.strictObject({
  summary: z.string().min(1),
  effect: z.enum(EFFECTS),
  labels: z
    .strictObject({
      reads: z.enum(['public', 'private']),
      returns: z.enum(['trusted', 'untrusted']),
      sends: z.enum(['none', 'external']),
    })
    .partial()
    .optional(),
  scope: z.string().optional(),
  /** JSON Schemas, of an operation outside the vocabulary only. */
  input: object.optional(),
  output: object.optional(),
  undo: z
    .union([
      z.strictObject({ operation: z.string().describe('How it reads in a plan; `plan` tells its input.') }),
      z.strictObject({ none: z.string().min(1).describe('Why nothing takes it back.') }),
    ])
    .optional(),
  idempotent: z.boolean().optional(),
  examples: z.array(z.strictObject({ input: object, response: json })).min(1),
})

const adapter = z.strictObject({
  kind: z.literal('adapter'),
  id: moduleId,
  name: z.string().min(1),
  version: semver,
  category: z.enum(['production', 'cloud', 'sip', 'payment', 'chat', 'ai', 'vector']),
  docs: z.url(),
  /** Address with path prefix; may hold `{setting}`. */
  baseUrls: z.intersection(z.object({ main: baseUrl }), z.record(z.string(), baseUrl)),
  settings: z
    .record(name, z.strictObject({ description: z.string(), pattern, default: z.string().optional() }))
    .optional(),
  secrets: z.record(
    name,
    z.strictObject({
      label: z.string(),
      get: z.string().describe('Where to get it.'),
      pattern: pattern.optional(),
      required: z.boolean().optional(),
    }),
  ),
  auth,
  headers: z.record(z.string(), z.string()).optional(),
  limits: z
    .strictObject({
      rps: z.number().positive(),
      burst: z.number().min(1),
      backoffSeconds: z.array(z.number().nonnegative()).min(1),
    })
    .default({ rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] }),
  idempotency: z
    .strictObject({ header: z.string(), windowHours: z.number().positive(), methods: z.array(z.string()) })
    .optional(),
  faults: z.array(fault).optional(),
  /** The cheapest read that proves the credential; the export `health` tells what it says. */
  health: z.strictObject({ operation: z.string(), input: object }),
  operations: z.record(z.string(), operation),
})

const agent = z.strictObject({
  kind: z.literal('agent'),
  id: moduleId,
  name: z.string().min(1),
  version: semver,
  /** JSON Schema of what `execute` takes. */
  input: object.optional(),
})

export const descriptionSchema = z.discriminatedUnion('kind', [adapter, agent])
export type Description = z.output<typeof descriptionSchema>
export type AdapterDescription = Extract<Description, { kind: 'adapter' }>
export type AgentDescription = Extract<Description, { kind: 'agent' }>

const scalar = z.union([z.string(), z.number(), z.boolean()])
/** Nesting becomes brackets, as the engine encodes forms. */
type FormValue = string | number | boolean | null | FormValue[] | { [name: string]: FormValue }
const form: z.ZodType<FormValue> = z.json()

/** A request as a guest builds it: data, without secrets. */
export const guestRequestSchema = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Path template below the base address: `/v1/messages/{id}`. */
  path: z.string().startsWith('/'),
  /** Default `main`. */
  base: z.string().optional(),
  params: z.record(z.string(), scalar).optional(),
  query: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  json: json.optional(),
  form: z.record(z.string(), form).optional(),
})
export type GuestRequest = z.output<typeof guestRequestSchema>

const operationCall = z.strictObject({ operation: z.string(), input: object })

/** What `plan` is asked: `{operation, input}`, or with `undo` how what was done is taken back. */
export interface PlanQuestion {
  operation: string
  input: JsonObject
  undo?: { result: JsonObject; before: JsonObject | null }
}

const usd = z.string().regex(/^\d{1,9}(\.\d{1,12})?$/, 'expected dollars as decimal text, such as 0.0035')

/** What `plan` answers. */
export const plannedSchema = z.strictObject({
  request: guestRequestSchema,
  cost: z
    .union([
      z.literal('free'),
      z.strictObject({ estimateUsd: usd, maxUsd: usd, basis: z.string().min(1) }),
      z.strictObject({ unknown: z.string().min(1) }),
    ])
    .default('free'),
  moves: z
    .strictObject({
      amountMinor: z.int().nonnegative().optional(),
      currency: z.string().optional(),
      direction: z.enum(['in', 'out']),
    })
    .optional(),
  /** A read before the effect, for the undo. */
  before: operationCall.optional(),
})
export type GuestPlanned = z.output<typeof plannedSchema>

/** What `plan` answers to a question with `undo`. */
export const undoneSchema = z.strictObject({ undo: operationCall.nullable() })

/** What `apply` is asked: the step with the provider's answer. */
export interface ApplyQuestion {
  operation: string
  input: JsonObject
  response: { status: number; headers: Record<string, string>; body: JsonValue }
}

/** What `apply` answers. */
export const appliedSchema = z.strictObject({ result: object })

/** What `health` is asked, `{result}` of the health read, and what it answers. */
export const healthSchema = z.strictObject({ tell: z.string() })

/** One plan per example, asked when the module is built, so that the manifest can be generated without the guest. */
export const examplePlansSchema = z.record(z.string(), z.array(plannedSchema))
export type ExamplePlans = z.output<typeof examplePlansSchema>
