import { describe, expect, it } from 'vitest'
import {
  encodeBody,
  type JsonObject,
  type JsonValue,
  type NativeOperation,
  type RequestSpec,
  sentinelFor,
} from '../../../src/adapter/index.ts'
import qdrant from '../../../src/providers/vector/qdrant/index.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const {
  'collection.create': create,
  'collection.list': collections,
  'collection.delete': drop,
  'vector.upsert': upsert,
  'vector.query': query,
  'vector.get': read,
  'vector.delete': remove,
} = qdrant.operations
if (!create || !collections || !drop || !upsert || !query || !read || !remove)
  throw new Error('qdrant lacks an operation')

const native = (name: string): NativeOperation => {
  const operation = qdrant.native?.[name]
  if (!operation) throw new Error(`qdrant lacks ${name}`)
  return operation
}

const UUID = '5c56c793-69f3-4fbf-87e6-c4bf54c28c26'

const textOf = (spec: RequestSpec): string => {
  const body = spec.transport === 'http' ? spec.body : undefined
  return body ? (encodeBody(body).text ?? '') : ''
}

const undoOf = (operation: { undo?: unknown }) =>
  typeof operation.undo === 'function' ? (operation.undo as (context: object) => unknown) : undefined

describe('Qdrant: ids', () => {
  it('writes numbers digit by digit up to 2^64 - 1, and UUIDs as text', () => {
    const ids = ['0', '42', '9007199254740993', '18446744073709551615', UUID]

    expect(textOf(remove.request({ collection: 'c', ids }))).toBe(
      `{"points":[0,42,9007199254740993,18446744073709551615,"${UUID}"]}`,
    )
  })

  it.each(['18446744073709551616', '007', '-1', '1.5', 'article-7', '', ' 1'])(
    'refuses %j, which Qdrant has no room for',
    (id) => {
      expect(() => read.request({ collection: 'c', ids: [id] })).toThrow(
        expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }),
      )
    },
  )

  it('takes what a plan does not know yet', () => {
    expect(() => read.request({ collection: 'c', ids: [sentinelFor('string', 3)] })).not.toThrow()
  })

  it('reads every id as text', () => {
    const result = [{ id: 7 }, { id: '9007199254740993' }, { id: UUID }] as JsonValue
    const points = read.result({ result }, { input: { collection: 'c', ids: ['7'] }, headers: {} })?.points

    expect(points?.map(({ id }) => id)).toEqual(['7', '9007199254740993', UUID])
  })
})

describe('Qdrant: requests', () => {
  it.each([
    ['cosine', 'Cosine'],
    ['euclidean', 'Euclid'],
    ['dot', 'Dot'],
  ] as const)('names %s as Qdrant does', (metric, distance) => {
    expect(JSON.parse(textOf(create.request({ name: 'c', dimension: 3, metric })))).toEqual({
      vectors: { size: 3, distance },
    })
  })

  it.each([upsert, remove])('waits until a write is applied', (operation) => {
    const input = { collection: 'c', points: [{ id: '1', vector: [1] }], ids: ['1'] }
    expect(operation.request(input as never).query).toEqual({ wait: true })
  })

  it('queries with a filter as it is, and with fields unless told otherwise', () => {
    const filter = { must: [{ key: 'city', match: { value: 'London' } }] }
    const input = { collection: 'c', vector: [1, 0], limit: 3, filter, native: { with_payload: ['city'], offset: 10 } }

    expect(JSON.parse(textOf(query.request(input)))).toEqual({
      query: [1, 0],
      limit: 3,
      filter,
      with_payload: ['city'],
      offset: 10,
    })
  })

  it.each([
    () => create.request({ name: 'c', dimension: 3, metric: 'dot', native: { vectors: {} } }),
    () => query.request({ collection: 'c', vector: [1], limit: 3, native: { query: 5 } }),
    () => read.request({ collection: 'c', ids: ['1'], native: { ids: [2] } }),
    () => upsert.request({ collection: 'c', points: [{ id: '1', vector: [1] }], native: { points: [] } }),
    () => remove.request({ collection: 'c', ids: ['1'], native: { filter: {} } }),
  ])('refuses an extra that would change what was judged (%#)', (ask) => {
    expect(ask).toThrow(/native\./)
  })

  it('sets fields by ids or by a filter, never by both or neither', () => {
    const { input } = native('payload.set')
    const given = { collection: 'c', fields: { a: 1 } }

    expect(input.safeParse({ ...given, ids: ['1'] }).success).toBe(true)
    expect(input.safeParse({ ...given, filter: {} }).success).toBe(true)
    expect(input.safeParse(given).success).toBe(false)
    expect(input.safeParse({ ...given, ids: ['1'], filter: {} }).success).toBe(false)
  })

  it('asks the health check for plain text', () => {
    expect(native('server.check').request({})).toMatchObject({ template: '/healthz', answer: 'text' })
    expect(native('server.check').result('healthz check passed\n', { input: {}, headers: {} })).toEqual({
      text: 'healthz check passed',
    })
  })
})

describe('Qdrant: results', () => {
  it('gives up a vector that is no list of numbers', () => {
    const result = [
      { id: 1, vector: { image: [1, 2] }, payload: null },
      { id: 2, vector: [[1], [2]] },
      { id: 3, vector: [1, 2], payload: { a: 1 } },
    ] as JsonValue
    const { points } = read.result({ result }, { input: { collection: 'c', ids: ['1'] }, headers: {} }) ?? {
      points: [],
    }

    expect(points).toEqual([
      { id: '1', vector: null, fields: null },
      { id: '2', vector: null, fields: null },
      { id: '3', vector: [1, 2], fields: { a: 1 } },
    ])
  })

  it('cuts the list of collections to the limit, and counts them for the test of a credential', () => {
    const body = { result: { collections: [{ name: 'a' }, { name: 'b' }] } }

    expect(collections.result(body, { input: { limit: 1 }, headers: {} })).toEqual({ collections: [{ name: 'a' }] })
    expect(qdrant.health.tell({ collections: [{ name: 'a' }, { name: 'b' }] })).toBe('2 collections')
  })

  it('walks on from where a page ends, and stops at null', () => {
    const next = (offset: JsonValue | undefined) =>
      native('point.scroll').pages?.next(
        { result: { points: [], ...(offset === undefined ? {} : { next_page_offset: offset }) } },
        { headers: {}, input: {}, count: 0, pages: 1 },
      )

    expect(next(42)).toEqual({ json: { offset: 42 } })
    expect(next(UUID)).toEqual({ json: { offset: UUID } })
    expect(next(null)).toBeUndefined()
    expect(next(undefined)).toBeUndefined()
  })

  it('walks on exactly where the next id is beyond 2^53', () => {
    const next = native('point.scroll').pages?.next(
      { result: { points: [], next_page_offset: '18446744073709551615' } },
      { headers: {}, input: {}, count: 0, pages: 1 },
    )

    expect(next && encodeBody({ encoding: 'json', value: next.json ?? {} }).text).toBe(
      '{"offset":18446744073709551615}',
    )
  })
})

describe('Qdrant: undo and read-back', () => {
  const input = {
    collection: 'c',
    points: [
      { id: '1', vector: [1, 0], fields: { a: 1 } },
      { id: '2', vector: [0, 1] },
    ],
  }

  it('reads what a small write replaces whole, of a large one only which ids are taken', () => {
    const many = Array.from({ length: 101 }, (_, at) => ({ id: String(at), vector: [1, 0] }))

    expect(upsert.before?.(input)).toEqual({ operation: 'vector.get', input: { collection: 'c', ids: ['1', '2'] } })
    expect(upsert.before?.({ collection: 'c', points: many })?.input.native).toEqual({
      with_vector: false,
      with_payload: false,
    })
  })

  it('deletes what was new, puts back what was replaced, and does both in one request', () => {
    const old = { id: '1', vector: [5, 5], fields: null }

    expect(undoOf(upsert)?.({ input, before: { points: [] } })).toEqual({
      operation: 'vector.delete',
      input: { collection: 'c', ids: ['1', '2'] },
    })
    expect(undoOf(upsert)?.({ input, before: { points: [old] } })).toEqual({
      operation: 'qdrant:point.restore',
      input: { collection: 'c', points: [{ id: '1', vector: [5, 5] }], remove: ['2'] },
    })
    expect(undoOf(upsert)?.({ input, before: { points: [old, { ...old, id: '2', fields: { b: 2 } }] } })).toEqual({
      operation: 'qdrant:point.restore',
      input: {
        collection: 'c',
        points: [
          { id: '1', vector: [5, 5] },
          { id: '2', vector: [5, 5], fields: { b: 2 } },
        ],
      },
    })
  })

  it('has no undo where the old vectors were not read', () => {
    expect(undoOf(upsert)?.({ input, before: undefined })).toBeUndefined()
    expect(undoOf(upsert)?.({ input, before: { points: [{ id: '1', vector: null, fields: null }] } })).toBeUndefined()
  })

  it('puts deleted points back, and nothing where none were there', () => {
    const given = { collection: 'c', ids: ['1', '2'] }

    expect(
      undoOf(remove)?.({ input: given, before: { points: [{ id: '1', vector: [1], fields: { a: 1 } }] } }),
    ).toEqual({
      operation: 'vector.upsert',
      input: { collection: 'c', points: [{ id: '1', vector: [1], fields: { a: 1 } }] },
    })
    expect(undoOf(remove)?.({ input: given, before: { points: [] } })).toBeUndefined()
    expect(undoOf(create)?.({ input: { name: 'c' } })).toEqual({ operation: 'collection.delete', input: { name: 'c' } })
  })

  it('confirms a write by its fields, whatever their order', () => {
    const written = [{ id: '1', vector: [1], fields: { a: 1, b: { c: [1, null], d: 'x' } } }]
    const check = upsert.verify?.({ input: { collection: 'c', points: written }, result: undefined })
    const seen = (fields: JsonObject | null, id = '1') => check?.holds({ points: [{ id, vector: null, fields }] })

    expect(seen({ b: { d: 'x', c: [1, null] }, a: 1 })).toBe(true)
    expect(seen({ b: { d: 'x', c: [1] }, a: 1 })).toBe(false)
    expect(seen({ b: { d: 'x', c: { 0: 1, 1: null } }, a: 1 })).toBe(false)
    expect(seen({ a: 1 })).toBe(false)
    expect(seen(null)).toBe(false)
    expect(seen({ a: 1 }, '2')).toBe(false)
    expect(check?.holds({})).toBe(false)
    expect(upsert.verify?.({ input, result: undefined })?.holds({ points: [] })).toBe(false)
  })

  it('does not claim to know what an update under conditions did', () => {
    expect(
      upsert.verify?.({ input: { ...input, native: { update_mode: 'insert_only' } }, result: undefined }),
    ).toBeUndefined()
  })

  it('confirms a deletion and a collection by what is there afterwards', () => {
    const deleted = remove.verify?.({ input: { collection: 'c', ids: ['1'] }, result: undefined })
    const made = create.verify?.({ input: { name: 'c', dimension: 1, metric: 'dot' }, result: undefined })
    const dropped = drop.verify?.({ input: { name: 'c' }, result: undefined })

    expect([
      deleted?.holds({ points: [] }),
      deleted?.holds({ points: [{ id: '1', vector: null, fields: null }] }),
    ]).toEqual([true, false])
    expect([made?.holds({ collections: [{ name: 'c' }] }), made?.holds({ collections: [] })]).toEqual([true, false])
    expect([dropped?.holds({ collections: [] }), dropped?.holds({ collections: [{ name: 'c' }] })]).toEqual([
      true,
      false,
    ])
  })
})

describe('Qdrant: faults', () => {
  it.each<[number, JsonValue, string, RegExp]>([
    [400, { status: { error: 'Wrong input: Vector dimension error' } }, 'IF_ERR_ACTION_FAILED', /dimension/],
    [401, 'Must provide an API key', 'IF_ERR_AUTH_FAILED', /Must provide/],
    [403, { status: { error: 'Forbidden: Global write access is required' } }, 'IF_ERR_AUTH_FAILED', /Forbidden/],
    [404, { status: { error: "Not found: Collection `c` doesn't exist!" } }, 'IF_ERR_NOT_FOUND', /doesn't exist/],
    [404, '', 'IF_ERR_NOT_FOUND', /answered 404/],
    [409, { status: { error: 'Collection `c` already exists!' } }, 'IF_ERR_ALREADY_EXISTS', /already/],
    [500, { status: { error: 'Service internal error' } }, 'IF_ERR_PROVIDER_UNAVAILABLE', /internal/],
    [503, { status: 'down' }, 'IF_ERR_PROVIDER_UNAVAILABLE', /answered 503/],
  ])('reads %i %j as %s', (status, body, code, words) => {
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
    expect(qdrant.errors(answer(status, body, { 'content-type': type }))).toMatchObject({
      code,
      message: expect.stringMatching(words),
    })
  })

  it('shows no page of a proxy as the words of Qdrant', () => {
    expect(qdrant.errors(answer(502, '<html>', { 'content-type': 'text/html' }))?.message).toBe('Qdrant answered 502')
  })

  it('waits as long as it is told, and leaves the outcome of a failed write open', () => {
    expect(qdrant.errors(answer(429, {}, { 'retry-after': '3' }))).toMatchObject({ retryAfterMs: 3000 })
    expect(qdrant.errors(answer(429, {}))).not.toHaveProperty('retryAfterMs')
    expect(qdrant.errors(answer(500, {}))).toMatchObject({ outcome: 'unknown' })
    expect(qdrant.errors(answer(200, { result: false, status: 'ok' }))).toBeUndefined()
  })
})

describe('Qdrant: the twin', () => {
  const path = { collection_name: 'c' }
  const withCollection = () => {
    const twin = rehearse(qdrant)
    twin.call('collection.create', { path, body: { vectors: { size: 2, distance: 'Dot' } } })
    return twin
  }

  it.each<JsonObject>([{}, { vectors: { size: 0, distance: 'Dot' } }, { vectors: { size: 2, distance: 'Nearest' } }])(
    'makes no collection from %j',
    (body) => {
      expect(rehearse(qdrant).call('collection.create', { path, body }).status).toBe(400)
    },
  )

  it('refuses names that no file can have', () => {
    const body = { vectors: { size: 2, distance: 'Dot' } }
    expect(rehearse(qdrant).call('collection.create', { path: { collection_name: 'a/b' }, body }).status).toBe(400)
  })

  it('keeps all points of a write or none', () => {
    const twin = withCollection()
    const points = [
      { id: 1, vector: [1, 0] },
      { id: 2, vector: [1, 0, 0] },
    ]

    expect(twin.call('vector.upsert', { path, body: { points } }).status).toBe(400)
    expect(twin.call('vector.upsert', { path, body: { points: [{ id: 'x', vector: [1, 0] }] } }).status).toBe(400)
    expect(twin.call('vector.upsert', { path, body: { points: [{ id: 1 }] } }).status).toBe(400)
    expect(bodyOf(twin.call('point.count', { path })).result).toEqual({ count: 0 })
  })

  it.each<[string, JsonObject]>([
    ['vector.get', { ids: [-1] }],
    ['vector.delete', { points: ['x'] }],
    ['payload.set', { points: ['x'], payload: {} }],
    ['point.scroll', { offset: 'x' }],
    ['vector.query', { query: [1, 2, 3] }],
    ['vector.query', { query: 5 }],
    ['point.restore', { operations: [{ clear_payload: {} }] }],
    ['point.restore', { operations: [{ delete: { points: ['x'] } }] }],
  ])('refuses %s with %j', (operation, body) => {
    expect(withCollection().call(operation, { path, body }).status).toBe(400)
  })

  it.each<JsonObject>([
    { must: [{ key: 'a', geo_radius: {} }] },
    { min_should: {} },
    { must: [{ key: 'a', match: { text: 'x' } }] },
    { must: ['x'] },
  ])('refuses the filter %j rather than guess', (filter) => {
    const twin = withCollection()
    twin.call('vector.upsert', { path, body: { points: [{ id: 1, vector: [1, 0], payload: { a: 1 } }] } })

    expect(twin.call('point.count', { path, body: { filter } }).status).toBe(400)
  })

  it('reads filters within filters, dotted keys and lists', () => {
    const twin = withCollection()
    const payload = { place: { city: 'Berlin' }, tags: ['a', 'b'], year: 1990 }
    twin.call('vector.upsert', { path, body: { points: [{ id: 1, vector: [1, 0], payload }] } })
    const count = (filter: JsonObject) => bodyOf(twin.call('point.count', { path, body: { filter } })).result

    expect(count({ must: { key: 'place.city', match: { value: 'Berlin' } } })).toEqual({ count: 1 })
    expect(count({ must: [{ should: [{ key: 'tags', match: { value: 'b' } }] }] })).toEqual({ count: 1 })
    expect(count({ must: [{ key: 'year', range: { gt: 1990 } }] })).toEqual({ count: 0 })
    expect(count({ must: [{ key: 'year', range: { gte: 1990, lt: 1991, lte: 1990 } }] })).toEqual({ count: 1 })
    expect(count({ must: [{ key: 'tags', range: { gt: 1 } }] })).toEqual({ count: 0 })
  })
})
