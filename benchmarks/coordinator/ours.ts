// A coordinator in this process, on the embedded store in a folder of its own.
import { join } from 'node:path'
import { type Coordinator, openCoordinator, type WitnessLevel } from '../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'
import { openWitness } from '../../src/witness/index.ts'

export type Durability = 'fsync' | 'relaxed'

export interface OursOptions {
  folder: string
  durability: Durability
  witness?: WitnessLevel
}

let opened = 0

/** Ended tasks go as soon as may be, as with the peer's removeOnComplete. */
export async function withCoordinator<T>(
  options: OursOptions,
  work: (coordinator: Coordinator) => Promise<T>,
): Promise<T> {
  const { folder, durability, witness = 'none' } = options
  const path = join(folder, `ours-${opened++}.db`)
  const log = witness === 'none' ? undefined : await openWitness({ home: folder })
  const store = await openEmbeddedStore({ path, durability, ...(log ? { sequencer: log.sequencer } : {}) })
  const coordinator = await openCoordinator({ store, witness, keepEnded: 0 })
  try {
    return await work(coordinator)
  } finally {
    await coordinator.close()
    await store.close()
    await log?.close()
  }
}
