// Module files of a test: sealed without a build, with the description of a small agent or adapter.
import { signManifest } from '../../src/adapter/index.ts'
import { manifestOf } from '../../src/chassis/adapter/manifest-of.ts'
import type { AdapterDescription, ExamplePlans } from '../../src/chassis/module/description.ts'
import { type ModuleCode, type ModuleFacts, sealModule } from '../../src/chassis/module/module-file.ts'
import { defaultContract } from '../../src/chassis/module/service-contract.ts'
import type { TestKey } from './signing-key.ts'

export interface SealedAgent {
  id?: string
  version?: string
  script?: string
  code?: ModuleCode
  /** In the place of what would be right. */
  facts?: Partial<ModuleFacts>
}

/** A signed agent that answers with what it is asked. */
export function sealedAgent(key: TestKey, of: SealedAgent = {}): Uint8Array {
  const { id = 'echo', version = '1.0.0', script = 'export const execute = (input) => input' } = of
  const facts = {
    contract: defaultContract({ swarm: id, version }),
    description: { kind: 'agent', id, name: id, version },
    ...of.facts,
  }
  return sealModule(of.code ?? { kind: 'script', script }, facts, key.pem)
}

export const PARCEL: AdapterDescription = {
  kind: 'adapter',
  id: 'parcel',
  name: 'Parcel',
  version: '2.1.0',
  category: 'chat',
  docs: 'https://example.com/docs',
  baseUrls: { main: 'https://api.example.com/v1' },
  secrets: { PARCEL_TOKEN: { label: 'token', get: 'https://example.com' } },
  auth: { scheme: 'bearer', secret: 'PARCEL_TOKEN' },
  limits: { rps: 10, burst: 20, backoffSeconds: [1] },
  health: { operation: 'message.list', input: { to: 'a' } },
  operations: {
    'message.list': {
      summary: 'List.',
      effect: 'read',
      examples: [{ input: { to: 'a' }, response: { messages: [] } }],
    },
  },
}

export const PARCEL_PLANS: ExamplePlans = {
  'message.list': [{ request: { method: 'GET', path: '/messages', query: { to: 'a' } }, cost: 'free' }],
}

/** A signed adapter; `facts` in the place of what would be right. */
export function sealedAdapter(key: TestKey, facts: Partial<ModuleFacts> = {}): Uint8Array {
  const manifest = signManifest(manifestOf(PARCEL, PARCEL_PLANS), key.pem)
  return sealModule(
    { kind: 'script', script: '' },
    {
      contract: defaultContract({ swarm: 'parcel', version: '2.1.0' }),
      description: PARCEL,
      examples: PARCEL_PLANS,
      manifest,
      ...facts,
    },
    key.pem,
  )
}
