// A home with instances of three providers, each a twin behind a relay. The twins live in this process, so their effects
// can be counted however often the commands that act on them are killed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fabric, openFabric } from '../../src/fabric/index.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { openTwin, type Twin } from '../../src/twin/index.ts'
import { openRelay, type Relay } from './relay.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary.ts'

/** One with a websocket, one without idempotency keys, one with them. */
const SERVED = ['home-assistant', 'slack', 'stripe'] as const

export type ProviderId = (typeof SERVED)[number]

export interface Studio {
  folder: TemporaryFolder
  home: string
  twins: Record<ProviderId, Twin>
  relays: Record<ProviderId, Relay>
  /** This process's own view of the home. */
  fabric: Fabric
  /** Resolves when nothing is on its way to or from a twin. */
  quiet(): Promise<void>
  close(): Promise<void>
}

export interface StudioOptions {
  /** `config.yaml`. Default: charges need no approval. */
  config?: string
  /** Secrets of the twins. Default: made up. */
  secrets?: Partial<Record<ProviderId, Record<string, string>>>
  /** Whether the instances are added. Default true. */
  instances?: boolean
}

const CONFIG = 'version: 1\npolicy:\n  effects:\n    charge: allow\n'

export async function openStudio(options: StudioOptions = {}): Promise<Studio> {
  const folder = await temporaryFolder('studio')
  const home = folder.path
  await writeFile(join(home, 'config.yaml'), options.config ?? CONFIG)
  const served = await Promise.all(
    SERVED.map(async (id) => {
      const provider = await PROVIDERS.find((one) => one.id === id)?.load()
      if (!provider) throw new Error(`there is no provider ${id}`)
      const secrets = options.secrets?.[id]
      const twin = await openTwin({ provider, ...(secrets ? { secrets } : {}) })
      return [id, { twin, relay: await openRelay(twin.url) }] as const
    }),
  )
  const fabric = await openFabric({ home })
  if (options.instances ?? true) for (const [, { twin, relay }] of served) await addTwin(fabric, twin, relay.url)
  const each = <T>(pick: (pair: { twin: Twin; relay: Relay }) => T) =>
    Object.fromEntries(served.map(([id, pair]) => [id, pick(pair)])) as Record<ProviderId, T> // one for each of SERVED
  const relays = each(({ relay }) => relay)
  return {
    folder,
    home,
    fabric,
    twins: each(({ twin }) => twin),
    relays,
    quiet: async () => void (await Promise.all(Object.values(relays).map((relay) => relay.quiet()))),
    async close() {
      await fabric.close()
      for (const [, { twin, relay }] of served) {
        await relay.close()
        await twin.close()
      }
      await folder.remove()
    },
  }
}

async function addTwin(fabric: Fabric, twin: Twin, url: string): Promise<void> {
  const secrets = Object.entries(twin.secrets).map(([name, value]) => [name, { kind: 'value' as const, value }])
  await fabric.addInstance({ provider: twin.provider, twin: url, secrets: Object.fromEntries(secrets) })
}
