// From bytes to a module that may run: signature first, then contract, description and manifest, then what a core module
// imports and exports. Nothing of the module runs here. One that is refused names the file, the place and the rule.
import type { z } from 'zod'
import { type Manifest, manifestSchema, type TrustedKey, verifyManifest } from '../../adapter/index.ts'
import { describeIssue, formatPath, isFabricError } from '../../foundation/index.ts'
import type { GuestSource } from '../guest-protocol.ts'
import { type Metered, meterModule } from '../metering/meter-module.ts'
import { type Description, descriptionSchema, type ExamplePlans, examplePlansSchema } from './description.ts'
import { checkExports, checkImports, type ModuleKind } from './guest-interface.ts'
import type { LoadedModule } from './loaded-module.ts'
import { invalidModule } from './module-faults.ts'
import { type ModulePart, type OpenedModule, openModule } from './module-file.ts'
import { limitsOf, type ServiceContract, serviceContractSchema } from './service-contract.ts'

export interface LoadOptions {
  /** How errors name it. */
  file: string
  trustedKeys: readonly TrustedKey[]
  /** Default: now. */
  now?: Date
}

/** Verifies a module file; IF_ERR_MODULE_INVALID, IF_ERR_MODULE_UNTRUSTED, of its manifest IF_ERR_MANIFEST_UNTRUSTED. */
export function loadModule(bytes: Uint8Array, options: LoadOptions): LoadedModule {
  const { file } = options
  const opened = openModule(bytes, options)
  const contract = partOf(opened, 'contract', serviceContractSchema, file)
  const description = partOf(opened, 'description', descriptionSchema, file)
  if (contract.version !== description.version) {
    throw invalidModule(
      file,
      `its contract is of version ${contract.version}, it describes itself as ${description.version}`,
    )
  }
  const examples = opened.parts.has('examples') ? partOf(opened, 'examples', examplePlansSchema, file) : {}
  return {
    id: description.id,
    version: description.version,
    digest: opened.digest,
    signedBy: opened.signedBy,
    contract,
    description,
    examples: checkedExamples(description, examples, file),
    manifest: manifestOf(opened, description, file, options.now),
    source: opened.kind === 'script' ? scriptSource(opened) : wasmSource(opened.wasm, contract, description.kind, file),
    size: bytes.length,
  }
}

/** A core module within the limits of a contract, metered; refused where it imports or exports what it must not. */
export function meteredFor(
  wasm: Uint8Array,
  { contract, kind, file }: { contract: ServiceContract; kind: ModuleKind | undefined; file: string },
): Metered {
  const { memoryBytes, tableElements, callDepth } = limitsOf(contract)
  const metered = inFile(file, () =>
    meterModule(wasm, {
      charge: 'exact',
      memory: { maxPages: Math.floor(memoryBytes / 65_536) },
      tableElements,
      callDepth,
    }),
  )
  checkImports(metered.imports, file)
  checkExports(metered.exports, kind, file)
  if (!WebAssembly.validate(metered.bytes)) {
    throw invalidModule(file, `its code does not validate${reasonOf(metered.bytes)}`)
  }
  return metered
}

/** Ready for a worker: compiled at the first call, once; the bytes go then. */
export function wasmSource(
  wasm: Uint8Array,
  contract: ServiceContract,
  kind: ModuleKind | undefined,
  file: string,
): () => Promise<GuestSource> {
  let metered: Metered | undefined = meteredFor(wasm, { contract, kind, file })
  let compiled: Promise<GuestSource> | undefined
  return () => {
    if (metered) {
      compiled = WebAssembly.compile(metered.bytes).then((module) => ({ kind: 'wasm', module }))
      metered = undefined
    }
    return compiled as Promise<GuestSource> // set above, at the first call
  }
}

function scriptSource({ parts }: OpenedModule): () => Promise<GuestSource> {
  const script = parts.get('script')?.text ?? '' // openModule has seen that it is there
  return async () => ({ kind: 'script', script })
}

function partOf<S extends z.ZodType>(opened: OpenedModule, part: ModulePart, schema: S, file: string): z.output<S> {
  const found = opened.parts.get(part)
  if (!found) throw invalidModule(file, `it has no section infrafabric.${part}`)
  const { text, offset } = found
  const parsed = schema.safeParse(jsonOf(text, part, offset, file))
  if (parsed.success) return parsed.data
  const unknown = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys')
  const issue = unknown ?? parsed.error.issues[0]
  const field = [part, formatPath(issue?.path ?? [])].filter(Boolean).join('.')
  throw invalidModule(file, issue ? describeIssue(issue) : 'is wrong', { offset, field })
}

function jsonOf(text: string, part: ModulePart, offset: number, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidModule(file, `the section infrafabric.${part} is not JSON`, { offset, cause })
  }
}

/** Of an adapter one plan an example, so that its manifest can be generated without asking it. */
function checkedExamples(description: Description, examples: ExamplePlans, file: string): ExamplePlans {
  const operations = description.kind === 'adapter' ? Object.entries(description.operations) : []
  const wrong =
    operations.find(([name, { examples: described }]) => examples[name]?.length !== described.length)?.[0] ??
    Object.keys(examples).find((name) => !operations.some(([known]) => known === name))
  if (wrong === undefined) return examples
  throw invalidModule(file, `it does not hold one plan for each example of ${wrong}`, { field: `examples.${wrong}` })
}

function manifestOf(
  opened: OpenedModule,
  description: Description,
  file: string,
  now: Date | undefined,
): Manifest | undefined {
  const isThere = opened.parts.has('manifest')
  if (description.kind === 'agent') {
    if (isThere) throw invalidModule(file, 'an agent has no manifest: it reaches nothing by itself')
    return undefined
  }
  const manifest = partOf(opened, 'manifest', manifestSchema, file)
  const expected = manifestNames(description)
  const differs = (['id', 'version', 'entrypoint'] as const).find((name) => manifest[name] !== expected[name])
  if (differs !== undefined) {
    const problem = `is ${JSON.stringify(manifest[differs])}, expected ${JSON.stringify(expected[differs])}`
    throw invalidModule(file, problem, { field: `manifest.${differs}` })
  }
  verifyManifest(manifest, [opened.key], now ? { now } : {})
  return manifest
}

/** What ties a manifest to its module. */
export const manifestNames = ({ id, version }: { id: string; version: string }) => ({
  id: `if://capability/${id}`,
  version,
  entrypoint: `module:${id}@${version}`,
})

/** Metering names the byte, the file is ours to name. */
function inFile<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_MODULE_INVALID') throw thrown
    const { offset } = thrown.details
    throw invalidModule(file, thrown.message.replace(/^wasm byte \d+: /, ''), {
      ...(typeof offset === 'number' ? { offset } : {}),
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      cause: thrown,
    })
  }
}

/** The engine's own words, which `validate` keeps to itself. */
function reasonOf(bytes: Uint8Array): string {
  try {
    new WebAssembly.Module(bytes)
    return ''
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message.replace(/^WebAssembly\.Module\(\): /, '') : String(thrown)
    return ` (after metering: ${words})`
  }
}
