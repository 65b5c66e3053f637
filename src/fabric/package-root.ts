// Where this package lies: its manifests, trusted keys and examples are files beside the code.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FabricError } from '../foundation/index.ts'

/** The folder that holds `trust/keys.yaml`, from the running file upwards. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    if (existsSync(join(folder, 'trust', 'keys.yaml')) && existsSync(join(folder, 'package.json'))) return folder
    const parent = dirname(folder)
    if (parent === folder)
      throw new FabricError('IF_ERR_INTERNAL', 'the package lies without its trust/keys.yaml', {
        hint: 'Install infrafabric again.',
      })
    folder = parent
  }
}
