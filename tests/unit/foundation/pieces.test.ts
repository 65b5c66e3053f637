import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isMadeOf } from '../../../src/foundation/index.ts'

it.each([
  ['refund.create', ['refund.', ''], true],
  ['refund', ['refund.', ''], false],
  ['refund.create', ['refund.create'], true],
  ['refund.creates', ['refund.create'], false],
  ['', [''], true],
  ['', ['', ''], true],
  ['aba', ['ab', 'ba'], false],
  ['abba', ['ab', 'ba'], true],
  ['a-x-b', ['a', 'x', 'b'], true],
  ['a-b-x', ['a', 'x', 'b'], false],
])('%j of %j: %s', (text, pieces, expected) => {
  expect(isMadeOf(text, pieces)).toBe(expected)
})

it('agrees with a regular expression', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 })
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
      fc.array(word, { minLength: 1, maxLength: 4 }),
      (text, pieces) => {
        expect(isMadeOf(text, pieces)).toBe(new RegExp(`^${pieces.join('.*')}$`).test(text))
      },
    ),
  )
})
