// PayPal writes amounts as decimal text with the places of the currency, and gives three currencies none: HUF, JPY and TWD
// (developer.paypal.com/docs/api/reference/currency-codes, note 1). A fraction of those is refused before it is sent.
import { decimalAmount, fromDecimalNumber, type Money, type VendorUnits, z } from '../../../adapter/index.ts'

const UNITS: VendorUnits = { exponents: { HUF: 0, TWD: 0 } }

/** `{currency_code, value}`, as all but payouts have it. */
export const toMoney = (amount: number, currency: string) => ({
  currency_code: currency,
  value: decimalAmount(amount, currency, UNITS),
})

/** `{currency, value}`, as payouts have it. */
export const toPayoutMoney = (amount: number, currency: string) => ({
  currency,
  value: decimalAmount(amount, currency, UNITS),
})

/** Reads `{currency_code, value}`. */
export const moneyAnswer = z
  .object({ currency_code: z.string(), value: z.string() })
  .transform(({ currency_code, value }): Money => moneyOf(currency_code, value))

/** Reads `{currency, value}`. */
export const payoutMoneyAnswer = z
  .object({ currency: z.string(), value: z.string() })
  .transform(({ currency, value }): Money => moneyOf(currency, value))

const moneyOf = (currency: string, value: string): Money => ({
  amount: fromDecimalNumber(value, currency),
  currency: currency.toUpperCase(),
})
