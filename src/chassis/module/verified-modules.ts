// Files of modules, each verified once for what it holds and for the keys that are trusted now. A file that fails keeps
// its fault until it or the trusted keys change; it never stands in the way of others, and is told of once.
import { basename } from 'node:path'
import type { TrustedKey } from '../../adapter/index.ts'
import { type FabricError, type Logger, toFabricError } from '../../foundation/index.ts'
import { loadModule } from './load-module.ts'
import type { LoadedModule } from './loaded-module.ts'
import { invalidModule } from './module-faults.ts'
import { type ModuleFileFound, readModuleFile } from './module-folder.ts'

export type Verified = { module: LoadedModule; fault?: never } | { fault: FabricError; module?: never }

export interface VerifiedModules {
  /** What verification says, or said before where nothing has changed. */
  of(file: ModuleFileFound, keys: readonly TrustedKey[]): Promise<Verified>
  /** Lets go of all others. */
  keepOnly(files: readonly ModuleFileFound[]): void
}

export function verifiedModules(logger: Logger): VerifiedModules {
  const known = new Map<string, { state: string; verified: Promise<Verified> }>()
  return {
    of(file, keys) {
      const state = `${file.stamp} ${JSON.stringify(keys)}`
      const earlier = known.get(file.path)
      if (earlier?.state === state) return earlier.verified
      const verified = verify(file, keys).then((outcome) => {
        if (outcome.fault) logger.warn('a module is skipped', { file: file.path, reason: outcome.fault.message })
        return outcome
      })
      known.set(file.path, { state, verified })
      return verified
    },
    keepOnly(files) {
      const paths = new Set(files.map(({ path }) => path))
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path)
    },
  }
}

async function verify(file: ModuleFileFound, trustedKeys: readonly TrustedKey[]): Promise<Verified> {
  try {
    const module = loadModule(await readModuleFile(file.path), { file: file.path, trustedKeys })
    const name = `${module.id}@${module.version}`
    if (name === file.name) return { module }
    const problem = `it is ${module.id} ${module.version}, so its name would be ${name}.ifwasm`
    throw invalidModule(file.path, problem, { hint: `Remove ${basename(file.path)} and load the module again.` })
  } catch (thrown) {
    return { fault: toFabricError(thrown) }
  }
}
