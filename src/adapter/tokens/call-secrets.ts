// The secrets of one request: opens the token of the auth that the request goes under, whichever of a provider's several
// that is, and remembers which it was, so that a refusal is answered by renewing exactly that one, once.
import type { Secret } from '../../foundation/index.ts'
import type { SecretDestination, SecretSource } from '../../vault/index.ts'
import { authOf } from '../auths.ts'
import { ACCESS_TOKEN, type Fault, type ProviderDefinition, type TokenSource } from '../definition.ts'
import type { RequestSpec } from '../request.ts'

export interface CallSecrets {
  /** For the door. */
  source: SecretSource
  /**
   * Whether the fault refuses the access token and another one has been got: the request is then sent once more, whatever it
   * does, as the refusal did nothing. True at most once. Rejects where a person has to consent again.
   */
  renewed(fault: Fault, status: number): Promise<boolean>
}

export function callSecrets({
  definition,
  spec,
  secrets,
}: {
  definition: ProviderDefinition
  spec: RequestSpec
  secrets: SecretSource
}): CallSecrets {
  const { token } = authOf(definition, spec)
  if (!token) return { source: secrets, renewed: async () => false }
  const name = tokenNameOf(token)
  let opened: { secret: Secret; origin: string; destination: SecretDestination | undefined } | undefined
  let tried = false
  return {
    source: {
      async open(asked, origin, destination) {
        if (asked !== ACCESS_TOKEN) return secrets.open(asked, origin, destination)
        const secret = await secrets.open(name, origin, destination)
        opened = { secret, origin, destination }
        return secret
      },
    },
    async renewed(fault, status) {
      if (tried || !opened || !isRejection(token, fault, status)) return false
      tried = true
      return (await secrets.renew?.(name, opened.secret, opened.origin, opened.destination)) ?? false
    },
  }
}

/** The name under which a source of secrets opens the token of this source. */
export const tokenNameOf = ({ name }: TokenSource): string => `${ACCESS_TOKEN}:${name}`

const isRejection = ({ rejected }: TokenSource, fault: Fault, status: number): boolean =>
  rejected ? rejected(fault, status) : status === 401
