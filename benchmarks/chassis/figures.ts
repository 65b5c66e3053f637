// Measuring and printing: loops of calls, percentiles, one line a figure with the target that it is held against.

export interface Spread {
  p50: number
  p95: number
  p99: number
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** Milliseconds of each of so many, one after the other, without those that come first. */
export async function timesOf(
  count: number,
  warmUp: number,
  work: (at: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = []
  for (let at = -warmUp; at < count; at++) {
    const ms = await msOf(() => work(at + warmUp))
    if (at >= 0) times.push(ms)
  }
  return times
}

export async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** `held` compares the figure with the target; without one it is only told. */
export function tell(what: string, figure: string, target = '', held?: boolean): void {
  const verdict = held === undefined ? '' : held ? 'held' : 'MISSED'
  console.log(`  ${what.padEnd(58)}${figure.padStart(24)}   ${target.padEnd(12)}${verdict}`)
}

export const us = (ms: number): string => `${(ms * 1_000).toFixed(ms < 0.01 ? 1 : 0)} µs`
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`
export const ratio = (value: number): string => `${value.toFixed(2)} ×`

/** Where two halves of a run differ in the load of the machine, the median of many rounds does not. */
export const median = (values: readonly number[]): number => spreadOf(values).p50

/** Resident memory in bytes, after a collection where that is possible. */
export function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

export const pause = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs))
