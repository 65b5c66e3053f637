// What Qdrant has beyond the vocabulary: the state of server and collections, walking through points, counting, fields.
import { get, type NativeOperation, native, post, readAs, z } from '../../../adapter/index.ts'
import {
  batchAnswer,
  collectionAnswer,
  nextPoints,
  point,
  pointId,
  scrollAnswer,
  toStored,
  updateAnswer,
} from './shapes.ts'

const COLLECTION = '/collections/{collection_name}'

const collection = z.string().min(1).max(255).describe('Name of the collection.')
const filter = z.record(z.string(), z.json()).optional().describe('A filter of Qdrant: must, should, must_not.')
const ids = z.array(z.string().min(1).max(512)).min(1).max(1000)

const pointOutput = z.object({
  id: z.string(),
  vector: z.array(z.number()).nullable(),
  fields: z.record(z.string(), z.json()).nullable(),
})

/** Qdrant gives pages of any size; larger ones are slower than two. */
const LARGEST_PAGE = 1000

const completed = { operation_id: 8, status: 'completed' }

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'server.check': native({
    summary: 'Ask the server whether it is up. It answers without a credential.',
    effect: 'read',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    input: z.strictObject({}),
    output: z.object({ text: z.string() }),
    request: () => get('/healthz', { answer: 'text', headers: { Accept: 'text/plain' } }),
    result: (body) => ({ text: readAs(z.string(), body).trim() }),
    cost: 'free',
    examples: [{ input: {}, response: 'healthz check passed' }],
  }),
  'collection.get': native({
    summary: 'Read the state of a collection: green where all of it is indexed, red where something failed.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({ name: collection }),
    output: z.object({
      name: z.string(),
      status: z.string(),
      count: z.int().nullable().describe('Points, about.'),
      vectors: z.json().describe('Size and distance, by name where there are several.'),
    }),
    request: ({ name }) => get(COLLECTION, { path: { collection_name: name } }),
    result: (body, { input: { name } }) => {
      const { status, points_count, config } = readAs(collectionAnswer, body).result
      return { name, status, count: points_count ?? null, vectors: config.params.vectors ?? null }
    },
    cost: 'free',
    examples: [
      {
        input: { name: 'articles' },
        response: {
          result: {
            status: 'green',
            optimizer_status: 'ok',
            indexed_vectors_count: 0,
            points_count: 2,
            segments_count: 2,
            config: {
              params: { vectors: { size: 4, distance: 'Cosine' }, on_disk_payload: true },
              hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
              optimizer_config: {
                deleted_threshold: 0.2,
                vacuum_min_vector_number: 1000,
                default_segment_number: 0,
                flush_interval_sec: 5,
              },
            },
            payload_schema: {},
          },
          status: 'ok',
          time: 0.000_02,
          usage: null,
        },
      },
    ],
  }),
  'point.scroll': native({
    summary: 'Walk through the points of a collection in the order of their ids.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    input: z.strictObject({
      collection,
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many points.'),
      filter,
      vectors: z.boolean().default(false).describe('Whether to read the vectors too.'),
    }),
    output: z.object({ points: z.array(pointOutput) }),
    request: (input) =>
      post(`${COLLECTION}/points/scroll`, {
        path: { collection_name: input.collection },
        json: {
          limit: Math.min(input.limit, LARGEST_PAGE),
          filter: input.filter,
          with_payload: true,
          with_vector: input.vectors,
        },
      }),
    result: (body) => ({ points: readAs(scrollAnswer, body).result.points }),
    pages: { field: 'points', next: nextPoints },
    cost: 'free',
    examples: [
      {
        input: { collection: 'articles', limit: 2, vectors: false },
        response: {
          result: {
            points: [
              { id: 40, payload: { city: 'London' } },
              { id: 41, payload: { city: 'Paris' } },
            ],
            next_page_offset: 42,
          },
          status: 'ok',
          time: 0.0003,
          usage: null,
        },
      },
    ],
  }),
  'point.count': native({
    summary: 'Count points, those that a filter takes where one is given.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    input: z.strictObject({
      collection,
      filter,
      exact: z.boolean().default(true).describe('False: faster, about right.'),
    }),
    output: z.object({ count: z.int() }),
    request: (input) =>
      post(`${COLLECTION}/points/count`, {
        path: { collection_name: input.collection },
        json: { filter: input.filter, exact: input.exact },
      }),
    result: (body) => readAs(z.object({ result: z.object({ count: z.int() }) }), body).result,
    cost: 'free',
    examples: [
      {
        input: { collection: 'articles', exact: true },
        response: { result: { count: 2 }, status: 'ok', time: 0.0002, usage: null },
      },
    ],
  }),
  'payload.set': native({
    summary: 'Set fields of points, by their ids or by a filter; their other fields stay.',
    effect: 'update',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    input: z
      .strictObject({
        collection,
        fields: z.record(z.string(), z.json()).describe('What to set.'),
        ids: ids.optional().describe('Ids of the points.'),
        filter,
      })
      .refine((input) => (input.ids === undefined) !== (input.filter === undefined), {
        error: 'give either ids or filter',
      }),
    output: z.object({ status: z.string() }),
    request: (input) =>
      post(`${COLLECTION}/points/payload`, {
        path: { collection_name: input.collection },
        query: { wait: true },
        json: { payload: input.fields, points: input.ids?.map(pointId), filter: input.filter },
      }),
    result: (body) => readAs(updateAnswer, body).result,
    cost: 'free',
    idempotent: true,
    undo: { none: 'Every point may have had other values; read them first with vector.get.' },
    examples: [
      {
        input: { collection: 'articles', fields: { city: 'Paris' }, ids: ['1', '2'] },
        response: { result: completed, status: 'ok', time: 0.002, usage: null },
      },
      {
        input: {
          collection: 'articles',
          fields: { old: true },
          filter: { must: [{ key: 'year', range: { lt: 2000 } }] },
        },
        response: { result: completed, status: 'ok', time: 0.002, usage: null },
      },
    ],
  }),
  'point.restore': native({
    summary: 'Put points in place and remove others, in one request: how a write is taken back.',
    effect: 'update',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    input: z.strictObject({
      collection,
      points: z.array(point).min(1).max(1000).describe('Points as they are to be.'),
      remove: ids.optional().describe('Ids of points that are not to be.'),
    }),
    output: z.object({ count: z.int() }),
    request: (input) =>
      post(`${COLLECTION}/points/batch`, {
        path: { collection_name: input.collection },
        query: { wait: true },
        json: {
          operations: [
            { upsert: { points: input.points.map(toStored) } },
            ...(input.remove ? [{ delete: { points: input.remove.map(pointId) } }] : []),
          ],
        },
      }),
    result: (body, { input }) => {
      readAs(batchAnswer, body)
      return { count: input.points.length }
    },
    cost: 'free',
    idempotent: true,
    undo: { none: 'It is an undo itself.' },
    examples: [
      {
        input: {
          collection: 'articles',
          points: [{ id: '1', vector: [0.05, 0.61, 0.76, 0.74], fields: { city: 'Berlin' } }],
          remove: ['2'],
        },
        response: { result: [completed, { ...completed, operation_id: 9 }], status: 'ok', time: 0.003, usage: null },
      },
    ],
  }),
}
