// A home opened for one actor: what the library and a command without a daemon use.
import { optional } from '../foundation/index.ts'
import { openHost } from './open-host.ts'
import type { Fabric, OpenFabricOptions } from './port.ts'

/** Opens the fabric of a home: makes the home where there is none. Close it to free everything. */
export async function openFabric(options: OpenFabricOptions = {}): Promise<Fabric> {
  const { actor, session = (options.env ?? process.env).IFAB_SESSION, why, trace, ...home } = options
  const host = await openHost(home)
  try {
    const fabric = host.as({
      ...optional('actor', actor),
      ...optional('session', session),
      ...optional('why', why),
      ...optional('trace', trace),
    })
    return {
      ...fabric,
      async close() {
        await fabric.close()
        await host.close()
      },
    }
  } catch (thrown) {
    await host.close()
    throw thrown
  }
}
