// An answer against its described operation.
import type { DescriptionFault } from '../../adapter/index.ts'
import type { DescribedResponse, Problem } from './exchange.ts'
import { describedUnder } from './faults.ts'
import type { DescribedAnswer, DescribedOperation } from './operation.ts'

export function checkResponse(
  response: DescribedResponse,
  { responses }: DescribedOperation,
  faults: readonly DescriptionFault[],
): Problem[] {
  const key = describedUnder(faults, response) ?? String(response.status)
  const answer = answerOf(responses, key)
  if (!answer) return [{ kind: 'status', where: String(response.status), message: 'is not a described status' }]
  const kind = response.bodyEncoding ?? 'json'
  const validate = kind === 'open' ? undefined : answer[kind]
  const problems = validate?.(response.body, kind === 'xml' ? 'text' : 'typed') ?? []
  return problems.map((problem) => ({ kind: 'response', ...problem }))
}

const answerOf = (responses: DescribedOperation['responses'], key: string): DescribedAnswer | undefined =>
  responses[key] ?? responses[`${key.slice(0, 1)}XX`] ?? responses[`${key.slice(0, 1)}xx`] ?? responses.default
