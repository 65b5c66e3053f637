// The catalogue: every provider by id, loaded when it is asked for, and only when its manifest is there, signed by a
// trusted key, unaltered, and the same as what its definition says today.
import { FabricError, isFabricError, parseDocumentText, suggestion } from '../foundation/index.ts'
import type { ProviderDefinition } from './definition.ts'
import { type Manifest, manifestSchema } from './manifest.ts'
import { manifestDifferences } from './manifest-differences.ts'
import { generateManifest } from './manifest-generate.ts'
import { manifestDigest, untrusted, verifyManifest } from './manifest-sign.ts'
import type { LoadedProvider } from './planned.ts'
import type { TrustedKey } from './trust.ts'

export interface CatalogueProvider {
  id: string
  category: string
  load: () => Promise<ProviderDefinition>
}

export interface CatalogueOptions {
  providers: readonly CatalogueProvider[]
  /** YAML text of a provider's manifest, undefined where there is none. */
  readManifest: (category: string, id: string) => Promise<string | undefined>
  trustedKeys: readonly TrustedKey[]
}

export interface Catalogue {
  ids(): string[]
  /** Loads and verifies a provider, once; IF_ERR_UNKNOWN_PROVIDER or IF_ERR_MANIFEST_UNTRUSTED. */
  load(id: string): Promise<LoadedProvider>
}

/** Opens the catalogue of the given providers. */
export function openCatalogue(options: CatalogueOptions): Catalogue {
  const ids = options.providers.map(({ id }) => id)
  const loaded = new Map<string, Promise<LoadedProvider>>()
  return {
    ids: () => [...ids],
    load(id) {
      const known = loaded.get(id)
      if (known) return known
      const provider = options.providers.find((candidate) => candidate.id === id)
      if (!provider) return Promise.reject(unknownProvider(id, ids))
      const loading = loadProvider(provider, options)
      loaded.set(id, loading)
      // A failure is not kept: the file may be put right while the process runs.
      loading.catch(() => loaded.delete(id))
      return loading
    },
  }
}

async function loadProvider(provider: CatalogueProvider, options: CatalogueOptions): Promise<LoadedProvider> {
  const { category, id } = provider
  const [text, definition] = await Promise.all([options.readManifest(category, id), provider.load()])
  const named = { id: `if://capability/${id}` }
  if (text === undefined) {
    throw untrusted(named, `is missing (manifests/${category}/${id}.yaml)`, 'Generate and sign it, or reinstall.')
  }
  const manifest = parseManifest(text, `manifests/${category}/${id}.yaml`, named)
  if (manifest.id !== named.id) throw untrusted(named, `is that of ${manifest.id}`, 'Restore the published file.')
  const { signedBy } = verifyManifest(manifest, options.trustedKeys)
  refuseStale(manifest, generateManifest(definition, manifest.entrypoint))
  return { definition, manifest, digest: manifestDigest(manifest), signedBy }
}

function parseManifest(text: string, name: string, named: { id: string }): Manifest {
  try {
    return parseDocumentText(text, manifestSchema, name).value
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    throw untrusted(named, `cannot be read: ${thrown.message}`, 'Restore the published file, or generate it again.')
  }
}

function refuseStale(signed: Manifest, generated: Manifest): void {
  if (manifestDigest(signed) === manifestDigest(generated)) return
  const differences = manifestDifferences(signed, generated).map(({ text }) => text)
  const shown = differences.slice(0, 3).join('; ') || 'in order only'
  throw untrusted(
    signed,
    `does not say what the definition says (${shown}${differences.length > 3 ? '; …' : ''})`,
    'Look at the difference, then sign it again: ifab manifest diff, ifab manifest sign.',
  )
}

const unknownProvider = (id: string, ids: string[]): FabricError =>
  new FabricError('IF_ERR_UNKNOWN_PROVIDER', `there is no provider ${JSON.stringify(id)}`, {
    hint: suggestion(id, ids, 'List them: ifab provider list.'),
    next: 'ifab provider list',
    details: { provider: id },
  })
