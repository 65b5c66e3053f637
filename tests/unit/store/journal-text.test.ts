import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journalText, parseJournal, parseSlice, sliceText } from '../../../src/store/journal-text.ts'

const key = fc.string({ minLength: 1, unit: 'grapheme' }).map(encodeURIComponent)
const text = fc.jsonValue().map((value) => JSON.stringify(value))

describe('journal rows', () => {
  test('read back as they were written', () => {
    const changes = fc.array(fc.record({ key, text: fc.option(text, { nil: undefined }) }))
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 1e12 }), (plain, before) => {
        const numbered = plain.map((change, at) => ({ ...change, revision: before + at + 1 }))
        const revision = before + plain.length

        expect(parseJournal(journalText(numbered, revision))).toEqual({ changes: numbered, revision })
      }),
    )
  })

  test.each(['', 'x\na\t1\n', '1\na\t1', '0\n', '1.5\na\t1\n'])('that are torn are refused: %j', (torn) => {
    expect(parseJournal(torn)).toBeUndefined()
  })
})

describe('snapshot slices', () => {
  test('read back as they were written', () => {
    const records = fc.array(fc.record({ key, text, revision: fc.integer({ min: 1, max: 1e12 }) }))
    fc.assert(
      fc.property(records, (slice) => {
        expect(parseSlice(sliceText(slice))).toEqual(slice)
      }),
    )
  })

  test.each(['a\t1\t1', 'a\t1\n', 'a\n'])('that are torn are refused: %j', (torn) => {
    expect(parseSlice(torn)).toBeUndefined()
  })
})
