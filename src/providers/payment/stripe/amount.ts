// Stripe counts most currencies as ISO 4217 does, and some otherwise; a factor of a hundred lies between the two.
// Read in docs.stripe.com/currencies, "Minor units in API amounts" and "Special cases". HUF and TWD are paid
// out in whole units only, though counted in hundredths, and are charged as usual.
import { fromMinorUnits, minorUnits, type VendorUnits } from '../../../adapter/index.ts'

const UNITS: VendorUnits = {
  exponents: {
    // Whole units, though ISO 4217 gives it two decimals. Stripe's other whole-unit currencies have none in ISO either.
    MGA: 0,
    // Became whole units; Stripe goes on counting hundredths, which must be 00. UGX stands in Stripe's list of whole
    // units too, but the special case is what charges follow.
    ISK: 2,
    UGX: 2,
  },
  // Thousandths whose last digit must be 0.
  multiples: { BHD: 10, JOD: 10, KWD: 10, OMR: 10, TND: 10 },
}

/** Stripe's amount for ISO 4217 minor units; IF_ERR_UNSUPPORTED for what Stripe would round or misread. */
export const toStripeAmount = (amountMinor: number, currency: string): number =>
  minorUnits(amountMinor, currency, UNITS)

const PAYOUT_UNITS: VendorUnits = { ...UNITS, multiples: { ...UNITS.multiples, HUF: 100, TWD: 100 } }

/** The same for a payout. */
export const toPayoutAmount = (amountMinor: number, currency: string): number =>
  minorUnits(amountMinor, currency, PAYOUT_UNITS)

/** ISO 4217 minor units of Stripe's amount. */
export const fromStripeAmount = (amount: number, currency: string): number => fromMinorUnits(amount, currency, UNITS)
