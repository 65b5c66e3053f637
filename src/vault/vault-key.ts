// The key that encrypts secrets at rest, and the places where one can lie. A place keeps keys under names that are never
// given twice, so that whoever removes a key that was moved away can't meet one that somebody put there since.
import { createHash, randomBytes } from 'node:crypto'
import { FabricError, ulid } from '../foundation/index.ts'

export const KEY_BYTES = 32

export type KeyPlaceKind = 'file' | 'keyring'

/** Where one key lies. */
export interface KeyLocation {
  in: KeyPlaceKind
  name: string
}

export interface KeyPlace {
  /** Rejects with IF_ERR_SECRET_UNREADABLE where a key could not be put here now. Asks nobody anything. */
  check(): Promise<void>
  /** The key, or undefined where there is none of this name. IF_ERR_SECRET_UNREADABLE where it cannot be used. */
  read(name: string): Promise<Buffer | undefined>
  /** Durable when it resolves. */
  write(name: string, key: Buffer): Promise<void>
  /** A key that is not there is removed already. */
  remove(name: string): Promise<void>
}

export type KeyPlaces = Record<KeyPlaceKind, KeyPlace>

export const newKey = (): Buffer => randomBytes(KEY_BYTES)

/** Names a key without telling anything of it that helps to find it. */
export const keyIdOf = (key: Uint8Array): string =>
  createHash('sha256').update('infrafabric vault key\0').update(key).digest('hex').slice(0, 16)

/** Puts a key into a place under a new name, and reads it back before anybody relies on it. */
export async function storeKey(places: KeyPlaces, kind: KeyPlaceKind, key: Buffer): Promise<KeyLocation> {
  const name = `vault.${ulid().toLowerCase()}.key`
  const place = places[kind]
  await place.check()
  try {
    await place.write(name, key)
    const kept = await place.read(name)
    if (kept?.equals(key)) return { in: kind, name }
  } catch (thrown) {
    await place.remove(name).catch(() => undefined) // the first fault is the one to tell
    throw thrown
  }
  throw keyUnusable(
    `the ${kind === 'file' ? 'key folder' : 'OS keyring'} did not give back the key that it was given`,
    {
      hint: 'Nothing was changed: the key still lies where it was.',
    },
  )
}

/** IF_ERR_SECRET_UNREADABLE in the one form that all places of keys use. */
export const keyUnusable = (
  problem: string,
  { hint, file, cause }: { hint: string; file?: string; cause?: unknown },
): FabricError =>
  new FabricError(
    'IF_ERR_SECRET_UNREADABLE',
    `${file === undefined ? '' : `${file}: `}the key for secrets cannot be used: ${problem}`,
    { hint, ...(file === undefined ? {} : { details: { file } }), ...(cause === undefined ? {} : { cause }) },
  )
