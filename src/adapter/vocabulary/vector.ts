// Families collection and vector: searching by likeness.
import { z } from 'zod'
import { extras, id, limit } from './shapes.ts'

const collectionName = z.string().min(1).max(255).describe('Name of the collection or index.')
const values = z.array(z.number()).min(1).max(65_536)
const fields = z.record(z.string(), z.json())

export const collection = {
  'collection.create': {
    summary: 'Make a collection of vectors.',
    input: z.strictObject({
      name: collectionName,
      dimension: z.int().min(1).max(65_536),
      metric: z.enum(['cosine', 'euclidean', 'dot']),
      native: extras,
    }),
    result: z.object({ name: z.string() }),
  },
  'collection.list': {
    summary: 'List collections.',
    input: z.strictObject({ limit }),
    result: z.object({ collections: z.array(z.object({ name: z.string() })) }),
  },
  'collection.delete': {
    summary: 'Delete a collection with all that is in it.',
    input: z.strictObject({ name: collectionName }),
    result: z.object({ name: z.string() }),
  },
} as const

export const vector = {
  'vector.upsert': {
    summary: 'Store vectors, replacing those with the same id.',
    input: z.strictObject({
      collection: collectionName,
      points: z
        .array(z.strictObject({ id, vector: values, fields: fields.optional().describe('What else to keep with it.') }))
        .min(1)
        .max(1000),
      native: extras,
    }),
    result: z.object({ count: z.int().min(0) }),
  },
  'vector.query': {
    summary: 'Find the nearest vectors.',
    input: z.strictObject({
      collection: collectionName,
      vector: values,
      limit: limit.default(10),
      filter: fields.optional().describe("The provider's own filter."),
      native: extras,
    }),
    result: z.object({
      matches: z.array(z.object({ id, score: z.number(), fields: fields.nullable() })),
    }),
  },
  'vector.get': {
    summary: 'Read vectors by id.',
    input: z.strictObject({ collection: collectionName, ids: z.array(id).min(1).max(1000), native: extras }),
    result: z.object({
      points: z.array(z.object({ id, vector: z.array(z.number()).nullable(), fields: fields.nullable() })),
    }),
  },
  'vector.delete': {
    summary: 'Delete vectors by id.',
    input: z.strictObject({ collection: collectionName, ids: z.array(id).min(1).max(1000), native: extras }),
    result: z.object({ ids: z.array(z.string()) }),
  },
} as const
