// How an agent should go about with the money that is left: data that it is given, which stops nobody. The tightest hard
// budget of costs decides.

import { heldIn } from './budget-record.ts'
import type { BudgetStanding } from './budgets.ts'

export type MoneyMode = 'normal' | 'focus' | 'consolidate' | 'stop'

export interface MoneyState {
  mode: MoneyMode
  /** The tightest one; null where none limits. */
  budget: string | null
  leftMicroUsd: number | null
  limitMicroUsd: number | null
}

/** normal → focus (half is left, or less) → consolidate (a fifth) → stop (nothing). What is held counts as spent. */
export function moneyModeOf(standings: readonly BudgetStanding[]): MoneyState {
  const [tightest] = standings.flatMap(shareOf).sort((a, b) => a.share - b.share)
  if (!tightest) return { mode: 'normal', budget: null, leftMicroUsd: null, limitMicroUsd: null }
  const { name, left, limit, share } = tightest
  return { mode: modeOf(share), budget: name, leftMicroUsd: left, limitMicroUsd: limit }
}

/** None of a budget that is no hard limit of costs; a limit on each call is never used up. */
function shareOf({ budget, record }: BudgetStanding) {
  const { name, kind, limit, hard, per } = budget
  if (kind !== 'cost' || !hard || limit === null || per === 'call') return []
  const left = Math.max(0, limit - record.settled - heldIn(record))
  return [{ name, left, limit, share: limit === 0 ? 0 : left / limit }]
}

function modeOf(share: number): MoneyMode {
  if (share <= 0) return 'stop'
  if (share <= 0.2) return 'consolidate'
  return share <= 0.5 ? 'focus' : 'normal'
}
