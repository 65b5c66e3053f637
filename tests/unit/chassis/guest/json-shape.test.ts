import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DEEPEST_JSON, shapeFault, WIDEST_JSON } from '../../../../src/chassis/guest/json-shape.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

it('takes JSON up to the deepest level and not beyond', () => {
  expect(shapeFault(nested(DEEPEST_JSON))).toBeUndefined()
  expect(shapeFault(nested(DEEPEST_JSON + 1))).toMatch('nested more than 200 levels')
  expect(shapeFault(`${'{"a":'.repeat(DEEPEST_JSON + 1)}1`)).toMatch('nested')
})

it('counts levels side by side once', () => {
  expect(shapeFault(`[${'[[]],'.repeat(DEEPEST_JSON)}1]`)).toBeUndefined()
})

it('does not take more members than a reader has room for', () => {
  expect(shapeFault(`[${'0,'.repeat(WIDEST_JSON / 2)}0]`)).toBeUndefined()
  expect(shapeFault(`[${'{},'.repeat(WIDEST_JSON / 2)}0]`)).toMatch('members')
})

it('does not count brackets and commas inside strings, whatever is escaped', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('[', '{', ',', '"', '\\', 'a', ']'), { maxLength: 2_000 }), (characters) => {
      expect(shapeFault(JSON.stringify({ text: characters.join('') }))).toBeUndefined()
    }),
  )
  expect(shapeFault(JSON.stringify('['.repeat(1_000)))).toBeUndefined()
})

it('reads what is no JSON at all to its end', () => {
  for (const text of ['', '"', '"\\', ']]]]', '\\\\\\"[']) expect(shapeFault(text)).toBeUndefined()
})
