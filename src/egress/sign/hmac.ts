// A keyed digest (RFC 2104) over the parts that a recipe names.
import { createHmac } from 'node:crypto'
import type { FilledRequest } from '../fill.ts'
import { openSecret, secretUnreadable } from '../open-secret.ts'
import type { HmacRecipe } from '../port.ts'
import { signKeyed } from './keyed.ts'
import type { Signing } from './signing.ts'

export async function signHmac(recipe: HmacRecipe, signing: Signing): Promise<FilledRequest> {
  const key = keyBytes(recipe, await openSecret(recipe.key, signing.context))
  return signKeyed(recipe, signing, async (message) => {
    const digest = createHmac(recipe.algorithm, key).update(message).digest()
    return recipe.output === 'HEX' ? digest.toString('hex').toUpperCase() : digest.toString(recipe.output)
  })
}

const ENCODED = { hex: /^([0-9a-f]{2})+$/i, base64: /^[A-Za-z0-9+/_-]+={0,2}$/ } as const

function keyBytes({ key, keyEncoding = 'utf8' }: HmacRecipe, value: string): Buffer {
  if (keyEncoding === 'utf8') return Buffer.from(value, 'utf8')
  // Node drops what it cannot decode, and what it signs then nobody accepts.
  if (ENCODED[keyEncoding].test(value)) return Buffer.from(value, keyEncoding)
  throw secretUnreadable(
    key,
    `it is not written in ${keyEncoding}, as the provider gives this key`,
    'Set the secret again, exactly as the provider shows it.',
  )
}
