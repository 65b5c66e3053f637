import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  currencyExponent,
  decimalAmount,
  decimalNumber,
  decodeExactJson,
  decodeJson,
  encodeBody,
  fromDecimalAmount,
  fromDecimalNumber,
  fromMinorUnits,
  fromMinorUnitsMoney,
  fromMinorUnitsText,
  fromScaledAmount,
  fromValueMoney,
  minorUnits,
  minorUnitsMoney,
  minorUnitsText,
  post,
  scaledAmount,
  sentinelFor,
  valueMoney,
} from '../../../src/adapter/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'

const CURRENCIES = Intl.supportedValuesOf('currency')
const currency = fc.constantFrom(...CURRENCIES)

/** As the vendor gets it: through the encoder. */
const sent = (json: unknown): string => String(encodeBody(post('/x', { json: { v: json } }).body ?? never()).body)
const never = () => {
  throw new Error('no body')
}
const received = (text: string): JsonObject => decodeJson(text) as JsonObject

/** Each form: what the vendor gets for an amount, and the amount in what it sends back. */
const FORMS: Record<string, (amount: number, code: string) => number> = {
  'whole minor units': (amount, code) => fromMinorUnits(Number(received(sent(minorUnits(amount, code))).v), code),
  'decimal text': (amount, code) => fromDecimalAmount(String(received(sent(decimalAmount(amount, code))).v), code),
  'a decimal number': (amount, code) => fromDecimalNumber(received(sent(decimalNumber(amount, code))).v, code),
  'an exact decimal number': (amount, code) =>
    fromDecimalNumber((decodeExactJson(sent(decimalNumber(amount, code))) as JsonObject).v, code),
  'a whole number in a text': (amount, code) =>
    fromMinorUnitsText(received(sent(minorUnitsText(amount, code))).v, code),
  '{currency, minorUnits}': (amount, code) =>
    fromMinorUnitsMoney(received(sent(minorUnitsMoney(amount, code))).v).amount,
  '{value, minor_unit, currency}': (amount, code) => fromValueMoney(received(sent(valueMoney(amount, code))).v).amount,
  '{unscaledValue, scale}': (amount, code) => fromScaledAmount(received(sent(scaledAmount(amount, code))).v, code),
}

describe.each(Object.entries(FORMS))('an amount as %s', (form, roundTrip) => {
  it('comes back as it went, for every currency of ISO 4217', () => {
    const exact = form === 'a decimal number' ? 10 ** 14 : Number.MAX_SAFE_INTEGER - 400_000
    fc.assert(
      fc.property(fc.integer({ min: 0, max: exact }), currency, (amount, code) => {
        expect(roundTrip(amount, code)).toBe(amount)
      }),
      { numRuns: 300 },
    )
    for (const code of CURRENCIES) expect(roundTrip(1, code)).toBe(1)
  })
})

describe('what a vendor gets', () => {
  it('has the digits of the currency, and no others', () => {
    expect(sent(decimalNumber(1010, 'GBP'))).toBe('{"v":10.10}')
    expect(sent(decimalNumber(1010, 'JPY'))).toBe('{"v":1010}')
    expect(sent(decimalNumber(1, 'KWD'))).toBe('{"v":0.001}')
    expect(sent(decimalNumber(9_007_199_254_000_001, 'GBP'))).toBe('{"v":90071992540000.01}')
    expect(minorUnitsText(1010, 'gbp')).toBe('1010')
    expect(minorUnitsMoney(1010, 'gbp')).toEqual({ currency: 'GBP', minorUnits: 1010 })
    expect(valueMoney(1001, 'kwd')).toEqual({ value: 1001, minor_unit: 3, currency: 'KWD' })
    expect(scaledAmount(1399, 'EUR')).toEqual({ unscaledValue: '1399', scale: '2' })
  })

  it('counts as the vendor does where it differs from ISO 4217', () => {
    const units = { exponents: { ISK: 2 } }

    expect(valueMoney(500, 'ISK', units)).toEqual({ value: 50_000, minor_unit: 2, currency: 'ISK' })
    expect(scaledAmount(500, 'ISK', units)).toEqual({ unscaledValue: '50000', scale: '2' })
    expect(sent(decimalNumber(500, 'ISK', units))).toBe('{"v":500.00}')
  })

  it('is refused where the vendor cannot represent it', () => {
    const units = { exponents: { GBP: 0 } }
    const forms = [decimalNumber, minorUnitsText, minorUnitsMoney, valueMoney, scaledAmount, decimalAmount, minorUnits]

    for (const form of forms) {
      expect(() => form(1010, 'GBP', units)).toThrow(/cannot represent GBP 10\.10/)
      expect(() => form(0.5, 'GBP')).toThrow(/cannot represent/)
      expect(() => form(1, 'NOPE')).toThrow(/not an ISO 4217/)
    }
  })

  it('is a stand-in while amount or currency is not known yet', () => {
    const amount = sentinelFor('number', 7)
    const unknown = sentinelFor('string', 3)

    expect(decimalNumber(amount, 'GBP')).toBe(amount)
    expect(decimalNumber(1, unknown)).toBe(sentinelFor('number', 3))
    expect(minorUnitsText(amount, 'GBP')).toBe(sentinelFor('string', 7))
    expect(minorUnitsMoney(amount, unknown)).toEqual({ currency: unknown, minorUnits: amount })
    expect(valueMoney(5, unknown)).toEqual({ value: 5, minor_unit: sentinelFor('number', 3), currency: unknown })
    expect(scaledAmount(amount, 'GBP')).toEqual({ unscaledValue: sentinelFor('string', 7), scale: '2' })
    expect(scaledAmount(5, unknown)).toEqual({ unscaledValue: unknown, scale: unknown })
  })
})

describe('what a vendor sends', () => {
  it('is read with other decimals than the currency has, where nothing is lost', () => {
    expect(fromScaledAmount({ unscaledValue: '13990', scale: '3' }, 'EUR')).toBe(1399)
    expect(fromScaledAmount({ unscaledValue: '-1', scale: '-2' }, 'EUR')).toBe(-10_000)
    expect(fromScaledAmount({ unscaledValue: 7, scale: 0 }, 'JPY')).toBe(7)
    expect(fromValueMoney({ value: 10_100, minor_unit: 3, currency: 'gbp' })).toEqual({ amount: 1010, currency: 'GBP' })
    expect(fromDecimalNumber(10.1, 'GBP')).toBe(1010)
    expect(fromDecimalNumber(-0.05, 'GBP')).toBe(-5)
    expect(fromDecimalNumber(25, 'JPY')).toBe(25)
    expect(fromDecimalNumber('10.1000', 'GBP')).toBe(1010)
  })

  it.each([
    ['a number with the noise of a double', () => fromDecimalNumber(0.1 + 0.2, 'GBP')],
    ['a number with more digits than a double keeps', () => fromDecimalNumber(90071992547409.91, 'GBP')],
    ['a number with too many decimals', () => fromDecimalNumber(10.101, 'GBP')],
    ['a number in powers of ten', () => fromDecimalNumber(1e21, 'GBP')],
    ['a text in powers of ten', () => fromDecimalNumber('1e3', 'GBP')],
    ['no number', () => fromDecimalNumber(null, 'GBP')],
    ['nothing', () => fromDecimalNumber(undefined, 'GBP')],
    ['a fraction of a minor unit', () => fromMinorUnitsText('10.5', 'GBP')],
    ['a text with a group separator', () => fromMinorUnitsText('1,000', 'GBP')],
    ['an empty text', () => fromMinorUnitsText('', 'GBP')],
    ['a fraction in minorUnits', () => fromMinorUnitsMoney({ currency: 'GBP', minorUnits: 1.5 })],
    ['no currency', () => fromMinorUnitsMoney({ minorUnits: 1 })],
    ['an unknown currency', () => fromValueMoney({ value: 1, minor_unit: 2, currency: 'XQQ' })],
    ['a list', () => fromMinorUnitsMoney([1])],
    ['a value beyond the currency', () => fromValueMoney({ value: 1, minor_unit: 3, currency: 'GBP' })],
    ['an absurd scale', () => fromScaledAmount({ unscaledValue: '1', scale: '400' }, 'GBP')],
    ['a value beyond 2^53', () => fromScaledAmount({ unscaledValue: '90071992547409930', scale: '2' }, 'GBP')],
    ['no scale', () => fromScaledAmount({ unscaledValue: '1' }, 'GBP')],
  ])('is refused where it is %s', (_what, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }))
  })

  it('is exact for every decimal number with at most fifteen digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), currency, (amount, code) => {
        const text = decimalAmount(amount, code)

        expect(fromDecimalNumber(JSON.parse(text) as number, code)).toBe(amount)
        expect(currencyExponent(code)).toBeLessThanOrEqual(4)
      }),
      { numRuns: 500 },
    )
  })
})
