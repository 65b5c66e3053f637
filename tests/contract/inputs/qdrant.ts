// Inputs beyond Qdrant's examples, for the operations that build the most.
import fc from 'fast-check'
import { anyText, optional, word } from './arbitraries.ts'

const id = fc.oneof(fc.uuid(), fc.nat().map(String))
const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })

export default {
  'collection.create': fc.record({
    name: word,
    dimension: fc.integer({ min: 1, max: 65_536 }),
    metric: fc.constantFrom('cosine', 'euclidean', 'dot'),
  }),
  'vector.upsert': fc.record({
    collection: word,
    points: fc.array(fc.record({ id, vector, fields: optional(fc.dictionary(word, anyText, { maxKeys: 4 })) }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  'vector.get': fc.record({ collection: word, ids: fc.array(id, { minLength: 1, maxLength: 5 }) }),
  'vector.query': fc.record({ collection: word, vector, limit: fc.integer({ min: 1, max: 10_000 }) }),
} satisfies Record<string, fc.Arbitrary<object>>
