// Which key encrypts now, as a record of the store: every process learns of a new one from it, and whoever stores a secret
// rewrites it in the same commit, so that nothing is encrypted under a key that was given up meanwhile. It holds no key.
import { z } from 'zod'
import { FabricError } from '../foundation/index.ts'
import { keyOf, type Revision, type Store, type Write } from '../store/index.ts'

const location = z.discriminatedUnion('in', [
  z.strictObject({ in: z.literal('file'), name: z.string().regex(/^vault(\.[a-z0-9]+)?\.key$/) }),
  z.strictObject({ in: z.literal('keyring'), name: z.string().regex(/^vault\.[a-z0-9]+\.key$/) }),
])

const placedKey = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), at: location })

export const keyRecordSchema = z.strictObject({
  version: z.literal(1),
  current: placedKey,
  /** Keys that secrets may still be encrypted under, since a rotation has not ended. */
  retiring: z.array(placedKey),
  /** Places that hold a key which nobody looks for there any more. */
  leaving: z.array(location),
})

export type PlacedKey = z.infer<typeof placedKey>
export type KeyRecord = z.infer<typeof keyRecordSchema>

export interface KeyState {
  record: KeyRecord
  /** Of the record; `absent` where it is not written yet. */
  revision: Revision | 'absent'
}

const RECORD = keyOf('vault-key')

/** The record, or undefined in a home that has none yet. */
export async function readKeyRecord(store: Store): Promise<KeyState | undefined> {
  const entry = await store.get(RECORD)
  if (!entry) return undefined
  const parsed = keyRecordSchema.safeParse(entry.value)
  if (parsed.success) return { record: parsed.data, revision: entry.revision }
  throw new FabricError('IF_ERR_SECRET_UNREADABLE', 'the record that says where the key for secrets lies was altered', {
    hint: 'Restore the database and the folder keys from one backup.',
  })
}

/** The write that puts a record in the place of the one that was read; goes first in a commit. */
export const keyRecordWrite = ({ record, revision }: KeyState): Write => ({
  key: RECORD,
  value: record,
  expect: revision,
})

export const firstRecord = (current: PlacedKey): KeyRecord => ({ version: 1, current, retiring: [], leaving: [] })
