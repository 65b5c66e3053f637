// Code of a worker thread, bundled from its TypeScript into a temporary file, once a test file.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { temporaryFolder } from './temporary.ts'

export interface WorkerFile {
  path: string
  remove(): Promise<void>
}

const SANDBOX = new URL('../../src/chassis/guest/worker.ts', import.meta.url)

/** Default entry: the sandbox's own worker. */
export async function buildWorkerFile(entry: URL = SANDBOX): Promise<WorkerFile> {
  const folder = await temporaryFolder('worker')
  const path = join(folder.path, 'guest-worker.cjs')
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
    logLevel: 'error',
  })
  return { path, remove: folder.remove }
}
