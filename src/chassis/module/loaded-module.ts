// A module whose signature, contract and code were verified: only such a one runs.
import type { Manifest } from '../../adapter/index.ts'
import type { GuestSource } from '../guest-protocol.ts'
import type { Description, ExamplePlans } from './description.ts'
import type { ServiceContract } from './service-contract.ts'

export interface LoadedModule {
  /** `acme-mail`; of an adapter the provider's id. */
  id: string
  version: string
  /** SHA-256 of the signed bytes, lower-case hex. */
  digest: string
  /** Name of the trusted key that signed it. */
  signedBy: string
  contract: ServiceContract
  /** What `describe` said when it was built. */
  description: Description
  /** What `plan` said to each example when it was built; of an agent, nothing. */
  examples: ExamplePlans
  /** Of an adapter, signed by the same key. */
  manifest: Manifest | undefined
  /** Ready for a worker: the bundled script, or the module, metered and compiled at the first call. */
  source: () => Promise<GuestSource>
  /** Bytes of the file. */
  size: number
}
