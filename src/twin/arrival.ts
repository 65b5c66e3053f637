// A request on its arrival: read, and given to the one of the operations on its route that it means. Nothing is refused
// here: what is wrong with the body is kept, and told once the credential is known to be good.
import type { ProviderDefinition, TwinAsked } from '../adapter/index.ts'
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import { contentOf } from './aws-chunked.ts'
import { decodeBody } from './body.ts'
import { textAt } from './example-body.ts'
import { likenessTo } from './likeness.ts'
import { pathOf, queryOf, type ReceivedRequest } from './received.ts'
import type { RouteMatch, RouteTable } from './routes.ts'

export interface Arrival {
  request: ReceivedRequest
  /** Undefined where there is no route. */
  found: RouteMatch | undefined
  /** The body: null where it could not be read. */
  value: JsonValue
  bytes: Uint8Array
  /** What was thrown while it was read. */
  trouble?: unknown
  /** The idempotency key, where there is one. */
  key: string | undefined
}

/** Reads a request and finds its route; never rejects. */
export async function receiveArrival(
  request: ReceivedRequest,
  { definition, routes }: { definition: ProviderDefinition; routes: RouteTable },
): Promise<Arrival> {
  const matches = routes.find(request.method, pathOf(request.target))
  const arrival: Arrival = { request, found: matches[0], value: {}, bytes: request.bytes, key: undefined }
  if (matches.length === 0) return arrival
  try {
    arrival.bytes = contentOf(request.headers, request.bytes)
    const anyType = matches.some(({ route }) => route.anyBody)
    arrival.value = await decodeBody(arrival.bytes, request.headers['content-type'], { anyType })
    arrival.found = chosen(matches, arrival, definition)
  } catch (thrown) {
    arrival.value = null
    arrival.trouble = thrown
  }
  arrival.key = keyOf(arrival, definition)
  return arrival
}

/** Of several on one route the one that the definition names, else the one whose examples are most like the call. */
function chosen(matches: RouteMatch[], arrival: Arrival, { id, twin }: ProviderDefinition): RouteMatch | undefined {
  if (matches.length === 1) return matches[0]
  const scored = matches.map((match) => ({ match, asked: askedOf(match, arrival) }))
  const [first] = scored
  const named = first && twin.discriminate?.(first.asked)
  if (named === undefined) {
    const best = scored.map(({ match, asked }) => ({ match, score: likenessTo(asked, match.route.examples) }))
    return best.reduce((one, other) => (other.score > one.score ? other : one)).match
  }
  const match = matches.find(({ route }) => route.operation === named || route.operation === `${id}:${named}`)
  if (match) return match
  throw new Error(`discriminate names ${JSON.stringify(named)}, which is not served here`)
}

/** What a call is, but for the operation that it means. */
export function askedOf(
  { route, path }: RouteMatch,
  { request, value }: Pick<Arrival, 'request' | 'value'>,
): TwinAsked {
  const query = new URLSearchParams(queryOf(request.target))
  return {
    template: route.template,
    method: request.method,
    path,
    query: Object.fromEntries(query),
    queries: Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])),
    body: objectOf(value),
    value,
    headers: request.headers,
  }
}

const objectOf = (value: JsonValue): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}

function keyOf({ request, found, value }: Arrival, { idempotency }: ProviderDefinition): string | undefined {
  if (!idempotency) return undefined
  const { header, methods } = idempotency
  const inHeader = header && methods?.includes(request.method) ? request.headers[header.toLowerCase()] : undefined
  return inHeader ?? found?.route.keys.map((place) => textAt(value, place)).find((key) => key !== undefined)
}
