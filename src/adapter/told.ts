// What an answer tells beside its result: what it cost, and how many calls the vendor still takes.
import type { IncomingResponse } from '../egress/index.ts'
import { type JsonObject, optional } from '../foundation/index.ts'
import type { PerformOptions } from './exchange.ts'
import type { Performed } from './planned.ts'

/** Cost and limits, where the answer says something of them. What it cannot be read from, it does not say. */
export function whatItTold(
  { provider: { definition }, entry: { operation }, input }: PerformOptions,
  result: JsonObject,
  response: IncomingResponse,
): Pick<Performed, 'cost' | 'rate'> {
  return {
    ...optional(
      'cost',
      asked(() => operation.actual?.({ input, result, headers: response.headers })),
    ),
    ...optional(
      'rate',
      asked(() => definition.rate?.(response)),
    ),
  }
}

/** The action is done and must not fail for a figure. */
function asked<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask()
  } catch {
    return undefined // of another shape than the vendor documents
  }
}
