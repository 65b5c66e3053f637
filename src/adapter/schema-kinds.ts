// What a schema wants at a path, seen through optional, default, pipe and the like; and the same schema with holes in
// it, for values that a plan does not know yet.
import { z } from 'zod'
import type { OperationEntry } from './planned.ts'

export type SchemaKind = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'unknown'

const KINDS: Record<string, SchemaKind> = {
  string: 'string',
  enum: 'string',
  template_literal: 'string',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  array: 'array',
  tuple: 'array',
  object: 'object',
  record: 'object',
}

/** Kind of value that an operation takes at a path of its input. */
export function schemaKindAt(entry: Pick<OperationEntry, 'inputSchema'>, path: readonly PropertyKey[]): SchemaKind {
  const schema = schemaAt(entry, path)
  if (!schema) return 'unknown'
  const { def } = schema._zod
  if (def.type === 'literal') return literalKind(def.values)
  return KINDS[def.type] ?? 'unknown'
}

/** Names of the fields that an operation knows at a path of its input. */
export function fieldsAt(entry: Pick<OperationEntry, 'inputSchema'>, path: readonly PropertyKey[]): string[] {
  const def = schemaAt(entry, path)?._zod.def
  return def?.type === 'object' ? Object.keys(def.shape) : []
}

/** The schema with anything allowed at the given paths; checks over a whole that has holes are left out. */
export function loosen(schema: z.core.$ZodType, holes: readonly (readonly PropertyKey[])[]): z.core.$ZodType {
  if (holes.length === 0) return schema
  if (holes.some((path) => path.length === 0)) return z.unknown()
  const inner = bare(schema)
  // A value stands on the way to a hole, so what the wrapper says about a missing one does not matter here.
  if (inner !== schema) return z.optional(loosen(inner, holes))
  const { def } = inner._zod
  const tails = holes.map((path) => path.slice(1))
  if (def.type === 'object') {
    const shape = Object.fromEntries(
      Object.entries(def.shape).map(([name, member]) => [
        name,
        loosen(
          member,
          holes.filter((path) => path[0] === name).map((path) => path.slice(1)),
        ),
      ]),
    )
    return z.core.clone(inner, { ...def, shape, checks: [] } as never) // the same kind of definition, other members
  }
  if (def.type === 'array')
    return z.core.clone(inner, { ...def, element: loosen(def.element, tails), checks: [] } as never)
  if (def.type === 'record')
    return z.core.clone(inner, { ...def, valueType: loosen(def.valueType, tails), checks: [] } as never)
  return z.unknown()
}

function schemaAt(
  entry: Pick<OperationEntry, 'inputSchema'>,
  path: readonly PropertyKey[],
): z.core.$ZodTypes | undefined {
  let schema = bare(entry.inputSchema)
  for (const part of path) {
    const member = memberOf(schema, part)
    if (!member) return undefined
    schema = bare(member)
  }
  return schema
}

/** The schema inside its wrappers: what the value that a person gives has to be. */
function bare(schema: z.core.$ZodType): z.core.$ZodTypes {
  const known = schema as z.core.$ZodTypes // zod's own list of every schema there is
  const { def } = known._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
      return bare(def.innerType)
    case 'pipe':
      return bare(def.in)
    case 'lazy':
      return bare(def.getter())
    default:
      return known
  }
}

function memberOf(schema: z.core.$ZodTypes, part: PropertyKey): z.core.$ZodType | undefined {
  const { def } = schema._zod
  if (def.type === 'object') return Object.hasOwn(def.shape, part) ? def.shape[String(part)] : undefined
  if (def.type === 'array') return def.element
  if (def.type === 'record') return def.valueType
  if (def.type === 'tuple') return def.items[Number(part)] ?? def.rest ?? undefined
  return undefined
}

function literalKind(values: readonly unknown[]): SchemaKind {
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  return kinds.size === 1 && (kind === 'string' || kind === 'number' || kind === 'boolean') ? kind : 'unknown'
}
