// Workers that are killed, stopped and slowed, a thousand times over: what the tests of the coordinator do short.
import { ok } from 'node:assert/strict'
import { runRace } from '../integration/coordinator/race.ts'
import { simulate } from '../integration/coordinator/simulation.ts'
import { temporaryFolder } from '../support/temporary.ts'

export const name = 'coordinator: 64 workers in 8 processes are killed, stopped past their leases and slowed'

const KILLS = 1_000
const STOPS = 200
const KILLS_A_RACE = 100
const SIMULATIONS = 100

export async function run({ seed, scale }: { seed: number; scale: number }): Promise<string> {
  const kills = Math.max(1, Math.round(KILLS * scale))
  const tally = { kills: 0, stops: 0, tasks: 0, takeOvers: 0, observations: 0 }
  for (let round = 0; tally.kills < kills; round++) {
    const folder = await temporaryFolder('race')
    try {
      const now = Math.min(KILLS_A_RACE, kills - tally.kills)
      const stops = Math.round((STOPS / KILLS) * now)
      const options = { folder: folder.path, seed: seed * 1_000 + round, processes: 8, workers: 8, leaseMs: 400 }
      const report = await runRace({ ...options, tasks: 15 * now, kills: now, stops })
      ok(report.violations.length === 0, `seed ${options.seed}:\n${report.violations.join('\n')}`)
      for (const what of ['kills', 'stops', 'tasks', 'takeOvers', 'observations'] as const) tally[what] += report[what]
    } finally {
      await folder.remove()
    }
  }
  const simulations = Math.max(1, Math.round(SIMULATIONS * scale))
  for (let at = 0; at < simulations; at++) {
    const violations = await simulate(seed * 1_000 + at)
    ok(violations.length === 0, `simulation ${seed * 1_000 + at}:\n${violations.join('\n')}`)
  }
  const { tasks, takeOvers, observations } = tally
  return `${tally.kills} kills and ${tally.stops} stops over ${tasks} tasks: ${takeOvers} claims taken over, ${observations} observations; ${simulations} simulations with clocks of their own; nothing done twice, nothing lost`
}
