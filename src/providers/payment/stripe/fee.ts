// What Stripe takes for a payment. Its price depends on the country of the account and of the card, which a plan does
// not know: the estimate is a domestic card of an account in the currency's own country, the maximum a foreign card.
// Not in it: conversion, where the account settles in another currency (1 to 2 %), and prices agreed one by one.
import { type Cost, convertToMicroUsd, currencyExponent, RATES_OF, sentinelNumber } from '../../../adapter/index.ts'

interface Price {
  /** Hundredths of a percent. */
  domestic: bigint
  foreign: bigint
  /** Millionths of the currency. */
  fixed: bigint
  words: string
  /** Since when, or by whom. */
  since: string
}

/** A newer page may exist that could not be read. */
const SINCE = 'prices in force since 2023-04-10'

const PRICES: Record<string, Price> = {
  // support.stripe.com/questions/pricing-updates-for-businesses-in-the-united-kingdom, in force since 2023-04-10.
  GBP: {
    domestic: 150n,
    foreign: 325n,
    fixed: 200_000n,
    words: '1.5 % + £0.20, foreign cards 3.25 % + £0.20',
    since: SINCE,
  },
  // support.stripe.com/questions/pricing-updates-for-businesses-based-in-the-european-economic-area-(eea), likewise.
  EUR: {
    domestic: 150n,
    foreign: 325n,
    fixed: 250_000n,
    words: '1.5 % + €0.25, foreign cards 3.25 % + €0.25',
    since: SINCE,
  },
  // No page of Stripe's with the figures could be read; several independent reports of stripe.com/pricing agree.
  USD: {
    domestic: 290n,
    foreign: 440n,
    fixed: 300_000n,
    words: '2.9 % + $0.30, foreign cards 4.4 % + $0.30',
    since: 'prices as reported by others, 2026',
  },
}

/** Stripe's fee for taking a payment. */
export function paymentFee(amountMinor: number, currency: string): Cost {
  if (sentinelNumber(amountMinor) !== undefined) {
    return { kind: 'unknown', why: 'the amount is known only after an earlier step' }
  }
  const price = PRICES[currency]
  if (!price) return { kind: 'unknown', why: `Stripe's fee for ${currency} depends on the country of the account` }
  const micro = BigInt(amountMinor) * 10n ** BigInt(6 - currencyExponent(currency))
  const fee = (share: bigint) => (micro * share + 9_999n) / 10_000n + price.fixed
  return {
    kind: 'priced',
    estimateMicroUsd: convertToMicroUsd(fee(price.domestic), currency),
    maxMicroUsd: convertToMicroUsd(fee(price.foreign), currency, { forReservation: true }),
    basis: `${price.words}, ${price.since}${currency === 'USD' ? '' : `, rate of ${RATES_OF.date}`}`,
  }
}
