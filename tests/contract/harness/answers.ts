// Every answer that an example shows, in the form that a description checks.
import {
  ExactNumber,
  type HttpRequestSpec,
  type JsonValue,
  type RequestSpec,
  type StreamEvent,
} from '../../../src/adapter/index.ts'
import type { DescribedRequest, DescribedResponse } from '../../../src/twin/vendor/index.ts'

/** Answers to one request of an example: one, or one for each event of a stream. */
export function describedAnswers(
  request: DescribedRequest,
  spec: RequestSpec,
  { body, status, events }: { body: JsonValue; status: number; events: readonly StreamEvent[] },
): DescribedResponse[] {
  const { method, path, query, body: sent } = request
  const asked = { method, path, query, status, sent }
  if (spec.transport === 'http' && spec.stream !== undefined && events.length > 0) {
    return events.flatMap(({ json }) =>
      json === undefined ? [] : [{ ...asked, body: json, bodyEncoding: 'event' as const }],
    )
  }
  return [{ ...asked, body: plain(body), bodyEncoding: kindOf(spec) }]
}

function kindOf(spec: RequestSpec): NonNullable<DescribedResponse['bodyEncoding']> {
  const answer: HttpRequestSpec['answer'] = spec.transport === 'http' ? spec.answer : 'json'
  if (answer === 'xml') return 'xml'
  return answer === undefined || answer === 'json' || answer === 'exact-json' ? 'json' : 'open'
}

/** Numbers that were kept digit by digit are numbers in what the vendor sent. */
function plain(value: unknown): JsonValue {
  if (value instanceof ExactNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value as JsonValue // a scalar of an answer
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
