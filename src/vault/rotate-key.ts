// Gives a home a new key: made and read back first, then named by the record as the one to encrypt under, then every stored
// secret is encrypted again, and only when none is left under the old key, that one goes. Both are there until then, so a
// crash anywhere leaves everything readable, and other processes go on: each secret names its key. Rotating again ends a
// rotation that was cut off.
import { FabricError, isFabricError } from '../foundation/index.ts'
import { prefixOf, retryConflict, segmentsOf, type Write } from '../store/index.ts'
import { endKeyChange, type KeptKey, needKeyState } from './end-key-change.ts'
import { type KeyRecord, keyRecordWrite, type PlacedKey } from './key-record.ts'
import { type KeyRing, type KeyRingOptions, openKeyRing, SECRETS } from './key-ring.ts'
import { openSealed, setHint } from './open-sealed.ts'
import { sealedSchema, sealSecret } from './sealed.ts'
import { type KeyPlaceKind, keyIdOf, newKey, storeKey } from './vault-key.ts'

export interface KeyRotation {
  /** Names the new key and tells nothing of it. */
  id: string
  where: KeyPlaceKind
  /** How many secrets were encrypted again. */
  secrets: number
  /** It ended a rotation that was under way or cut off; the new key is that one's. */
  resumed: boolean
  /** What could not be removed yet; the next change of the key tries again. */
  leftovers: KeptKey[]
}

/** Secrets encrypted again in one commit. */
const BATCH = 64

/**
 * IF_ERR_NOT_FOUND in a home without a key; IF_ERR_SECRET_UNREADABLE where a stored secret does not open or the place of
 * the key can't be used, and nothing is changed then.
 */
export async function rotateVaultKey(options: KeyRingOptions): Promise<KeyRotation> {
  const ring = openKeyRing(options)
  if (!ring.store.capabilities.atomic) {
    throw new FabricError(
      'IF_ERR_UNSUPPORTED',
      `the key can't be changed over the store ${ring.store.capabilities.engine}`,
      {
        hint: 'It needs a store that commits several records at once.',
      },
    )
  }
  const { target, resumed } = await startRotation(ring)
  let secrets = 0
  for (let more = true; more; ) {
    const sealed = await retryConflict(() => sealSome(ring, target))
    secrets += sealed
    more = sealed > 0
  }
  return { id: target.id, where: target.at.in, secrets, resumed, leftovers: await endKeyChange(ring) }
}

async function startRotation(ring: KeyRing): Promise<{ target: PlacedKey; resumed: boolean }> {
  const { record } = await needKeyState(ring)
  if (record.retiring.length > 0) return { target: record.current, resumed: true }
  await openEverything(ring)
  const key = newKey()
  const at = await storeKey(ring.places, record.current.at.in, key)
  const target = { id: keyIdOf(key), at }
  const isStarted = await retryConflict(async () => {
    const now = await needKeyState(ring)
    // Storing a secret moves the revision; another key or another place of it is another matter.
    if (!isSameKey(now.record, record)) return false
    const started = { ...now.record, current: target, retiring: [now.record.current] }
    await ring.store.commit([keyRecordWrite({ record: started, revision: now.revision })])
    return true
  })
  if (isStarted) return { target, resumed: false }
  await ring.places[at.in].remove(at.name)
  return startRotation(ring)
}

/** Encrypts some of what is not yet under the target; where nothing is left, the old key is given up. Returns how many. */
async function sealSome(ring: KeyRing, target: PlacedKey): Promise<number> {
  const { store } = ring
  const state = await needKeyState(ring)
  const { record, revision } = state
  // Another process ended this rotation, and perhaps began the next.
  if (record.current.id !== target.id || record.retiring.length === 0) return 0
  const entries = (await store.range(prefixOf(SECRETS))).filter(({ value }) => keyOfSealed(value) !== target.id)
  if (entries.length === 0) {
    const leaving = [...record.leaving, ...record.retiring.map(({ at }) => at)]
    await store.commit([keyRecordWrite({ record: { ...record, retiring: [], leaving }, revision })])
    return 0
  }
  const key = await ring.take(record.current, state)
  const writes = entries.slice(0, BATCH).map(async (entry): Promise<Write> => {
    const place = placeOf(entry.key)
    const { value, origins, setAt } = await openSealed(entry.value, { place, ring })
    const sealed = sealSecret(value, { key, binding: { ...place, origins }, setAt })
    return { key: entry.key, value: sealed, expect: entry.revision }
  })
  const ready = await Promise.all(writes)
  await store.commit([keyRecordWrite({ record, revision }), ...ready])
  return ready.length
}

/** Refuses to begin while something would be lost. */
async function openEverything(ring: KeyRing): Promise<void> {
  for (const { key, revision, value } of await ring.store.range(prefixOf(SECRETS))) {
    const place = placeOf(key)
    await openSealed(value, { place, ring }).catch(async (thrown) => {
      const now = await ring.store.get(key)
      if (now?.revision !== revision) return
      if (!isFabricError(thrown)) throw thrown
      throw new FabricError(thrown.code, `the key was not changed: ${thrown.message}`, {
        hint: `Set it again or remove it, then change the key. ${setHint(place)}`,
        details: thrown.details,
        cause: thrown,
      })
    })
  }
}

function placeOf(key: string): { instance: string; name: string } {
  const [, instance = '', name = ''] = segmentsOf(key)
  return { instance, name }
}

function keyOfSealed(value: unknown): string | undefined {
  const sealed = sealedSchema.safeParse(value)
  return sealed.success && sealed.data.version === 2 ? sealed.data.key : undefined
}

const isSameKey = (one: KeyRecord, other: KeyRecord): boolean =>
  one.retiring.length === 0 && one.current.id === other.current.id && one.current.at.name === other.current.at.name
