// Forgets a record as it was read.
import { isFabricError } from '../foundation/index.ts'
import type { Entry, Store } from './port.ts'

/** Deletes it unless somebody has written it since, who then had a reason to; tells whether it is gone. */
export async function forgetUnmoved(
  store: Store,
  { key, revision }: Pick<Entry, 'key' | 'revision'>,
): Promise<boolean> {
  try {
    await store.commit([{ key, value: undefined, expect: revision }])
    return true
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT') return false
    throw thrown
  }
}
