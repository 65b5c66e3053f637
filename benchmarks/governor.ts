// What governing costs: finding help, covering needs, checking breakers, holding budgets, taking turns, counting calls. Figures are of this machine.
import { measureBreakers } from './governor/breakers.ts'
import { benchBudgets } from './governor/budgets.ts'
import { benchMatcher } from './governor/matcher.ts'
import { benchRateLimits } from './governor/rate-limits.ts'
import { benchSlo } from './governor/slo.ts'

export const name = 'governor'

export async function run(): Promise<void> {
  await benchMatcher()
  const { checkNs, p99CheckNs, admitNs } = await measureBreakers()
  console.log('a look at a circuit breaker (ns)')
  console.log(
    `  check p50 ${Math.round(checkNs)}, p99 ${Math.round(p99CheckNs)}; admitted and told of success ${Math.round(admitNs)}`,
  )
  await benchBudgets()
  await benchRateLimits()
  await benchSlo()
}
