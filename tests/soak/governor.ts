// A thousand actions at once from four processes on one hard budget, five nested ones in all, while processes are killed.
import { ok } from 'node:assert/strict'
import { runSpree } from '../integration/governor/spree.ts'
import { temporaryFolder } from '../support/temporary.ts'

export const name = 'governor: 1,000 actions at once in 4 processes, some of them killed, pay from nested budgets'

const KILLS = 200
const KILLS_A_SPREE = 10
const ACTIONS = 1_000

export async function run({ seed, scale }: { seed: number; scale: number }): Promise<string> {
  const kills = Math.max(1, Math.round(KILLS * scale))
  const tally = { settled: 0, refused: 0, kills: 0, freed: 0, kept: 0 }
  let rounds = 0
  for (let left = kills; left > 0; left -= KILLS_A_SPREE) {
    const folder = await temporaryFolder('spree')
    try {
      const options = { folder: folder.path, seed: seed * 1_000 + rounds++, processes: 4, actions: ACTIONS }
      const report = await runSpree({ ...options, kills: Math.min(KILLS_A_SPREE, left) })
      ok(report.violations.length === 0, `seed ${options.seed}:\n${report.violations.join('\n')}`)
      for (const what of ['settled', 'refused', 'kills', 'freed', 'kept'] as const) tally[what] += report[what]
    } finally {
      await folder.remove()
    }
  }
  const { settled, refused, freed, kept } = tally
  return `${rounds} sprees, ${tally.kills} kills: ${settled} settled, ${refused} refused, ${freed} holds freed whose step never began, ${kept} kept that may have happened; no limit passed`
}
