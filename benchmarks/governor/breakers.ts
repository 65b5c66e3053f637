// What a look at a breaker costs on the way of each action: closed ones, beside a few that are open, in a home with many.
import { systemClock } from '../../src/foundation/index.ts'
import { openBreakers } from '../../src/governor/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'

const NAMES = 1_000
const OPEN = 10
const LOOKS = 200_000

export interface BreakerFigures {
  /** Of one synchronous check of a closed breaker. */
  checkNs: number
  /** Of the slowest hundredth of groups of a hundred checks, per check. */
  p99CheckNs: number
  /** Of one admission that is told it went well. */
  admitNs: number
}

/** Measures for about a second. */
export async function measureBreakers(): Promise<BreakerFigures> {
  const store = await openMemoryStore()
  const breakers = await openBreakers({ store, clock: systemClock })
  try {
    for (let at = 0; at < OPEN; at++) {
      for (let failure = 0; failure < 5; failure++) {
        await (await breakers.admit('instance', `open-${at}`)).ended('fault', 'the bench made it fail')
      }
    }
    const names = Array.from({ length: NAMES }, (_, at) => `instance-${at}`)
    const groups = Array.from({ length: LOOKS / 100 }, (_, group) => {
      const start = performance.now()
      for (let at = 0; at < 100; at++) breakers.check('instance', names[(group * 100 + at) % NAMES] ?? '')
      return ((performance.now() - start) * 1e6) / 100
    }).sort((a, b) => a - b)
    const start = performance.now()
    for (let at = 0; at < LOOKS / 10; at++) {
      await (await breakers.admit('instance', names[at % NAMES] ?? '')).ended('ok')
    }
    return {
      checkNs: groups[Math.floor(groups.length / 2)] ?? 0,
      p99CheckNs: groups[Math.floor(groups.length * 0.99)] ?? 0,
      admitNs: ((performance.now() - start) * 1e6) / (LOOKS / 10),
    }
  } finally {
    breakers.close()
    await store.close()
  }
}
