import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkCapability, covers, matchOf } from '../../../src/foundation/index.ts'

describe('capabilities', () => {
  test.each(['code:review', 'code:review:rust', 'integration:stripe', 'a1:b-2.c_d'])('%s may be needed', (text) => {
    expect(checkCapability(text)).toBe(text)
  })

  test.each([
    'code',
    'Code:review',
    'code:review:rust:2021',
    'code:',
    ':x',
    'code:*',
    'code: review',
    'código:x',
    '',
    `a:${'b'.repeat(127)}`,
  ])('%j may not be needed', (text) => {
    expect(() => checkCapability(text)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
  })

  test.each(['integration:*', 'code:review:*', 'code:review'])('%s may be owned', (text) => {
    expect(checkCapability(text, { owned: true })).toBe(text)
  })

  test.each(['*', 'code', '*:review', 'code:*:rust', 'code:rev*'])('%s may not be owned', (text) => {
    expect(() => checkCapability(text, { owned: true })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
    )
  })

  test.each([
    ['a:b', 'a:b', true],
    ['a:b', 'a:b:c', true],
    ['a:b:c', 'a:b', false],
    ['a:*', 'a:b:c', true],
    ['a:b:*', 'a:b:c', true],
    ['a:b:*', 'a:b', false],
    ['a:b', 'a:bc', false],
    ['a:*', 'ab:c', false],
  ])('%s covers %s: %s', (owned, needed, expected) => {
    expect(covers(owned, needed)).toBe(expected)
  })

  test('matches by the share of the needs that is met, and everything where nothing is needed', () => {
    expect(matchOf(['a:b'], ['a:b', 'a:c'])).toBe(0.5)
    expect(matchOf(['a:*'], ['a:b', 'a:c'])).toBe(1)
    expect(matchOf([], [])).toBe(1)
    expect(matchOf([], ['a:b'])).toBe(0)
  })

  test('having more never matches less', () => {
    const capability = fc.stringMatching(/^[ab]:[ab](:[ab])?$/)

    fc.assert(
      fc.property(fc.array(capability), capability, fc.array(capability), (owned, more, needed) => {
        expect(matchOf([...owned, more], needed)).toBeGreaterThanOrEqual(matchOf(owned, needed))
      }),
    )
  })
})
