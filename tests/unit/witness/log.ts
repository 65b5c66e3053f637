// A small log in memory for the tests of this room: entries sealed batch by batch with a key of its own.
import { generateKeyPairSync } from 'node:crypto'
import { type LogBatch, openMemoryStore, type Store } from '../../../src/store/index.ts'
import type { WitnessEntry } from '../../../src/witness/index.ts'
import { logIdentity } from '../../../src/witness/log-identity.ts'
import { createSequencer } from '../../../src/witness/sequencer.ts'

export const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey, identity: logIdentity(publicKey) }
}

export const entryOf = (count: number, more: Partial<WitnessEntry> = {}): WitnessEntry => ({
  kind: 'step.end',
  at: '2026-01-02T03:04:05.678Z',
  actor: 'if://agent/tester',
  step: `step-${count}`,
  costMicroUsd: count,
  ...more,
})

/** A store whose log holds batches of these sizes. */
export async function logOf(key: ReturnType<typeof newKey>, batches: readonly number[]): Promise<Store> {
  const store = await openMemoryStore({ sequencer: createSequencer({ ...key, onSealed: () => undefined }) })
  let count = 0
  for (const size of batches)
    await store.commit(
      [],
      Array.from({ length: size }, () => entryOf(count++)),
    )
  return store
}

export const batchesOf = async (store: Store): Promise<LogBatch[]> => {
  const batches: LogBatch[] = []
  for await (const batch of store.readLog()) batches.push({ ...batch, lines: [...batch.lines] })
  return batches
}

export async function* streamOf(batches: readonly LogBatch[]): AsyncGenerator<LogBatch> {
  yield* batches
}
