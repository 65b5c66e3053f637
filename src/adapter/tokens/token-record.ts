// What is kept of an access token: the token itself encrypted in the vault, and beside it in the open who is renewing it
// and whether it was refused. Both carry id and generation: a reader tells by them whether they belong together, and a
// writer whether somebody else was faster. An id is given once, so that a record that was removed never comes back.
import { z } from 'zod'
import { keyOf } from '../../store/index.ts'

/** Encrypted, as JSON. */
const heldSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  generation: z.int(),
  access: z.string(),
  refresh: z.string().optional(),
  /** Wall clock, milliseconds: when it was asked for, and when it ends; null until it is refused. */
  askedAt: z.number(),
  expiresAt: z.number().nullable(),
  scopes: z.array(z.string()),
  /** Of the credentials and the address that it was got with: with others it is another account's. */
  credentials: z.string(),
})

/** An access token, with what renews it. */
export type HeldToken = z.output<typeof heldSchema>

export const parseHeld = (text: string): HeldToken | undefined => {
  try {
    return heldSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // of an older or newer form; it is got anew
  }
}

/** In the open: how the token stands. */
export const standingSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  /** Of the token that is kept; 0 before the first. */
  generation: z.int(),
  /** Who asks for the next one. */
  lease: z.strictObject({ mark: z.string(), host: z.string(), pid: z.int() }).optional(),
  /** A renewal broke off after it may have reached the provider: what it renewed with may be spent. */
  interrupted: z.boolean().optional(),
  /** The provider takes what renews it no more; a person has to consent again. */
  refused: z.string().optional(),
})

export type TokenStanding = z.output<typeof standingSchema>

export const standingKey = (instance: string, source: string): string => keyOf('token', instance, source)

/** Name in the vault. */
export const heldName = (source: string): string => `$token.${source}`
