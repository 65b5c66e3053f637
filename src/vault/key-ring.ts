// The keys of a home: finds the one that a stored secret was encrypted under, wherever it lies, and the one to encrypt
// under now. Each key is read once a process. A new key is made only while nothing is encrypted under a lost one.
import { FabricError } from '../foundation/index.ts'
import { prefixOf, type Store } from '../store/index.ts'
import { FIRST_KEY, keyFileIn, keyFolderAt } from './key-file.ts'
import { readKeyNote } from './key-note.ts'
import { firstRecord, type KeyState, type PlacedKey, readKeyRecord } from './key-record.ts'
import { openKeyring } from './os-keyring.ts'
import { type KeyPlaces, keyIdOf, newKey, storeKey } from './vault-key.ts'

/** Prefix of all stored secrets. */
export const SECRETS = 'secret'

export interface KeyRingOptions {
  /** Folder of the key files. */
  keysDir: string
  store: Store
  /** Finds the keyring. */
  env: Record<string, string | undefined>
}

export interface KeyRing {
  readonly keysDir: string
  readonly store: Store
  readonly places: KeyPlaces
  /** The key of this id; without one, every key that a record without id may be under. IF_ERR_SECRET_UNREADABLE: lost. */
  forReading(id: string | undefined): Promise<Buffer[]>
  /** The key to encrypt under, made now in a new home, and the state that is to be written with what it encrypts. */
  forWriting(): Promise<{ key: Buffer; state: KeyState }>
  /** Made out of `vault.key` where no record is; undefined in a home without a key. */
  state(): Promise<KeyState | undefined>
  /**
   * A key that the state names. IF_ERR_SECRET_UNREADABLE where it is nowhere, IF_ERR_CONFLICT where another process has moved
   * or changed the key since the state was read.
   */
  take(key: PlacedKey, state: KeyState): Promise<Buffer>
}

export function openKeyRing({ keysDir, store, env }: KeyRingOptions): KeyRing {
  const folder = keyFolderAt(keysDir)
  const places = { file: folder, keyring: openKeyring({ keysDir, env }) }
  const known = new Map<string, Buffer>()
  const reading = new Map<string, Promise<Buffer | undefined>>()

  const lost = (id?: string): FabricError =>
    new FabricError('IF_ERR_SECRET_UNREADABLE', `${keysDir}: the key that the stored secrets need is missing`, {
      hint: `Restore ${FIRST_KEY} from a backup of this home (the whole folder, where the key was changed since); without it remove the stored secrets and set them again.`,
      details: { folder: keysDir, ...(id === undefined ? {} : { key: id }) },
    })

  /** Where it should be; then, after a restore from a backup, wherever else a key can be. */
  async function look({ id, at }: { id: string; at?: PlacedKey['at'] }): Promise<Buffer | undefined> {
    const isIt = (key: Buffer | undefined) => key !== undefined && keyIdOf(key) === id
    const expected = at && (await places[at.in].read(at.name))
    if (isIt(expected)) return expected
    for (const name of await folder.names()) {
      const key = await folder.read(name)
      if (isIt(key)) return key
    }
    const note = await readKeyNote(keysDir)
    const kept = note && note.name !== at?.name ? await places.keyring.read(note.name) : undefined
    return isIt(kept) ? kept : undefined
  }

  async function find(placed: { id: string; at?: PlacedKey['at'] }): Promise<Buffer | undefined> {
    const { id } = placed
    const before = known.get(id)
    if (before) return before
    const looking = reading.get(id) ?? look(placed).finally(() => reading.delete(id))
    reading.set(id, looking)
    const key = await looking
    if (key) known.set(id, key)
    return key
  }

  async function state(): Promise<KeyState | undefined> {
    const found = await readKeyRecord(store)
    if (found) return found
    const first = await keyFileIn(keysDir).read()
    return first && stateOf(first)
  }

  async function forWriting(): Promise<{ key: Buffer; state: KeyState }> {
    const before = await state()
    const key = before && (await find(before.record.current))
    if (before && key) return { key, state: before }
    const [encrypted] = await store.range(prefixOf(SECRETS), { limit: 1 })
    const now = await state()
    // Another process has moved or changed the key meanwhile.
    if (now?.revision !== before?.revision) return forWriting()
    if (encrypted) throw lost(before?.record.current.id)
    if (!before) {
      const first = await keyFileIn(keysDir).readOrCreate()
      return { key: first, state: stateOf(first) }
    }
    // Nobody needs the lost one.
    const fresh = newKey()
    const at = await storeKey(places, before.record.current.at.in, fresh)
    const record = { ...firstRecord({ id: keyIdOf(fresh), at }), leaving: before.record.leaving }
    return { key: fresh, state: { record, revision: before.revision } }
  }

  async function forReading(id: string | undefined): Promise<Buffer[]> {
    const found = await state()
    const placed = found ? [found.record.current, ...found.record.retiring] : []
    const wanted = id === undefined ? placed : [placed.find((key) => key.id === id) ?? { id }]
    const keys = await Promise.all(wanted.map(find))
    const there = keys.filter((key) => key !== undefined)
    if (there.length > 0) return there
    // Another process has moved it meanwhile.
    if ((await state())?.revision !== found?.revision) return forReading(id)
    throw lost(id)
  }

  return {
    keysDir,
    store,
    places,
    state,
    forWriting,
    forReading,

    async take(placed, since) {
      const key = await find(placed)
      if (key) return key
      if ((await state())?.revision === since.revision) throw lost(placed.id)
      throw new FabricError('IF_ERR_CONFLICT', `${keysDir}: another process changes the key for secrets`, {
        hint: 'Try again.',
      })
    },
  }
}

const stateOf = (first: Buffer): KeyState => ({
  record: firstRecord({ id: keyIdOf(first), at: { in: 'file', name: FIRST_KEY } }),
  revision: 'absent',
})
