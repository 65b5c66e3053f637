// One script from a module's sources: types stripped, npm packages and own files bundled in, nothing left to import but
// the host. What a sandbox does not have (files, network, processes, Node's modules) is refused here with its line, not
// when the module runs.
import { builtinModules } from 'node:module'
import { dirname, relative } from 'node:path'
import { FabricError } from '../../foundation/index.ts'
import { invalidModule } from '../module/module-faults.ts'
import { type BundleMessage, type BundlePlugin, findEsbuild } from './find-esbuild.ts'

/** The only module that a script may import when it runs. */
export const HOST_IMPORT = 'infrafabric:host'

export interface BundledScript {
  script: string
  exports: string[]
}

/** Bundles it; IF_ERR_MODULE_INVALID with file, line and column of the first fault. */
export async function bundleScript(input: string): Promise<BundledScript> {
  const folder = dirname(input)
  const { build } = findEsbuild(folder)
  const result = await build({
    entryPoints: [input],
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: false,
    external: [HOST_IMPORT],
    plugins: [refuseNode],
    write: false,
    metafile: true,
    outfile: 'module.js',
    logLevel: 'silent',
  }).catch((thrown: { errors?: BundleMessage[] }) => {
    throw bundleFault(input, folder, thrown)
  })
  const [output] = Object.values(result.metafile.outputs)
  const left = output?.imports.find(({ path }) => path !== HOST_IMPORT)
  if (left) {
    throw invalidModule(input, `it imports ${JSON.stringify(left.path)}, which cannot be bundled`, {
      hint: `Only packages and files can be, and ${HOST_IMPORT} is there when it runs.`,
    })
  }
  return { script: result.outputFiles[0]?.text ?? '', exports: output?.exports ?? [] }
}

const NODE_HINT = `A module has no files, network or processes. It asks its host: import { call, kv, log } from '${HOST_IMPORT}'.`
const NODE_MODULES = new Set(builtinModules)

const refuseNode: BundlePlugin = {
  name: 'no-modules-of-node',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[a-z_]/ }, ({ path }) =>
      path.startsWith('node:') || NODE_MODULES.has(path)
        ? {
            errors: [
              { text: `${JSON.stringify(path)} is a module of Node, which a sandbox has not`, detail: NODE_HINT },
            ],
          }
        : undefined,
    ),
}

function bundleFault(input: string, folder: string, thrown: { errors?: BundleMessage[] }): FabricError {
  const [first, ...others] = thrown.errors ?? []
  if (!first) return invalidModule(input, `it cannot be bundled (${thrown})`, { cause: thrown })
  const { location, text, detail, notes } = first
  const file = location ? relative(process.cwd(), `${folder}/${location.file}`) || location.file : input
  const place = location ? `${file}:${location.line}:${location.column + 1}` : input
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return new FabricError('IF_ERR_MODULE_INVALID', `${place} ${text}${more}`, {
    hint: typeof detail === 'string' ? detail : (notes[0]?.text ?? 'Correct it and build again.'),
    details: { file, ...(location ? { line: location.line, column: location.column + 1 } : {}) },
  })
}
