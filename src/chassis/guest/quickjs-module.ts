// The interpreter for script guests, metered and compiled once in a process and handed to every worker. It is pinned by
// its digest, because its imports are wired by names that a build of it made up (see quickjs-imports.ts).
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { FabricError } from '../../foundation/index.ts'
import { meterModule } from '../metering/meter-module.ts'

const BINARY = '@jitl/quickjs-wasmfile-release-sync/wasm'
const DIGEST = '105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232'

/** Written when the package is built, beside the code that runs; without it the binary is metered here, which takes longer. */
const METERED = new URL('../worker/quickjs-metered.wasm', import.meta.url)

let compiled: Promise<WebAssembly.Module> | undefined

/** QuickJS for `workerData.quickJs`; IF_ERR_INTERNAL where the installed binary is not the one that this release was made for. */
export function quickJsModule(): Promise<WebAssembly.Module> {
  compiled ??= compileQuickJs().catch((error: unknown) => {
    compiled = undefined // a file that could not be read now may be there the next time
    throw error
  })
  return compiled
}

/** The metered binary, for the build. */
export async function meterQuickJs(): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve(BINARY)
  const bytes = await readFile(path)
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest !== DIGEST)
    throw new FabricError('IF_ERR_INTERNAL', `${path}: is not the QuickJS binary that this release was made for`, {
      hint: 'Install the package again with `npm ci`.',
      details: { expected: DIGEST, got: digest },
    })
  return meterModule(bytes, { charge: 'loops', importedMemory: true }).bytes
}

async function compileQuickJs(): Promise<WebAssembly.Module> {
  const bytes = existsSync(METERED) ? await readFile(METERED) : await meterQuickJs()
  return WebAssembly.compile(bytes)
}
