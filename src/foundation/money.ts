// Two kinds of money that never mix: what WE pay a vendor, as whole micro-USD, and the principal of a payment, as a
// whole number of the currency's minor unit. Neither ever passes through a binary fraction.
import { FabricError } from './errors.ts'

/** Cost in millionths of a US dollar; a whole number ≥ 0. */
export type MicroUsd = number

export const MICRO_PER_USD = 1_000_000

/** Whole micro-USD of a dollar amount, rounded up: a cost is never understated. */
export const microUsd = (usd: number): MicroUsd => {
  if (!Number.isFinite(usd) || usd < 0) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${usd} is not a cost`, { hint: 'Costs are numbers ≥ 0 in USD.' })
  }
  return Math.ceil(Math.round(usd * MICRO_PER_USD * 1000) / 1000)
}

/** Dollars of a cost, for output. */
export const usdOf = (micro: MicroUsd): number => micro / MICRO_PER_USD

/** `$0.73`, with four decimals below a cent and all six below a hundredth of one, so that a cost never reads as none. */
export function formatUsd(micro: MicroUsd): string {
  const usd = usdOf(micro)
  const decimals = usd === 0 || usd >= 0.01 ? 2 : usd >= 0.0001 ? 4 : 6
  return `$${usd.toFixed(decimals)}`
}

/** Parses `0.50 USD` and `1 USD`. */
export function parseUsd(text: string): MicroUsd {
  const match = /^(\d+(?:\.\d{1,6})?) ?USD$/.exec(text.trim())
  if (!match) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not a sum of money`, {
      hint: 'Write a number and the currency, as in "0.50 USD".',
    })
  }
  return microUsd(Number(match[1]))
}

// Decimal places by ISO 4217 list one; every active code that is not named here has 2.
const EXPONENTS: Record<string, number> = Object.fromEntries([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code) => [code, 0]),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3]),
  ...['CLF', 'UYW'].map((code) => [code, 4]),
])

const KNOWN_CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), 'UYI', 'UYW', 'CLF'])

/** Upper-case ISO 4217 code; an unknown one is refused. */
export function currencyCode(text: string): string {
  const code = text.toUpperCase()
  if (KNOWN_CURRENCIES.has(code)) return code
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not an ISO 4217 currency code`, {
    hint: 'Use a code such as GBP, USD or JPY.',
  })
}

/** Number of decimal places of a currency's minor unit. */
export const currencyExponent = (code: string): number => EXPONENTS[currencyCode(code)] ?? 2

/** `GBP 25.00` for 2500 minor units. */
export function formatAmount(amountMinor: number, currency: string): string {
  return `${currencyCode(currency)} ${groupThousands(decimalText(amountMinor, currencyExponent(currency)))}`
}

/** Exact decimal text of minor units: (2500, 2) → `25.00`, (-5, 2) → `-0.05`. */
export function decimalText(amountMinor: number, exponent: number): string {
  if (!Number.isSafeInteger(amountMinor)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${amountMinor} is not a whole number of minor units`)
  }
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0')
  const sign = amountMinor < 0 ? '-' : ''
  return exponent === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** Minor units of a decimal text; more places than the currency has are refused. */
export function parseDecimal(text: string, exponent: number): number {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  const fraction = match?.[3] ?? ''
  const whole = match ? Number(`${match[2]}${fraction.padEnd(exponent, '0')}`) : Number.NaN
  if (!match || fraction.length > exponent || !Number.isSafeInteger(whole)) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `${JSON.stringify(text)} is not an amount with at most ${exponent} decimals`,
    )
  }
  return match[1] ? -whole : whole
}

const groupThousands = (text: string): string =>
  text.replace(/\B(?=(\d{3})+(?!\d))/g, (match, _group, at: number) =>
    text.lastIndexOf('.') >= 0 && at > text.lastIndexOf('.') ? match : ',',
  )
