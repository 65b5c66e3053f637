// The vault: secrets at rest in the store, encrypted, each bound to one instance and the origins it was set for.
// Hands them out one at a time, for one origin, and tells the redactor of every value before anybody else sees it.
import { type Clock, FabricError, type Redactor, Secret } from '../foundation/index.ts'
import { keyOf, prefixOf, type Revision, type Store, segmentsOf, type Write } from '../store/index.ts'
import { type KeyFile, keyFileIn } from './key-file.ts'
import { normaliseOrigin, normaliseOrigins } from './origin.ts'
import {
  createFileReader,
  type FileReader,
  missing,
  readVariable,
  SECRET_BYTES_MAX,
  type SecretPlace,
  unreadable,
} from './outside.ts'
import type { SecretSource } from './port.ts'
import type { SecretReference } from './reference.ts'
import { sealedSchema, sealSecret, unsealSecret } from './sealed.ts'

export interface VaultOptions {
  /** Folder of `vault.key`. */
  keysDir: string
  store: Store
  /** Where `env:` references are read. */
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
  /** Removes one stored secret or all of an instance; returns how many there were. */
  remove(instance: string, name?: string): Promise<number>
  /** What is stored, without values, by instance and name. */
  list(instance?: string): Promise<StoredSecret[]>
  /** Opens the secrets of one instance for the egress door. */
  sourceFor(options: SourceOptions): SecretSource
}

/** Opens the vault over a store. The key is made with the first secret. */
export function openVault({ keysDir, store, env, clock, redactor }: VaultOptions): Vault {
  const keyFile = keyFileIn(keysDir)
  const parts: Parts = { store, env, key: rememberKey(keyFile, store), readFile: createFileReader(), opened: new Map() }
  const told = new Set<string>()
  const tell = (value: string): Secret => {
    if (!told.has(value)) {
      redactor.add(value)
      told.add(value)
    }
    return new Secret(value)
  }

  return {
    async set(instance, name, value, binding) {
      const text = typeof value === 'string' ? value : value.reveal()
      tell(text)
      checkValue(text, { instance, name })
      const origins = normaliseOrigins(binding.origins)
      const key = await parts.key.forWriting()
      const sealed = sealSecret(text, { key, binding: { instance, name, origins }, setAt: clock.now() })
      await store.commit([{ key: keyOf(ROOT, instance, name), value: sealed, expect: 'any' }])
    },

    async remove(instance, name) {
      const stored = (await readAll(store, instance)).filter((secret) => name === undefined || secret.name === name)
      const writes = stored.map(
        (secret): Write => ({
          key: keyOf(ROOT, instance, secret.name),
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
          if (!allowed.has(asked)) throw otherOrigin(place, asked, [...allowed])
          return tell(await readSecret(reference, { place, origin: asked }, parts))
        },
      }
    },
  }
}

const ROOT = 'secret'

interface Parts {
  store: Store
  env: Record<string, string | undefined>
  key: RememberedKey
  readFile: FileReader
  /** Stored secrets that were opened, as long as their record is the same. */
  opened: Map<string, { revision: Revision; origins: string[]; value: Secret }>
}

async function readSecret(
  reference: SecretReference,
  { place, origin }: { place: SecretPlace; origin: string },
  { store, env, key, readFile, opened }: Parts,
): Promise<string> {
  switch (reference.kind) {
    case 'env':
      return readVariable(reference, place, env)
    case 'file':
      return readFile(reference, place)
    case 'vault': {
      const at = keyOf(ROOT, place.instance, place.name)
      const entry = await store.get(at)
      if (!entry) throw missing(place, 'nothing is stored for it', setHint(place))
      const before = opened.get(at)
      if (before?.revision === entry.revision && before.origins.includes(origin)) return before.value.reveal()
      const sealed = sealedSchema.safeParse(entry.value)
      if (!sealed.success) throw altered(place)
      if (!sealed.data.origins.includes(origin)) throw otherOrigin(place, origin, sealed.data.origins)
      const value = unsealSecret(sealed.data, { key: await key.forReading(), ...place })
      if (value === undefined) throw altered(place)
      opened.set(at, { revision: entry.revision, origins: sealed.data.origins, value: new Secret(value) })
      return value
    }
  }
}

async function readAll(store: Store, instance?: string): Promise<StoredSecret[]> {
  const entries = await store.range(instance === undefined ? prefixOf(ROOT) : prefixOf(ROOT, instance))
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

interface RememberedKey {
  forReading(): Promise<Buffer>
  forWriting(): Promise<Buffer>
}

/** Reads the key file once. A new key is made only while nothing is encrypted under a lost one. */
function rememberKey(keyFile: KeyFile, store: Store): RememberedKey {
  let known: Buffer | undefined
  const lost = () =>
    new FabricError('IF_ERR_SECRET_UNREADABLE', `${keyFile.path}: the key that the stored secrets need is missing`, {
      hint: `Restore vault.key from a backup of this home; without it remove the stored secrets and set them again.`,
      details: { file: keyFile.path },
    })
  return {
    async forReading() {
      known ??= await keyFile.read()
      if (known) return known
      throw lost()
    },
    async forWriting() {
      known ??= await keyFile.read()
      if (known) return known
      const [encrypted] = await store.range(prefixOf(ROOT), { limit: 1 })
      if (encrypted) throw lost()
      known = await keyFile.readOrCreate()
      return known
    },
  }
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

const setHint = ({ instance, name }: SecretPlace): string => `Set it with: ifab secret set ${instance} ${name}`

const altered = (place: SecretPlace): FabricError =>
  unreadable(place, 'the stored record was altered, moved, or encrypted with another key', setHint(place))

const otherOrigin = (place: SecretPlace, asked: string, bound: string[]): FabricError =>
  unreadable(place, `it is bound to ${bound.join(', ')} and was asked for ${asked}`, setHint(place))
