// Small measuring tools: percentiles, closed loops, tables.

export interface Spread {
  p50: number
  p95: number
  p99: number
}

/** Percentiles of times in milliseconds, as microseconds. */
export function spreadOf(timesMs: number[]): Spread {
  const sorted = Float64Array.from(timesMs).sort()
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 1000)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** So many loops that each do the next piece when the last is done. */
export async function inLoops(count: number, loops: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: loops }, async () => {
      while (next < count) await work(next++)
    }),
  )
}

/** What every task of the comparison carries. */
export const payloadOf = (at: number) => ({
  id: `task-${at}`,
  status: 'open',
  owner: null,
  rev: 0,
  prio: 5,
  cap: ['ts', 'review'],
  at: 1795480000000 + at,
})

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const number = (value: number): string => Math.round(value).toLocaleString('en-US')
