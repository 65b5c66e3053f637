// What every change of the key ends with: the note says where it is now, and keys are taken out of places where nobody looks
// for them any more. What can't be removed now, since a keyring is locked, stays on record and is tried again next time.
import { FabricError, isFabricError } from '../foundation/index.ts'
import { retryConflict } from '../store/index.ts'
import { removeKeyNote, writeKeyNote } from './key-note.ts'
import { type KeyState, keyRecordWrite } from './key-record.ts'
import type { KeyRing } from './key-ring.ts'
import type { KeyLocation } from './vault-key.ts'

export interface KeptKey extends KeyLocation {
  /** Why it could not be removed. */
  problem: string
}

/** Returns what could not be removed. */
export async function endKeyChange(ring: KeyRing): Promise<KeptKey[]> {
  const { current, leaving } = (await needKeyState(ring)).record
  if (current.at.in === 'keyring') await writeKeyNote(ring.keysDir, current.at.name)
  else await removeKeyNote(ring.keysDir)
  const kept: KeptKey[] = []
  for (const location of leaving) {
    try {
      await ring.places[location.in].remove(location.name)
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      kept.push({ ...location, problem: thrown.message })
    }
  }
  if (kept.length < leaving.length) await forgetLeaving(ring, new Set(kept.map(({ name }) => name)), leaving)
  return kept
}

/** What came to leave since then stays on record too. */
async function forgetLeaving(ring: KeyRing, kept: Set<string>, seen: KeyLocation[]): Promise<void> {
  const removed = new Set(seen.map(({ name }) => name).filter((name) => !kept.has(name)))
  await retryConflict(async () => {
    const { record, revision } = await needKeyState(ring)
    const leaving = record.leaving.filter(({ name }) => !removed.has(name))
    await ring.store.commit([keyRecordWrite({ record: { ...record, leaving }, revision })])
  })
}

/** IF_ERR_NOT_FOUND in a home without a key. */
export async function needKeyState(ring: KeyRing): Promise<KeyState> {
  const state = await ring.state()
  if (state) return state
  throw new FabricError('IF_ERR_NOT_FOUND', `${ring.keysDir}: there is no key for secrets yet`, {
    hint: 'It is made when the first secret is stored.',
  })
}
