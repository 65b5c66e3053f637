// The lease as it is, 30 seconds: a holder that sleeps through it loses the run to a resume by the real command.
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorOf, ifab } from '../support/command.ts'
import { oversleep, paymentsAt, SLEEPS } from '../support/sleeper.ts'
import { openStudio } from '../support/studio.ts'

export const name = 'a holder asleep for a whole lease'

const LEASE_MS = 30_000

export async function run(): Promise<string> {
  const studio = await openStudio({ config: 'version: 1\npolicy: { effects: { charge: allow } }\n' })
  try {
    const { late, sentLate } = await oversleep(studio, SLEEPS['waits for the answer to an effect'], async (runId) => {
      const resume = ['apply', '--resume', runId, '--json']
      const early = await ifab(resume, { home: studio.home })
      strictEqual(errorOf(early).code, 'IF_ERR_RUN_ACTIVE')
      await sleep(LEASE_MS)
      const heir = await ifab(resume, { home: studio.home })
      strictEqual(heir.code, 0, heir.stderr)
    })
    strictEqual(late.code, 6)
    strictEqual(errorOf(late).code, 'IF_ERR_CLAIM_LOST')
    strictEqual(sentLate, 0)
    strictEqual(paymentsAt(studio), 2)
    deepStrictEqual((await studio.fabric.verifyWitness()).problems, [])
    return 'refused before its end, taken over after it; the late holder lost its claim and sent nothing'
  } finally {
    await studio.close()
  }
}
