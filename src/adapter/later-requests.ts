// What can be said of an operation of several requests before the first answer: its examples show the others.
import type { ProviderDefinition } from './definition.ts'
import { encodeBody } from './encoding.ts'
import { exampleRequests } from './example-requests.ts'
import { hasKeyInBody, keyHeaderOf } from './idempotency.ts'
import type { OperationEntry } from './planned.ts'
import type { RequestSpec } from './request.ts'

export interface Several {
  /** `POST https://slack.com/api/files.completeUploadExternal`, each once. */
  later: string[]
  /** Whether every request that acts takes an idempotency key. */
  keyed: boolean
}

const known = new WeakMap<OperationEntry['operation'], Several>()

/** Undefined for an operation of one request. */
export function severalOf(definition: ProviderDefinition, entry: OperationEntry): Several | undefined {
  const { operation } = entry
  if (!operation.more) return undefined
  const found = known.get(operation)
  if (found) return found
  const examples = operation.examples.map((_example, at) => exampleRequests(entry, at))
  const further = examples.flatMap((example) => example.further)
  const acting = examples.flatMap((example) => example.acting)
  const several = {
    later: [
      ...new Set(
        further.map(({ base, method, template }) => `${method} ${definition.baseUrls[base] ?? ''}${template}`),
      ),
    ],
    keyed: acting.every((spec) => takesKey(definition, spec)),
  }
  known.set(operation, several)
  return several
}

const takesKey = (definition: ProviderDefinition, spec: RequestSpec): boolean =>
  spec.transport === 'http' &&
  (keyHeaderOf(definition, spec.method) !== undefined || hasKeyInBody(spec.body && encodeBody(spec.body)))
