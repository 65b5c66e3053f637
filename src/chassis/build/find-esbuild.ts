// esbuild, which bundles scripts: the one of the module's own project, else one that lies beside this package. It is large
// and needed by nobody who only runs modules, so the package does not bring it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { FabricError } from '../../foundation/index.ts'

export interface BundleMessage {
  text: string
  detail: unknown
  location: { file: string; line: number; column: number } | null
  notes: { text: string }[]
}

type Resolved = { errors: { text: string; detail: string }[] } | undefined

export interface BundlePlugin {
  name: string
  setup(build: { onResolve(options: { filter: RegExp }, resolve: (asked: { path: string }) => Resolved): void }): void
}

/** As far as it is used here. */
export interface Esbuild {
  build(options: Record<string, unknown> & { plugins: BundlePlugin[] }): Promise<{
    outputFiles: { text: string }[]
    metafile: { outputs: Record<string, { exports: string[]; imports: { path: string }[] }> }
  }>
}

/** Finds it from a folder on upwards; IF_ERR_UNSUPPORTED says how to get it. */
export function findEsbuild(folder: string): Esbuild {
  for (const from of [join(folder, 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)('esbuild') as Esbuild // its own types say so
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw broken(thrown)
    }
  }
  throw new FabricError('IF_ERR_UNSUPPORTED', `${folder}: scripts are bundled by esbuild, which is not installed`, {
    hint: 'A project made by `ifab chassis new` names it: run `npm install` there. Elsewhere: npm install --save-dev esbuild',
  })
}

const broken = (cause: unknown): FabricError =>
  new FabricError('IF_ERR_UNSUPPORTED', 'esbuild, which bundles scripts, is installed and cannot be loaded', {
    hint: 'Install it again on this machine: npm install --save-dev esbuild',
    cause,
  })
