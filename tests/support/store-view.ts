// What a home's store holds, read past the fabric: the last word on what was left behind.
import { join } from 'node:path'
import type { JsonValue } from '../../src/foundation/index.ts'
import { openEmbeddedStore, prefixOf } from '../../src/store/index.ts'

/** The values of all records whose key begins with this segment. */
export async function readRecords<T extends JsonValue>(home: string, segment: string): Promise<T[]> {
  const store = await openEmbeddedStore({ path: join(home, 'fabric.db'), readOnly: true })
  try {
    return (await store.range<T>(prefixOf(segment))).map((entry) => entry.value)
  } finally {
    await store.close()
  }
}
