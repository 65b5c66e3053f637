// The other forms in which vendors write amounts, each in both ways: decimal number, whole number in a text, and three
// objects. As with `amount.ts`, no amount passes through a fraction, and what a plan does not know yet passes as its
// sentinel.
import { currencyCode, currencyExponent, FabricError, type JsonValue, parseDecimal } from '../foundation/index.ts'
import { decimalAmount, fromDecimalAmount, fromMinorUnits, minorUnits, type VendorUnits } from './amount.ts'
import { type ExactNumber, exactNumber } from './body-value.ts'
import { sentinelFor, sentinelNumber } from './sentinels.ts'

/** An amount as the vocabulary has it. */
export interface Money {
  /** Minor units of ISO 4217. */
  amount: number
  /** Upper case. */
  currency: string
}

/** A JSON number in major units, digit by digit: 1010, GBP → `10.10`. */
export function decimalNumber(amount: number, currency: string, units: VendorUnits = {}): ExactNumber | number {
  const unknown = sentinelNumber(amount) ?? sentinelNumber(currency)
  return unknown === undefined ? exactNumber(decimalAmount(amount, currency, units)) : sentinelFor('number', unknown)
}

/**
 * Minor units of a JSON number in major units. Below 10^15 minor units a double keeps every digit that was written; above,
 * a fraction may have been rounded, so it is refused. `exact-json` answers give a text, in which every digit counts.
 */
export function fromDecimalNumber(value: JsonValue | undefined, currency: string): number {
  if (typeof value === 'string') return read(value, (text) => fromDecimalAmount(text, currency))
  if (typeof value !== 'number') throw unreadable(value)
  const amount = read(String(value), (text) => fromDecimalAmount(text, currency))
  if (Math.abs(amount) >= EXACT_BELOW && currencyExponent(currency) > 0) throw unreadable(value)
  return amount
}

const EXACT_BELOW = 10 ** 15

/** The vendor's whole number as a text. */
export function minorUnitsText(amount: number, currency: string, units: VendorUnits = {}): string {
  const unknown = sentinelNumber(amount) ?? sentinelNumber(currency)
  return unknown === undefined ? String(minorUnits(amount, currency, units)) : sentinelFor('string', unknown)
}

/** Minor units of the vendor's whole number in a text. */
export const fromMinorUnitsText = (text: JsonValue | undefined, currency: string, units: VendorUnits = {}): number =>
  fromMinorUnits(wholeNumber(text), currency, units)

/** `{currency, minorUnits}`. */
export const minorUnitsMoney = (amount: number, currency: string, units: VendorUnits = {}) => ({
  currency: codeOf(currency),
  minorUnits: minorUnits(amount, currency, units),
})

/** The amount of `{currency, minorUnits}`. */
export function fromMinorUnitsMoney(value: JsonValue | undefined, units: VendorUnits = {}): Money {
  const { currency, minorUnits: whole } = membersOf(value)
  const code = readCode(currency)
  return { currency: code, amount: fromMinorUnits(wholeNumber(whole), code, units) }
}

/** `{value, minor_unit, currency}`: the number and how many decimals it has. */
export const valueMoney = (amount: number, currency: string, units: VendorUnits = {}) => ({
  value: minorUnits(amount, currency, units),
  minor_unit: exponentOf(currency, units),
  currency: codeOf(currency),
})

/** The amount of `{value, minor_unit, currency}`. */
export function fromValueMoney(value: JsonValue | undefined): Money {
  const { value: whole, minor_unit: exponent, currency } = membersOf(value)
  const code = readCode(currency)
  return { currency: code, amount: fromScaled(whole, exponent, code) }
}

/** `{unscaledValue, scale}`, both as text; the currency stands beside it. */
export function scaledAmount(amount: number, currency: string, units: VendorUnits = {}) {
  const exponent = exponentOf(currency, units)
  const unknown = sentinelNumber(exponent)
  return {
    unscaledValue: minorUnitsText(amount, currency, units),
    scale: unknown === undefined ? String(exponent) : sentinelFor('string', unknown),
  }
}

/** Minor units of `{unscaledValue, scale}`; a negative scale appends zeros. */
export function fromScaledAmount(value: JsonValue | undefined, currency: string): number {
  const { unscaledValue, scale } = membersOf(value)
  return fromScaled(unscaledValue, scale, currency)
}

/** Minor units of whole × 10^-scale. */
function fromScaled(whole: JsonValue | undefined, scale: JsonValue | undefined, currency: string): number {
  const number = wholeNumber(whole)
  const places = wholeNumber(scale)
  if (Math.abs(places) > SCALE_MAX) throw unreadable({ value: whole ?? null, scale: scale ?? null })
  return fromMinorUnits(number, currency, { exponents: { [currencyCode(currency)]: places } })
}

const SCALE_MAX = 15

function wholeNumber(value: JsonValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (typeof value === 'string') return read(value, (text) => parseDecimal(text, 0))
  throw unreadable(value)
}

const exponentOf = (currency: string, { exponents = {} }: VendorUnits): number => {
  const unknown = sentinelNumber(currency)
  if (unknown !== undefined) return sentinelFor('number', unknown)
  const code = currencyCode(currency)
  return exponents[code] ?? currencyExponent(code)
}

const codeOf = (currency: string): string =>
  sentinelNumber(currency) === undefined ? currencyCode(currency) : currency

const readCode = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? read(value, currencyCode) : fail(value)

const fail = (value: JsonValue | undefined): never => {
  throw unreadable(value)
}

/** What a vendor sent and cannot be read is the vendor's fault, not the caller's. */
function read<T>(text: string, reader: (text: string) => T): T {
  try {
    return reader(text)
  } catch (cause) {
    throw unreadable(text, cause)
  }
}

const unreadable = (value: JsonValue | undefined, cause?: unknown): FabricError =>
  new FabricError(
    'IF_ERR_BAD_RESPONSE',
    `the provider names ${JSON.stringify(value ?? null)}, which is no exact amount`,
    {
      cause,
    },
  )

const membersOf = (value: JsonValue | undefined): { readonly [name: string]: JsonValue } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}
