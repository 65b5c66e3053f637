// The shared record of a rate limit changed by compare-and-swap. Many processes may want the same one all the time, so who
// was too late several times waits a moment of random length: else the same one could lose again and again.
import { type Clock, isFabricError } from '../foundation/index.ts'
import type { Store, Write } from '../store/index.ts'
import type { ChangeRate } from './rate-limit-line.ts'
import type { RateRecord } from './rate-limit-record.ts'
import type { WatchedRecords } from './watched-records.ts'

const AT_ONCE = 3
const LONGEST_MS = 10
/** Each round has a winner, so only a store that never lets anybody win is given up. */
const MOST_TRIES = 500

export function changeRate(
  { store, clock, records }: { store: Store; clock: Clock; records: WatchedRecords<RateRecord> },
  key: string,
): ChangeRate {
  const change: ChangeRate = async (decide) => {
    const current = await store.get<RateRecord>(key)
    const value = decide(current?.value)
    if (!value) return
    const write: Write = { key, value, expect: current?.revision ?? 'absent' }
    const { revisions } = await store.commit([write])
    records.wrote(write, revisions[0] ?? 0)
  }
  return async (decide) => {
    for (let tries = 1; ; tries++) {
      try {
        return await change(decide)
      } catch (thrown) {
        const mayPass = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && thrown.retryable
        if (!mayPass || tries === MOST_TRIES) throw thrown
      }
      if (tries >= AT_ONCE) await clock.sleep(Math.ceil(Math.random() * LONGEST_MS))
    }
  }
}
