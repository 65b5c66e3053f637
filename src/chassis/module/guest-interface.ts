// What a module may import and must export. A core module is held to it, names and signatures, before anything of it runs;
// of a script only the names can be known, when it is built.
import { suggestion } from '../../foundation/index.ts'
import type { GuestExport } from '../guest-protocol.ts'
import type { WasmEntity, WasmExport, WasmImport, WasmSignature } from '../metering/meter-module.ts'
import { invalidModule } from './module-faults.ts'

export type ModuleKind = 'adapter' | 'agent'

/** What a module of each kind exports. */
export const EXPORTS_OF: Record<ModuleKind, readonly GuestExport[]> = {
  adapter: ['describe', 'plan', 'apply', 'health'],
  agent: ['describe', 'execute'],
}

/** The one module that exists for guests. */
const HOST_MODULE = 'infrafabric'

const HOST_FUNCTIONS: Record<string, WasmSignature> = {
  log: { params: ['i32', 'i32', 'i32'], results: [] },
  now: { params: [], results: ['f64'] },
  random: { params: ['i32', 'i32'], results: [] },
}

const ALLOC: WasmSignature = { params: ['i32'], results: ['i32'] }
const EXPORT: WasmSignature = { params: ['i32', 'i32'], results: ['i64'] }

/** Refuses, by name, an import that the host does not give. */
export function checkImports(imports: readonly WasmImport[], file: string): void {
  for (const imported of imports) {
    const shown = `${imported.module}.${imported.name}`
    const expected = imported.module === HOST_MODULE ? HOST_FUNCTIONS[imported.name] : undefined
    if (!expected || !Object.hasOwn(HOST_FUNCTIONS, imported.name)) {
      const known = Object.keys(HOST_FUNCTIONS).map((name) => `${HOST_MODULE}.${name}`)
      throw invalidModule(file, `it imports ${shown}, which no host gives`, {
        hint: `${hintFor(imported.module)}${suggestion(shown, known, `There are ${known.join(', ')} and nothing else.`)}`,
      })
    }
    checkFunction(imported, expected, `the import ${shown}`, file)
  }
}

/** Refuses a core module without what its kind must export; without a kind, only what all must export is looked at. */
export function checkExports(exports: readonly WasmExport[], kind: ModuleKind | undefined, file: string): void {
  const byName = new Map(exports.map((exported) => [exported.name, exported]))
  if (byName.get('memory')?.kind !== 'memory') throw missing(file, 'its memory as `memory`')
  const functions = [
    ['alloc', ALLOC] as const,
    ...(kind ? EXPORTS_OF[kind] : (['describe'] as const)).map((name) => [name, EXPORT] as const),
  ]
  for (const [name, expected] of functions) {
    const exported = byName.get(name)
    if (!exported) throw missing(file, `\`${name}\``)
    checkFunction(exported, expected, `the export ${name}`, file)
  }
}

/** Refuses a script without what its kind must export. */
export function checkScriptExports(exports: readonly string[], kind: ModuleKind | undefined, file: string): void {
  const wanted = kind ? EXPORTS_OF[kind] : (['describe'] as const)
  const absent = wanted.find((name) => !exports.includes(name))
  if (absent === undefined) return
  const found = exports.length === 0 ? 'nothing' : exports.join(', ')
  throw invalidModule(file, `it does not export ${absent} (it exports ${found})`, {
    hint: `${kind ? `An ${kind} exports` : 'A module exports'} functions by name: ${wanted.join(', ')}.`,
  })
}

function checkFunction(entity: WasmEntity, expected: WasmSignature, what: string, file: string): void {
  const found = entity.kind === 'function' ? show(entity.signature) : `a ${entity.kind}`
  if (found === show(expected)) return
  throw invalidModule(file, `${what} is ${found}, expected ${show(expected)}`, { hint: INTERFACE_HINT })
}

const missing = (file: string, what: string) =>
  invalidModule(file, `it does not export ${what}`, { hint: INTERFACE_HINT })

const INTERFACE_HINT =
  'A core module exports memory, alloc and its functions as (i32, i32) → i64; `ifab chassis new` shows one that works.'

const show = ({ params, results }: WasmSignature): string =>
  `(${params.join(', ')}) → ${results.length === 0 ? 'nothing' : results.join(', ')}`

function hintFor(module: string): string {
  if (module.startsWith('wasi_')) return 'There is no WASI here: build for a freestanding target. '
  if (module === 'env') return 'Build it so that it needs nothing of its language’s own host. '
  return ''
}
