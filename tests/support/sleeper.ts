// A process that falls asleep in the middle of a run (SIGSTOP), loses the run to an heir, and wakes up late.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ended, startIfab } from './command.ts'
import { closedGate } from './gate.ts'
import type { Studio } from './studio.ts'

/** Where on the wire it falls asleep. */
export interface FallsAsleep {
  side: 'request' | 'answer'
  at: (line: string) => boolean
}

export const SLEEPS = {
  'has sent an effect that has not arrived': { side: 'request', at: (line) => line.startsWith('POST') },
  'waits for the answer to an effect': { side: 'answer', at: (line) => line.startsWith('POST') },
  'reads its effect back': { side: 'request', at: (line) => line.startsWith('GET') },
} as const satisfies Record<string, FallsAsleep>

const TWO_PAYMENTS = `version: 1
name: two-payments
steps:
  first: { use: stripe payment.create, with: { amount: 100, currency: EUR, source: pm_card_visa, reference: first } }
  second: { use: stripe payment.create, with: { amount: 200, currency: EUR, source: pm_card_visa, reference: second }, after: first }
`

/** Plans two payments, the second after the first; the plan's digest. */
export async function planTwoPayments(studio: Studio): Promise<string> {
  const file = join(studio.home, 'two-payments.yaml')
  await writeFile(file, TWO_PAYMENTS)
  return (await studio.fabric.planPlaybook(file, {})).digest
}

export const paymentsAt = (studio: Studio): number =>
  studio.twins.stripe.effects.filter(({ operation }) => operation === 'payment.create').length

/** How the late sleeper ended, and how many calls left it after it woke up. */
export async function oversleep(
  studio: Studio,
  { side, at }: FallsAsleep,
  takeOver: (run: string) => Promise<void>,
): Promise<{ late: Ended; run: string; sentLate: number }> {
  const digest = await planTwoPayments(studio)
  const gate = closedGate()
  let held = 0
  const { stripe: relay } = studio.relays
  relay.setHooks({
    [side]: (line: string) => {
      if (!at(line)) return
      if (side === 'request') held += 1
      return gate.pass()
    },
  })
  const sleeper = startIfab(['apply', '--plan', digest, '--json'], { home: studio.home })
  await gate.reached
  sleeper.kill('SIGSTOP')
  relay.setHooks({})
  const run = (await studio.fabric.run('last')).id
  await takeOver(run)

  const before = studio.twins.stripe.calls.count
  gate.open()
  sleeper.kill('SIGCONT')
  const late = await sleeper.ended
  await studio.quiet()
  // What was on the wire when it fell asleep arrives now; that is nothing new.
  return { late, run, sentLate: studio.twins.stripe.calls.count - before - held }
}
