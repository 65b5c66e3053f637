import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/foundation/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { readCheckpoint } from '../../../src/witness/checkpoint.ts'
import { sealEntry } from '../../../src/witness/entry.ts'
import type { SealedEntry } from '../../../src/witness/index.ts'
import { createSequencer } from '../../../src/witness/sequencer.ts'
import { batchesOf, entryOf, logOf, newKey } from './log.ts'

const key = newKey()

test('entries form one chain: numbers without gaps, each naming the hash of the one before', async () => {
  const store = await logOf(key, [1, 3, 2])
  const lines = (await batchesOf(store)).flatMap((batch) => batch.lines)

  let prev = '0'.repeat(64)
  lines.forEach((line, seq) => {
    const entry = JSON.parse(line) as SealedEntry
    expect(entry).toMatchObject({ v: 1, seq, prev })
    prev = createHash('sha256')
      .update(Buffer.from([0]))
      .update(line)
      .digest('hex')
  })
  expect(lines).toHaveLength(6)
})

test('every batch has one checkpoint, of the size after it', async () => {
  const batches = await batchesOf(await logOf(key, [1, 3, 2]))

  expect(batches.map(({ seal }) => readCheckpoint(seal, key.identity))).toMatchObject([
    { size: 1 },
    { size: 4 },
    { size: 6 },
  ])
})

test('the sealed line is the canonical JSON of the entry with its place, whatever it holds', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(
    fc.property(text, fc.dictionary(text, fc.jsonValue()), fc.nat(), (why, detail, seq) => {
      const entry = entryOf(1, { why, detail: JSON.parse(JSON.stringify(detail)), outcome: undefined })

      const line = sealEntry(entry, seq, 'ab'.repeat(32))

      expect(line).toBe(canonicalJson({ ...entry, v: 1, seq, prev: 'ab'.repeat(32) }))
      expect(line).not.toContain('\n')
    }),
  )
})

describe('an entry is refused with the field that is wrong', () => {
  const { check } = createSequencer({ ...key, onSealed: () => undefined })
  test.each([
    ['an unknown field', { ...entryOf(1), colour: 'red' }, /colour/],
    ['a kind that is not dotted words', entryOf(1, { kind: 'Step begin' }), /kind: expected dotted words/],
    ['a time that is not RFC 3339', entryOf(1, { at: 'yesterday' }), /at: /],
    ['a cost with a fraction', entryOf(1, { costMicroUsd: 0.5 }), /costMicroUsd: /],
    ['a digest that is none', entryOf(1, { request: 'abc' }), /request: expected 64 hex digits/],
    ['its own number', { ...entryOf(1), seq: 5 }, /seq/],
  ])('%s', (_, entry, message) => {
    expect(() => check([entry])).toThrow(message)
  })
})

test('a damaged head of the log stops writing instead of starting a second chain', () => {
  const { seal } = createSequencer({ ...key, onSealed: () => undefined })

  expect(() => seal({ size: 1, frontier: ['zz'], prev: '' }, [entryOf(1)])).toThrow(/head of the witness log/)
})

test('who is told of a checkpoint is told after the commit, once a batch', async () => {
  const told: number[] = []
  const store = await openMemoryStore({
    sequencer: createSequencer({ ...key, onSealed: (_, size) => told.push(size) }),
  })

  await Promise.all([store.commit([], [entryOf(0)]), store.commit([], [entryOf(1), entryOf(2)])])
  await store.commit([], [entryOf(3)])

  expect(told).toEqual([3, 4])
})
