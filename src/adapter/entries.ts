// Every operation of a definition with its schemas, standard and native alike: one list that operations, manifests and
// twins read, so that nobody else needs to know where the two kinds come from.
import type { z } from 'zod'
import { FabricError, type JsonObject } from '../foundation/index.ts'
import type { Operation, ProviderDefinition } from './definition.ts'
import { type StandardOperationId, VOCABULARY } from './vocabulary/index.ts'

export interface DefinedOperation {
  /** `payment.create`, or `stripe:customer.delete` for a native one. */
  id: string
  native: boolean
  operation: Operation<JsonObject, JsonObject>
  inputSchema: z.ZodType
  resultSchema: z.ZodType
}

/** Standard operations in the order of the definition, then the native ones. */
export function definedOperations(definition: ProviderDefinition): DefinedOperation[] {
  return [...standardOperations(definition), ...nativeOperations(definition)]
}

function standardOperations(definition: ProviderDefinition): DefinedOperation[] {
  return Object.entries(definition.operations).map(([id, operation]) => {
    if (!Object.hasOwn(VOCABULARY, id)) {
      throw new FabricError('IF_ERR_INTERNAL', `${definition.id}: "${id}" is not in the vocabulary`, {
        hint: 'Operations outside the vocabulary belong under `native`.',
      })
    }
    const { input, result } = VOCABULARY[id as StandardOperationId] // checked above
    // The schemas parse what the functions receive, which is what their narrower types ask for.
    return { id, native: false, operation: operation as never, inputSchema: input, resultSchema: result }
  })
}

function nativeOperations(definition: ProviderDefinition): DefinedOperation[] {
  return Object.entries(definition.native ?? {}).map(([name, operation]) => ({
    id: `${definition.id}:${name}`,
    native: true,
    operation: operation as never, // as above
    inputSchema: operation.input,
    resultSchema: operation.output,
  }))
}
