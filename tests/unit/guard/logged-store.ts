// A store in memory with a log, for what is decided and witnessed in one commit; and the log as the tests read it.
import type { Clock } from '../../../src/foundation/index.ts'
import type { Action } from '../../../src/guard/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import type { SealedEntry } from '../../../src/witness/index.ts'
import { createSequencer } from '../../../src/witness/sequencer.ts'
import { batchesOf, newKey } from '../witness/log.ts'

export const ANA = 'if://person/ana'
export const BEN = 'if://person/ben'
export const CAT = 'if://person/cat'
export const AGENT = 'if://agent/refunds'
export const START = Date.parse('2026-06-01T12:00:00Z')
export const HOUR = 3_600_000

export const openLoggedStore = (): Promise<Store> =>
  openMemoryStore({ sequencer: createSequencer({ ...newKey(), onSealed: () => undefined }) })

export const entriesOf = async (store: Store): Promise<SealedEntry[]> =>
  (await batchesOf(store)).flatMap(({ lines }) => lines.map((line) => JSON.parse(line) as SealedEntry))

/** A clock that a test moves; who sleeps wakes as soon as so much time has passed. */
export function movedClock(): Clock & { pass(ms: number): void; readonly sleepers: number } {
  let now = START
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    monotonic: () => now,
    get sleepers() {
      return sleepers.size
    },
    pass(ms) {
      now += ms
      for (const sleeper of [...sleepers]) if (sleeper.at <= now) sleeper.wake()
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const end = (how: () => void) => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', stop)
          how()
        }
        const sleeper = { at: now + ms, wake: () => end(resolve) }
        const stop = () => end(() => reject(signal?.reason))
        if (signal?.aborted) return reject(signal.reason)
        sleepers.add(sleeper)
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}

export const actionWith = (change: Partial<Action> = {}): Action => ({
  step: 'pay',
  actor: AGENT,
  session: 's',
  instance: 'stripe',
  provider: 'stripe',
  tags: { env: 'production' },
  operation: 'payment.create',
  effect: 'charge',
  labels: { reads: 'private', returns: 'trusted', sends: 'none' },
  input: { amount: 2500 },
  moves: { amountMinor: 2500, currency: 'GBP', direction: 'in' },
  why: undefined,
  madeHere: false,
  costUnknown: false,
  maxMicroUsd: 730_000,
  planSize: 1,
  nowMs: START,
  sessionFacts: { private: false, untrusted: false, outwardAnswers: false, spentMicroUsd: 0, legs: [] },
  ...change,
})
