// Every origin that an instance can reach: what its secrets are bound to.
import { resolveBase } from './address.ts'
import type { ProviderDefinition } from './definition.ts'
import type { Instance } from './instance.ts'

/** Complete origins only; an address with an unset setting is left out. A part that answers tell is `*`: `https://*.x.io`. */
export function originsOf(definition: ProviderDefinition, instance: Instance): string[] {
  const bases = Object.keys(definition.baseUrls).map((name) => resolveBase(definition, instance, { name, host: 'any' }))
  return [...new Set(bases.filter((base) => base.unset.length === 0).map((base) => base.origin))].sort()
}
