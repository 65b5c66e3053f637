import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decimalAmount,
  fromDecimalAmount,
  fromMinorUnits,
  minorUnits,
  sentinelFor,
  type VendorUnits,
} from '../../../src/adapter/index.ts'
import type { FabricError } from '../../../src/foundation/index.ts'

const UNITS: VendorUnits = { exponents: { ISK: 2, HUF: 0, BHD: 3 }, multiples: { BHD: 10, ISK: 100 } }

const refusal = (work: () => unknown): FabricError => {
  try {
    work()
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing was refused')
}

describe('amounts', () => {
  it('are the same where the vendor counts as ISO 4217 does', () => {
    expect(minorUnits(2500, 'gbp')).toBe(2500)
    expect(minorUnits(2500, 'JPY', UNITS)).toBe(2500)
  })

  it('move the point where the vendor counts otherwise', () => {
    expect(minorUnits(500, 'ISK', UNITS)).toBe(50_000)
    expect(minorUnits(50_000, 'HUF', UNITS)).toBe(500)
    expect(minorUnits(1230, 'BHD', UNITS)).toBe(1230)
  })

  it('are refused where the vendor has no form for them, with the step that it has', () => {
    const fraction = refusal(() => minorUnits(50_050, 'HUF', UNITS))
    const digit = refusal(() => minorUnits(1234, 'BHD', UNITS))

    expect(fraction).toMatchObject({ code: 'IF_ERR_UNSUPPORTED', message: 'the provider cannot represent HUF 500.50' })
    expect(fraction.hint).toBe('It takes HUF in steps of HUF 1.00.')
    expect(digit.hint).toBe('It takes BHD in steps of BHD 0.010.')
    expect(refusal(() => minorUnits(1.5, 'GBP')).message).toBe('the provider cannot represent GBP 1.5')
    expect(refusal(() => minorUnits(Number.MAX_SAFE_INTEGER - 100_000, 'ISK', UNITS)).code).toBe('IF_ERR_UNSUPPORTED')
    expect(() => minorUnits(1, 'XQQ')).toThrow(/XQQ/)
  })

  it('come back as they went, whatever the vendor counts in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.constantFrom('GBP', 'JPY', 'KWD', 'ISK', 'HUF', 'CLF'),
        fc.integer({ min: 0, max: 4 }),
        (amount, currency, exponent) => {
          const units = { exponents: { [currency]: exponent } }
          let vendor: number
          try {
            vendor = minorUnits(amount, currency, units)
          } catch (error) {
            expect(error).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
            return
          }
          expect(Number.isSafeInteger(vendor)).toBe(true)
          expect(fromMinorUnits(vendor, currency, units)).toBe(amount)
        },
      ),
    )
  })

  it('refuses a vendor amount that is no whole number of minor units', () => {
    expect(() => fromMinorUnits(5050, 'ISK', UNITS)).toThrow(/5050 is not an amount of ISK/)
  })

  it('become decimal text and back without a float', () => {
    expect(decimalAmount(2500, 'GBP')).toBe('25.00')
    expect(decimalAmount(1001, 'KWD')).toBe('1.001')
    expect(decimalAmount(7, 'JPY')).toBe('7')
    expect(decimalAmount(50_000, 'HUF', UNITS)).toBe('500')
    expect(fromDecimalAmount('25.0000', 'GBP')).toBe(2500)
    expect(fromDecimalAmount('25.1', 'GBP')).toBe(2510)
    expect(fromDecimalAmount('100', 'JPY')).toBe(100)
    expect(fromDecimalAmount('100.00', 'JPY')).toBe(100)
    expect(() => fromDecimalAmount('25.001', 'GBP')).toThrow(/25\.001/)
  })

  it('pass through while amount or currency is not known yet', () => {
    const amount = sentinelFor('number', 7)

    expect(minorUnits(amount, 'ISK', UNITS)).toBe(amount)
    expect(minorUnits(100, sentinelFor('string', 3), UNITS)).toBe(100)
    expect(decimalAmount(amount, 'GBP')).toBe(sentinelFor('string', 7))
    expect(decimalAmount(100, sentinelFor('string', 3))).toBe(sentinelFor('string', 3))
  })
})
