// A breaker closed by hand. Only a person does that, who says why; a swarm whose budget was used up needs a new one, or
// it would stand at the same place a moment later. It is on record who did it.
import { FabricError, formatUsd, type MicroUsd, parseAddress } from '../foundation/index.ts'
import type { Write } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import type { BreakerRecord } from './breaker-record.ts'

export interface BreakerReset {
  actor: string
  session: string
  why: string
  /** Of the swarm. */
  newBudgetMicroUsd?: MicroUsd
  /** What puts the new budget into force, in the same commit. */
  writes?: readonly Write[]
}

/** What goes with a reset into its commit, or what it lacks. */
export function resetOf(
  record: BreakerRecord,
  reset: BreakerReset,
  at: string,
): { log: WitnessEntry; writes: readonly Write[] } {
  const { kind, name, state, failures } = record
  const { actor, session, why, newBudgetMicroUsd: budget, writes = [] } = reset
  if (parseAddress(actor).kind !== 'person') {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not reset a breaker`, {
      hint: 'Only a person does.',
    })
  }
  if (why.trim() === '') {
    throw new FabricError('IF_ERR_INVALID_INPUT', `the reset of the breaker of ${kind} ${name} needs a reason`, {
      hint: 'Say what has changed since it opened.',
      next: `ifab governor reset-breaker ${kind} ${name} --why "…"`,
    })
  }
  if (budget !== undefined && (!Number.isSafeInteger(budget) || budget <= 0)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `the new budget must be more than nothing, not ${budget}`)
  }
  if (state === 'open' && record.cause === 'budget' && budget === undefined) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `the budget of ${kind} ${name} is used up: it needs a new one`, {
      next: `ifab governor reset-breaker ${kind} ${name} --budget "… USD" --why "…"`,
    })
  }
  const detail = { kind, name, state, failures, ...(budget === undefined ? {} : { budget: formatUsd(budget) }) }
  return { log: { kind: 'breaker.reset', at, actor, session, why, detail }, writes }
}
