// The vault: secrets at rest in the store, encrypted, each bound to one instance and the origins it was set for.
// Hands them out one at a time, for one origin, and tells the redactor of every value before anybody else sees it.
import { type Clock, FabricError, isFabricError, type Redactor, Secret } from '../foundation/index.ts'
import {
  keyOf,
  type LogEntry,
  prefixOf,
  type Revision,
  retryConflict,
  type Store,
  segmentsOf,
  type Write,
} from '../store/index.ts'
import { keyRecordWrite } from './key-record.ts'
import { type KeyRing, openKeyRing, SECRETS } from './key-ring.ts'
import { openSealed, otherOrigin, setHint } from './open-sealed.ts'
import { coversOrigin, normaliseOrigin, normaliseOrigins } from './origin.ts'
import {
  createFileReader,
  type FileReader,
  missing,
  readVariable,
  SECRET_BYTES_MAX,
  type SecretPlace,
} from './outside.ts'
import type { SecretSource } from './port.ts'
import type { SecretReference } from './reference.ts'
import { sealedSchema, sealSecret } from './sealed.ts'

export interface VaultOptions {
  /** Folder of `vault.key`. */
  keysDir: string
  store: Store
  /** Where `env:` references are read, and what finds the keyring of the system. */
  env: Record<string, string | undefined>
  clock: Clock
  redactor: Redactor
}

export interface StoredSecret {
  instance: string
  name: string
  kind: 'vault'
  /** Milliseconds since 1970. */
  setAt: number
  origins: string[]
}

export interface SourceOptions {
  instance: string
  /** Where each secret that the provider requires comes from. */
  references: Record<string, SecretReference>
  /** Origins of the instance's settings; secrets are opened for no others. */
  origins: string[]
}

export interface Vault {
  /** Encrypts and stores a secret for an instance and its origins, replacing an earlier value. */
  set(instance: string, name: string, value: string | Secret, binding: { origins: string[] }): Promise<void>
  /**
   * Encrypts what the engine keeps for itself under a name that begins with `$`, in one commit with `writes`, which come
   * after it. IF_ERR_CONFLICT, not to be tried again, where one of these finds what it does not expect.
   */
  keep(
    instance: string,
    name: string,
    text: string,
    how: { origins: string[]; writes: Write[]; log?: LogEntry[] },
  ): Promise<void>
  /**
   * What was kept, and the revision of its record, undefined where nothing is. It is no secret but holds some: whoever
   * reads it tells the redactor. IF_ERR_SECRET_UNREADABLE where it was kept for other origins.
   */
  kept(instance: string, name: string, origin: string): Promise<{ text: string; revision: Revision } | undefined>
  /** Removes one stored secret or all of an instance; returns how many there were. */
  remove(instance: string, name?: string): Promise<number>
  /** What is stored, without values, by instance and name; a name that begins with `$` is the engine's own. */
  list(instance?: string): Promise<StoredSecret[]>
  /** Opens the secrets of one instance for the egress door. */
  sourceFor(options: SourceOptions): SecretSource
}

/** Opens the vault over a store. The key is made with the first secret. */
export function openVault({ keysDir, store, env, clock, redactor }: VaultOptions): Vault {
  const ring = openKeyRing({ keysDir, store, env })
  const parts: Parts = { store, env, ring, readFile: createFileReader(), opened: new Map() }
  const told = new Set<string>()
  const tell = (value: string): Secret => {
    if (!told.has(value)) {
      redactor.add(value)
      told.add(value)
    }
    return new Secret(value)
  }

  async function writeSealed(
    { instance, name }: SecretPlace,
    text: string,
    how: { origins: string[]; writes?: Write[]; log?: LogEntry[] },
  ): Promise<void> {
    const { writes = [], log = [] } = how
    const origins = normaliseOrigins(how.origins)
    await retryConflict(async () => {
      const { key, state } = await ring.forWriting()
      const sealed = sealSecret(text, { key, binding: { instance, name, origins }, setAt: clock.now() })
      // The state is written again, unchanged: should the key be given up in this moment, this commit conflicts.
      const own: Write[] = [
        keyRecordWrite(state),
        { key: keyOf(SECRETS, instance, name), value: sealed, expect: 'any' },
      ]
      await store.commit([...own, ...writes], log).catch((thrown: unknown) => {
        throw isConflictOf(thrown, writes) ? lostTo(thrown) : thrown
      })
    })
  }

  return {
    async set(instance, name, value, { origins }) {
      const text = typeof value === 'string' ? value : value.reveal()
      tell(text)
      checkValue(text, { instance, name })
      await writeSealed({ instance, name }, text, { origins })
    },

    keep: async (instance, name, text, how) => writeSealed({ instance, name: ownName(name) }, text, how),

    kept: async (instance, name, origin) => readKept({ instance, name: ownName(name) }, normaliseOrigin(origin), parts),

    async remove(instance, name) {
      const stored = (await readAll(store, instance)).filter((secret) => name === undefined || secret.name === name)
      const writes = stored.map(
        (secret): Write => ({
          key: keyOf(SECRETS, instance, secret.name),
          value: undefined,
          expect: 'any',
        }),
      )
      if (writes.length > 0) await store.commit(writes)
      return writes.length
    },

    list: (instance) => readAll(store, instance),

    sourceFor({ instance, references, origins }) {
      const allowed = new Set(origins.map(normaliseOrigin))
      return {
        async open(name, origin) {
          const place = { instance, name }
          const reference = Object.hasOwn(references, name) ? references[name] : undefined
          if (!reference) throw missing(place, 'the instance says nowhere where it comes from', setHint(place))
          const asked = normaliseOrigin(origin)
          if (!coversOrigin(allowed, asked)) throw otherOrigin(place, asked, [...allowed])
          return tell(await readSecret(reference, { place, origin: asked }, parts))
        },
      }
    },
  }
}

interface Parts {
  store: Store
  env: Record<string, string | undefined>
  ring: KeyRing
  readFile: FileReader
  /** Stored secrets that were opened, as long as their record is the same. */
  opened: Map<string, { revision: Revision; origins: string[]; value: Secret }>
}

async function readSecret(
  reference: SecretReference,
  { place, origin }: { place: SecretPlace; origin: string },
  parts: Parts,
): Promise<string> {
  switch (reference.kind) {
    case 'env':
      return readVariable(reference, place, parts.env)
    case 'file':
      return parts.readFile(reference, place)
    case 'vault':
      return readStored(place, origin, parts)
  }
}

async function readStored(place: SecretPlace, origin: string, parts: Parts): Promise<string> {
  const { store, ring, opened } = parts
  const at = keyOf(SECRETS, place.instance, place.name)
  const entry = await store.get(at)
  if (!entry) throw missing(place, 'nothing is stored for it', setHint(place))
  const before = opened.get(at)
  if (before?.revision === entry.revision && coversOrigin(before.origins, origin)) return before.value.reveal()
  try {
    const { value, origins } = await openSealed(entry.value, { place, origin, ring })
    opened.set(at, { revision: entry.revision, origins, value: new Secret(value) })
    return value
  } catch (thrown) {
    const now = await store.get(at)
    if (now?.revision === entry.revision) throw thrown
    // It was encrypted again, and its key given up, between the two readings.
    return readStored(place, origin, parts)
  }
}

async function readKept(
  place: SecretPlace,
  origin: string,
  parts: Parts,
): Promise<{ text: string; revision: Revision } | undefined> {
  const entry = await parts.store.get(keyOf(SECRETS, place.instance, place.name))
  return entry && { text: await readStored(place, origin, parts), revision: entry.revision }
}

/** Names of secrets never begin so. */
function ownName(name: string): string {
  if (name.startsWith('$')) return name
  throw new FabricError('IF_ERR_INTERNAL', `${name}: what the engine keeps has a name that begins with $`)
}

const isConflictOf = (thrown: unknown, writes: Write[]): thrown is FabricError =>
  isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && writes.some(({ key }) => key === thrown.details.key)

/** Another try would find the same. */
const lostTo = (conflict: FabricError): FabricError =>
  new FabricError('IF_ERR_CONFLICT', conflict.message, {
    details: conflict.details,
    cause: conflict,
    retryable: false,
  })

async function readAll(store: Store, instance?: string): Promise<StoredSecret[]> {
  const entries = await store.range(instance === undefined ? prefixOf(SECRETS) : prefixOf(SECRETS, instance))
  return entries.map(({ key, value }) => {
    const [, owner = '', name = ''] = segmentsOf(key)
    const sealed = sealedSchema.safeParse(value)
    return {
      instance: owner,
      name,
      kind: 'vault',
      setAt: sealed.data?.setAt ?? 0,
      origins: sealed.data?.origins ?? [],
    }
  })
}

function checkValue(value: string, { instance, name }: SecretPlace): void {
  const problem =
    value === ''
      ? 'it is empty'
      : Buffer.byteLength(value) > SECRET_BYTES_MAX
        ? `it is over ${SECRET_BYTES_MAX} bytes`
        : ''
  if (problem) throw new FabricError('IF_ERR_INVALID_INPUT', `${instance}: the secret ${name} is refused: ${problem}`)
}
