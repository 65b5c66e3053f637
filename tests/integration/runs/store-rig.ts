// A fabric whose store is the home's real one behind something that a test puts before it.
import { openCoordinator } from '../../../src/coordinator/index.ts'
import { actAs } from '../../../src/fabric/acting.ts'
import { composeHome } from '../../../src/fabric/compose.ts'
import { fabricOf } from '../../../src/fabric/face.ts'
import type { Fabric, OpenHostOptions } from '../../../src/fabric/index.ts'
import { layered } from '../../../src/fabric/layered.ts'
import type { Store } from '../../../src/store/index.ts'
import { afterwards, PERSON } from '../fabric/rig.ts'

export async function openOnStore(
  home: string,
  behind: (store: Store) => Store,
  options: OpenHostOptions = {},
): Promise<Fabric> {
  const parts = await composeHome({ home, env: {}, ...options })
  const coordinator = await openCoordinator({ store: parts.store })
  const fabric = fabricOf(
    layered(actAs(parts, { actor: PERSON, session: 'rehearsal' }), { store: behind(plain(parts.store)) }),
    {
      coordinator: async () => coordinator,
      escalations: async () => Promise.reject(new Error('no escalations here')),
      end: async () => {},
    },
  )
  afterwards(async () => {
    await coordinator.close()
    await parts.close()
  })
  return fabric
}

/** Its methods as members, so that one of them can be replaced. */
const plain = (store: Store): Store => ({
  capabilities: store.capabilities,
  get: (key) => store.get(key),
  range: (prefix, options) => store.range(prefix, options),
  commit: (writes, log) => store.commit(writes, log),
  watch: (prefix, options) => store.watch(prefix, options),
  readLog: (from) => store.readLog(from),
  logHead: () => store.logHead(),
  close: () => store.close(),
})
