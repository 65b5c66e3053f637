// A module as the loader gives it, made in a test: a script with a contract, signed by nobody.
import type { LoadedModule } from '../../src/chassis/module/loaded-module.ts'
import { serviceContractSchema } from '../../src/chassis/module/service-contract.ts'
import { sha256Hex } from '../../src/foundation/index.ts'

/** `requirements` are those of its contract that differ from the defaults. */
export function guestModule(
  id: string,
  script: string,
  requirements: Partial<LoadedModule['contract']['resource_requirements']> = {},
): LoadedModule {
  return {
    id,
    version: '1.0.0',
    digest: sha256Hex(`${id}\n${script}`),
    signedBy: 'test',
    contract: serviceContractSchema.parse({ swarm_id: id, version: '1.0.0', resource_requirements: requirements }),
    description: { kind: 'agent', id, name: id, version: '1.0.0' },
    examples: {},
    manifest: undefined,
    source: async () => ({ kind: 'script', script }),
    size: script.length,
  }
}
