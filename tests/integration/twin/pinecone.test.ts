// The official client of Pinecone against the twin: it must be content with every answer, and raise its own error classes.
import { Pinecone } from '@pinecone-database/pinecone'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/vector/pinecone/index.ts'
import { openTwin, openVendorDescription, type Twin, vendorDescriptionsFolder } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against Pinecone's description" : 'SKIPPED: no description at hand, the client alone judges'

const proof = clientProof(definition, '@pinecone-database/pinecone')

describe(`the client @pinecone-database/pinecone with the twin (${held})`, () => {
  let twin: Twin
  let pinecone: Pinecone

  /** The client asks an index where it lies; a twin serves all of them at its own address. */
  const index = (namespace = '') => pinecone.index({ host: twin.url }).namespace(namespace)

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    pinecone = new Pinecone({ apiKey: twin.secrets.PINECONE_API_KEY ?? '', controllerHostUrl: twin.url, maxRetries: 0 })
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('makes, describes, lists and deletes indexes', async () => {
    const made = await pinecone.createIndex({
      name: 'songs',
      dimension: 2,
      metric: 'dotproduct',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    })

    expect(made).toMatchObject({ name: 'songs', metric: 'dotproduct', dimension: 2 })
    expect((await pinecone.listIndexes()).indexes?.map(({ name }) => name)).toEqual(['movies', 'songs'])
    expect((await pinecone.describeIndex('songs')).host).toMatch(/\.pinecone\.io$/)
    await pinecone.deleteIndex('songs')
    await expect(pinecone.describeIndex('songs')).rejects.toMatchObject({ name: 'PineconeNotFoundError' })
  })

  it('refuses an index twice, and to delete a protected one', async () => {
    const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } } as const
    await pinecone.createIndex({ name: 'kept', dimension: 2, spec, deletionProtection: 'enabled' })

    await expect(pinecone.createIndex({ name: 'kept', dimension: 2, spec })).rejects.toMatchObject({
      name: 'PineconeConflictError',
    })
    await expect(pinecone.deleteIndex('kept')).rejects.toThrow(/protection/i)
  })

  it('stores, finds, changes, lists and deletes vectors of a namespace', async () => {
    const films = index('en')
    await films.upsert({
      records: [
        { id: 'alien', values: [1, 0, 0], metadata: { year: 1979 } },
        { id: 'heat', values: [0, 1, 0], metadata: { year: 1995 } },
      ],
    })

    const { matches } = await films.query({ vector: [0.9, 0.1, 0], topK: 2, includeMetadata: true })
    expect(matches.map(({ id, metadata }) => [id, metadata])).toEqual([
      ['alien', { year: 1979 }],
      ['heat', { year: 1995 }],
    ])
    const filtered = await films.query({ vector: [0.9, 0.1, 0], topK: 2, filter: { year: { $eq: 1995 } } })
    expect(filtered.matches.map(({ id }) => id)).toEqual(['heat'])

    await films.update({ id: 'heat', metadata: { seen: true } })
    expect((await films.fetch({ ids: ['heat', 'none'] })).records).toMatchObject({
      heat: { id: 'heat', values: [0, 1, 0], metadata: { year: 1995, seen: true } },
    })
    expect((await films.listPaginated({ prefix: 'h' })).vectors?.map(({ id }) => id)).toEqual(['heat'])
    expect((await films.describeIndexStats()).namespaces).toMatchObject({ en: { recordCount: 2 } })
    await films.deleteMany({ ids: ['alien', 'none'] })
    expect((await films.listPaginated()).vectors?.map(({ id }) => id)).toEqual(['heat'])
    expect((await index().listPaginated()).vectors?.map(({ id }) => id)).toEqual(['m1'])
  })

  it('goes through pages of ids', async () => {
    const films = index('many')
    await films.upsert({ records: [1, 2, 3].map((at) => ({ id: `f${at}`, values: [at, 0, 0] })) })

    const first = await films.listPaginated({ limit: 2 })
    const rest = await films.listPaginated({ limit: 2, paginationToken: first.pagination?.next ?? '' })

    expect([first, rest].map(({ vectors }) => vectors?.map(({ id }) => id))).toEqual([['f1', 'f2'], ['f3']])
  })

  it('stores texts for an index that makes the vectors', async () => {
    await index('en').upsertRecords({
      records: [{ _id: 'r1', chunk_text: 'In space no one can hear you.', year: 1979 }],
    })

    expect((await index('en').fetch({ ids: ['r1'] })).records.r1?.metadata).toMatchObject({ year: 1979 })
  })

  it('embeds and orders texts', async () => {
    const { data } = await pinecone.inference.embed({
      model: 'multilingual-e5-large',
      inputs: ['one', 'two'],
      parameters: { inputType: 'passage' },
    })
    const ranked = await pinecone.inference.rerank({
      model: 'bge-reranker-v2-m3',
      query: 'Who?',
      documents: ['Nobody', 'The cat'],
      topN: 1,
      returnDocuments: false,
    })

    expect(data).toHaveLength(2)
    expect(ranked.data.map(({ index: at }) => at)).toEqual([0])
  })

  it('raises the errors of the client', async () => {
    const stranger = new Pinecone({ apiKey: 'pcsk_other', controllerHostUrl: twin.url, maxRetries: 0 })

    await expect(stranger.listIndexes()).rejects.toMatchObject({ name: 'PineconeAuthorizationError' })
    await expect(index().query({ vector: [1, 0, 0], topK: 0 })).rejects.toThrow(/topK|at least/i)
  })

  it(proof.title, () => proof.check())
})
