// How long a failed attempt waits for the next: longer each time, and never for all tasks at once.
import { DEFAULT_BACKOFF, type TaskRecord } from './record.ts'

const JITTER = 0.2

/** Milliseconds. @param random a number from 0 up to 1 */
export function backoffOf({ spec, attempt }: TaskRecord, random: () => number): number {
  const { firstMs, factor, maxMs } = spec.backoff ?? DEFAULT_BACKOFF
  const ms = Math.min(maxMs, firstMs * factor ** Math.max(0, attempt - 1))
  return Math.round(ms * (1 + JITTER * (2 * random() - 1)))
}
