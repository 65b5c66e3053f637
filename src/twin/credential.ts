// Credentials of a twin: made up for it alone, and checked where the provider's auth scheme puts them.
import { timingSafeEqual } from 'node:crypto'
import type { ProviderDefinition } from '../adapter/index.ts'
import { FabricError, type RandomBytes } from '../foundation/index.ts'

/**
 * The twin's secrets: the given ones (of an earlier run of this twin), made up where absent. A given one without the
 * provider's test prefix is refused, so that a real credential never ends up in a rehearsal.
 */
export function twinSecrets(
  definition: ProviderDefinition,
  given: Readonly<Record<string, string>>,
  random: RandomBytes,
): Record<string, string> {
  const unknown = Object.keys(given).find((name) => !definition.secrets[name])
  if (unknown) throw new FabricError('IF_ERR_INVALID_INPUT', `${definition.id} has no secret ${unknown}`)
  return Object.fromEntries(
    Object.entries(definition.secrets).map(([name, spec]) => {
      const prefix = spec.testPrefix ?? ''
      const value = given[name] ?? `${prefix}${Buffer.from(random(20)).toString('hex')}`
      if (!value.startsWith(prefix)) {
        throw new FabricError('IF_ERR_INVALID_INPUT', `${name} does not start with ${prefix}`, {
          hint: 'A twin takes only test secrets that were generated for it, never a real credential.',
        })
      }
      if (spec.pattern && !spec.pattern.test(value)) {
        throw new FabricError(
          'IF_ERR_INTERNAL',
          `a generated ${name} of ${definition.id} does not match its own pattern`,
        )
      }
      return [name, value]
    }),
  )
}

export interface Credentials {
  /** Whether a request carries all that the auth scheme asks for. */
  admits: (headers: Record<string, string>, query: URLSearchParams) => boolean
  /** Whether a text is one of the secrets. */
  accepts: (credential: string) => boolean
}

/** Every comparison takes the same time for all values of one length. */
export function credentialsOf(definition: ProviderDefinition, secrets: Readonly<Record<string, string>>): Credentials {
  const expected = definition.auth.slots
    .filter((slot) => slot.in !== 'message') // those are the socket handler's to check
    .map((slot) => {
      const joined = slot.parts.map((part) => (typeof part === 'string' ? part : (secrets[part.secret] ?? ''))).join('')
      const value = slot.encode === 'basic' ? `Basic ${Buffer.from(joined).toString('base64')}` : joined
      return {
        in: slot.in,
        name: slot.in === 'header' ? slot.name.toLowerCase() : slot.name,
        bytes: Buffer.from(value),
      }
    })
  const known = Object.values(secrets).map((secret) => Buffer.from(secret))
  return {
    admits: (headers, query) =>
      expected.every((slot) =>
        isSame(slot.bytes, (slot.in === 'header' ? headers[slot.name] : query.get(slot.name)) ?? ''),
      ),
    accepts: (credential) => known.filter((secret) => isSame(secret, credential)).length > 0,
  }
}

function isSame(expected: Buffer, given: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === expected.length && timingSafeEqual(bytes, expected)
}
