// Every provider of a home: those that come with the package, and the adapters among its modules. An adapter is loaded
// from its module as a provider is from its definition, its manifest signed and generated again alike; a shipped provider
// of the same name is never shadowed.
import { type Catalogue, generateManifest, type LoadedProvider, manifestDigest } from '../adapter/index.ts'
import {
  type Chassis,
  definitionOf,
  guestOf,
  type LoadedModule,
  type ModuleLibrary,
  moduleProviderDigest,
} from '../chassis/index.ts'
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { ModuleEnd } from './module-promises.ts'

export interface HomeCatalogue {
  /** Of the package, then of modules. */
  ids(): Promise<string[]>
  has(id: string): Promise<boolean>
  /** Whether it comes with the package. */
  isShipped(id: string): boolean
  /** Refuses an adapter that could not be loaded as a provider, before it is kept. */
  check(module: LoadedModule): void
  /** Loads and verifies; a module's adapter by id, or a certain version of it as `id@1.2.0`. */
  load(id: string): Promise<LoadedProvider>
}

export interface HomeCatalogueOptions {
  shipped: Catalogue
  modules: Pick<ModuleLibrary, 'get' | 'list'>
  chassis: Pick<Chassis, 'run'>
  /** Told how each call of a module went. */
  noteModule: (module: LoadedModule, end: ModuleEnd) => void
}

export function openHomeCatalogue({ shipped, modules, chassis, noteModule }: HomeCatalogueOptions): HomeCatalogue {
  const own = new Set(shipped.ids())
  /** By the module that they come from: another one is another provider. */
  const providers = new WeakMap<LoadedModule, LoadedProvider>()

  function providerOf(module: LoadedModule): LoadedProvider {
    const known = providers.get(module)
    if (known) return known
    const provider = providerFrom(module, chassis, (call) => noteModule(module, call))
    providers.set(module, provider)
    return provider
  }

  async function adapter(id: string): Promise<LoadedModule | undefined> {
    const [name = ''] = id.split('@')
    if (own.has(name)) return undefined
    try {
      const module = await modules.get(id)
      return module.description.kind === 'adapter' ? module : undefined
    } catch (thrown) {
      if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
      throw thrown
    }
  }

  return {
    isShipped: (id) => own.has(id),
    async ids() {
      const adapters = (await modules.list()).flatMap(({ id, active, module }) =>
        active && module?.description.kind === 'adapter' && !own.has(id) ? [id] : [],
      )
      return [...own, ...adapters]
    },
    has: async (id) => own.has(id) || (await adapter(id)) !== undefined,
    check: (module) => void providerOf(module),
    async load(id) {
      const module = await adapter(id)
      // What is not there is told of by the package's own list.
      return module ? providerOf(module) : shipped.load(id)
    },
  }
}

function providerFrom(
  module: LoadedModule,
  chassis: Pick<Chassis, 'run'>,
  onCall: (end: ModuleEnd) => void,
): LoadedProvider {
  const { description, examples, manifest, signedBy, digest } = module
  if (description.kind !== 'adapter' || !manifest) {
    throw new FabricError('IF_ERR_INTERNAL', `the module ${module.id} is no adapter`)
  }
  const definition = definitionOf(description, examples, guestOf({ chassis, module, onCall }))
  if (manifestDigest(generateManifest(definition, manifest.entrypoint)) !== manifestDigest(manifest)) {
    throw new FabricError(
      'IF_ERR_MANIFEST_UNTRUSTED',
      `the manifest of ${module.id} is not what its module describes`,
      {
        hint: 'Build the module again with this release.',
        details: { module: module.id, digest },
      },
    )
  }
  // Other code under the same manifest is another provider: plans that were made with it are judged again.
  return { definition, manifest, digest: moduleProviderDigest(manifest, digest), signedBy }
}
