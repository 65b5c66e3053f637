// Moves the key between its file and the keyring of the system. It is written to the new place and read back there, then the
// record of the store names the new place, and only then the old one is emptied: a crash anywhere leaves it readable.
import { isFabricError } from '../foundation/index.ts'
import { retryConflict } from '../store/index.ts'
import { endKeyChange, type KeptKey, needKeyState } from './end-key-change.ts'
import { type KeyRecord, type KeyState, keyRecordWrite, type PlacedKey } from './key-record.ts'
import { type KeyRing, type KeyRingOptions, openKeyRing } from './key-ring.ts'
import { type KeyLocation, type KeyPlaceKind, storeKey } from './vault-key.ts'

export interface VaultKeyFacts {
  /** Names the key and tells nothing of it. */
  id: string
  where: KeyPlaceKind
  /** Whether a rotation has not ended. */
  isRotating: boolean
  /** Places that still hold a key which nobody looks for there. */
  leftovers: KeyLocation[]
}

/** Where the key is; undefined in a home without one. */
export async function describeVaultKey(options: KeyRingOptions): Promise<VaultKeyFacts | undefined> {
  const state = await openKeyRing(options).state()
  if (!state) return undefined
  const { current, retiring, leaving } = state.record
  return { id: current.id, where: current.at.in, isRotating: retiring.length > 0, leftovers: leaving }
}

export interface KeyMove {
  id: string
  where: KeyPlaceKind
  /** False where it was there already. */
  moved: boolean
  /** What could not be removed from the old place yet; moving again tries again. */
  leftovers: KeptKey[]
}

/**
 * Moves the key, and during a rotation the old one too. IF_ERR_NOT_FOUND in a home without a key,
 * IF_ERR_SECRET_UNREADABLE where a place can't be used; nothing is changed then.
 */
export async function moveVaultKey({ to, ...options }: KeyRingOptions & { to: KeyPlaceKind }): Promise<KeyMove> {
  const ring = openKeyRing(options)
  const { current, moved } = await retryConflict(() => moveOnce(ring, to))
  return { id: current.id, where: to, moved, leftovers: await endKeyChange(ring) }
}

async function moveOnce(ring: KeyRing, to: KeyPlaceKind): Promise<{ current: PlacedKey; moved: boolean }> {
  const state = await needKeyState(ring)
  const { record } = state
  const old = [record.current, ...record.retiring].filter(({ at }) => at.in !== to).map(({ at }) => at)
  if (old.length === 0) return { current: record.current, moved: false }
  const written: KeyLocation[] = []
  const removeWritten = async () => {
    for (const { in: kind, name } of written) await ring.places[kind].remove(name)
  }
  try {
    const moved = await moveKeys(ring, { state, to, onWritten: (at) => written.push(at) })
    const changed = { ...record, ...moved, leaving: [...record.leaving, ...old] }
    await ring.store.commit([keyRecordWrite({ record: changed, revision: state.revision })])
    return { current: moved.current, moved: true }
  } catch (thrown) {
    // A commit whose end is unknown may have made them the ones to look for.
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_STORE_UNAVAILABLE') await removeWritten()
    throw thrown
  }
}

interface KeysMove {
  state: KeyState
  to: KeyPlaceKind
  onWritten: (at: KeyLocation) => void
}

/** Writes what is elsewhere to the new place. */
async function moveKeys(
  ring: KeyRing,
  { state, to, onWritten }: KeysMove,
): Promise<Pick<KeyRecord, 'current' | 'retiring'>> {
  const move = async (placed: PlacedKey): Promise<PlacedKey> => {
    if (placed.at.in === to) return placed
    const key = await ring.take(placed, state)
    const at = await storeKey(ring.places, to, key)
    onWritten(at)
    return { ...placed, at }
  }
  const current = await move(state.record.current)
  const retiring: PlacedKey[] = []
  for (const placed of state.record.retiring) retiring.push(await move(placed))
  return { current, retiring }
}
