// A home of its own with twins of the three providers in this process: what the tests of runs and fabric stand on.
// Everything that was opened is closed, and the folder removed, after each test.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type Fabric, type OpenFabricOptions, openFabric, type ServedTwins } from '../../../src/fabric/index.ts'
import { FabricError, type JsonObject } from '../../../src/foundation/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** Done after the test, last one first. */
export const afterwards = (clean: () => unknown): void => void cleanups.push(clean)

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-home-'))
  afterwards(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Studio {
  home: string
  fabric: Fabric
  /** What really happened at the twin of a provider, in order: `payment.create`, … */
  effectsAt(provider: string): string[]
  /** As another actor, or after a restart. */
  open(options?: OpenFabricOptions): Promise<Fabric>
  /** Twins with other faults in place of these; instances keep their names. */
  serve(faults: string[]): Promise<void>
  /** Writes a playbook of these steps and returns its path. */
  playbook(text: string): string
  twins: () => ServedTwins['twins']
  /** Ends the twins as when their process is gone. */
  stopTwins(): Promise<void>
}

export interface StudioOptions {
  providers?: string[]
  faults?: string[]
  /** Text of config.yaml. */
  config?: string
  actor?: string
}

export const PROVIDERS = ['home-assistant', 'slack', 'stripe']

export const PERSON = 'if://person/ana'

/** A fabric of a new home with an instance of each provider, on its twin. */
export async function openStudio(options: StudioOptions = {}): Promise<Studio> {
  const home = temporaryFolder()
  if (options.config) writeFileSync(join(home, 'config.yaml'), options.config)
  const open = async (how: OpenFabricOptions = {}): Promise<Fabric> => {
    const fabric = await openFabric({ home, actor: options.actor ?? PERSON, session: 'rehearsal', env: {}, ...how })
    afterwards(() => fabric.close())
    return fabric
  }
  const fabric = await open()
  const providers = options.providers ?? PROVIDERS
  let served: ServedTwins | undefined
  const counted: { provider: string; operation: string }[] = []
  const stopTwins = async () => {
    for (const twin of served?.twins ?? [])
      counted.push(...twin.effects().map(({ operation }) => ({ provider: twin.provider, operation })))
    await served?.close()
    served = undefined
  }
  const serve = async (faults: string[]) => {
    const known = new Set((await fabric.instances()).map((instance) => instance.name))
    await stopTwins()
    if (providers.length === 0) return
    served = await fabric.serveTwins({ providers, faults })
    for (const provider of providers) {
      if (known.has(provider)) await fabric.removeInstance(provider)
      await fabric.addInstance({ provider, twin: true })
    }
  }
  await serve(options.faults ?? [])
  afterwards(stopTwins)
  return {
    home,
    fabric,
    open,
    serve,
    stopTwins,
    twins: () => served?.twins ?? [],
    effectsAt: (provider) => [
      ...counted.filter((effect) => effect.provider === provider).map((effect) => effect.operation),
      ...(served?.twins.find((twin) => twin.provider === provider)?.effects() ?? []).map((effect) => effect.operation),
    ],
    playbook(text) {
      const path = join(home, 'playbook.yaml')
      writeFileSync(path, text)
      return path
    },
  }
}

/** Longer than a call takes, shorter than the first wait of the vendors' backoff: one try and no more. */
export const ONE_TRY = { timeoutMs: 900 }

/** Approves whatever is asked. */
export const YES = { approve: async () => true }

/** The database of a home, opened a second time beside the fabric. */
export async function withStore<T>(home: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbeddedStore({ path: join(home, 'fabric.db') })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Changes one record of a home behind everybody's back. */
export const changeRecord = <T extends object>(home: string, key: string, change: (value: T) => T): Promise<void> =>
  withStore(home, async (store) => {
    const entry = await store.get<T>(key)
    if (!entry) throw new Error(`there is no record ${key}`)
    await store.commit([{ key, value: change(entry.value) as unknown as JsonObject, expect: entry.revision }])
  })

export async function failureOf(call: Promise<unknown>): Promise<FabricError> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (outcome instanceof FabricError) return outcome
  throw new Error(`expected a FabricError, got ${outcome === undefined ? 'success' : String(outcome)}`, {
    cause: outcome,
  })
}

/** Text of a file of the home. */
export const fileOf = (home: string, ...path: string[]): string => readFileSync(join(home, ...path), 'utf8')
