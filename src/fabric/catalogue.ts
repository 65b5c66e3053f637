// The providers that come with the package, with their signed manifests.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Catalogue, loadTrustedKeys, openCatalogue } from '../adapter/index.ts'
import { isFabricError } from '../foundation/index.ts'
import { PROVIDERS } from '../providers/index.ts'
import { packageRoot } from './package-root.ts'

/** @param ownKeys file of keys that are trusted beside the publisher's, where there is one */
export async function openPackageCatalogue(ownKeys?: string): Promise<Catalogue> {
  const root = packageRoot()
  const [trusted, own] = await Promise.all([
    loadTrustedKeys(join(root, 'trust', 'keys.yaml')),
    ownKeys === undefined ? [] : loadTrustedKeys(ownKeys, { optional: true }),
  ])
  return openCatalogue({
    providers: PROVIDERS,
    readManifest: (category, id) => readIfThere(join(root, 'manifests', category, `${id}.yaml`)),
    trustedKeys: [...trusted, ...own],
  })
}

/** Of InfraFabric. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  return version
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || isFabricError(thrown)) return undefined
    throw thrown
  })
}
