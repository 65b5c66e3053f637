// What a turn costs: one that this process holds already, one that is reserved in the shared record by a durable commit,
// and many turns of four processes' worth of buckets at one record.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/foundation/index.ts'
import { openRateLimits, type RateSubject } from '../../src/governor/index.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'

const SUBJECT: RateSubject = { kind: 'instance', name: 'bench' }
const HELD = 5_000
const ALONE = 200
const CONTENDED = 4_000

export interface RateFigures {
  p50HeldUs: number
  /** Commits that so many calls in a row cost. */
  heldCommits: number
  p50AloneMs: number
  p99AloneMs: number
  /** Turns a second that four openings of one store, each as a process has it, take from one record together. */
  contendedPerSecond: number
  contendedCommits: number
}

/** Measures for a few seconds. */
export async function measureRateLimits(): Promise<RateFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-rate-'))
  const path = join(folder, 'fabric.db')
  const stores = await Promise.all(Array.from({ length: 4 }, () => openEmbeddedStore({ path })))
  let commits = 0
  for (const store of stores) {
    const commit = store.commit.bind(store)
    store.commit = (...args) => {
      commits++
      return commit(...args)
    }
  }
  const all = await Promise.all(stores.map((store) => openRateLimits({ store, clock: systemClock })))
  const [limits] = all
  if (!limits) throw new Error('no rate limits')
  try {
    const wide = { rps: 1e5, burst: 1e5 }
    for (let at = 0; at < 100; at++) await limits.take(SUBJECT, wide)
    commits = 0
    const held: number[] = []
    for (let at = 0; at < HELD; at++) held.push(await timed(() => limits.take(SUBJECT, wide)))
    const heldCommits = commits
    const alone: number[] = []
    for (let at = 0; at < ALONE; at++) {
      alone.push(await timed(() => limits.take({ kind: 'swarm', name: `s-${at}` }, { rps: 1, burst: 1 })))
    }
    commits = 0
    const start = performance.now()
    await Promise.all(
      all.flatMap((each) =>
        Array.from({ length: 25 }, async () => {
          for (let at = 0; at < CONTENDED / 100; at++)
            await each.take({ ...SUBJECT, name: 'hot' }, { rps: 1e6, burst: 1 })
        }),
      ),
    )
    const contendedPerSecond = CONTENDED / ((performance.now() - start) / 1_000)
    held.sort((a, b) => a - b)
    alone.sort((a, b) => a - b)
    return {
      p50HeldUs: (held[HELD / 2] ?? 0) * 1_000,
      heldCommits,
      p50AloneMs: alone[ALONE / 2] ?? 0,
      p99AloneMs: alone[Math.floor(ALONE * 0.99)] ?? 0,
      contendedPerSecond,
      contendedCommits: commits,
    }
  } finally {
    await Promise.all(all.map((each) => each.close()))
    await Promise.all(stores.map((store) => store.close()))
    await rm(folder, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Prints what `measureRateLimits` finds. */
export async function benchRateLimits(): Promise<void> {
  const figures = await measureRateLimits()
  console.log('taking turns, durable')
  console.log(
    `  one that is held: p50 ${figures.p50HeldUs.toFixed(1)} µs; ${HELD} in a row cost ${figures.heldCommits} commits`,
  )
  console.log(
    `  one that is reserved: p50 ${figures.p50AloneMs.toFixed(2)} ms, p99 ${figures.p99AloneMs.toFixed(2)} ms`,
  )
  console.log(
    `  4 × 25 at one record: ${Math.round(figures.contendedPerSecond)} a second; ${CONTENDED} cost ${figures.contendedCommits} commits`,
  )
}
