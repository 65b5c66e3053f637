// A daemon that is killed and started again and again under its workers, some of whom are killed too: what the test does short.
import { ok } from 'node:assert/strict'
import { runDaemonRace } from '../integration/server/daemon-race.ts'
import { temporaryFolder } from '../support/temporary.ts'

export const name = 'daemon: 8 workers in 4 processes while it is killed and started again'

const DAEMON_KILLS = 200
const WORKER_KILLS = 100
const KILLS_A_RACE = 20

export async function run({ seed, scale }: { seed: number; scale: number }): Promise<string> {
  const races = Math.max(1, Math.round((DAEMON_KILLS * scale) / KILLS_A_RACE))
  const tally = { tasks: 0, takeOvers: 0, observations: 0 }
  for (let round = 0; round < races; round++) {
    const folder = await temporaryFolder('daemon-race')
    try {
      const report = await runDaemonRace({
        folder: folder.path,
        seed: seed * 1_000 + round,
        processes: 4,
        workers: 2,
        tasks: 50 * KILLS_A_RACE,
        daemonKills: KILLS_A_RACE,
        workerKills: Math.round((WORKER_KILLS / DAEMON_KILLS) * KILLS_A_RACE),
        leaseMs: 4_000,
      })
      ok(report.violations.length === 0, `seed ${seed * 1_000 + round}:\n${report.violations.join('\n')}`)
      for (const what of ['tasks', 'takeOvers', 'observations'] as const) tally[what] += report[what]
    } finally {
      await folder.remove()
    }
  }
  const { tasks, takeOvers, observations } = tally
  return `${races * KILLS_A_RACE} kills of the daemon over ${tasks} tasks: ${takeOvers} claims taken over, ${observations} observations; nothing begun twice, nothing lost`
}
