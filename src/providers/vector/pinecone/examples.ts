// Answers of Pinecone, whole as its description has them.
import type { JsonObject } from '../../../adapter/index.ts'

export const ON_DEMAND: JsonObject = { mode: 'OnDemand', status: { state: 'Ready' } }

/** An index that is ready, with changes. */
export const index = (changes: JsonObject = {}): JsonObject => ({
  name: 'movies',
  dimension: 3,
  metric: 'cosine',
  host: 'movies-c01b5b5.svc.aped-4627-b74a.pinecone.io',
  spec: { serverless: { cloud: 'aws', region: 'us-east-1', read_capacity: ON_DEMAND } },
  status: { ready: true, state: 'Ready' },
  vector_type: 'dense',
  deletion_protection: 'disabled',
  tags: {},
  ...changes,
})
