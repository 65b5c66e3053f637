// A home in which Talker can be reached: a provider whose answers stream, served by the test itself.
import type { ServerResponse } from 'node:http'

import { openCoordinator } from '../../../src/coordinator/index.ts'
import { actAs } from '../../../src/fabric/acting.ts'
import { composeHome } from '../../../src/fabric/compose.ts'
import { fabricOf } from '../../../src/fabric/face.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import { layered } from '../../../src/fabric/layered.ts'
import { loadTalker, type Said, sse } from '../../unit/adapter/fixtures/talker.ts'

export { PER_TOKEN, TALK, USAGE } from '../../unit/adapter/fixtures/talker.ts'

export const ANA = 'if://person/ana'

/** The head of a stream and these events. */
export function begin(response: ServerResponse, ...said: (Said | string)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(said.map(sse).join(''))
}

/** A fabric of the home; with an origin it gets an instance `talker` there. */
export async function openWithTalker(
  home: string,
  { origin, actor = ANA, leaseMs }: { origin?: string; actor?: string; leaseMs?: number } = {},
): Promise<Fabric> {
  const parts = await composeHome({ home, env: {}, logLevel: 'silent', ...(leaseMs === undefined ? {} : { leaseMs }) })
  const coordinator = await openCoordinator({ store: parts.store })
  const talker = loadTalker()
  const catalogue = {
    ...parts.catalogue,
    ids: async () => ['talker'],
    has: async (id: string) => id === 'talker',
    load: async () => talker,
  }
  const fabric = fabricOf(
    layered(actAs(parts, { actor, session: 'rehearsal' }), { catalogue, providerOf: async () => talker }),
    {
      coordinator: async () => coordinator,
      escalations: async () => Promise.reject(new Error('no escalations here')),
      end: async () => {
        await coordinator.close()
        await parts.close()
      },
    },
  )
  if (origin !== undefined) await fabric.addInstance(talkerInstance(origin))
  return fabric
}

/** At a server of the test, as if that were Talker itself: with all that holds for a provider and not for a twin. */
export const talkerInstance = (origin: string) => ({
  provider: 'talker',
  settings: { scheme: 'http', host: origin.replace('http://', '') },
  secrets: { TALKER_KEY: { kind: 'value', value: 'k-1' } as const },
  privateNetwork: true,
})
