// Opens one stored record under whichever key of the home it was sealed with, and says what is wrong with it in the one form
// that setting, reading and changing the key share.
import type { FabricError } from '../foundation/index.ts'
import type { KeyRing } from './key-ring.ts'
import { coversOrigin } from './origin.ts'
import { type SecretPlace, unreadable } from './outside.ts'
import { sealedSchema, unsealSecret } from './sealed.ts'

/** IF_ERR_SECRET_UNREADABLE: altered, moved, bound to other origins than the one that is asked for, or its key is lost. */
export async function openSealed(
  stored: unknown,
  { place, origin, ring }: { place: SecretPlace; origin?: string; ring: KeyRing },
): Promise<{ value: string; origins: string[]; setAt: number }> {
  const sealed = sealedSchema.safeParse(stored)
  if (!sealed.success) throw altered(place)
  const { origins, setAt } = sealed.data
  if (origin !== undefined && !coversOrigin(origins, origin)) throw otherOrigin(place, origin, origins)
  for (const key of await ring.forReading(sealed.data.version === 1 ? undefined : sealed.data.key)) {
    const value = unsealSecret(sealed.data, { key, ...place })
    if (value !== undefined) return { value, origins, setAt }
  }
  throw altered(place)
}

/** What the engine keeps itself came by consent, or comes again by itself. */
export const setHint = ({ instance, name }: SecretPlace): string =>
  name.startsWith('$')
    ? `Connect again: ifab provider connect ${instance}`
    : `Set it with: ifab secret set ${instance} ${name}`

export const otherOrigin = (place: SecretPlace, asked: string, bound: string[]): FabricError =>
  unreadable(place, `it is bound to ${bound.join(', ')} and was asked for ${asked}`, setHint(place))

const altered = (place: SecretPlace): FabricError =>
  unreadable(place, 'the stored record was altered, moved, or encrypted with another key', setHint(place))
