// Costs are kept in micro-USD, and vendors charge in many currencies. A rate here is a dated reference rate, good for
// estimates and, with a margin, for reservations; it never touches the principal of a payment.
import { FabricError, type MicroUsd } from '../foundation/index.ts'

/** When and where the rates are from: European Central Bank, euro foreign exchange reference rates. */
export const RATES_OF = {
  date: '2026-05-08',
  source: 'https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml',
} as const

/** Units of the currency for one euro, in hundred-thousandths. */
const PER_EURO: Record<string, bigint> = { EUR: 100_000n, USD: 117_610n, GBP: 86_410n }

/** How far a rate may drift from the table before a reservation is too small, in percent. */
const DRIFT_PERCENT = 15n

/**
 * Micro-USD for millionths of a currency, rounded up. With `forReservation` a margin for the drift of the rate is added;
 * dollars have none. IF_ERR_UNSUPPORTED for a currency without a rate.
 */
export function convertToMicroUsd(
  micro: bigint,
  currency: string,
  { forReservation = false }: { forReservation?: boolean } = {},
): MicroUsd {
  const [perEuro, dollarsPerEuro] = [PER_EURO[currency], PER_EURO.USD]
  if (perEuro === undefined || dollarsPerEuro === undefined) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `there is no reference rate for ${currency}`, {
      hint: `There are rates for ${Object.keys(PER_EURO).join(', ')}.`,
    })
  }
  const percent = forReservation && currency !== 'USD' ? 100n + DRIFT_PERCENT : 100n
  return Number(divideUp(micro * dollarsPerEuro * percent, perEuro * 100n))
}

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor
