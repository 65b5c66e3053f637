// Signatures at a twin, computed again from what came, with code of its own: neither the door's nor a vendor's signer.
import type { SigningRecipe } from '../egress/index.ts'
import { wrongInKeyed } from './keyed-signature.ts'
import type { SignatureFacts } from './signature-facts.ts'
import { wrongInSigV4 } from './sigv4.ts'

/** Why a signature does not count, undefined where it does. */
export function wrongInSignature(recipe: SigningRecipe, facts: SignatureFacts): string | undefined {
  return recipe.scheme === 'aws-sigv4' ? wrongInSigV4(recipe, facts) : wrongInKeyed(recipe, facts)
}
