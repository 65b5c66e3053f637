// Pieces that several families share.
import { z } from 'zod'

/** What a vendor has beyond the vocabulary, passed on as it is where the definition knows it. */
export const extras = z.record(z.string(), z.json()).optional().describe("The vendor's own parameters, by its names.")

export const id = z.string().min(1).max(512)

export const rfc3339 = z.iso.datetime().describe('RFC 3339, UTC.')

export const amount = z.int().min(0).describe("Whole number of the currency's minor unit: 2500 is GBP 25.00.")

export const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'expected a three-letter ISO 4217 code such as GBP')
  .transform((code) => code.toUpperCase())
  .describe('ISO 4217 code, upper or lower case.')

export const limit = z.int().min(1).max(10_000).default(100).describe('At most so many items.')
