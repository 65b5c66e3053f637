// The loop detector: the same session applies the same plan again and again within a short time. It counts and tells;
// what becomes of it is for the guard. A record keeps no more moments than it takes to tell.
import type { Clock } from '../foundation/index.ts'
import { forgetUnmoved, keyOf, prefixOf, type Store, type Write } from '../store/index.ts'

export interface LoopRule {
  /** So many times within the window are a loop. */
  same: number
  withinMs: number
}

export const LOOP_DEFAULTS: LoopRule = { same: 5, withinMs: 600_000 }

export interface LoopNote {
  /** Times within the window, this one included; no more than `same` are told apart. */
  count: number
  isLoop: boolean
  /** Belongs into the commit that begins the run. Expects nothing: a count is no reason for an action to fail. */
  write: Write
}

export interface Loops {
  /** What it would be if the session applied the plan of this digest now. */
  note(session: string, digest: string): Promise<LoopNote>
  /** Forgets what lies before the window; returns how many records went. */
  sweep(): Promise<number>
}

/** Milliseconds, oldest first. */
type LoopRecord = { times: number[] }

/** `rule` is read at each use, so that an object that follows the config may be passed. */
export function openLoops(options: { store: Store; clock: Clock; rule?: LoopRule }): Loops {
  const { store, clock, rule = LOOP_DEFAULTS } = options
  const isRecent = (timeMs: number): boolean => timeMs > clock.now() - rule.withinMs
  return {
    async note(session, digest) {
      const key = keyOf('loop', session, digest)
      const earlier = (await store.get<LoopRecord>(key))?.value.times ?? []
      const times = [...earlier.filter(isRecent), clock.now()].slice(-rule.same)
      const value: LoopRecord = { times }
      return { count: times.length, isLoop: times.length >= rule.same, write: { key, value, expect: 'any' } }
    },
    async sweep() {
      let swept = 0
      for (const entry of await store.range<LoopRecord>(prefixOf('loop'))) {
        if (!entry.value.times.some(isRecent) && (await forgetUnmoved(store, entry))) swept++
      }
      return swept
    },
  }
}
