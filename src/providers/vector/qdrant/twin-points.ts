// Points of the twin: kept, found by likeness, walked through and removed. Under the cosine metric they are normalised.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { badId, badRequest, byId, exactBody, idOf, keyOf, ok, unknownCollection } from './twin-answers.ts'
import { passes, UnknownCondition } from './twin-filter.ts'

interface Space {
  name: string
  size: number
  distance: string
}

interface Stored {
  key: string
  vector: number[]
  payload: JsonObject
}

/** Runs with the collection of the path; a filter that the twin does not know is refused. */
const within =
  (act: (call: TwinCall, space: Space, body: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const name = call.path.collection_name ?? ''
    const kept = call.state('collections').get(name)
    if (!kept) return unknownCollection(name)
    const space = { name, size: Number(kept.size), distance: String(kept.distance) }
    try {
      return act(call, space, exactBody(call))
    } catch (thrown) {
      if (!(thrown instanceof UnknownCondition)) throw thrown
      return badRequest(`the twin does not know the filter condition ${thrown.message}`)
    }
  }

const pointsOf = ({ state }: TwinCall, { name }: Space): Map<string, JsonObject> => state(`points of ${name}`)

const storedIn = (call: TwinCall, space: Space): Stored[] =>
  [...pointsOf(call, space)]
    .map(([key, { vector, payload }]) => ({ key, vector: vector as number[], payload: payload as JsonObject })) // put() made them
    .sort((a, b) => byId(a.key, b.key))

const done = (call: TwinCall): JsonObject => ({ operation_id: operationNumber(call), status: 'completed' })

/** Without `wait` a write is only in the queue, which here is empty at once. */
const written = (call: TwinCall): TwinAnswer =>
  ok({ ...done(call), status: call.query.wait === 'true' ? 'completed' : 'acknowledged' })

function operationNumber({ state }: TwinCall): number {
  const number = Number(state('counters').get('operation')?.number ?? -1) + 1
  state('counters').set('operation', { number })
  return number
}

export const upsert = within((call, space, body) => put(call, space, body) ?? written(call))

/** Puts all points of a body, or none; returns why not. */
function put(call: TwinCall, space: Space, body: JsonObject): TwinAnswer | undefined {
  const points: Stored[] = []
  for (const { id, vector, payload } of rowsOf(body)) {
    const key = keyOf(id)
    if (key === undefined) return badId(id)
    if (!Array.isArray(vector)) return badRequest('Not existing vector name error')
    if (vector.length !== space.size) {
      return badRequest(`Vector dimension error: expected dim: ${space.size}, got ${vector.length}`)
    }
    points.push({ key, vector: kept(vector.map(Number), space), payload: objectOr(payload) })
  }
  for (const { key, vector, payload } of points) pointsOf(call, space).set(key, { vector, payload })
  return undefined
}

/** Points one by one, or as `batch` of columns. */
function rowsOf({ points, batch }: JsonObject): JsonObject[] {
  if (Array.isArray(points)) return points.map(objectOr)
  const { ids, vectors, payloads } = objectOr(batch)
  const at = (column: JsonValue | undefined, row: number): JsonValue =>
    Array.isArray(column) ? (column[row] ?? null) : null
  return (Array.isArray(ids) ? ids : []).map((id, row) => ({
    id,
    vector: at(vectors, row),
    payload: at(payloads, row),
  }))
}

const objectOr = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}

function kept(vector: number[], { distance }: Space): number[] {
  const length = Math.hypot(...vector)
  return distance === 'Cosine' && length > 0 ? vector.map((number) => number / length) : vector
}

export const query = within((call, space, body) => {
  const { query: asked, limit = 10, offset = 0, filter, score_threshold: threshold, with_payload, with_vector } = body
  if (!Array.isArray(asked)) return badRequest('the twin answers queries by vector alone')
  if (asked.length !== space.size) {
    return badRequest(`Vector dimension error: expected dim: ${space.size}, got ${asked.length}`)
  }
  const near = space.distance === 'Euclid' || space.distance === 'Manhattan'
  const wanted = kept(asked.map(Number), space)
  const matches = storedIn(call, space)
    .filter((point) => passes(filter, point))
    .map((point) => ({ point, score: scoreOf(wanted, point.vector, space.distance) }))
    .filter(({ score }) => typeof threshold !== 'number' || (near ? score <= threshold : score >= threshold))
    .sort((a, b) => (near ? a.score - b.score : b.score - a.score))
    .slice(Number(offset), Number(offset) + Number(limit))
  return ok({
    points: matches.map(({ point, score }) => ({
      ...shown(point, { with_payload: with_payload ?? false, with_vector: with_vector ?? false }),
      version: 0,
      score,
    })),
  })
})

function scoreOf(a: readonly number[], b: readonly number[], distance: string): number {
  const pairs = a.map((value, at) => [value, b[at] ?? 0] as const)
  if (distance === 'Euclid') return Math.hypot(...pairs.map(([x, y]) => x - y))
  if (distance === 'Manhattan') return pairs.reduce((sum, [x, y]) => sum + Math.abs(x - y), 0)
  return pairs.reduce((sum, [x, y]) => sum + x * y, 0)
}

/** Payload by default, vectors not, as Qdrant reads points by id. */
function shown({ key, vector, payload }: Stored, { with_payload = true, with_vector = false }: JsonObject): JsonObject {
  return {
    id: idOf(key),
    ...(with_payload === false
      ? {}
      : { payload: Array.isArray(with_payload) ? picked(payload, with_payload) : payload }),
    ...(with_vector === true ? { vector } : {}),
  }
}

const picked = (payload: JsonObject, names: readonly JsonValue[]): JsonObject =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => names.includes(name)))

export const retrieve = within((call, space, body) => {
  const ids = Array.isArray(body.ids) ? body.ids : []
  const odd = ids.find((id) => keyOf(id) === undefined)
  if (odd !== undefined) return badId(odd)
  const wanted = new Set(ids.map(keyOf))
  return ok(storedIn(call, space).flatMap((point) => (wanted.has(point.key) ? [shown(point, body)] : [])))
})

export const scroll = within((call, space, body) => {
  const { offset, filter, limit = 10 } = body
  const start = offset === undefined || offset === null ? undefined : keyOf(offset)
  if (offset !== undefined && offset !== null && start === undefined) return badId(offset)
  const found = storedIn(call, space)
    .filter((point) => passes(filter, point))
    .filter(({ key }) => start === undefined || key === start || byId(key, start) > 0)
  const next = found[Number(limit)]
  return ok({
    points: found.slice(0, Number(limit)).map((point) => shown(point, body)),
    next_page_offset: next ? idOf(next.key) : null,
  })
})

export const count = within((call, space, body) =>
  ok({ count: storedIn(call, space).filter((point) => passes(body.filter, point)).length }),
)

/** Points by ids or by filter. */
function selected(call: TwinCall, space: Space, { points, filter }: JsonObject): Stored[] | TwinAnswer {
  if (!Array.isArray(points))
    return storedIn(call, space).filter((point) => filter !== undefined && passes(filter, point))
  const odd = points.find((id) => keyOf(id) === undefined)
  if (odd !== undefined) return badId(odd)
  const wanted = new Set(points.map(keyOf))
  return storedIn(call, space).filter(({ key }) => wanted.has(key))
}

function remove(call: TwinCall, space: Space, body: JsonObject): TwinAnswer | undefined {
  const found = selected(call, space, body)
  if (!Array.isArray(found)) return found
  for (const { key } of found) pointsOf(call, space).delete(key)
  return undefined
}

export const deletePoints = within((call, space, body) => remove(call, space, body) ?? written(call))

export const setPayload = within((call, space, body) => {
  const found = selected(call, space, body)
  if (!Array.isArray(found)) return found
  for (const { key, vector, payload } of found) {
    pointsOf(call, space).set(key, { vector, payload: { ...payload, ...objectOr(body.payload) } })
  }
  return written(call)
})

/** Operations in order; the ones before a refused one stay. */
export const batch = within((call, space, body) => {
  const results: JsonObject[] = []
  for (const operation of Array.isArray(body.operations) ? body.operations.map(objectOr) : []) {
    const refusal = operation.upsert
      ? put(call, space, objectOr(operation.upsert))
      : operation.delete
        ? remove(call, space, objectOr(operation.delete))
        : badRequest(`the twin does not know the operation ${Object.keys(operation).join(', ')}`)
    if (refusal) return refusal
    results.push(done(call))
  }
  return ok(results)
})
