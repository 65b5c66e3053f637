import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimSpread, jobsPerSecond, pushSpread } from './coordinator/ours.ts'
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-coordinator-'))
  try {
    for (const durability of ['fsync', 'relaxed'] as const) {
      const o = { folder, durability }
      for (const workers of [16, 100]) console.log(durability, workers, Math.round(await jobsPerSecond(o, { jobs: 40000, workers })))
      for (const workers of [16, 100]) console.log('claim', workers, await claimSpread(o, { jobs: 10000, workers }))
      console.log('push', await pushSpread(o, 200))
    }
  } finally { await rm(folder, { recursive: true, force: true }) }
}
