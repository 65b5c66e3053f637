// What a scaffold is made of: facts about a vendor's API, whatever they were read from.
import type { JsonObject, JsonValue, ProviderDefinition } from '../../adapter/index.ts'

export type Category = ProviderDefinition['category']

export const CATEGORIES = [
  'production',
  'cloud',
  'sip',
  'payment',
  'chat',
  'ai',
  'vector',
] as const satisfies readonly Category[]

/** Kinds of fields that a scaffold tells apart. */
export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'object'

export interface ScaffoldField {
  name: string
  in: 'path' | 'query' | 'body'
  kind: FieldKind
  required: boolean
  /** A value that the vendor would take. */
  sample: JsonValue
}

export interface ScaffoldOperation {
  /** Two words with a dot: `message.send`. */
  id: string
  summary: string
  effect: 'read' | 'create' | 'update' | 'delete' | 'send' | 'charge'
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base address, `{name}` for what is filled in. */
  path: string
  fields: readonly ScaffoldField[]
  body: 'json' | 'form'
  /** An answer as the vendor might give it. */
  answer: JsonValue
  status: number
}

export interface ScaffoldFacts {
  id: string
  name: string
  category: Category
  docs: string
  sources: readonly string[]
  baseUrl: string
  auth: ScaffoldAuth
  secrets: readonly string[]
  rps: number
  operations: readonly ScaffoldOperation[]
}

export type ScaffoldAuth =
  | { scheme: 'none' }
  | { scheme: 'bearer'; secret: string }
  | { scheme: 'basic'; user: string; password: string }
  | { scheme: 'header' | 'query'; name: string; secret: string }

/** `FLY_API_TOKEN` for `fly`. */
export const secretName = (id: string, what: string): string => `${id.toUpperCase().replaceAll('-', '_')}_${what}`

/** The effect that a method has where nothing else is known. */
export const effectOf = (method: ScaffoldOperation['method']): ScaffoldOperation['effect'] =>
  method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : method === 'POST' ? 'create' : 'update'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const SAMPLES: Record<FieldKind, JsonValue> = {
  text: 'sample-1',
  integer: 1,
  number: 1,
  boolean: true,
  list: ['sample-1'],
  object: { name: 'sample-1' },
}

export const sampleOfKind = (kind: FieldKind): JsonValue => SAMPLES[kind]
