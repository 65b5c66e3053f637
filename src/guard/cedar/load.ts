// Policies from folders: every *.cedar directly inside, all of them or none. What was compiled once is kept in the store,
// so that a process which has nothing to evaluate doesn't load the engine only to parse.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, FabricError, isFabricError, type JsonValue, timestamp } from '../../foundation/index.ts'
import { keyOf, prefixOf, type Store } from '../../store/index.ts'
import {
  type CompiledPolicy,
  type CompileOptions,
  compileDigest,
  compilePolicies,
  faultError,
  type PolicyFile,
} from './compile.ts'
import { createPolicySet, type PolicySet } from './policy-set.ts'

export interface PolicyFolder {
  path: string
  /** What people are told that its files are in: `policies`. */
  name: string
  /** Whether it has to be there; a folder that may be missing then holds no policies. */
  isRequired: boolean
  /** Default true. A folder of strangers may forbid and ask, but lift nothing: a permit in it is refused. */
  mayPermit?: boolean
}

export interface LoadOptions extends CompileOptions {
  folders: readonly PolicyFolder[]
  /** Where compiled policies are kept; without it they are compiled each time. */
  kept?: { store: Store; clock: Clock }
}

type KeptPolicies = { at: string; policies: CompiledPolicy[] }

/** Compiled sets that are kept; older ones are dropped. */
const MOST_KEPT = 4

/** All policies of the folders; IF_ERR_INVALID_FILE names the first fault, and all of them in its details. */
export const loadPolicies = async (options: LoadOptions): Promise<PolicySet> =>
  policySetOf(await readPolicyFolders(options.folders), options)

/** Every policy file of the folders, in order. */
export const readPolicyFolders = async (folders: readonly PolicyFolder[]): Promise<PolicyFile[]> =>
  (await Promise.all(folders.map(filesOf))).flat()

/** The policies of these files; fails as `loadPolicies` does. */
export async function policySetOf(
  files: readonly PolicyFile[],
  options: Omit<LoadOptions, 'folders'>,
): Promise<PolicySet> {
  const digest = compileDigest(files, options)
  const known = await options.kept?.store.get<KeptPolicies>(keyOf('policy-compiled', digest))
  if (known) return createPolicySet(known.value.policies, digest)
  const { policies, faults } = compilePolicies(files, options)
  const [first] = faults
  if (first) {
    const { message, hint, details } = faultError(first)
    throw new FabricError('IF_ERR_INVALID_FILE', message, {
      ...(hint ? { hint } : {}),
      details: { ...details, faults },
    })
  }
  if (policies.length > 0 && options.kept) await keep(options.kept, digest, policies)
  return createPolicySet(policies, digest)
}

/** Moves with every change of the folders or of a file in them. */
export async function stampOf(folders: readonly PolicyFolder[]): Promise<string> {
  const stamps = folders.map(async ({ path }) => {
    const names = await namesIn(path).catch((thrown: NodeJS.ErrnoException) => [thrown.code ?? ''])
    const files = names.map(async (name) => {
      const found = await stat(join(path, name)).catch(() => undefined)
      return [name, found?.mtimeMs, found?.ctimeMs, found?.size, found?.ino].join('/')
    })
    return (await Promise.all(files)).join('\n')
  })
  return (await Promise.all(stamps)).join('\n\n')
}

async function filesOf({ path, name, isRequired, mayPermit = true }: PolicyFolder): Promise<PolicyFile[]> {
  const names = await namesIn(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && !isRequired) return []
    throw unreadable(name, cause)
  })
  return Promise.all(
    names.map(async (file) => ({
      name: `${name}/${file}`,
      ...(mayPermit ? {} : { mayPermit }),
      text: await readFile(join(path, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        throw unreadable(`${name}/${file}`, cause)
      }),
    })),
  )
}

const namesIn = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => name.endsWith('.cedar') && !name.startsWith('.')).sort()

const unreadable = (name: string, cause: NodeJS.ErrnoException): FabricError =>
  new FabricError('IF_ERR_INVALID_FILE', `${name}: cannot be read (${cause.code})`, {
    hint: 'Put it back, or make it readable.',
    details: { file: name },
    cause,
  })

async function keep({ store, clock }: { store: Store; clock: Clock }, digest: string, policies: CompiledPolicy[]) {
  const key = keyOf('policy-compiled', digest)
  const older = await store.range<KeptPolicies>(prefixOf('policy-compiled'))
  const dropped = older.sort((a, b) => b.value.at.localeCompare(a.value.at)).slice(MOST_KEPT - 1)
  const value = JSON.parse(JSON.stringify({ at: timestamp(clock.now()), policies })) as JsonValue
  try {
    await store.commit([
      { key, value, expect: 'any' },
      ...dropped.map((entry) => ({ key: entry.key, value: undefined, expect: 'any' as const })),
    ])
  } catch (thrown) {
    // Only a convenience: a store that can't be written (a full disk) must not keep policies from holding.
    if (!isFabricError(thrown)) throw thrown
  }
}
