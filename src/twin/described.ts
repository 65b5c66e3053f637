// The vendor's own description, held against what a twin is asked and against what it answers. A path that the
// description does not know is not judged: descriptions are often cut, and vendors' clients call more than they say.
import type { JsonObject } from '../foundation/index.ts'
import type { ReceivedRequest } from './received.ts'
import { Refusal } from './refusal.ts'
import type { DescribedRequest, DescribedResponse, Problem, VendorDescription } from './vendor/index.ts'

/** Refuses a request that the vendor's description refuses, naming the parameter. */
export function checkAsked(
  description: VendorDescription,
  asked: { request: ReceivedRequest; path: string; query: URLSearchParams; body: JsonObject },
): void {
  const { request, path, query, body } = asked
  const bodyEncoding = encodingOf(request)
  const [problem] = judged(
    description.checkRequest({
      method: request.method,
      path,
      query: Object.fromEntries([...new Set(query.keys())].map((name) => [name, oneOrAll(query.getAll(name))])),
      headers: request.headers,
      body: bodyEncoding ? body : undefined,
      bodyEncoding,
    }),
  )
  if (problem) throw new Refusal('invalid', `${problem.where} ${problem.message}`)
}

/** Throws where the vendor's description refuses the twin's answer. */
export function checkAnswered(description: VendorDescription, response: DescribedResponse): void {
  const problems = judged(description.checkResponse(response))
  if (problems.length === 0) return
  const list = problems.slice(0, 5).map(({ where, message }) => `${where} ${message}`)
  throw new Error(`the description refuses the answer ${response.status}: ${list.join('; ')}`)
}

const judged = (problems: Problem[]): Problem[] => problems.filter(({ kind }) => kind !== 'route')

const oneOrAll = (values: string[]): string | string[] => (values.length === 1 ? (values[0] ?? '') : values)

function encodingOf({ bytes, headers }: ReceivedRequest): DescribedRequest['bodyEncoding'] {
  if (bytes.byteLength === 0) return undefined
  const type = headers['content-type'] ?? ''
  if (type.startsWith('multipart/')) return 'multipart'
  return type.startsWith('application/x-www-form-urlencoded') ? 'form' : 'json'
}
