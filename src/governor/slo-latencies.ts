// How long calls took: a few are kept one by one, many as a histogram of three significant digits up to an hour (HDR), in
// the compressed base64 of the HdrHistogram tools, some hundred characters for thousands of calls.

/** Hundredths of a millisecond, and texts of histograms of them; in no order. */
export type Latencies = (number | string)[]

/** A call of a module in this process takes a few of them. */
const UNITS_A_MS = 100
const HOUR_UNITS = 3_600_000 * UNITS_A_MS
/** More are shorter as a histogram. */
const MOST_ALONE = 100

/** What took longer than an hour, or no time that is one, counts as an hour. */
export const latencyOf = (latencyMs: number): number => {
  const units = Math.round(latencyMs * UNITS_A_MS)
  return Math.min(HOUR_UNITS, Math.max(0, Number.isFinite(units) ? units : HOUR_UNITS))
}

/** Whether they are worth a histogram. */
export function areMany(latencies: Latencies): boolean {
  const texts = latencies.filter((part) => typeof part === 'string').length
  return texts > 1 || latencies.length - texts > MOST_ALONE
}

export interface Histograms {
  /** The same as one histogram. */
  asOne(latencies: Latencies): Latencies
  /** Milliseconds within which so many percent of the calls were done. */
  within(latencies: Latencies, percents: readonly number[]): number[]
}

/** The library costs a start tens of milliseconds, so it is loaded when there is much to count, or somebody looks. */
export async function loadHistograms(): Promise<Histograms> {
  const loaded: typeof import('hdr-histogram-js') & { default?: typeof import('hdr-histogram-js') } = await import(
    'hdr-histogram-js'
  )
  // CommonJS: in the bundled command only its default is there.
  const { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } = loaded.default ?? loaded
  const histogramOf = (latencies: Latencies) => {
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HOUR_UNITS,
      numberOfSignificantValueDigits: 3,
      bitBucketSize: 32,
    })
    for (const part of latencies) {
      if (typeof part === 'number') histogram.recordValue(part)
      else histogram.add(decodeFromCompressedBase64(part, 32, false))
    }
    return histogram
  }
  return {
    asOne: (latencies) => [encodeIntoCompressedBase64(histogramOf(latencies))],
    within(latencies, percents) {
      const histogram = histogramOf(latencies)
      return percents.map((percent) => histogram.getValueAtPercentile(percent) / UNITS_A_MS)
    },
  }
}
