// Pinecone in rehearsal: indexes and their vectors. A twin is one address, so an index names an address under Pinecone's
// domain and all of them are served here; vectors of all indexes lie together, told apart by namespace.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition, TwinState } from '../../../adapter/index.ts'
import * as sample from './examples.ts'

const refuse = (status: number, code: string, message: string): TwinAnswer => ({
  status,
  body: { status, error: { code, message } },
})

const refuseData = (status: number, code: number, message: string): TwinAnswer => ({
  status,
  body: { code, message, details: [] },
})

const object = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** The namespace without a name has one all the same. */
const namespaceOf = (value: JsonValue | undefined): string => (value === '__default__' ? '' : text(value))

function createIndex({ body, state }: TwinCall): TwinAnswer {
  const name = text(body.name)
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    return refuse(400, 'INVALID_ARGUMENT', 'Index name must contain only lowercase alphanumeric characters or hyphens.')
  }
  if (state('indexes').has(name)) return refuse(409, 'ALREADY_EXISTS', 'Resource already exists.')
  const { cloud, region } = object(object(body.spec).serverless)
  if (typeof cloud !== 'string' || typeof region !== 'string') {
    return refuse(400, 'INVALID_ARGUMENT', 'spec.serverless needs cloud and region.')
  }
  const index = sample.index({
    name,
    dimension: body.dimension ?? null,
    metric: body.metric ?? 'cosine',
    host: `${name}-twin.svc.${region}.pinecone.io`,
    spec: { serverless: { cloud, region, read_capacity: sample.ON_DEMAND } },
    deletion_protection: body.deletion_protection ?? 'disabled',
    tags: body.tags ?? {},
  })
  state('indexes').set(name, index)
  return { status: 201, body: index }
}

/** Runs `act` with the index of the path, or answers that there is none. */
const withIndex =
  (act: (call: TwinCall, index: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const index = call.state('indexes').get(call.path.index_name ?? '')
    return index ? act(call, index) : refuse(404, 'NOT_FOUND', `Resource ${call.path.index_name} not found`)
  }

const getIndex = withIndex((_call, index) => ({ body: index }))

const deleteIndex = withIndex(({ state, path }, index) => {
  if (index.deletion_protection === 'enabled') {
    return refuse(403, 'FORBIDDEN', 'Deletion protection is enabled for this index.')
  }
  state('indexes').delete(path.index_name ?? '')
  return { status: 202, body: '' }
})

/** Vectors of a namespace, under a key that no id can climb out of. */
const vectorKey = (namespace: string, id: string): string => JSON.stringify([namespace, id])

const vectorsIn = (state: TwinState, namespace: string): JsonObject[] =>
  [...state('vectors').values()].filter((vector) => vector.namespace === namespace)

function upsert({ body, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(body.namespace)
  const vectors = list(body.vectors).map(object)
  if (vectors.length === 0) return refuseData(400, 3, 'At least one vector is required.')
  for (const { id, values } of vectors) {
    if (text(id) === '' || list(values).length === 0) return refuseData(400, 3, 'A vector needs id and values.')
  }
  for (const { id, values, metadata } of vectors) {
    state('vectors').set(vectorKey(namespace, text(id)), {
      namespace,
      id: text(id),
      values: values ?? [],
      ...(metadata === undefined ? {} : { metadata }),
    })
  }
  return { body: { upsertedCount: vectors.length } }
}

/** Lines of JSON, by whatever name: Pinecone's own client says text/plain. */
const recordsIn = (bytes: Uint8Array): JsonObject[] =>
  Buffer.from(bytes)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => object(JSON.parse(line)))

function upsertRecords({ bytes, path, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(path.namespace)
  for (const record of recordsIn(bytes)) {
    const { _id, ...metadata } = record
    if (text(_id) === '') return refuseData(400, 3, 'A record needs _id.')
    state('vectors').set(vectorKey(namespace, text(_id)), {
      namespace,
      id: text(_id),
      values: [0.1, 0.2, 0.3],
      metadata,
    })
  }
  return { status: 201, body: '' }
}

const numbers = (value: JsonValue | undefined): number[] => list(value).map(Number)

function cosine(a: number[], b: number[]): number {
  const dot = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
  const length = Math.hypot(...a) * Math.hypot(...b)
  return length === 0 ? 0 : dot / length
}

/** The few filters that a rehearsal needs: equality, plain or as `$eq`, and `$in`. */
function passes(filter: JsonObject, metadata: JsonObject): boolean {
  return Object.entries(filter).every(([field, wanted]) => {
    const value = metadata[field]
    if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return value === wanted
    if (wanted.$eq !== undefined) return value === wanted.$eq
    return wanted.$in === undefined || list(wanted.$in).includes(value ?? null)
  })
}

function query({ body, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(body.namespace)
  const near = numbers(body.vector)
  const topK = Number(body.topK)
  if (!Number.isInteger(topK) || topK < 1) return refuseData(400, 3, 'topK must be at least 1.')
  const matches = vectorsIn(state, namespace)
    .filter(({ metadata }) => passes(object(body.filter), object(metadata)))
    .map(({ id, values, metadata }) => ({
      id: text(id),
      score: cosine(near, numbers(values)),
      ...(body.includeValues === true ? { values: values ?? [] } : {}),
      ...(body.includeMetadata === true && metadata !== undefined ? { metadata } : {}),
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK)
  return { body: { results: [], matches, namespace, usage: { readUnits: 5 } } }
}

function fetchVectors({ queries, query: last, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(last.namespace)
  const found = (queries.ids ?? []).flatMap((id) => {
    const vector = state('vectors').get(vectorKey(namespace, id))
    if (!vector) return []
    const { namespace: _namespace, ...shown } = vector
    return [[id, shown] as const]
  })
  return { body: { vectors: Object.fromEntries(found), namespace, usage: { readUnits: 1 } } }
}

function listVectors({ query: asked, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(asked.namespace)
  const limit = Number(asked.limit ?? 100)
  const from = Number(asked.paginationToken ?? 0)
  const ids = vectorsIn(state, namespace)
    .map(({ id }) => text(id))
    .filter((id) => id.startsWith(asked.prefix ?? ''))
    .sort()
  const page = ids.slice(from, from + limit)
  const next = from + limit < ids.length ? { pagination: { next: String(from + limit) } } : {}
  return { body: { vectors: page.map((id) => ({ id })), ...next, namespace, usage: { readUnits: 1 } } }
}

function update({ body, state }: TwinCall): TwinAnswer {
  const key = vectorKey(namespaceOf(body.namespace), text(body.id))
  const vector = state('vectors').get(key)
  // Pinecone takes an update of a vector that it does not have, and does nothing.
  if (!vector) return { body: {} }
  const metadata = { ...object(vector.metadata), ...object(body.setMetadata) }
  const values = body.values ?? vector.values ?? []
  state('vectors').set(key, { ...vector, values, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) })
  return { body: {} }
}

function deleteVectors({ body, state }: TwinCall): TwinAnswer {
  const namespace = namespaceOf(body.namespace)
  const ids = body.deleteAll === true ? vectorsIn(state, namespace).map(({ id }) => id) : list(body.ids)
  for (const id of ids) state('vectors').delete(vectorKey(namespace, text(id)))
  return { body: {} }
}

function stats({ state }: TwinCall): TwinAnswer {
  const namespaces: Record<string, { vectorCount: number }> = {}
  for (const { namespace } of state('vectors').values()) {
    const counted = namespaces[text(namespace)] ?? { vectorCount: 0 }
    namespaces[text(namespace)] = { vectorCount: counted.vectorCount + 1 }
  }
  const totalVectorCount = state('vectors').size
  return {
    body: { namespaces, dimension: 3, indexFullness: 0, totalVectorCount, metric: 'cosine', vectorType: 'dense' },
  }
}

/** A vector that depends on the text alone. */
const vectorOf = (words: string): number[] => [0, 1, 2].map((at) => ((words.charCodeAt(at) || 32) % 64) / 64)

const embed = ({ body }: TwinCall): TwinAnswer => {
  const inputs = list(body.inputs).map((input) => text(object(input).text))
  return {
    body: {
      model: body.model ?? '',
      vector_type: 'dense',
      data: inputs.map((words) => ({ values: vectorOf(words), vector_type: 'dense' })),
      usage: { total_tokens: inputs.reduce((sum, words) => sum + words.split(/\s+/).length, 0) },
    },
  }
}

const rerank = ({ body }: TwinCall): TwinAnswer => {
  const ranked = list(body.documents).map((_document, index) => ({ index, score: 1 / (index + 1) }))
  return {
    body: {
      model: body.model ?? '',
      data: ranked.slice(0, typeof body.top_n === 'number' ? body.top_n : ranked.length),
      usage: { rerank_units: 1 },
    },
  }
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return refuse(401, 'UNAUTHENTICATED', 'Invalid API key')
    if (kind === 'not-found') return refuse(404, 'NOT_FOUND', message)
    if (kind === 'invalid') return refuse(400, 'INVALID_ARGUMENT', message)
    if (kind === 'rate-limited') return { ...refuseData(429, 8, message), headers: { 'retry-after': '1' } }
    return refuse(503, 'UNAVAILABLE', message)
  },
  seed: (state) => {
    state('indexes').set('movies', sample.index())
    state('vectors').set(vectorKey('', 'm1'), {
      namespace: '',
      id: 'm1',
      values: [0.1, 0.2, 0.3],
      metadata: { title: 'Alien' },
    })
  },
  described: {
    faults: [
      {
        reason:
          'Pinecone takes the lines of records under any content type: its own client 8.2.0 sends them as text/plain.',
        excuses: { operations: /\/records\/namespaces\//, kind: 'body', where: /./, message: /raw body/ },
      },
    ],
  },
  operations: {
    'collection.create': createIndex,
    'collection.list': ({ state }) => ({ body: { indexes: [...state('indexes').values()] } }),
    'collection.delete': deleteIndex,
    'index.get': getIndex,
    'vector.upsert': getIndex,
    'vector.query': getIndex,
    'vector.get': getIndex,
    'vector.delete': getIndex,
    'vector.update': getIndex,
    'vector.list': getIndex,
    'index.stats': getIndex,
    'record.upsert': getIndex,
    'embedding.create': embed,
    rerank,
  },
  routes: {
    'POST /vectors/upsert': upsert,
    'POST /query': query,
    'GET /vectors/fetch': fetchVectors,
    'GET /vectors/list': listVectors,
    'POST /vectors/update': update,
    'POST /vectors/delete': deleteVectors,
    'POST /describe_index_stats': stats,
    'POST /records/namespaces/{namespace}/upsert': upsertRecords,
  },
}
