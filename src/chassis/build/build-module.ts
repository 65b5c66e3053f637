// Builds a module file: bundles or reads the code, asks it what it is, plans every example, generates the manifest, and
// seals all of it under one signature. The module runs while it is built, in the same sandbox and under the same contract
// as later; what it says of itself is believed only as far as its schema goes.
import { type Manifest, rawPublicKey, signingKeyOf, signManifest } from '../../adapter/index.ts'
import { describeIssue, formatPath, invalidFile, optional, sha256Hex } from '../../foundation/index.ts'
import { guestOf } from '../adapter/module-guest.ts'
import {
  type AdapterDescription,
  type Description,
  descriptionSchema,
  type ExamplePlans,
} from '../module/description.ts'
import { loadModule, manifestNames, wasmSource } from '../module/load-module.ts'
import type { LoadedModule } from '../module/loaded-module.ts'
import { invalidModule } from '../module/module-faults.ts'
import { sealModule } from '../module/module-file.ts'
import { seedOf } from '../module/seed.ts'
import { defaultContract, type ServiceContract } from '../module/service-contract.ts'
import type { Chassis } from '../port.ts'
import { type ContractFile, contractFor, type ModuleSource, readSource } from './module-source.ts'
import { planExamples } from './plan-examples.ts'

export interface BuildOptions {
  /** A `.ts`, `.mts`, `.js`, `.mjs` or `.wasm` file. */
  input: string
  /** Default: `contract.yaml` beside the input, else one with every default. */
  contract?: string
  /** PKCS #8 PEM, Ed25519. */
  key: string
  chassis: Pick<Chassis, 'run' | 'forget'>
  /** The unsigned manifest of an adapter. */
  manifestOf: (description: AdapterDescription, examples: ExamplePlans) => Manifest
  signal?: AbortSignal
}

export interface BuiltModule {
  /** The .ifwasm file. */
  bytes: Uint8Array
  /** As it loads where the signing key is trusted. */
  module: LoadedModule
  /** The contract's file; undefined where the default one was taken. */
  contractFile: string | undefined
}

/** Builds it; each fault names the file and line, or the field of what the module says. */
export async function buildModule(options: BuildOptions): Promise<BuiltModule> {
  const { input, key, chassis } = options
  const publicKey = rawPublicKey(signingKeyOf(key)) // a wrong key is told of before anything runs
  const source = await readSource(input)
  const contractFile = await contractFor(source, options.contract)
  const provisional = unbuilt(source, contractFile?.value ?? defaultContract({ swarm: 'unbuilt', version: '0.0.0' }))
  try {
    const { description, contract, ...facts } = await factsOf(provisional, source, contractFile, options)
    const bytes = sealModule(source.code, { contract, description, ...facts }, key)
    const trustedKeys = [{ name: 'builder', algorithm: 'ed25519' as const, publicKey }]
    return { bytes, module: loadModule(bytes, { file: input, trustedKeys }), contractFile: contractFile?.file }
  } finally {
    chassis.forget(provisional.digest)
  }
}

/** What the module says of itself, asked in the sandbox. */
async function factsOf(
  provisional: LoadedModule,
  source: ModuleSource,
  contractFile: ContractFile | undefined,
  { input, key, chassis: host, manifestOf, signal }: BuildOptions,
) {
  const chassis: Pick<Chassis, 'run'> = { run: (call) => host.run({ ...call, ...optional('signal', signal) }) }
  const description = await describe(provisional, chassis, input)
  const contract = contractOf(description, contractFile)
  source.checkKind(description.kind, contract)
  if (description.kind === 'agent') return { description, contract }
  const guest = guestOf({ chassis, module: { ...provisional, id: description.id, contract } })
  const examples = await planExamples(description, guest)
  const manifest = { ...manifestOf(description, examples), ...manifestNames(description) }
  return { description, contract, examples, manifest: signManifest(manifest, key) }
}

/** The module before anybody knows what it is. */
function unbuilt({ code, input }: ModuleSource, contract: ServiceContract): LoadedModule {
  const bytes = code.kind === 'script' ? code.script : code.wasm
  return {
    id: 'unbuilt',
    version: contract.version,
    digest: sha256Hex(bytes),
    signedBy: 'nobody',
    contract,
    description: { kind: 'agent', id: 'unbuilt', name: input, version: contract.version },
    examples: {},
    manifest: undefined,
    source:
      code.kind === 'script'
        ? async () => ({ kind: 'script', script: code.script })
        : wasmSource(code.wasm, contract, undefined, input),
    size: bytes.length,
  }
}

async function describe(module: LoadedModule, chassis: Pick<Chassis, 'run'>, input: string): Promise<Description> {
  const seed = seedOf({ module: module.digest, operation: 'describe', input: null })
  const { output } = await chassis.run({ module, export: 'describe', input: null, seed, fresh: true })
  const parsed = descriptionSchema.safeParse(output)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? parsed.error.issues[0]
  throw invalidModule(input, issue ? describeIssue(issue) : 'is wrong', {
    field: ['describe', formatPath(issue?.path ?? [])].filter(Boolean).join(': '),
    hint: 'Correct what `describe` answers and build again.',
  })
}

function contractOf({ id, version }: Description, contractFile: ContractFile | undefined): ServiceContract {
  if (!contractFile) return defaultContract({ swarm: id, version })
  const { value, lineOf, file } = contractFile
  if (value.version === version) return value
  const problem = `expected ${version}, the version that \`describe\` tells, got ${value.version}`
  throw invalidFile(file, lineOf(['version']), 'version', problem)
}
