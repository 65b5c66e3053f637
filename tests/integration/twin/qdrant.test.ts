// The official client `@qdrant/js-client-rest` against the twin: it must be content with every answer, and raise its own errors.
import {
  QdrantClient,
  QdrantClientResourceExhaustedError,
  QdrantClientUnexpectedResponseError,
} from '@qdrant/js-client-rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import qdrantProvider from '../../../src/providers/vector/qdrant/index.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, qdrantProvider) : undefined
const held = specs ? "held against Qdrant's description" : 'SKIPPED: no description at hand, the client alone judges'

const UUID = '5c56c793-69f3-4fbf-87e6-c4bf54c28c26'

describe(`the client @qdrant/js-client-rest with the twin (${held})`, () => {
  const proof = clientProof(qdrantProvider, '@qdrant/js-client-rest')
  let twin: Twin
  let qdrant: QdrantClient

  const clientOf = (apiKey = twin.secrets.QDRANT_API_KEY ?? ''): QdrantClient =>
    new QdrantClient({ url: twin.url, apiKey, checkCompatibility: false })

  beforeEach(async () => {
    twin = await openTwin({ provider: qdrantProvider, ...(specs ? { specs } : {}) })
    qdrant = clientOf()
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  const withCities = async (): Promise<void> => {
    await qdrant.createCollection('cities', { vectors: { size: 2, distance: 'Dot' } })
    await qdrant.upsert('cities', {
      wait: true,
      points: [
        { id: 1, vector: [1, 0], payload: { city: 'Berlin', year: 1990, tags: ['big', 'east'] } },
        { id: 2, vector: [0, 1], payload: { city: 'London', year: 2012 } },
        { id: UUID, vector: [0.6, 0.8], payload: { city: 'Paris', year: 2024 } },
      ],
    })
  }

  it('tells its version', async () => {
    expect(await qdrant.versionInfo()).toMatchObject({ version: '1.19.0' })
  })

  it('makes, lists, shows and deletes a collection', async () => {
    expect(await qdrant.createCollection('cities', { vectors: { size: 4, distance: 'Cosine' } })).toBe(true)

    expect(await qdrant.collectionExists('cities')).toEqual({ exists: true })
    expect(await qdrant.getCollections()).toEqual({ collections: [{ name: 'cities' }] })
    expect(await qdrant.getCollection('cities')).toMatchObject({
      status: 'green',
      points_count: 0,
      config: { params: { vectors: { size: 4, distance: 'Cosine' } } },
    })
    expect(await qdrant.deleteCollection('cities')).toBe(true)
    expect(await qdrant.deleteCollection('cities')).toBe(false)
  })

  it('keeps points by number and by UUID, and gives them back', async () => {
    await withCities()

    const found = await qdrant.retrieve('cities', { ids: [2, UUID, 99], with_vector: true })

    expect(found).toEqual([
      { id: 2, payload: { city: 'London', year: 2012 }, vector: [0, 1] },
      { id: UUID, payload: { city: 'Paris', year: 2024 }, vector: [0.6, 0.8] },
    ])
  })

  it('tells a write that waited from one that is only queued', async () => {
    await withCities()

    const waited = await qdrant.upsert('cities', { wait: true, points: [{ id: 3, vector: [1, 1] }] })
    const queued = await qdrant.upsert('cities', { wait: false, batch: { ids: [4], vectors: [[1, 1]] } })

    expect([waited.status, queued.status]).toEqual(['completed', 'acknowledged'])
    expect(await qdrant.count('cities', { exact: true })).toEqual({ count: 5 })
  })

  it('finds the nearest, best first, as far as a filter lets it', async () => {
    await withCities()

    const all = await qdrant.query('cities', { query: [1, 0], limit: 2, with_payload: ['city'] })
    const recent = await qdrant.query('cities', {
      query: [1, 0],
      filter: {
        must: [{ key: 'year', range: { gte: 2000 } }],
        must_not: [{ key: 'city', match: { value: 'London' } }],
      },
    })
    const tagged = await qdrant.query('cities', {
      query: [1, 0],
      filter: { should: [{ key: 'tags', match: { any: ['east'] } }, { has_id: [UUID] }] },
      score_threshold: 0.7,
    })

    expect(all.points.map(({ id, payload }) => [id, payload])).toEqual([
      [1, { city: 'Berlin' }],
      [UUID, { city: 'Paris' }],
    ])
    expect(recent.points.map(({ id }) => id)).toEqual([UUID])
    expect(tagged.points).toMatchObject([{ id: 1, score: 1 }])
  })

  it.each([
    ['Cosine', [3, 4], 1],
    ['Euclid', [3, 4], 0],
    ['Manhattan', [3, 5], 1],
  ] as const)('measures by %s', async (distance, vector, score) => {
    await qdrant.createCollection('points', { vectors: { size: 2, distance } })
    await qdrant.upsert('points', {
      wait: true,
      points: [
        { id: 1, vector: [3, 4] },
        { id: 2, vector: [-3, -4] },
      ],
    })

    const { points } = await qdrant.query('points', { query: [...vector], limit: 1 })

    expect(points[0]?.id).toBe(1)
    expect(points[0]?.score).toBeCloseTo(score)
  })

  it('walks through all points, page by page', async () => {
    await withCities()

    const first = await qdrant.scroll('cities', { limit: 2 })
    const second = await qdrant.scroll('cities', { limit: 2, offset: first.next_page_offset as string })

    expect(first.points.map(({ id }) => id)).toEqual([1, 2])
    expect(second.points.map(({ id }) => id)).toEqual([UUID])
    expect(second.next_page_offset).toBeNull()
  })

  it('sets fields beside the ones that are there, and deletes by id and by filter', async () => {
    await withCities()

    await qdrant.setPayload('cities', { wait: true, payload: { seen: true }, points: [1] })
    await qdrant.setPayload('cities', {
      payload: { old: true },
      filter: { must: [{ key: 'year', range: { lt: 2000 } }] },
    })
    await qdrant.delete('cities', { wait: true, points: [UUID] })
    await qdrant.delete('cities', { wait: true, filter: { must: [{ key: 'city', match: { value: 'London' } }] } })

    expect(await qdrant.scroll('cities', {})).toMatchObject({
      points: [{ id: 1, payload: { city: 'Berlin', seen: true, old: true } }],
    })
  })

  it('takes several operations at once', async () => {
    await withCities()

    const results = await qdrant.batchUpdate('cities', {
      wait: true,
      operations: [{ upsert: { points: [{ id: 1, vector: [0, 2] }] } }, { delete: { points: [2] } }],
    })

    expect(results).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
    expect(await qdrant.count('cities', { exact: true })).toEqual({ count: 2 })
  })

  it.each<[string, (client: QdrantClient) => Promise<unknown>, number, RegExp]>([
    ['an unknown collection', (client) => client.getCollection('none'), 404, /doesn't exist/],
    [
      'a collection that is there already',
      (client) => client.createCollection('cities', { vectors: { size: 2, distance: 'Dot' } }),
      409,
      /already exists/,
    ],
    [
      'a vector of another size',
      (client) => client.upsert('cities', { points: [{ id: 1, vector: [1, 2, 3] }] }),
      400,
      /expected dim: 2, got 3/,
    ],
  ])('raises its error for %s', async (_, ask, status, reason) => {
    await withCities()
    const asked = ask(qdrant)

    await expect(asked).rejects.toMatchObject({ status })
    await expect(asked).rejects.toMatchObject({ data: { status: { error: expect.stringMatching(reason) } } })
  })

  it('refuses a wrong key in plain text', async () => {
    await expect(clientOf('wrong-key').getCollections()).rejects.toMatchObject({ status: 401 })
  })

  it('raises its own errors for limits and for a server that is down', async () => {
    twin.setFaults([parseFault('collection.list:429;retry-after=7')])
    await expect(qdrant.getCollections()).rejects.toBeInstanceOf(QdrantClientResourceExhaustedError)

    twin.setFaults([parseFault('*:503')])
    await expect(qdrant.getCollections()).rejects.toMatchObject({ status: 503 })
    expect(QdrantClientUnexpectedResponseError).toBeDefined()
  })

  it('answers the health check without a key', async () => {
    const bare = new QdrantClient({ url: twin.url, checkCompatibility: false })

    const { data } = await bare.api().healthz({})

    expect(data).toBe('healthz check passed')
  })

  it(proof.title, () => proof.check())
})
