// Where the code of the sandbox's worker lies: one self-contained file of the build, below the package's folder, found
// from the running file upwards, be that a source, the library or the bundled command.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FabricError } from '../../foundation/index.ts'

/** Below the folder of the package; `scripts/build.mjs` makes it. */
const WORKER_FILE = join('dist', 'worker', 'guest-worker.cjs')

/** Path of the worker's file; IF_ERR_INTERNAL where the package lies without it. */
export function findWorkerFile(from: string | URL = import.meta.url): string {
  let folder = dirname(fileURLToPath(from))
  for (;;) {
    const file = join(folder, WORKER_FILE)
    if (existsSync(file)) return file
    const parent = dirname(folder)
    if (parent === folder)
      throw new FabricError('IF_ERR_INTERNAL', `the package lies without its ${WORKER_FILE}`, {
        hint: 'Install infrafabric again, or run `node scripts/build.mjs worker` in its repository.',
      })
    folder = parent
  }
}
