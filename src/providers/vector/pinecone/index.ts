// Pinecone, API version 2026-04: indexes at one address, vectors at an address of each index. That one is read first, so
// every operation on vectors is two requests; what the first one tells is held to Pinecone's own domain.
import {
  type Cost,
  defineProvider,
  del,
  get,
  header,
  knownExtras,
  post,
  readAs,
  secret,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { pineconeFault } from './errors.ts'
import * as sample from './examples.ts'
import { atIndex, INDEX_PATH } from './index-host.ts'
import { natives } from './native.ts'
import { fetchedAnswer, indexAnswer, indexesAnswer, matchesAnswer, metricOf, upsertedAnswer } from './shapes.ts'
import { twin } from './twin.ts'

const CREATE_EXTRAS = ['deletion_protection', 'tags', 'cloud', 'region']
const NAMESPACE = ['namespace']
const QUERY_EXTRAS = ['namespace', 'includeValues', 'sparseVector']

/** docs.pinecone.io/guides/manage-cost/understanding-cost counts units, whose price is that of the plan. */
const units = (what: string) => (): Cost => ({ kind: 'unknown', why: `${what}, priced by the plan of the account` })

const definition = defineProvider({
  id: 'pinecone',
  name: 'Pinecone',
  category: 'vector',
  version: '1.0.0',
  docs: 'https://docs.pinecone.io/reference/api/introduction',
  sources: [
    'https://github.com/pinecone-io/pinecone-api (2026-04, commit 068bdf77)',
    'npm @pinecone-database/pinecone 8.2.0',
    'https://docs.pinecone.io/docs/limits',
    'https://docs.pinecone.io/guides/production/error-handling.md',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.pinecone.io', data: 'https://{index}.pinecone.io' },
  hostParts: { index: /^[a-z0-9-]+(\.[a-z0-9-]+)+$/ },
  secrets: {
    PINECONE_API_KEY: {
      label: 'API key (pcsk_…)',
      get: 'https://app.pinecone.io → API keys (roles for control plane and data plane)',
    },
  },
  auth: header('Api-Key', secret('PINECONE_API_KEY')),
  headers: { 'X-Pinecone-Api-Version': '2026-04' },
  // 100 requests a second for a namespace (query, upsert, update, delete); lists 200.
  limits: { rps: 100, burst: 100, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: pineconeFault,
  health: {
    operation: 'collection.list',
    input: {},
    tell: (result) => `${z.object({ collections: z.array(z.unknown()) }).parse(result).collections.length} indexes`,
  },
  notes: [
    'What the vocabulary calls a collection is an index at Pinecone; a collection of Pinecone is a copy of one and is not covered.',
    'Vectors live at an address of their index, which is read before each operation on them.',
    'Reads are eventually consistent: a vector that was stored just now may be missing from the next query.',
    'Deletes of vectors succeed for ids that do not exist.',
    'Fields of vectors hold texts, numbers, booleans and lists of texts; Pinecone refuses others.',
  ],
  operations: {
    'collection.create': {
      summary: 'Make a serverless index; it is stored until it is deleted.',
      effect: 'create',
      scope: 'control plane write',
      request: ({ name, dimension, metric, native: extras }) => {
        if (!/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/.test(name)) {
          throw unsupported(
            `${JSON.stringify(name)} is no name of an index`,
            'At most 45 lower-case letters, digits and hyphens.',
          )
        }
        const { cloud = 'aws', region = 'us-east-1', ...rest } = knownExtras(extras, CREATE_EXTRAS)
        return post('/indexes', {
          json: { name, dimension, metric: metricOf(metric), spec: { serverless: { cloud, region } }, ...rest },
        })
      },
      result: (body) => ({ name: readAs(indexAnswer, body).name }),
      cost: () => ({ kind: 'unknown', why: 'storage is charged by gigabyte and month, by the plan of the account' }),
      undo: ({ result }) => ({ operation: 'collection.delete', input: { name: result.name } }),
      undoLabel: 'collection.delete',
      verify: ({ input }) => ({
        operation: 'pinecone:index.get',
        input: { name: input.name },
        holds: (read) => read.name === input.name,
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { name: 'movies', dimension: 3, metric: 'cosine' },
          status: 201,
          response: sample.index({ status: { ready: false, state: 'Initializing' } }),
        },
        {
          input: {
            name: 'songs',
            dimension: 1536,
            metric: 'dot',
            native: { cloud: 'gcp', region: 'europe-west4', deletion_protection: 'enabled', tags: { team: 'radio' } },
          },
          status: 201,
          response: sample.index({
            name: 'songs',
            dimension: 1536,
            metric: 'dotproduct',
            host: 'songs-c01b5b5.svc.europe-west4-gcp.pinecone.io',
            spec: { serverless: { cloud: 'gcp', region: 'europe-west4', read_capacity: sample.ON_DEMAND } },
            status: { ready: false, state: 'Initializing' },
            deletion_protection: 'enabled',
            tags: { team: 'radio' },
          }),
        },
      ],
    },
    'collection.list': {
      summary: 'List indexes.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'control plane read',
      request: () => get('/indexes'),
      result: (body, { input }) => ({
        // Pinecone gives all of them at once.
        collections: readAs(indexesAnswer, body)
          .indexes.slice(0, input.limit)
          .map(({ name }) => ({ name })),
      }),
      cost: 'free',
      examples: [{ input: { limit: 100 }, response: { indexes: [sample.index()] } }],
    },
    'collection.delete': {
      summary: 'Delete an index with all that is in it.',
      effect: 'delete',
      scope: 'control plane write',
      request: ({ name }) => del(INDEX_PATH, { path: { index_name: name }, answer: 'empty' }),
      result: (_body, { input }) => ({ name: input.name }),
      cost: 'free',
      undo: { none: 'What was in the index is gone; a backup has to be made before.' },
      verify: ({ input }) => ({
        operation: 'collection.list',
        input: { limit: 10_000 },
        holds: (read) =>
          !readAs(z.object({ collections: z.array(z.object({ name: z.string() })) }), read).collections.some(
            ({ name }) => name === input.name,
          ),
        consistency: 'eventual',
      }),
      examples: [{ input: { name: 'movies' }, status: 202, response: null }],
    },
    'vector.upsert': {
      summary: 'Store vectors, replacing those with the same id.',
      effect: 'update',
      scope: 'data plane write',
      looksFirst: true,
      idempotent: true,
      request: ({ collection, native: extras }) => {
        knownExtras(extras, NAMESPACE)
        return get(INDEX_PATH, { path: { index_name: collection } })
      },
      more: function* ({ input, answer }) {
        const { points, native: extras } = input
        const { body } = yield {
          request: post('/vectors/upsert', {
            ...atIndex(answer),
            json: {
              vectors: points.map(({ id, vector, fields }) => ({ id, values: vector, metadata: fields })),
              ...knownExtras(extras, NAMESPACE),
            },
          }),
        }
        return { count: readAs(upsertedAnswer, body).upsertedCount }
      },
      result: () => ({ count: 0 }), // `more` gives it
      cost: units('write units'),
      before: ({ collection, points, native: extras }) =>
        lookBefore(collection, { ids: points.map(({ id }) => id), extras }),
      undo: ({ input, before }) => undoOfUpsert(input, before),
      undoLabel: 'vector.delete of new ones; ones that were there are not brought back',
      examples: [
        {
          input: {
            collection: 'movies',
            points: [
              { id: 'm1', vector: [0.1, 0.2, 0.3], fields: { title: 'Alien' } },
              { id: 'm2', vector: [0.3, 0.2, 0.1] },
            ],
            native: { namespace: 'en' },
          },
          response: sample.index(),
          more: [{ body: { upsertedCount: 2 } }],
        },
      ],
    },
    'vector.query': {
      summary: 'Find the nearest vectors.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'data plane read',
      looksFirst: true,
      request: ({ collection }) => get(INDEX_PATH, { path: { index_name: collection } }),
      more: function* ({ input, answer }) {
        const { vector, limit, filter, native: extras } = input
        const { body } = yield {
          request: post('/query', {
            ...atIndex(answer),
            json: {
              vector,
              topK: limit,
              includeMetadata: true,
              filter,
              ...knownExtras(extras, QUERY_EXTRAS),
            },
          }),
        }
        return {
          matches: readAs(matchesAnswer, body).matches.map(({ id, score, metadata }) => ({
            id,
            score,
            fields: metadata ?? null,
          })),
        }
      },
      result: () => ({ matches: [] }),
      cost: units('read units'),
      examples: [
        {
          input: { collection: 'movies', vector: [0.1, 0.2, 0.3], limit: 2, filter: { title: { $eq: 'Alien' } } },
          response: sample.index(),
          more: [
            {
              body: {
                results: [],
                matches: [{ id: 'm1', score: 0.99, metadata: { title: 'Alien' } }],
                namespace: '',
                usage: { readUnits: 5 },
              },
            },
          ],
        },
        {
          input: {
            collection: 'movies',
            vector: [0.1, 0.2, 0.3],
            limit: 1,
            native: { namespace: 'en', includeValues: true },
          },
          response: sample.index(),
          more: [
            {
              body: {
                matches: [{ id: 'm2', score: 0.7, values: [0.3, 0.2, 0.1] }],
                namespace: 'en',
                usage: { readUnits: 5 },
              },
            },
          ],
        },
      ],
    },
    'vector.get': {
      summary: 'Read vectors by id.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'data plane read',
      looksFirst: true,
      request: ({ collection }) => get(INDEX_PATH, { path: { index_name: collection } }),
      more: function* ({ input, answer }) {
        const { ids, native: extras } = input
        const { body } = yield {
          request: get('/vectors/fetch', { ...atIndex(answer), query: { ids, ...namespaceOf(extras) } }),
        }
        return {
          points: Object.values(readAs(fetchedAnswer, body).vectors).map(({ id, values, metadata }) => ({
            id,
            vector: values,
            fields: metadata ?? null,
          })),
        }
      },
      result: () => ({ points: [] }),
      cost: units('read units'),
      examples: [
        {
          input: { collection: 'movies', ids: ['m1', 'm9'], native: { namespace: 'en' } },
          response: sample.index(),
          more: [
            {
              body: {
                vectors: { m1: { id: 'm1', values: [0.1, 0.2, 0.3], metadata: { title: 'Alien' } } },
                namespace: 'en',
                usage: { readUnits: 1 },
              },
            },
          ],
        },
      ],
    },
    'vector.delete': {
      summary: 'Delete vectors by id.',
      effect: 'delete',
      scope: 'data plane write',
      looksFirst: true,
      idempotent: true,
      request: ({ collection }) => get(INDEX_PATH, { path: { index_name: collection } }),
      more: function* ({ input, answer }) {
        const { ids, native: extras } = input
        yield {
          request: post('/vectors/delete', { ...atIndex(answer), json: { ids, ...namespaceOf(extras) } }),
        }
        return { ids }
      },
      result: (_body, { input }) => ({ ids: input.ids }),
      cost: units('write units'),
      before: ({ collection, ids, native: extras }) => lookBefore(collection, { ids, extras }),
      undo: ({ input, before }) => {
        const points = knownPoints(before).flatMap(({ id, vector, fields }) =>
          vector ? [{ id, vector, ...(fields ? { fields } : {}) }] : [],
        )
        if (points.length === 0) return undefined
        const { collection, native: extras } = input
        return { operation: 'vector.upsert', input: { collection, points, ...(extras ? { native: extras } : {}) } }
      },
      undoLabel: 'vector.upsert of what was there',
      examples: [
        {
          input: { collection: 'movies', ids: ['m1', 'm2'], native: { namespace: 'en' } },
          response: sample.index(),
          more: [{ body: {} }],
        },
      ],
    },
    'embedding.create': {
      summary: 'Turn texts into vectors by a model that Pinecone hosts.',
      effect: 'send',
      scope: 'inference',
      without: ['dimensions'],
      request: ({ model, input, native: extras }) => {
        const parameters = knownExtras(extras, ['input_type', 'truncate', 'dimension'])
        const texts = typeof input === 'string' ? [input] : input
        return post('/embed', {
          json: {
            model,
            inputs: texts.map((text) => ({ text })),
            parameters: { input_type: 'passage', ...parameters },
          },
        })
      },
      result: (body) => {
        const { data, usage } = readAs(
          z.object({
            data: z.array(z.object({ values: z.array(z.number()) })),
            usage: z.object({ total_tokens: z.int().default(0) }),
          }),
          body,
        )
        return { embeddings: data.map(({ values }) => values), usage: { inputTokens: usage.total_tokens } }
      },
      cost: units('tokens'),
      undo: { none: 'Nothing was made; the tokens are used.' },
      examples: [
        {
          input: { model: 'multilingual-e5-large', input: ['The quick brown fox'], native: { truncate: 'END' } },
          response: {
            model: 'multilingual-e5-large',
            vector_type: 'dense',
            data: [{ values: [0.04, -0.01, 0.02], vector_type: 'dense' }],
            usage: { total_tokens: 6 },
          },
        },
      ],
    },
  },
  native: natives,
  twin,
})

const point = z.object({
  id: z.string(),
  vector: z.array(z.number()).nullable(),
  fields: z.record(z.string(), z.json()).nullable(),
})

const knownPoints = (before: unknown) => z.object({ points: z.array(point) }).safeParse(before).data?.points ?? []

type Extras = Parameters<typeof knownExtras>[0]

/** Ids stand in the address of the read, so that only so many fit. Beyond that, nothing is known for the undo. */
const LOOKED_AT_MAX = 100

const lookBefore = (collection: string, { ids, extras }: { ids: string[]; extras: Extras }) =>
  ids.length > LOOKED_AT_MAX
    ? undefined
    : { operation: 'vector.get', input: { collection, ids, ...(extras ? { native: extras } : {}) } }

const namespaceOf = (extras: Extras): { namespace?: string } => {
  const { namespace } = knownExtras(extras, NAMESPACE)
  return typeof namespace === 'string' ? { namespace } : {}
}

/** New ones are deleted, replaced ones put back; one call can do only one of both, and must not delete what was there. */
function undoOfUpsert(
  { collection, points, native: extras }: { collection: string; points: { id: string }[]; native?: Extras },
  before: unknown,
) {
  if (before === undefined) return undefined
  const old = knownPoints(before)
  const rest = { collection, ...(extras ? { native: extras } : {}) }
  if (old.length === 0) return { operation: 'vector.delete', input: { ...rest, ids: points.map(({ id }) => id) } }
  const whole = old.flatMap(({ id, vector, fields }) => (vector ? [{ id, vector, ...(fields ? { fields } : {}) }] : []))
  if (old.length < points.length || whole.length < old.length) return undefined
  return { operation: 'vector.upsert', input: { ...rest, points: whole } }
}

export default definition
