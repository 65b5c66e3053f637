// What the log costs: durable commits that each carry one entry, beside the same commits without, and what it takes to
// verify the log afterwards.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../src/store/index.ts'
import { openWitness, type WitnessEntry } from '../src/witness/index.ts'

export const name = 'witness'

const RUN_MS = 2_000
const IN_FLIGHT = 100

/** Measures and prints. */
export async function run(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ifab-bench-witness-'))
  const witness = await openWitness({ home })
  const store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
  const measure = async (log: WitnessEntry[]) => {
    let done = 0
    const start = performance.now()
    const worker = async (_: unknown, own: number) => {
      for (; performance.now() - start < RUN_MS; done++) {
        await store.commit([{ key: `bench/${own}`, value: { state: 'claimed', token: done }, expect: 'any' }], log)
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    return (done / (performance.now() - start)) * 1000
  }
  try {
    await measure([ENTRY])
    const without = await measure([])
    const withEntry = await measure([ENTRY])
    const start = performance.now()
    const { ok, size } = await witness.verify(store)
    const perEntryUs = ((performance.now() - start) * 1000) / size
    const figure = (value: number) => Math.round(value).toLocaleString('en-US')
    console.log(
      `commits per second, ${IN_FLIGHT} in flight   without an entry ${figure(without)}   with one ${figure(withEntry)}`,
    )
    console.log(`                                 ratio ${(withEntry / without).toFixed(2)}`)
    console.log(`verify: ${figure(size)} entries ${ok ? 'verified' : 'REFUTED'}, ${perEntryUs.toFixed(1)} µs each`)
  } finally {
    await store.close()
    await witness.close()
    await rm(home, { recursive: true, force: true })
  }
}

const ENTRY: WitnessEntry = {
  kind: 'step.begin',
  at: '2026-01-02T03:04:05.678Z',
  actor: 'if://agent/bench',
  run: '01JBENCHBENCHBENCHBENCHBEN',
  step: 'tell',
  instance: 'slack',
  provider: 'slack',
  operation: 'message.send',
  effect: 'send',
  plan: 'a'.repeat(64),
  request: 'b'.repeat(64),
}
