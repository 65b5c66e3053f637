// The vendor's own description, held against what a twin is asked and against what it answers. A path that the
// description does not know is not judged: descriptions are often cut, and vendors' clients call more than they say.
import type { TwinAnswer } from '../adapter/index.ts'
import type { JsonValue } from '../foundation/index.ts'
import type { EncodedAnswer } from './answer.ts'
import { pathOf, queryOf, type ReceivedRequest } from './received.ts'
import { Refusal } from './refusal.ts'
import type { DescribedRequest, DescribedResponse, Problem, VendorDescription } from './vendor/index.ts'
import { decodeXml } from './xml.ts'

/** Refuses a request that the vendor's description refuses, naming the parameter. */
export function checkAsked(
  description: VendorDescription,
  { request, body }: { request: ReceivedRequest; body: JsonValue },
): void {
  const bodyEncoding = encodingOf(request)
  const [problem] = judged(
    description.checkRequest({
      method: request.method,
      path: pathOf(request.target),
      query: queriesOf(request.target),
      headers: request.headers,
      body: bodyEncoding ? body : undefined,
      bodyEncoding,
    }),
  )
  if (problem) throw new Refusal('invalid', `${problem.where} ${problem.message}`)
}

/** Throws where the vendor's description refuses the twin's answer. Of bytes and streams only the status is judged. */
export function checkAnswered(
  description: VendorDescription,
  answered: { method: string; target: string; answer: TwinAnswer; encoded: EncodedAnswer },
): void {
  const { method, target, answer, encoded } = answered
  const { status } = encoded
  const query = queriesOf(target)
  const problems = judged(
    description.checkResponse({ method, path: pathOf(target), query, status, ...seen(answer, encoded) }),
  )
  if (problems.length === 0) return
  const list = problems.slice(0, 5).map(({ where, message }) => `${where} ${message}`)
  throw new Error(`the description refuses the answer ${status}: ${list.join('; ')}`)
}

function seen(
  { body, bytes, stream }: TwinAnswer,
  { headers, text }: EncodedAnswer,
): Pick<DescribedResponse, 'body' | 'bodyEncoding'> {
  if (bytes || stream) return { body: null, bodyEncoding: 'open' }
  if (typeof body !== 'string') return { body, bodyEncoding: 'json' }
  return /\bxml\b/.test(headers['content-type'] ?? '')
    ? { body: decodeXml(text), bodyEncoding: 'xml' }
    : { body, bodyEncoding: 'open' }
}

const judged = (problems: Problem[]): Problem[] => problems.filter(({ kind }) => kind !== 'route')

/** A name that comes once has a text, one that repeats a list. */
function queriesOf(target: string): DescribedRequest['query'] {
  const query = new URLSearchParams(queryOf(target))
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, oneOrAll(query.getAll(name))]))
}

const oneOrAll = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] ?? '') : values

function encodingOf({ bytes, headers }: ReceivedRequest): DescribedRequest['bodyEncoding'] {
  if (bytes.byteLength === 0) return undefined
  const type = headers['content-type'] ?? ''
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'raw'
}

const KINDS: readonly [RegExp, NonNullable<DescribedRequest['bodyEncoding']>][] = [
  [/^multipart\//i, 'multipart'],
  [/^application\/x-www-form-urlencoded/i, 'form'],
  [/^application\/([\w.-]+\+)?json\b/i, 'json'],
  [/^(application|text)\/([\w.-]+\+)?xml\b/i, 'xml'],
  [/^application\/(x-)?(ndjson|jsonl|jsonlines)\b/i, 'ndjson'],
]
