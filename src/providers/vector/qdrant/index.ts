// Qdrant, a vector database of one's own or in its cloud. Ids are whole numbers up to 2^64 - 1 or UUIDs, and stay exact;
// every write waits until it is applied.
import {
  defineProvider,
  del,
  get,
  header,
  type JsonObject,
  knownExtras,
  type Labels,
  post,
  put,
  readAs,
  secret,
  z,
} from '../../../adapter/index.ts'
import { qdrantFault } from './errors.ts'
import { natives } from './native.ts'
import {
  collectionsAnswer,
  DISTANCES,
  doneAnswer,
  matchesAnswer,
  pointId,
  pointsAnswer,
  toStored,
  updateAnswer,
} from './shapes.ts'
import { twin } from './twin.ts'
import { readBefore, restore, shows, showsNone } from './undo.ts'

/** A database of one's own, which others may read as well. */
const READS: Labels = { reads: 'private', returns: 'untrusted', sends: 'none' }
const STORES: Labels = { reads: 'public', returns: 'trusted', sends: 'external' }
const REMOVES: Labels = { reads: 'public', returns: 'trusted', sends: 'none' }

const CREATE_EXTRAS = [
  'hnsw_config',
  'metadata',
  'on_disk_payload',
  'optimizers_config',
  'quantization_config',
  'replication_factor',
  'shard_number',
  'sharding_method',
  'sparse_vectors',
  'strict_mode_config',
  'wal_config',
  'write_consistency_factor',
]
const QUERY_EXTRAS = ['offset', 'params', 'prefetch', 'score_threshold', 'shard_key', 'using', 'with_payload']
const GET_EXTRAS = ['shard_key', 'with_payload', 'with_vector']
const UPSERT_EXTRAS = ['shard_key', 'update_filter', 'update_mode']
const DELETE_EXTRAS = ['shard_key']

const COLLECTION = '/collections/{collection_name}'

/** Without it Qdrant answers when the write is in its queue. */
const APPLIED = { wait: true } as const

const listed = (read: JsonObject): string[] =>
  z
    .object({ collections: z.array(z.object({ name: z.string() })) })
    .safeParse(read)
    .data?.collections.map(({ name }) => name) ?? []

const EVERYTHING = { operation: 'collection.list', input: { limit: 10_000 } }

const completed = { result: { operation_id: 7, status: 'completed' }, status: 'ok', time: 0.0021, usage: null }

const definition = defineProvider({
  id: 'qdrant',
  name: 'Qdrant',
  category: 'vector',
  version: '1.0.0',
  docs: 'https://api.qdrant.tech',
  sources: [
    'https://github.com/qdrant/qdrant (docs/redoc/v1.19.x/openapi.json, 74f3e85b)',
    'npm @qdrant/js-client-rest 1.18.0',
  ],
  notes: [
    'An id is a whole number up to 2^64 - 1, without leading zeros, or a UUID; other names belong among the fields.',
    'Whole numbers beyond 2^53 in fields are read back as text.',
    'Under the cosine metric Qdrant keeps vectors normalised, so what is read back differs in length from what was written.',
    'A write of more than 100 points can be undone only where none of them was there before.',
    'A collection that is deleted is gone with its points; deleting one that is not there succeeds as well.',
    'Limits exist only where a collection sets them (strict_mode_config).',
    'Named and multiple vectors are queried with native.using, but read as null.',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: '{scheme}://{host}:{port}' },
  settings: {
    scheme: {
      description: 'https, or http for a server of one’s own without TLS.',
      default: 'https',
      pattern: /^https?$/,
    },
    host: {
      description: 'Name or address of the cluster, such as localhost or the endpoint that the cloud console shows.',
      pattern: /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/,
    },
    port: { description: 'Port of its REST interface.', default: '6333', pattern: /^[1-9]\d{0,4}$/ },
  },
  secrets: {
    QDRANT_API_KEY: {
      label: 'API key; a server of one’s own may have none',
      get: 'https://cloud.qdrant.io → cluster → API keys, or service.api_key in the server’s configuration',
      pattern: /^[\x21-\x7e]{8,}$/,
      required: false,
    },
  },
  auth: header('api-key', secret('QDRANT_API_KEY')),
  // None are published.
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: qdrantFault,
  health: {
    operation: 'collection.list',
    input: { limit: 10_000 },
    tell: (result) => `${listed(result).length} collections`,
  },
  operations: {
    'collection.create': {
      summary: 'Make a collection of vectors.',
      effect: 'create',
      labels: STORES,
      request: ({ name, dimension, metric, native: extras }) =>
        put(COLLECTION, {
          path: { collection_name: name },
          json: { ...knownExtras(extras, CREATE_EXTRAS), vectors: { size: dimension, distance: DISTANCES[metric] } },
        }),
      result: (body, { input: { name } }) => {
        readAs(doneAnswer, body)
        return { name }
      },
      cost: 'free',
      undo: ({ input: { name } }) => ({ operation: 'collection.delete', input: { name } }),
      undoLabel: 'collection.delete with all that is in it by then',
      verify: ({ input: { name } }) => ({
        ...EVERYTHING,
        holds: (read) => listed(read).includes(name),
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { name: 'articles', dimension: 4, metric: 'cosine', native: { on_disk_payload: true } },
          response: { result: true, status: 'ok', time: 0.031, usage: null },
        },
      ],
    },
    'collection.list': {
      summary: 'List collections.',
      effect: 'read',
      labels: READS,
      request: () => get('/collections'),
      result: (body, { input: { limit } }) => ({
        collections: readAs(collectionsAnswer, body)
          .result.collections.slice(0, limit)
          .map(({ name }) => ({ name })),
      }),
      cost: 'free',
      examples: [
        {
          input: { limit: 100 },
          response: {
            result: { collections: [{ name: 'articles' }, { name: 'faces' }] },
            status: 'ok',
            time: 0.0001,
            usage: null,
          },
        },
      ],
    },
    'collection.delete': {
      summary: 'Delete a collection with all that is in it.',
      effect: 'delete',
      labels: REMOVES,
      request: ({ name }) => del(COLLECTION, { path: { collection_name: name } }),
      // `false` where there was none: the end is the same.
      result: (body, { input: { name } }) => {
        readAs(doneAnswer, body)
        return { name }
      },
      cost: 'free',
      idempotent: true,
      undo: { none: 'Its points are gone; take a snapshot of the collection first.' },
      verify: ({ input: { name } }) => ({
        ...EVERYTHING,
        holds: (read) => !listed(read).includes(name),
        consistency: 'eventual',
      }),
      examples: [{ input: { name: 'articles' }, response: { result: true, status: 'ok', time: 0.02, usage: null } }],
    },
    'vector.upsert': {
      summary: 'Store vectors, replacing those with the same id.',
      effect: 'update',
      labels: STORES,
      request: ({ collection, points, native: extras }) =>
        put(`${COLLECTION}/points`, {
          path: { collection_name: collection },
          query: APPLIED,
          json: { ...knownExtras(extras, UPSERT_EXTRAS), points: points.map(toStored) },
        }),
      result: (body, { input: { points } }) => {
        readAs(updateAnswer, body)
        return { count: points.length }
      },
      cost: 'free',
      idempotent: true,
      before: ({ collection, points }) =>
        readBefore(
          collection,
          points.map(({ id }) => id),
        ),
      undo: ({ input: { collection, points }, before }) =>
        restore(
          collection,
          points.map(({ id }) => id),
          before,
        ),
      undoLabel: 'the points that were there put back, the new ones deleted',
      verify: ({ input: { collection, points, native: extras } }) =>
        extras === undefined
          ? {
              operation: 'vector.get',
              input: { collection, ids: points.map(({ id }) => id), native: { with_vector: false } },
              holds: shows(points),
              consistency: 'eventual',
            }
          : undefined,
      examples: [
        {
          input: {
            collection: 'articles',
            points: [
              { id: '1', vector: [0.05, 0.61, 0.76, 0.74], fields: { city: 'Berlin' } },
              { id: '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', vector: [0.19, 0.81, 0.75, 0.11] },
            ],
          },
          response: completed,
        },
      ],
    },
    'vector.query': {
      summary: 'Find the nearest vectors.',
      effect: 'read',
      labels: READS,
      request: ({ collection, vector, limit, filter, native: extras }) =>
        post(`${COLLECTION}/points/query`, {
          path: { collection_name: collection },
          json: { with_payload: true, ...knownExtras(extras, QUERY_EXTRAS), query: vector, limit, filter },
        }),
      result: (body) => ({
        matches: readAs(matchesAnswer, body).result.points.map(({ id, score, payload }) => ({
          id,
          score,
          fields: payload,
        })),
      }),
      cost: 'free',
      examples: [
        {
          input: {
            collection: 'articles',
            vector: [0.2, 0.1, 0.9, 0.7],
            limit: 3,
            filter: { must: [{ key: 'city', match: { value: 'London' } }] },
            native: { score_threshold: 0.5 },
          },
          response: {
            result: {
              points: [
                { id: 4, version: 3, score: 1.362, payload: { city: 'London' } },
                { id: '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', version: 3, score: 0.871, payload: {} },
              ],
            },
            status: 'ok',
            time: 0.000_055,
            usage: null,
          },
        },
      ],
    },
    'vector.get': {
      summary: 'Read vectors by id; those that are not there are left out.',
      effect: 'read',
      labels: READS,
      request: ({ collection, ids, native: extras }) =>
        post(`${COLLECTION}/points`, {
          path: { collection_name: collection },
          json: { with_payload: true, with_vector: true, ...knownExtras(extras, GET_EXTRAS), ids: ids.map(pointId) },
        }),
      result: (body) => ({ points: readAs(pointsAnswer, body).result }),
      cost: 'free',
      examples: [
        {
          input: { collection: 'articles', ids: ['1', '2'] },
          response: {
            result: [{ id: 1, payload: { city: 'Berlin' }, vector: [0.041, 0.501, 0.624, 0.608] }],
            status: 'ok',
            time: 0.0003,
            usage: null,
          },
        },
      ],
    },
    'vector.delete': {
      summary: 'Delete vectors by id.',
      effect: 'delete',
      labels: REMOVES,
      request: ({ collection, ids, native: extras }) =>
        post(`${COLLECTION}/points/delete`, {
          path: { collection_name: collection },
          query: APPLIED,
          json: { ...knownExtras(extras, DELETE_EXTRAS), points: ids.map(pointId) },
        }),
      result: (body, { input: { ids } }) => {
        readAs(updateAnswer, body)
        return { ids }
      },
      cost: 'free',
      idempotent: true,
      before: ({ collection, ids }) => readBefore(collection, ids),
      undo: ({ input: { collection, ids }, before }) => {
        const call = restore(collection, ids, before)
        return call?.operation === 'qdrant:point.restore' ? putBack(call.input) : undefined
      },
      undoLabel: 'the points put back',
      verify: ({ input: { collection, ids } }) => ({
        operation: 'vector.get',
        input: { collection, ids, native: { with_vector: false, with_payload: false } },
        holds: showsNone,
        consistency: 'eventual',
      }),
      examples: [{ input: { collection: 'articles', ids: ['1', '2'] }, response: completed }],
    },
  },
  native: natives,
  twin,
})

/** Ids that were not there before need no deleting. */
const putBack = ({ collection, points }: JsonObject) => ({
  operation: 'vector.upsert',
  input: { collection: collection ?? null, points: points ?? null },
})

export default definition
