// A hundred thousand mutants of modules through loader and pool: what the test does short.
import { fuzzModules } from '../integration/chassis/hostile/fuzz.ts'

export const name = 'chassis: 100,000 mutants of modules are refused, stopped, failed or answered'

const MUTANTS = 100_000
/** Each with a pool of its own. */
const AT_A_TIME = 10_000

export async function run({ seed, scale }: { seed: number; scale: number }): Promise<string> {
  const cases = Math.max(1, Math.round(MUTANTS * scale))
  const ends: Record<string, number> = {}
  let slowestMs = 0
  for (let done = 0; done < cases; done += AT_A_TIME) {
    // The worker is the package's own, as it was built last.
    const report = await fuzzModules({
      seed: seed * 1_000 + done / AT_A_TIME,
      cases: Math.min(AT_A_TIME, cases - done),
    })
    for (const [end, count] of Object.entries(report.ends)) ends[end] = (ends[end] ?? 0) + count
    slowestMs = Math.max(slowestMs, report.slowestMs)
  }
  const counts = Object.entries(ends).sort(([, one], [, other]) => other - one)
  return `${cases} mutants: ${counts.map(([end, count]) => `${count} ${end}`).join(', ')}; the slowest took ${Math.round(slowestMs)} ms; the process lives`
}
