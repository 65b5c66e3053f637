// All operations of a definition, standard and native, as one list.
import type { Operation, ProviderDefinition } from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'

export interface DefinedOperation {
  /** `payment.create`, or `stripe:customer.delete` for a native one. */
  id: string
  /** As the definition has it, without the provider. */
  key: string
  operation: Operation<JsonObject, JsonObject>
}

export function definedOperations(definition: ProviderDefinition): DefinedOperation[] {
  // Each operation is run only on its own examples, so what its schemas say does not matter here.
  const list = (operations: object, prefix: string) =>
    Object.entries(operations).map(([key, operation]) => ({
      id: `${prefix}${key}`,
      key,
      operation: operation as Operation<JsonObject, JsonObject>,
    }))
  return [...list(definition.operations, ''), ...list(definition.native ?? {}, `${definition.id}:`)]
}
