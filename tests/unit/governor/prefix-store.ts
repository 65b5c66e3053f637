// A store as a cluster of single keys would be: a commit is applied write by write, and what fails or dies in the middle
// leaves the writes before it. Stands on the memory engine.
import type { Write } from '../../../src/store/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'

export interface PrefixStore extends Store {
  /** The store dies after so many more writes, as a process that is killed; undefined lets it live. */
  dieAfter(writes: number | undefined): void
}

export const DEATH = new Error('killed in the middle of a commit')

export async function openPrefixStore(): Promise<PrefixStore> {
  const inner = await openMemoryStore()
  let left: number | undefined
  return {
    capabilities: { engine: 'prefix', atomic: false, durability: 'memory' },
    get: (key) => inner.get(key),
    range: (prefix, options) => inner.range(prefix, options),
    watch: (prefix, options) => inner.watch(prefix, options),
    readLog: (from) => inner.readLog(from),
    logHead: () => inner.logHead(),
    close: () => inner.close(),
    dieAfter: (writes) => {
      left = writes
    },
    async commit(writes) {
      const given = new Map<string, number>()
      const revisions: number[] = []
      for (const write of writes) {
        if (left !== undefined && left-- <= 0) throw DEATH
        const expect: Write['expect'] = write.expect === 'mine' ? (given.get(write.key) ?? 'absent') : write.expect
        const [revision = 0] = (await inner.commit([{ ...write, expect }])).revisions
        given.set(write.key, revision)
        revisions.push(revision)
      }
      return { revisions, sequences: [] }
    },
  }
}
