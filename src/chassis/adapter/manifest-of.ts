// The manifest of an adapter that others wrote, generated from its description and the plans of its examples, as that of
// every provider is. Needs no guest: what only the guest could tell is recorded already.
import { generateManifest, type Manifest, manifestDigest } from '../../adapter/index.ts'
import { digestOf, FabricError } from '../../foundation/index.ts'
import type { AdapterDescription, ExamplePlans } from '../module/description.ts'
import { type AdapterGuest, definitionOf } from './definition-of.ts'

/** The unsigned manifest. */
export function manifestOf(description: AdapterDescription, examples: ExamplePlans): Manifest {
  return generateManifest(
    definitionOf(description, examples, NOBODY),
    `module:${description.id}@${description.version}`,
  )
}

const unasked = (): never => {
  throw new FabricError('IF_ERR_INTERNAL', 'a module was asked while its manifest was generated')
}
const NOBODY: AdapterGuest = { plan: unasked, undo: unasked, apply: unasked, health: unasked }

/** Of a provider that comes from a module: another manifest, or other code, is another provider. */
export const moduleProviderDigest = (manifest: Manifest, module: string): string =>
  digestOf({ manifest: manifestDigest(manifest), module })
