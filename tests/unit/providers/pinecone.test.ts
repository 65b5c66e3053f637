import { describe, expect, it } from 'vitest'
import type { IncomingResponse, JsonObject } from '../../../src/adapter/index.ts'
import * as sample from '../../../src/providers/vector/pinecone/examples.ts'
import definition from '../../../src/providers/vector/pinecone/index.ts'
import { atIndex } from '../../../src/providers/vector/pinecone/index-host.ts'

const operation = <K extends keyof typeof definition.operations>(id: K) => {
  const found = definition.operations[id]
  if (!found) throw new Error(`pinecone has no ${id}`)
  return found
}

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): IncomingResponse => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, text, body: Buffer.from(text) }
}

describe('an index', () => {
  it('lies where Pinecone says, under its own domain', () => {
    expect(atIndex({ body: sample.index() })).toEqual({
      base: 'data',
      host: { index: 'movies-c01b5b5.svc.aped-4627-b74a' },
    })
    for (const host of ['evil.example', 'pinecone.io.evil.example', 'x.evilpinecone.io', '']) {
      expect(() => atIndex({ body: sample.index({ host }) })).toThrow(/not as documented at host/)
    }
  })

  it('has a name that Pinecone takes, a cloud and a region', () => {
    const create = operation('collection.create')
    const bodyOf = (native?: JsonObject) => {
      const spec = create.request({ name: 'movies', dimension: 3, metric: 'euclidean', ...(native ? { native } : {}) })
      return (spec as { body?: { value?: unknown } }).body?.value
    }

    expect(bodyOf()).toEqual({
      name: 'movies',
      dimension: 3,
      metric: 'euclidean',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    })
    expect(bodyOf({ cloud: 'gcp', region: 'europe-west4' })).toMatchObject({
      spec: { serverless: { cloud: 'gcp', region: 'europe-west4' } },
    })
    expect(() => bodyOf({ dimension: 4 })).toThrow(/native\.dimension/)
    for (const name of ['Movies', '-movies', 'movies-', 'm'.repeat(46), 'mo vies']) {
      expect(() => create.request({ name, dimension: 3, metric: 'dot' })).toThrow(/is no name of an index/)
    }
  })
})

describe('storing vectors', () => {
  const input = {
    collection: 'movies',
    points: [
      { id: 'a', vector: [1, 0] },
      { id: 'b', vector: [0, 1] },
    ],
    native: { namespace: 'en' },
  }
  const undo = operation('vector.upsert').undo
  const undoWith = (before: JsonObject | undefined) =>
    typeof undo === 'function' ? undo({ input, result: { count: 2 }, before }) : undefined
  const old = (id: string, vector: number[] | null = [0.5, 0.5]) => ({ id, vector, fields: { year: 1979 } })

  it('is taken back by deleting what is new, or by putting back what was there, never by deleting what was there', () => {
    expect(undoWith({ points: [] })).toEqual({
      operation: 'vector.delete',
      input: { collection: 'movies', native: { namespace: 'en' }, ids: ['a', 'b'] },
    })
    expect(undoWith({ points: [old('a'), old('b')] })).toEqual({
      operation: 'vector.upsert',
      input: { collection: 'movies', native: { namespace: 'en' }, points: [old('a'), old('b')] },
    })
    expect(undoWith({ points: [old('a')] })).toBeUndefined()
    expect(undoWith({ points: [old('a'), old('b', null)] })).toBeUndefined()
    expect(undoWith(undefined)).toBeUndefined()
  })

  it('looks before at so many as an address can hold, and knows nothing of more', () => {
    const { before: lookBefore } = operation('vector.upsert')
    const points = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `v${at}`, vector: [1] }))

    expect(lookBefore?.({ collection: 'movies', points: points(100) })).toMatchObject({ operation: 'vector.get' })
    expect(lookBefore?.({ collection: 'movies', points: points(101) })).toBeUndefined()
  })

  it('refuses extras that it does not pass on before anything is asked', () => {
    expect(() => operation('vector.upsert').request({ ...input, native: { filter: {} } })).toThrow(/native\.filter/)
  })
})

it('takes a delete back by storing what was there', () => {
  const { undo } = operation('vector.delete')
  const undoWith = (before: JsonObject) =>
    typeof undo === 'function'
      ? undo({ input: { collection: 'movies', ids: ['a', 'b'] }, result: { ids: ['a', 'b'] }, before })
      : undefined

  expect(undoWith({ points: [{ id: 'a', vector: [1], fields: null }] })).toEqual({
    operation: 'vector.upsert',
    input: { collection: 'movies', points: [{ id: 'a', vector: [1] }] },
  })
  expect(undoWith({ points: [] })).toBeUndefined()
})

it('reads the faults of both planes, and those of what stands before them', () => {
  const control = (status: number, code: string) =>
    definition.errors(answered(status, { status, error: { code, message: 'why' } }))

  expect(control(200, 'OK')).toBeUndefined()
  expect(control(400, 'INVALID_ARGUMENT')).toEqual({
    code: 'IF_ERR_ACTION_FAILED',
    message: 'why',
    vendorCode: 'INVALID_ARGUMENT',
  })
  expect(control(401, 'UNAUTHENTICATED')).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
  expect(control(402, 'PAYMENT_REQUIRED')).toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
  expect(control(403, 'FORBIDDEN')).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
  expect(control(404, 'NOT_FOUND')).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  expect(control(409, 'ALREADY_EXISTS')).toMatchObject({ code: 'IF_ERR_CONFLICT' })
  expect(control(412, 'FAILED_PRECONDITION')).toMatchObject({ hint: 'The index is protected from deletion.' })
  expect(definition.errors(answered(429, { code: 8, message: 'slow down' }, { 'retry-after': '3' }))).toEqual({
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    message: 'slow down',
    vendorCode: 'grpc 8',
    retryAfterMs: 3000,
  })
  expect(definition.errors(answered(503, 'no healthy upstream'))).toMatchObject({
    code: 'IF_ERR_PROVIDER_UNAVAILABLE',
    message: 'no healthy upstream',
  })
})
