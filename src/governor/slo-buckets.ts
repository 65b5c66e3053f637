// Calls counted by the time at which they ended: fine buckets for what was just now, coarser ones for what was long ago.
// A bucket grows into the next size when everything in its time is older than the windows that look so closely, so 28
// days take some two hundred of them at most. Pure.
import type { Latencies } from './slo-latencies.ts'

export type SloBucket = {
  startMs: number
  sizeMs: number
  calls: number
  ok: number
  available: number
  latencies: Latencies
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** From the finest: buckets of this size are kept for so long, then they become one of the next size. */
const SIZES = [
  { sizeMs: MINUTE_MS, keptMs: 10 * MINUTE_MS },
  { sizeMs: 5 * MINUTE_MS, keptMs: 65 * MINUTE_MS },
  { sizeMs: HOUR_MS, keptMs: 73 * HOUR_MS },
  { sizeMs: DAY_MS, keptMs: 29 * DAY_MS },
] as const

/** What calls of one moment go into. */
export const FINEST_MS: number = SIZES[0].sizeMs
/** Buckets of this size and above change once an hour, and are kept apart from those that change all the time. */
export const LASTING_MS: number = HOUR_MS

export const SLO_WINDOWS = {
  '5m': 5 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': DAY_MS,
  '3d': 3 * DAY_MS,
  '28d': 28 * DAY_MS,
} as const

export type SloWindowName = keyof typeof SLO_WINDOWS

/** Makes coarser what is old enough and forgets what is too old, or of a time that a wrong clock said. Oldest first. */
export function compact(buckets: readonly SloBucket[], nowMs: number): SloBucket[] {
  let left = buckets.filter(({ startMs }) => startMs <= nowMs + DAY_MS)
  for (const [at, { sizeMs, keptMs }] of SIZES.entries()) {
    const into = SIZES[at + 1]?.sizeMs
    const isOld = (bucket: SloBucket): boolean =>
      bucket.sizeMs === sizeMs && isOver(bucket, into ?? sizeMs, nowMs - keptMs)
    left = into
      ? merge(left, (bucket) => (isOld(bucket) ? into : bucket.sizeMs))
      : left.filter((bucket) => !isOld(bucket))
  }
  return left
}

/** Whether the whole bucket of that size which this one lies in is before a time. */
const isOver = ({ startMs }: SloBucket, sizeMs: number, beforeMs: number): boolean =>
  startOf(startMs, sizeMs) + sizeMs <= beforeMs

export const startOf = (ms: number, sizeMs: number): number => Math.floor(ms / sizeMs) * sizeMs

/** Puts together what lies in one bucket of the size that `sizeOf` says; the others stay the objects that they are. */
export function merge(
  buckets: readonly SloBucket[],
  sizeOf: (bucket: SloBucket) => number = ({ sizeMs }) => sizeMs,
): SloBucket[] {
  const slots = new Map<string, SloBucket>()
  for (const bucket of buckets) {
    const sizeMs = sizeOf(bucket)
    const startMs = startOf(bucket.startMs, sizeMs)
    const slot = `${startMs}/${sizeMs}`
    const into = slots.get(slot)
    if (into) {
      const latencies = [...into.latencies, ...bucket.latencies]
      slots.set(slot, { startMs, sizeMs, ...countsOf([into, bucket]), latencies })
    } else slots.set(slot, sizeMs === bucket.sizeMs ? bucket : { ...bucket, startMs, sizeMs })
  }
  return [...slots.values()].sort((a, b) => a.startMs - b.startMs)
}

/** Those that a window ends or begins in, so that it is up to one bucket longer than its name says. */
export function inWindow(buckets: readonly SloBucket[], window: SloWindowName, nowMs: number): SloBucket[] {
  const sinceMs = nowMs - SLO_WINDOWS[window]
  return buckets.filter(({ startMs, sizeMs }) => startMs <= nowMs && startMs + sizeMs > sinceMs)
}

export function countsOf(buckets: readonly SloBucket[]): Pick<SloBucket, 'calls' | 'ok' | 'available'> {
  const counts = { calls: 0, ok: 0, available: 0 }
  for (const { calls, ok, available } of buckets) {
    counts.calls += calls
    counts.ok += ok
    counts.available += available
  }
  return counts
}
