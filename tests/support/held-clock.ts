// A clock that stands still until a test lets time pass.
import type { Clock } from '../../src/foundation/index.ts'

/** What the wall clock says at first. */
export const HELD_AT = Date.parse('2026-06-15T12:00:00Z')

/** `onSleep` is called after each sleep, which passes at once. */
export function heldClock(onSleep: () => Promise<void> = async () => undefined): Clock & { pass(ms: number): void } {
  let ms = 0
  return {
    now: () => HELD_AT + ms,
    monotonic: () => ms,
    pass: (more) => {
      ms += more
    },
    async sleep(more) {
      ms += more
      await onSleep()
    },
  }
}
