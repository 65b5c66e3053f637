// What a request must carry to be let in, read from the request that the definition itself would send: slots of its auth,
// secrets in its body, its signature.
import type { Auth, ProviderDefinition } from '../adapter/index.ts'
import type { SecretSlot, SigningRecipe } from '../egress/index.ts'
import type { ExampleBody, Place } from './example-body.ts'
import { namesIn } from './route-tree.ts'

export interface Requirement {
  slots: readonly SecretSlot[]
  /** Secrets in the body. Those that stand for tokens of a running exchange are the handler's to check. */
  body: readonly { secret: string; place: Place }[]
  sign: SigningRecipe | undefined
}

/** What one request has to carry. Slots of websocket messages are the socket handler's to check. */
export function requirementOf(
  { secrets }: ProviderDefinition,
  { slots, sign }: Pick<Auth, 'slots' | 'sign'>,
  { template, body }: { template: string; body: ExampleBody },
): Requirement {
  const names = namesIn(template)
  const isOptional = (slot: SecretSlot): boolean =>
    slot.optional === true ||
    slot.parts.some((part) => typeof part !== 'string' && secrets[part.secret]?.required === false)
  return {
    slots: slots
      .filter((slot) => slot.in !== 'message' && (slot.in !== 'path' || names.includes(slot.name)))
      .map((slot) => (isOptional(slot) ? { ...slot, optional: true } : slot)),
    body: body.secrets.filter(({ secret }) => Object.hasOwn(secrets, secret)),
    sign,
  }
}

/** Whether it lets everybody in. */
export const isOpen = ({ slots, body, sign }: Requirement): boolean =>
  slots.length === 0 && body.length === 0 && sign === undefined
