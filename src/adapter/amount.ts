// Amounts as vendors count them. The vocabulary counts in ISO 4217 minor units; some vendors count some currencies with
// other decimals, or take decimal text. Conversion is by whole numbers and digits only; what has no exact form is
// refused. An amount or currency that a plan does not know yet passes through as its sentinel.
import {
  currencyCode,
  currencyExponent,
  decimalText,
  FabricError,
  formatAmount,
  parseDecimal,
} from '../foundation/index.ts'
import { sentinelFor, sentinelNumber } from './sentinels.ts'

export interface VendorUnits {
  /** Decimals at the vendor, by currency, where they differ from ISO 4217. */
  exponents?: Readonly<Record<string, number>>
  /** The vendor's number must be a multiple of this, by currency: `{ KWD: 10 }` where the last digit must be 0. */
  multiples?: Readonly<Record<string, number>>
}

/** The vendor's whole number for an amount in ISO 4217 minor units. */
export function minorUnits(amount: number, currency: string, units: VendorUnits = {}): number {
  if (isUnknown(amount) || isUnknown(currency)) return amount
  const code = currencyCode(currency)
  const converted = shift(amount, vendorExponent(code, units) - currencyExponent(code))
  const multiple = units.multiples?.[code] ?? 1
  if (converted !== undefined && converted % multiple === 0) return converted
  throw unrepresentable(amount, code, units)
}

/** ISO 4217 minor units of the vendor's whole number. */
export function fromMinorUnits(vendorAmount: number, currency: string, units: VendorUnits = {}): number {
  const code = currencyCode(currency)
  const converted = shift(vendorAmount, currencyExponent(code) - vendorExponent(code, units))
  if (converted !== undefined) return converted
  throw new FabricError('IF_ERR_BAD_RESPONSE', `${vendorAmount} is not an amount of ${code} in whole minor units`)
}

/** The vendor's decimal text for an amount: 2500, GBP → `25.00`. */
export function decimalAmount(amount: number, currency: string, units: VendorUnits = {}): string {
  const unknown = sentinelNumber(amount) ?? sentinelNumber(currency)
  if (unknown !== undefined) return sentinelFor('string', unknown)
  return decimalText(minorUnits(amount, currency, units), vendorExponent(currencyCode(currency), units))
}

/** ISO 4217 minor units of the vendor's decimal text. */
export function fromDecimalAmount(text: string, currency: string): number {
  const exponent = currencyExponent(currency)
  // `25.0000` is GBP 25.00 too: zeros beyond the currency's decimals say nothing.
  const trimmed = text.replace(/(\.\d*?)0+$/, (_all, kept: string) => (kept === '.' ? '' : kept))
  return parseDecimal(trimmed, exponent)
}

const isUnknown = (value: unknown): boolean => sentinelNumber(value) !== undefined

const vendorExponent = (code: string, units: VendorUnits): number => units.exponents?.[code] ?? currencyExponent(code)

/** Whole `amount` × 10^places, undefined where that is not a whole safe number. */
function shift(amount: number, places: number): number | undefined {
  if (!Number.isSafeInteger(amount)) return undefined
  const factor = 10 ** Math.abs(places)
  if (places < 0 && amount % factor !== 0) return undefined
  const shifted = places < 0 ? amount / factor : amount * factor
  return Number.isSafeInteger(shifted) ? shifted : undefined
}

function unrepresentable(amount: number, code: string, units: VendorUnits): FabricError {
  const shown = Number.isSafeInteger(amount) ? formatAmount(amount, code) : `${code} ${amount}`
  const finest = Math.max(10 ** (currencyExponent(code) - vendorExponent(code, units)), 1)
  const step = Math.max(
    finest,
    (units.multiples?.[code] ?? 1) * 10 ** (currencyExponent(code) - vendorExponent(code, units)),
  )
  return new FabricError('IF_ERR_UNSUPPORTED', `the provider cannot represent ${shown}`, {
    hint: `It takes ${code} in steps of ${formatAmount(Math.max(1, Math.ceil(step)), code)}.`,
    details: { amount, currency: code },
  })
}
