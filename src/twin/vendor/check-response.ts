// An answer against its described operation.
import { type Disagreement, isExcused, schemaKeyFor } from './disagreements.ts'
import type { DescribedResponse, Problem } from './exchange.ts'
import type { FoundOperation } from './operation.ts'

export function checkResponse(
  response: DescribedResponse,
  { operation }: FoundOperation,
  disagreements: readonly Disagreement[],
): Problem[] {
  const key = schemaKeyFor(disagreements, response) ?? String(response.status)
  const validate = key in operation.responses ? operation.responses[key] : operation.responses.default
  if (!(key in operation.responses) && !('default' in operation.responses)) {
    return [{ kind: 'status', where: String(response.status), message: 'is not a described status' }]
  }
  if (!validate) return []
  return validate(response.body, 'typed')
    .map(({ where, message }): Problem => ({ kind: 'response', where, message }))
    .filter((problem) => !isExcused(disagreements, operation, problem))
}
