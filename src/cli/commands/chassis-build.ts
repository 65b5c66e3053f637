// ifab chassis build: code becomes one signed module file. The module runs meanwhile in a sandbox of this process, so
// neither a fabric nor a daemon is needed; of the home only the keys are.
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { rawPublicKey } from '../../adapter/index.ts'
import {
  type BuiltModule,
  buildModule,
  type LoadedModule,
  manifestOf,
  openChassis,
  ownKey,
  quickJsModule,
} from '../../chassis/index.ts'
import { FabricError, homeAt, type JsonObject, silentLogger, systemClock } from '../../foundation/index.ts'
import { readKeyFile } from '../input/key-file.ts'
import { trustedKeys } from '../input/trusted-keys.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { type ModuleFacts, modulePage } from '../output/module-text.ts'
import { shellWord } from '../output/shell-words.ts'

export const chassisBuildCommand: CommandHandler = async (invocation) => {
  const { flags, console } = invocation
  const key = await signingKey(invocation)
  const built = await build(invocation, key.pem)
  const facts = factsOf(built.module, key.name ?? 'a key that this home does not trust')
  const file = flags.text('out') ?? `${facts.id}.ifwasm`
  await replace(file, built.bytes)
  const contract = built.contractFile ?? 'none given, so every default'
  console.result(
    { ...facts, signedBy: key.name ?? null, publicKey: key.publicKey, file, contractFile: built.contractFile ?? null },
    `${console.out.good('✓')} ${file} · contract: ${contract}\n${modulePage(facts, console.out)}`,
  )
  if (key.name === undefined) console.note(console.err.warn(`! to load it, trust ${key.publicKey} in ${key.trustFile}`))
  console.note(`Next: ifab chassis load ${shellWord(file)}`)
}

interface SigningKey {
  pem: string
  publicKey: string
  /** By which this home trusts it, where it does. */
  name: string | undefined
  trustFile: string
}

/** That of --key, else the operator's own. */
async function signingKey({ flags, io }: Invocation): Promise<SigningKey> {
  const home = homeAt(flags.text('home'), io.env).path
  const path = flags.text('key')
  if (path === undefined) {
    const { pem, name, trustFile } = await ownKey(home)
    return { pem, publicKey: rawPublicKey(createPrivateKey(pem)), name, trustFile }
  }
  const pem = await readKeyFile(path)
  const publicKey = publicHalf(pem, path)
  const known = (await trustedKeys(home)).find((key) => key.publicKey === publicKey)
  return { pem, publicKey, name: known?.name, trustFile: `${home}/trust/keys.yaml` }
}

function publicHalf(pem: string, path: string): string {
  const key = privateKey(pem)
  if (key?.asymmetricKeyType === 'ed25519') return rawPublicKey(key)
  throw new FabricError('IF_ERR_USAGE', `--key ${path}: it is no Ed25519 private key in PEM`, {
    hint: 'Make one with: openssl genpkey -algorithm ed25519 -out own.pem',
  })
}

function privateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined // the parser's own words may quote the key
  }
}

async function build({ args, flags, io }: Invocation, key: string): Promise<BuiltModule> {
  const [input = ''] = args // required by the command tree
  const contract = flags.text('contract')
  const chassis = await openChassis({ clock: systemClock, logger: silentLogger, quickJs: quickJsModule })
  const interruption = listenForInterrupt(io)
  try {
    return await buildModule({
      input,
      ...(contract === undefined ? {} : { contract }),
      key,
      chassis,
      manifestOf,
      signal: interruption.stop,
    })
  } catch (thrown) {
    const { exitCode } = interruption
    if (exitCode === undefined) throw thrown
    throw new FabricError('IF_ERR_CANCELLED', 'stopped; nothing was written', { details: { exitCode }, cause: thrown })
  } finally {
    interruption.end()
    await chassis.close()
  }
}

const factsOf = (module: LoadedModule, signedBy: string): ModuleFacts => ({
  id: module.id,
  version: module.version,
  kind: module.description.kind,
  name: module.description.name,
  digest: module.digest,
  signedBy,
  operations:
    module.description.kind === 'adapter'
      ? Object.entries(module.description.operations).map(([id, { effect }]) => ({ id, effect }))
      : [],
  hosts: [...(module.manifest?.hosts ?? [])],
  input: module.description.kind === 'agent' ? (module.description.input ?? null) : null,
  contract: module.contract as unknown as JsonObject, // JSON by its schema
  sizeBytes: module.size,
})

/** Whoever loads it meanwhile finds the old one or the new one, whole. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, bytes)
    await rename(draft, path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new FabricError('IF_ERR_USAGE', `--out ${path}: the file cannot be written (${code})`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}
