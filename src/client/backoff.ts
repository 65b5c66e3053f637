// How long to wait before the next try of a connection: longer each time, and never as long as everybody else.
import { systemClock } from '../foundation/index.ts'

const FIRST_MS = 50
const LONGEST_MS = 2_000

/** Rejects when the signal aborts. */
export function backoff(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10))
  return systemClock.sleep(ms * (0.5 + Math.random() / 2), signal)
}
