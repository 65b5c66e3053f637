// Qdrant in rehearsal: one server, empty at the start.
import type { JsonObject, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import { badRequest, ok, refuse, unknownCollection } from './twin-answers.ts'
import { batch, count, deletePoints, query, retrieve, scroll, setPayload, upsert } from './twin-points.ts'

const DISTANCES = ['Cosine', 'Euclid', 'Dot', 'Manhattan']

function createCollection({ path, body, state }: TwinCall): TwinAnswer {
  const name = path.collection_name ?? ''
  if (state('collections').has(name)) return refuse(409, `Wrong input: Collection \`${name}\` already exists!`)
  if (/[<>:"/\\|?*\0]/.test(name)) return badRequest(`collection name cannot contain that: ${name}`)
  const { size, distance } = (body.vectors ?? {}) as JsonObject // whatever it is, its members are looked at
  if (!Number.isInteger(size) || Number(size) < 1) return badRequest('the size of vectors is a whole number above 0')
  if (!DISTANCES.includes(String(distance))) return badRequest(`unknown variant \`${String(distance)}\``)
  state('collections').set(name, {
    name,
    size: Number(size),
    distance: String(distance),
    onDisk: body.on_disk_payload === true,
  })
  return ok(true)
}

const listCollections = ({ state }: TwinCall): TwinAnswer =>
  ok({ collections: [...state('collections').keys()].map((name) => ({ name })) })

function getCollection({ path, state }: TwinCall): TwinAnswer {
  const name = path.collection_name ?? ''
  const kept = state('collections').get(name)
  if (!kept) return unknownCollection(name)
  return ok({
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: 0,
    points_count: state(`points of ${name}`).size,
    segments_count: 2,
    config: {
      params: {
        vectors: { size: kept.size ?? 0, distance: kept.distance ?? '' },
        on_disk_payload: kept.onDisk ?? false,
      },
      hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
      optimizer_config: {
        deleted_threshold: 0.2,
        vacuum_min_vector_number: 1000,
        default_segment_number: 0,
        flush_interval_sec: 5,
      },
    },
    payload_schema: {},
  })
}

function deleteCollection({ path, state }: TwinCall): TwinAnswer {
  const name = path.collection_name ?? ''
  for (const key of [...state(`points of ${name}`).keys()]) state(`points of ${name}`).delete(key)
  return ok(state('collections').delete(name))
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    switch (kind) {
      // Refused before the API is reached, so in plain text.
      case 'unauthorized':
        return { status: 401, body: 'Must provide an API key or an Authorization bearer token' }
      case 'not-found':
        return { status: 404, body: '' }
      case 'invalid':
        return refuse(400, `Format error in JSON body: ${message}`)
      case 'rate-limited':
        return { ...refuse(429, 'Rate limiting exceeded'), headers: { 'retry-after': '1' } }
      case 'unavailable':
        return refuse(503, 'Service internal error: no shard is available')
    }
  },
  open: ['server.check'],
  described: {
    faults: [
      {
        reason: 'a refused key is answered in plain text, before the API is reached (qdrant/qdrant: src/actix/auth.rs)',
        excuses: { operations: /^/, kind: 'response', where: /^\/?$/, message: /^must be object$/ },
      },
    ],
  },
  operations: {
    'server.check': () => ({ body: 'healthz check passed' }),
    'collection.create': createCollection,
    'collection.list': listCollections,
    'collection.get': getCollection,
    'collection.delete': deleteCollection,
    'vector.upsert': upsert,
    'vector.query': query,
    'vector.get': retrieve,
    'vector.delete': deletePoints,
    'point.scroll': scroll,
    'point.count': count,
    'point.restore': batch,
    'payload.set': setPayload,
  },
  routes: {
    'GET /': () => ({ body: { title: 'qdrant - vector search engine', version: '1.19.0', commit: null } }),
    'GET /collections/{collection_name}/exists': ({ path, state }) =>
      ok({ exists: state('collections').has(path.collection_name ?? '') }),
  },
}
