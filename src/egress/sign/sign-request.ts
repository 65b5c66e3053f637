// Signs a request as its recipe says, when all else of it is filled: what is signed is what leaves. Each try is signed
// anew, as signatures age. Neither keys nor what is derived from them is logged or told.
import { systemRandom } from '../../foundation/index.ts'
import { type FilledRequest, fillRequest } from '../fill.ts'
import type { OutgoingRequest, SigningRecipe } from '../port.ts'
import type { Target } from '../target.ts'
import { signHmac } from './hmac.ts'
import { signJws } from './jws.ts'
import type { SignContext, Signing } from './signing.ts'

/** The request with its secrets in it, signed where it says so. */
export async function prepareRequest(
  request: Pick<OutgoingRequest, 'headers' | 'slots' | 'body' | 'sign'>,
  { target, method, context }: { target: Target; method: string; context: SignContext },
): Promise<FilledRequest> {
  const filled = await fillRequest(request, target, context)
  if (!request.sign) return filled
  const { clock, randomBytes = systemRandom } = context
  return sign(request.sign, { method, origin: target.origin, filled, context, nowMs: clock.now(), randomBytes })
}

async function sign(recipe: SigningRecipe, signing: Signing): Promise<FilledRequest> {
  switch (recipe.scheme) {
    case 'aws-sigv4': {
      const { signAws } = await import('./aws.ts') // the official signer is loaded by those who need it
      return signAws(recipe, signing)
    }
    case 'hmac':
      return signHmac(recipe, signing)
    case 'jws':
      return signJws(recipe, signing)
  }
}
