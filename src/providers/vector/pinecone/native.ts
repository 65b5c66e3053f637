// What Pinecone has beyond the vocabulary.
import { type Cost, get, type NativeOperation, type NextPage, native, post, readAs, z } from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { atIndex, INDEX_PATH } from './index-host.ts'
import { indexFacts } from './shapes.ts'

const collection = z.string().min(1).max(45).describe('Name of the index.')
const id = z.string().min(1).max(512)
const namespace = z.string().max(512).optional().describe('Default: the one without a name.')
const fields = z.record(z.string(), z.json())

const units = (what: string) => (): Cost => ({ kind: 'unknown', why: `${what}, priced by the plan of the account` })

const lookUp = (input: { collection: string }) => get(INDEX_PATH, { path: { index_name: input.collection } })

/** The token of the next page, undefined on the last. */
function nextPage(body: unknown): NextPage | undefined {
  const next = z.object({ pagination: z.object({ next: z.string().min(1) }) }).safeParse(body).data?.pagination.next
  return next === undefined ? undefined : { query: { paginationToken: next } }
}

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'index.get': native({
    summary: 'Read an index: address, size, whether it is ready.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'control plane read',
    input: z.strictObject({ name: collection }),
    output: z.object({
      name: z.string(),
      dimension: z.int().nullable(),
      metric: z.string(),
      host: z.string(),
      ready: z.boolean(),
      state: z.string(),
    }),
    request: ({ name }) => get(INDEX_PATH, { path: { index_name: name } }),
    result: (body) => {
      const { name, dimension, metric, host, status } = readAs(indexFacts, body)
      return { name, dimension: dimension ?? null, metric, host, ready: status.ready, state: status.state }
    },
    cost: 'free',
    examples: [{ input: { name: 'movies' }, response: sample.index() }],
  }),
  'index.stats': native({
    summary: 'Count the vectors of an index.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'data plane read',
    input: z.strictObject({ collection }),
    output: z.object({ count: z.int(), namespaces: z.record(z.string(), z.int()) }),
    looksFirst: true,
    request: lookUp,
    more: function* ({ answer }) {
      const { body } = yield { request: post('/describe_index_stats', { ...atIndex(answer), json: {} }) }
      const { totalVectorCount, namespaces } = readAs(statsAnswer, body)
      const counts = Object.entries(namespaces).map(([name, { vectorCount }]) => [name, vectorCount] as const)
      return { count: totalVectorCount, namespaces: Object.fromEntries(counts) }
    },
    result: () => ({ count: 0, namespaces: {} }),
    cost: 'free',
    examples: [
      {
        input: { collection: 'movies' },
        response: sample.index(),
        more: [
          {
            body: {
              namespaces: { en: { vectorCount: 2 } },
              dimension: 3,
              indexFullness: 0,
              totalVectorCount: 2,
              metric: 'cosine',
              vectorType: 'dense',
            },
          },
        ],
      },
    ],
  }),
  'vector.update': native({
    summary: 'Change the values or some fields of one vector.',
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'data plane write',
    looksFirst: true,
    idempotent: true,
    input: z
      .strictObject({
        collection,
        id,
        vector: z.array(z.number()).min(1).max(20_000).optional(),
        fields: fields.optional(),
        namespace,
      })
      .refine(({ vector, fields }) => vector !== undefined || fields !== undefined, { error: 'give vector or fields' }),
    output: z.object({ id: z.string() }),
    request: lookUp,
    more: function* ({ input, answer }) {
      const { id: vectorId, vector, fields: changed, namespace: within } = input
      yield {
        request: post('/vectors/update', {
          ...atIndex(answer),
          json: { id: vectorId, values: vector, setMetadata: changed, namespace: within },
        }),
      }
      return { id: vectorId }
    },
    result: (_body, { input }) => ({ id: input.id }),
    cost: units('write units'),
    undo: { none: 'Pinecone keeps no earlier values; read the vector before to put it back.' },
    examples: [
      {
        input: { collection: 'movies', id: 'm1', fields: { seen: true }, namespace: 'en' },
        response: sample.index(),
        more: [{ body: {} }],
      },
    ],
  }),
  'vector.list': native({
    summary: 'List ids of vectors, by prefix.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'data plane read',
    looksFirst: true,
    input: z.strictObject({
      collection,
      prefix: z.string().max(512).optional(),
      namespace,
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many ids.'),
    }),
    output: z.object({ ids: z.array(z.string()) }),
    request: lookUp,
    more: function* ({ input, answer }) {
      const { prefix, namespace: within, limit } = input
      const at = atIndex(answer)
      const ids: string[] = []
      let token: string | undefined
      do {
        const query = { prefix, namespace: within, limit: Math.min(100, limit - ids.length), paginationToken: token }
        const page: { body: unknown } = yield { request: get('/vectors/list', { ...at, query }), reads: true }
        for (const vector of listAnswer.parse(page.body).vectors) ids.push(vector.id)
        const next = nextPage(page.body)?.query?.paginationToken
        token = typeof next === 'string' && next !== token ? next : undefined
      } while (token !== undefined && ids.length < limit)
      return { ids: ids.slice(0, limit) }
    },
    result: () => ({ ids: [] }),
    cost: units('read units'),
    examples: [
      {
        input: { collection: 'movies', prefix: 'm', namespace: 'en', limit: 3 },
        response: sample.index(),
        more: [
          {
            body: {
              vectors: [{ id: 'm1' }, { id: 'm2' }],
              pagination: { next: 'eyJza2lwX3Bhc3QiOiJtMiJ9' },
              namespace: 'en',
              usage: { readUnits: 1 },
            },
          },
          { body: { vectors: [{ id: 'm3' }], namespace: 'en', usage: { readUnits: 1 } } },
        ],
      },
    ],
  }),
  'record.upsert': native({
    summary: 'Store texts in an index that makes the vectors itself.',
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'data plane write',
    looksFirst: true,
    idempotent: true,
    input: z.strictObject({
      collection,
      namespace: z.string().min(1).max(512).describe('`__default__` is the one without a name.'),
      records: z.array(z.strictObject({ id, fields })).min(1).max(96),
    }),
    output: z.object({ ids: z.array(z.string()) }),
    request: lookUp,
    more: function* ({ input, answer }) {
      const { namespace: within, records } = input
      yield {
        request: post('/records/namespaces/{namespace}/upsert', {
          ...atIndex(answer),
          path: { namespace: within },
          ndjson: records.map((record) => ({ ...record.fields, _id: record.id })),
          answer: 'empty',
        }),
      }
      return { ids: records.map((record) => record.id) }
    },
    result: (_body, { input }) => ({ ids: input.records.map((record) => record.id) }),
    cost: units('write units and tokens'),
    undo: ({ input }) =>
      input.namespace === '__default__'
        ? { operation: 'vector.delete', input: { collection: input.collection, ids: idsOf(input) } }
        : {
            operation: 'vector.delete',
            input: { collection: input.collection, ids: idsOf(input), native: { namespace: input.namespace } },
          },
    undoLabel: 'vector.delete, of records that were there before too',
    examples: [
      {
        input: {
          collection: 'movies',
          namespace: 'en',
          records: [{ id: 'r1', fields: { chunk_text: 'In space no one can hear you.', year: 1979 } }],
        },
        response: sample.index({
          embed: {
            model: 'multilingual-e5-large',
            metric: 'cosine',
            dimension: 3,
            vector_type: 'dense',
            field_map: { text: 'chunk_text' },
            read_parameters: { input_type: 'query' },
            write_parameters: { input_type: 'passage' },
          },
        }),
        more: [{ body: null, status: 201 }],
      },
    ],
  }),
  rerank: native({
    summary: 'Order documents by how well they answer a question.',
    effect: 'send',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 'inference',
    input: z.strictObject({
      model: z.string().min(1).max(255),
      query: z.string().min(1).max(10_000),
      documents: z.array(fields).min(1).max(1000),
      limit: z.int().min(1).max(1000).optional().describe('At most so many. Default all.'),
      fields: z.array(z.string()).min(1).optional().describe('Fields to look at. Default `text`.'),
    }),
    output: z.object({ ranked: z.array(z.object({ index: z.int(), score: z.number() })) }),
    request: ({ model, query, documents, limit, fields: rank_fields }) =>
      post('/rerank', {
        json: { model, query, documents, top_n: limit, rank_fields, return_documents: false },
      }),
    result: (body) => ({ ranked: readAs(rerankAnswer, body).data.map(({ index, score }) => ({ index, score })) }),
    cost: units('rerank units'),
    undo: { none: 'Nothing was made; the units are used.' },
    examples: [
      {
        input: {
          model: 'bge-reranker-v2-m3',
          query: 'Who hears you in space?',
          documents: [{ text: 'Nobody.' }, { text: 'The crew has a cat.' }],
          limit: 1,
          fields: ['text'],
        },
        response: {
          model: 'bge-reranker-v2-m3',
          data: [{ index: 0, score: 0.97 }],
          usage: { rerank_units: 1 },
        },
      },
    ],
  }),
}

const idsOf = (input: { records: readonly { id: string }[] }): string[] => input.records.map((record) => record.id)

const statsAnswer = z.object({
  totalVectorCount: z.int().default(0),
  namespaces: z.record(z.string(), z.object({ vectorCount: z.int().default(0) })).default({}),
})

const listAnswer = z.object({ vectors: z.array(z.object({ id: z.string() })).default([]) })

const rerankAnswer = z.object({ data: z.array(z.object({ index: z.int(), score: z.number() })) })
