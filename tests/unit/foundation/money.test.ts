import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  currencyCode,
  currencyExponent,
  decimalText,
  formatAmount,
  formatUsd,
  microUsd,
  parseDecimal,
  parseUsd,
  usdOf,
} from '../../../src/foundation/index.ts'

const invalid = expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' })
const minorUnits = fc.maxSafeInteger()
const exponent = fc.integer({ min: 0, max: 4 })

describe('an amount in minor units', () => {
  it('is the same after printing and parsing, whatever the currency', () => {
    fc.assert(
      fc.property(minorUnits, exponent, (amount, places) => {
        expect(parseDecimal(decimalText(amount, places), places)).toBe(amount === 0 ? 0 : amount)
      }),
    )
  })

  it('prints exactly as many decimals as the currency has', () => {
    fc.assert(
      fc.property(minorUnits, exponent, (amount, places) => {
        expect(decimalText(amount, places)).toMatch(places === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${places}}$`))
      }),
    )
  })

  it.each([
    [2500, 2, '25.00'],
    [-5, 2, '-0.05'],
    [7, 0, '7'],
    [1, 3, '0.001'],
    [0, 2, '0.00'],
  ])('%i with exponent %i is written %s', (amount, places, text) => {
    expect(decimalText(amount, places)).toBe(text)
  })

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %d, which is no whole number', (amount) => {
    expect(() => decimalText(amount, 2)).toThrow(invalid)
  })

  it.each([
    ['25.001', 2],
    ['1.0', 0],
    ['1,000', 2],
    ['', 2],
    ['1e3', 2],
    ['.5', 2],
    ['99999999999999999', 2],
  ])('refuses the text %j with %i decimals', (text, places) => {
    expect(() => parseDecimal(text, places)).toThrow(invalid)
  })

  it('is shown with its currency and groups of thousands, never inside the decimals', () => {
    expect(formatAmount(123_456_789, 'gbp')).toBe('GBP 1,234,567.89')
    expect(formatAmount(1234, 'JPY')).toBe('JPY 1,234')
    expect(formatAmount(12_345_678, 'CLF')).toBe('CLF 1,234.5678')
    expect(formatAmount(-100, 'USD')).toBe('USD -1.00')
  })
})

describe('a currency', () => {
  it.each([
    ['USD', 2],
    ['EUR', 2],
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['BHD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('%s has the exponent %i of ISO 4217', (code, places) => {
    expect(currencyExponent(code)).toBe(places)
  })

  it('is known in any case and upper case inside', () => {
    expect(currencyCode('gBp')).toBe('GBP')
  })

  it.each(['XXY', 'EURO', '', '€', 'U$D'])('%j is refused', (text) => {
    expect(() => currencyCode(text)).toThrow(invalid)
  })
})

describe('a cost', () => {
  it('is a whole number of micro-USD that is never below what it was made from', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (usd) => {
        const micro = microUsd(usd)
        expect(Number.isSafeInteger(micro)).toBe(true)
        expect(usdOf(micro)).toBeGreaterThanOrEqual(usd - 1e-9)
        expect(usdOf(micro) - usd).toBeLessThan(1.000_001e-6)
      }),
    )
  })

  it('does not grow by a fraction that only binary numbers have', () => {
    expect(microUsd(0.1 + 0.2)).toBe(300_000)
    expect(microUsd(1.1)).toBe(1_100_000)
  })

  it('is the same after printing and parsing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (micro) => {
        expect(parseUsd(`${decimalText(micro, 6)} USD`)).toBe(micro)
      }),
    )
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('%d is none', (usd) => {
    expect(() => microUsd(usd)).toThrow(invalid)
  })

  it.each(['10', '10 EUR', '-1 USD', '1.0000001 USD', 'USD 1', '1,5 USD'])('the text %j is none', (text) => {
    expect(() => parseUsd(text)).toThrow(invalid)
  })

  it('shows four decimals below a cent, so that it never looks free', () => {
    expect([0, 17, 100, 9_999, 10_000, 730_000].map(formatUsd)).toEqual([
      '$0.00',
      '$0.000017',
      '$0.0001',
      '$0.0100',
      '$0.01',
      '$0.73',
    ])
  })
})
