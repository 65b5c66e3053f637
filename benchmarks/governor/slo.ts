// What counting a call costs on its way, what writing a busy name costs, and what a look at 28 days costs.
import { systemClock } from '../../src/foundation/index.ts'
import { openSlo } from '../../src/governor/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'

const CALLS = 50_000
const HOURS = 28 * 24
const LOOKS = 10

/** Prints it. */
export async function benchSlo(): Promise<void> {
  const store = await openMemoryStore()
  let ms = 0
  const clock = { ...systemClock, now: () => 1_800_000_000_000 + ms }
  const slo = openSlo({ store, clock, flushEvery: 1e9, flushAfterMs: 1e9 })
  try {
    const call = (at: number) => ({ ok: at % 50 > 0, available: at % 200 > 0, latencyMs: 80 + ((at * 7_919) % 300) })
    const start = performance.now()
    for (let at = 0; at < CALLS; at++) slo.record('instance', 'bench', call(at))
    const recordNs = ((performance.now() - start) * 1e6) / CALLS
    for (let hour = 0; hour < HOURS; hour++) {
      ms += 3_600_000
      for (let at = 0; at < 300; at++) slo.record('instance', 'bench', call(at))
      await slo.flush()
    }
    const writes: number[] = []
    for (let at = 0; at < LOOKS; at++) {
      ms += 5_000
      for (let more = 0; more < 50; more++) slo.record('instance', 'bench', call(more))
      const from = performance.now()
      await slo.flush()
      writes.push(performance.now() - from)
    }
    const looks: number[] = []
    for (let at = 0; at < LOOKS; at++) {
      const from = performance.now()
      await slo.report('instance', 'bench')
      looks.push(performance.now() - from)
    }
    const size = async (key: string) => JSON.stringify((await store.get(key))?.value ?? null).length / 1_024
    console.log('counting calls, 28 days of a busy name')
    console.log(
      `  one call ${Math.round(recordNs)} ns; 50 written in ${median(writes).toFixed(1)} ms, without the disk`,
    )
    console.log(`  a report ${median(looks).toFixed(0)} ms`)
    console.log(
      `  records ${(await size('slo/instance/bench')).toFixed(0)} and ${(await size('slo-lasting/instance/bench')).toFixed(0)} KiB`,
    )
  } finally {
    await slo.close()
    await store.close()
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
