// Tampering of every kind, at every place of small logs: found, and named by the entry that it concerns.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogBatch } from '../../../src/store/index.ts'
import { signCheckpoint } from '../../../src/witness/checkpoint.ts'
import type { SealedEntry } from '../../../src/witness/index.ts'
import { Frontier, leafHash } from '../../../src/witness/merkle.ts'
import { type VerifyReport, verifyLog } from '../../../src/witness/verify.ts'
import { batchesOf, logOf, newKey, streamOf } from './log.ts'

const key = newKey()
const SIZES = [1, 3, 1, 4, 2]
const COUNT = 11
const original = await batchesOf(await logOf(key, SIZES))
const outside = original.at(-1)?.seal

const copy = (): LogBatch[] => original.map((batch) => ({ ...batch, lines: [...batch.lines] }))

const verify = (batches: LogBatch[], options: { outside?: string | undefined; expectedSize?: number } = {}) =>
  verifyLog(streamOf(batches), { publicKey: key.publicKey, outside, ...options })

const found = (report: VerifyReport) => report.problems.map(({ kind, seq }) => [kind, seq])

/** Batch and line of an entry. */
function placeOf(seq: number): [batch: number, line: number] {
  let line = seq
  for (const [batch, size] of SIZES.entries()) {
    if (line < size) return [batch, line]
    line -= size
  }
  throw new Error(`no entry ${seq}`)
}

const edit = (seq: number, change: (line: string) => string): LogBatch[] => {
  const batches = copy()
  const [batch, line] = placeOf(seq)
  const { lines } = batches[batch] ?? { lines: [] }
  lines[line] = change(lines[line] ?? '')
  return batches
}

const everyEntry = Array.from({ length: COUNT }, (_, seq) => seq)

test('an untouched log verifies', async () => {
  expect(await verify(copy())).toEqual({
    ok: true,
    size: COUNT,
    root: expect.stringMatching(/^[0-9a-f]{64}$/),
    outside: COUNT,
    problems: [],
  })
})

test('an empty log verifies', async () => {
  expect(await verify([], { outside: undefined })).toMatchObject({ ok: true, size: 0, outside: null })
})

test('a log that grew since the outside checkpoint verifies', async () => {
  expect(await verify(copy(), { outside: original[2]?.seal })).toMatchObject({ ok: true, outside: 5 })
})

test('one changed byte is found in whichever entry it is, and only that entry is named', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(COUNT - 1), fc.nat(), fc.integer({ min: 1, max: 127 }), async (seq, pick, mask) => {
      const batches = edit(seq, (line) => {
        const bytes = Buffer.from(line)
        const at = pick % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ mask
        return bytes.toString('latin1')
      })

      const report = await verify(batches)

      expect(report.ok).toBe(false)
      expect(found(report)).toEqual([['entry-changed', seq]])
    }),
    { numRuns: 1500 },
  )
})

test.each(everyEntry)('a changed amount in entry %i is named', async (seq) => {
  const report = await verify(edit(seq, (line) => line.replace(/"costMicroUsd":\d+/, '"costMicroUsd":999')))

  expect(found(report)).toEqual([['entry-changed', seq]])
  expect(report.problems[0]?.message).toContain(`entry ${seq} was changed`)
})

test('several changed entries are all named', async () => {
  const batches = copy()
  for (const seq of [2, 5, 6]) {
    const [batch, line] = placeOf(seq)
    const { lines } = batches[batch] ?? { lines: [] }
    lines[line] = (lines[line] ?? '').replace('tester', 'nobody')
  }

  expect(found(await verify(batches))).toEqual([2, 5, 6].map((seq) => ['entry-changed', seq]))
})

test.each(everyEntry.slice(0, -1))('a missing entry %i is named', async (seq) => {
  const batches = copy()
  const [batch, line] = placeOf(seq)
  batches[batch]?.lines.splice(line, 1)

  const report = await verify(batches.filter(({ lines }) => lines.length > 0))

  expect(found(report)).toEqual([['entry-missing', seq]])
})

test('a missing last entry is named', async () => {
  const batches = copy()
  batches.at(-1)?.lines.pop()

  expect(found(await verify(batches))).toEqual([['entry-missing', 10]])
})

test('missing batches are named as one gap', async () => {
  const batches = copy()
  batches.splice(1, 2)

  const report = await verify(batches)

  expect(found(report)).toEqual([['entry-missing', 1]])
  expect(report.problems[0]?.message).toContain('1–4')
})

test('two entries in changed order are named', async () => {
  const batches = copy()
  const lines = batches[3]?.lines ?? []
  ;[lines[1], lines[2]] = [lines[2] ?? '', lines[1] ?? '']

  expect(found(await verify(batches))).toContainEqual(['entry-order', 6])
})

test('two batches in changed order are named', async () => {
  const batches = copy()
  ;[batches[1], batches[2]] = [batches[2] as LogBatch, batches[1] as LogBatch]

  const report = await verify(batches)

  expect(report.ok).toBe(false)
  expect(report.problems.some(({ kind }) => kind === 'entry-order' || kind === 'entry-missing')).toBe(true)
})

test('an entry that was put in is named', async () => {
  const batches = copy()
  batches[3]?.lines.splice(2, 0, '{"kind":"step.end"}')

  const report = await verify(batches)

  expect(report.ok).toBe(false)
  expect(found(report).map(([kind]) => kind)).toContain('entry-unexpected')
})

test('an entry that stands twice is named', async () => {
  const batches = copy()
  const lines = batches[3]?.lines ?? []
  lines.splice(2, 0, lines[1] ?? '')

  expect((await verify(batches)).ok).toBe(false)
})

test.each(SIZES.map((_, batch) => batch))('a changed checkpoint after batch %i is named', async (batch) => {
  const batches = copy()
  const target = batches[batch] as LogBatch
  target.seal = target.seal.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`)

  const report = await verify(batches)

  expect(found(report)).toEqual([['checkpoint-invalid', target.first]])
})

test.each([
  [1, 3],
  [3, 1],
  [3, 4],
])('the checkpoint of batch %i replaced by that of batch %i is named', async (batch, other) => {
  const batches = copy()
  const target = batches[batch] as LogBatch
  target.seal = original[other]?.seal ?? ''

  expect(found(await verify(batches))).toEqual([['checkpoint-mismatch', target.first]])
})

test('a checkpoint signed by another key is named', async () => {
  const batches = copy()
  const forger = newKey()
  const leaves = original.flatMap(({ lines }) => lines.map(leafHash))
  const head = { size: 4, root: new Frontier().append(leaves.slice(0, 4)).root() }
  ;(batches[1] as LogBatch).seal = signCheckpoint(head, forger.identity, forger.privateKey)

  expect(found(await verify(batches))).toEqual([['checkpoint-invalid', 1]])
})

test('a chain that was rewritten from an entry on is found, as nobody else can sign it', async () => {
  const batches = copy()
  let prev = ''
  for (const batch of batches) {
    batch.lines = batch.lines.map((line) => {
      const entry = JSON.parse(line) as SealedEntry
      const isForged = entry.seq >= 5
      const forged = isForged
        ? line.replace('tester', 'nobody').replace(/"prev":"[0-9a-f]*"/, entry.seq > 5 ? `"prev":"${prev}"` : '$&')
        : line
      prev = leafHash(forged).toString('hex')
      return forged
    })
  }

  const report = await verify(batches)

  expect(report.ok).toBe(false)
  expect(report.problems[0]?.seq).toBe(5)
})

test('an entry that was sealed in another form than the canonical one is named', async () => {
  const odd = await batchesOf(await logOf(key, [2]))
  const [batch] = odd as [LogBatch]
  batch.lines[1] = (batch.lines[1] ?? '').replace('{', '{ ')
  const root = new Frontier().append(batch.lines.map(leafHash)).root()
  batch.seal = signCheckpoint({ size: 2, root }, key.identity, key.privateKey)

  expect(found(await verify(odd, { outside: undefined }))).toEqual([['entry-not-canonical', 1]])
})

describe('a cut tail', () => {
  test.each([1, 2, 3, 4, 5])('of %i batches is found by the checkpoint outside', async (count) => {
    const left = copy().slice(0, -count)
    const size = left.reduce((sum, { lines }) => sum + lines.length, 0)

    const report = await verify(left)

    expect(found(report)).toEqual([['tail-cut', size]])
    expect(report.problems[0]?.message).toContain(`after ${size} entries, but ${COUNT} were written`)
  })

  test("is found by the store's own count where there is no checkpoint outside", async () => {
    const report = await verify(copy().slice(0, -1), { outside: undefined, expectedSize: COUNT })

    expect(found(report)).toEqual([['tail-cut', 9]])
    expect(report.outside).toBeNull()
  })
})

describe('the checkpoint outside', () => {
  test('that was changed is named', async () => {
    expect(found(await verify(copy(), { outside: outside?.replace('\n11\n', '\n10\n') }))).toEqual([
      ['outside-invalid', undefined],
    ])
  })

  test('that signs another history is named, though the log itself is sound', async () => {
    const root = new Frontier().append([leafHash('another')]).root()
    const split = signCheckpoint({ size: 5, root }, key.identity, key.privateKey)

    expect(found(await verify(copy(), { outside: split }))).toEqual([['outside-mismatch', 4]])
  })
})

test('a log of nonsense gives a bounded list of problems', async () => {
  const nonsense = Array.from({ length: 300 }, (_, first) => ({ first, lines: ['nonsense'], seal: 'none' }))

  const report = await verify(nonsense, { outside: undefined })

  expect(report.ok).toBe(false)
  expect(report.problems).toHaveLength(100)
})
