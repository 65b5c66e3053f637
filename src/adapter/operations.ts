// Finding an operation of a loaded provider. Effect and labels come from the signed manifest, functions and schemas from
// the definition; an operation that the manifest does not name does not exist.
import { z } from 'zod'
import { FabricError, type JsonObject, suggestion } from '../foundation/index.ts'
import { definedOperations } from './entries.ts'
import type { LoadedProvider, OperationEntry } from './planned.ts'

const tables = new WeakMap<LoadedProvider, Map<string, OperationEntry>>()

/** The operation of this name: `payment.create`, `stripe:customer.delete`, or the bare `customer.delete`. */
export function operationOf(provider: LoadedProvider, name: string): OperationEntry {
  const table = tableOf(provider)
  const { id } = provider.definition
  const entry = table.get(name) ?? table.get(`${id}:${name}`)
  if (entry) return entry
  const names = [...table.keys()]
  const bare = names.map((known) => known.replace(`${id}:`, ''))
  throw new FabricError('IF_ERR_UNKNOWN_OPERATION', `${id} has no operation ${JSON.stringify(name)}`, {
    hint: suggestion(name.replace(`${id}:`, ''), bare, `It has: ${names.join(', ')}.`),
    next: `ifab provider show ${id}`,
    details: { provider: id, operation: name, operations: names },
  })
}

/** Every operation, standard ones first. */
export const operationsOf = (provider: LoadedProvider): OperationEntry[] => [...tableOf(provider).values()]

/** JSON Schema of what an operation takes. */
export function inputJsonSchema({ inputSchema, operation }: OperationEntry): JsonObject {
  const schema = z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any' }) as JsonObject // JSON by its nature
  if (!operation.without || !schema.properties) return schema
  const without = new Set<string>(operation.without)
  const properties = Object.entries(schema.properties).filter(([name]) => !without.has(name))
  return { ...schema, properties: Object.fromEntries(properties) }
}

/** A valid input, for help and hints. */
export const exampleOf = (entry: OperationEntry): JsonObject => entry.operation.examples[0].input

function tableOf(provider: LoadedProvider): Map<string, OperationEntry> {
  const known = tables.get(provider)
  if (known) return known
  const table = new Map(
    definedOperations(provider.definition).map((defined) => [defined.id, entryOf(provider, defined)]),
  )
  tables.set(provider, table)
  return table
}

function entryOf(
  { definition, manifest }: LoadedProvider,
  defined: ReturnType<typeof definedOperations>[number],
): OperationEntry {
  const signed = Object.hasOwn(manifest.operations, defined.id) ? manifest.operations[defined.id] : undefined
  if (!signed) {
    throw new FabricError('IF_ERR_MANIFEST_UNTRUSTED', `the manifest of ${definition.id} does not name ${defined.id}`, {
      hint: 'Generate and sign it again: ifab manifest generate, ifab manifest sign.',
    })
  }
  const { effect, reads, returns, sends } = signed
  return { ...defined, summary: defined.operation.summary, effect, labels: { reads, returns, sends } }
}
