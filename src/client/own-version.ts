// The version that a client says to a daemon: of the package that the running file lies in.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FabricError } from '../foundation/index.ts'

const NAME = 'infrafabric'

/** Looks from the running file upwards: sources, bundles and chunks lie at different depths. */
export async function ownVersion(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
    const manifest = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string })
    if (manifest?.name === NAME && manifest.version) return manifest.version
    if (folder === dirname(folder)) {
      throw new FabricError('IF_ERR_INTERNAL', 'the package lies without its package.json', {
        hint: 'Install infrafabric again.',
      })
    }
  }
}
