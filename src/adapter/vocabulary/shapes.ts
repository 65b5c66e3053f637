// Pieces that several families share.
import { z } from 'zod'

/** What a vendor has beyond the vocabulary, passed on as it is where the definition knows it. */
export const extras = z.record(z.string(), z.json()).optional().describe("The vendor's own parameters, by its names.")

export const id = z.string().min(1).max(512)

/** A name that people give to a thing. */
export const name = z.string().min(1).max(512)

export const rfc3339 = z.iso.datetime().describe('RFC 3339, UTC.')

export const amount = z.int().min(0).describe("Whole number of the currency's minor unit: 2500 is GBP 25.00.")

export const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'expected a three-letter ISO 4217 code such as GBP')
  .transform((code) => code.toUpperCase())
  .describe('ISO 4217 code, upper or lower case.')

export const limit = z.int().min(1).max(10_000).default(100).describe('At most so many items.')

export const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'expected an E.164 number such as +442071838750')
  .describe('E.164: +442071838750.')

export const webAddress = z.url({ protocol: /^https?$/ }).describe('http or https address.')

/** A file as a part of an input. Text as it is, or bytes in base64; one of both. */
export const file = z
  .strictObject({
    name: z.string().min(1).max(255).describe('File name that people see.'),
    text: z.string().optional().describe('The content, as UTF-8 text.'),
    base64: z.base64().optional().describe('The content, as bytes in base64.'),
    contentType: z.string().max(255).optional().describe('MIME type; default by the provider.'),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    error: 'give either text or base64',
  })

/** Status words that differ from provider to provider, as they come. */
export const status = z.string().describe("The provider's own word.")

const COUNTRY = /^[A-Za-z]{2}$/

export const country = z
  .string()
  .regex(COUNTRY, 'expected a two-letter ISO 3166 code such as GB')
  .transform((code) => code.toUpperCase())
  .describe('ISO 3166-1 alpha-2: GB.')
