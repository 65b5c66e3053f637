// A clock on which many can wait at once: time passes from one end of a sleep to the next, and all that follows from one
// is done before the next ends.
import type { Clock } from '../../../src/foundation/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { HELD_AT } from '../../support/held-clock.ts'

export interface SteppedClock extends Clock {
  /** Lets time pass; resolves when everybody whose sleep ended has done what he does at once. */
  pass(ms: number): Promise<void>
  /** Sets the wall clock forward, or back, while no time passes. */
  jump(ms: number): void
  /** Resolves when everybody has done what he does at once. */
  settled(): Promise<void>
  readonly sleepers: number
}

/** `isBusy` tells of work that time must not pass over. */
export function steppedClock(isBusy: () => boolean = () => false): SteppedClock {
  let ms = 0
  let offset = 0
  const sleeping = new Set<{ untilMs: number; wake: () => void }>()
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 8; quiet = isBusy() ? 0 : quiet + 1)
      await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    now: () => HELD_AT + offset + ms,
    monotonic: () => ms,
    jump: (by) => {
      offset += by
    },
    settled,
    get sleepers() {
      return sleeping.size
    },
    sleep: (more, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleep = { untilMs: ms + more, wake: resolve }
        sleeping.add(sleep)
        signal?.addEventListener('abort', () => {
          sleeping.delete(sleep)
          reject(signal.reason)
        })
      }),
    async pass(more) {
      const end = ms + more
      await settled()
      for (;;) {
        const next = [...sleeping].sort((a, b) => a.untilMs - b.untilMs)[0]
        if (!next || next.untilMs > end) break
        sleeping.delete(next)
        ms = Math.max(ms, next.untilMs)
        next.wake()
        await settled()
      }
      ms = end
      await settled()
    },
  }
}

/** Tells whether commits of the store are under way. */
export function busyWith(store: Store): () => boolean {
  let underWay = 0
  const commit = store.commit.bind(store)
  store.commit = async (...args) => {
    underWay++
    try {
      return await commit(...args)
    } finally {
      underWay--
    }
  }
  return () => underWay > 0
}
