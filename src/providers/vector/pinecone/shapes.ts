// What Pinecone answers, as far as the definition reads it.
import { z } from '../../../adapter/index.ts'

export const indexAnswer = z.object({ name: z.string() })

export const indexesAnswer = z.object({ indexes: z.array(indexAnswer).default([]) })

export const indexFacts = z.object({
  name: z.string(),
  dimension: z.int().nullish(),
  metric: z.string(),
  host: z.string(),
  status: z.object({ ready: z.boolean(), state: z.string() }),
})

export const upsertedAnswer = z.object({ upsertedCount: z.int().default(0) })

const metadata = z.record(z.string(), z.json()).nullish()

export const matchesAnswer = z.object({
  matches: z.array(z.object({ id: z.string(), score: z.number().default(0), metadata })).default([]),
})

export const fetchedAnswer = z.object({
  vectors: z
    .record(z.string(), z.object({ id: z.string(), values: z.array(z.number()).default([]), metadata }))
    .default({}),
})

const METRICS = { cosine: 'cosine', euclidean: 'euclidean', dot: 'dotproduct' } as const

export const metricOf = (metric: keyof typeof METRICS): string => METRICS[metric]
