// Whether a provider takes each optional field of a standard input seriously: the field changes a request, the result that
// is read or the sum that policies judge, or is refused, or the definition says that the provider has nothing like it (`without`).
import { z } from 'zod'
import {
  type DefinedOperation,
  exampleRequests,
  type JsonObject,
  type JsonValue,
  type OperationExample,
} from '../../../src/adapter/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { sampleOf } from './sample.ts'

// Handed on by name, tested where each provider's own parameters are; cut by the engine, whatever the vendor does.
const APART = ['native', 'limit']

/** A sentence for each field that nothing is made of. */
export function ignoredFields(defined: DefinedOperation): string[] {
  if (defined.native) return []
  const schema = z.toJSONSchema(defined.inputSchema, { io: 'input', unrepresentable: 'any' }) as JsonObject
  const required = Array.isArray(schema.required) ? schema.required : []
  const without = (defined.operation.without ?? []) as readonly string[]
  return Object.entries((schema.properties ?? {}) as Record<string, JsonObject>)
    .filter(([name]) => !required.includes(name) && !without.includes(name) && !APART.includes(name))
    .flatMap(([name, field]) => (isUsed(defined, name, field) ? [] : [`${defined.id} makes nothing of \`${name}\``]))
}

function isUsed(defined: DefinedOperation, name: string, field: JsonObject): boolean {
  const { examples } = defined.operation
  return examples.some((example) => {
    const { [name]: own, ...others } = example.input
    const other = sampleOf(field)
    const values = [own, other, undefined].filter((value, at) => at === 2 || value !== undefined)
    const seen = values.map((value) =>
      outcomeOf(defined, example, value === undefined ? others : { ...others, [name]: value }),
    )
    return new Set(seen.filter((outcome) => outcome !== undefined)).size > 1
  })
}

/** What comes of an input, as text to compare; undefined where it is not a valid one. */
function outcomeOf(
  defined: DefinedOperation,
  example: OperationExample<JsonObject>,
  input: JsonObject,
): string | undefined {
  const parsed = defined.inputSchema.safeParse(input)
  if (!parsed.success) return undefined
  try {
    const asked = exampleRequests(
      { ...defined, operation: { ...defined.operation, examples: [{ ...example, input }] } },
      0,
    )
    const read = resultOf(defined, example, parsed.data as JsonObject)
    const moved = defined.operation.moves?.(parsed.data as JsonObject)
    return JSON.stringify([asked.first, asked.further, read, moved], bytesAsText)
  } catch (error) {
    if (error instanceof FabricError && error.code !== 'IF_ERR_INTERNAL') return `refused: ${error.message}`
    return undefined // an example that does not go with this input tells nothing
  }
}

function resultOf(
  { operation }: DefinedOperation,
  example: OperationExample<JsonObject>,
  input: JsonObject,
): JsonValue {
  if (operation.more || operation.events) return null
  return operation.result(example.response, { input, headers: { ...example.headers } }) ?? null
}

const bytesAsText = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
