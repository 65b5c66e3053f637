// What a budget is: a limit of what calls cost us (micro-USD), or of what payments carry out in one currency (its minor
// units). The two never mix; what an amount means is said by the kind.
import { type BudgetScope, decimalText, FabricError, formatAmount, type MicroUsd } from '../foundation/index.ts'

/** `call` limits each action by itself, `run` is the budget that a playbook brings; the rest are calendar periods. */
export type BudgetPer = 'call' | 'hour' | 'day' | 'month' | 'total' | 'run'

export interface Budget {
  /** With the group that it counts for: `support[swarm=desk]`. */
  name: string
  /** cost: what we pay. outflow: what payments carry out. */
  kind: 'cost' | 'outflow'
  /** Of a cost always USD. */
  currency: string
  /** Micro-USD of a cost, minor units of an outflow; null counts without limiting. */
  limit: number | null
  per: BudgetPer
  /** IANA name: where its hours, days and months begin. */
  timeZone: string
  /** A soft one warns and refuses nothing. */
  hard: boolean
  /** Percents of the limit at which it warns, once a period each. */
  warnAt: readonly number[]
}

/** One row of the config: which actions it counts, and whether each value of a scope has a budget of its own. */
export interface BudgetRule extends Budget {
  of: Partial<Record<BudgetScope, string>>
  each: readonly BudgetScope[]
}

/** What an action may take at most, or took. */
export interface Spending {
  microUsd: MicroUsd
  outflow?: { currency: string; amountMinor: number }
}

/** A hard limit on costs, in UTC, that gives no warnings. */
export const costBudget = (of: { name: string; limitMicroUsd: MicroUsd | null; per: BudgetPer }): Budget => ({
  name: of.name,
  kind: 'cost',
  currency: 'USD',
  limit: of.limitMicroUsd,
  per: of.per,
  timeZone: 'UTC',
  hard: true,
  warnAt: [],
})

/** The same budget, which counts and refuses nothing. */
export const unlimited = (budget: Budget): Budget => ({ ...budget, limit: null })

/** How much of the spending this budget counts; undefined where it counts none of that kind. */
export function countedBy(budget: Budget, { microUsd, outflow }: Spending): number | undefined {
  if (budget.kind === 'cost') return microUsd
  return outflow?.currency === budget.currency ? outflow.amountMinor : undefined
}

/** `$0.73`, or `GBP 25.00`; to the last millionth, as a refusal may be about one. */
export const formatCounted = ({ kind, currency }: Pick<Budget, 'kind' | 'currency'>, amount: number): string =>
  kind === 'cost' ? `$${decimalText(amount, 6).replace(/0{1,4}$/, '')}` : formatAmount(amount, currency)

/** IF_ERR_INVALID_INPUT unless it can be counted exactly. */
export function checkAmount(field: string, amount: number): void {
  if (Number.isSafeInteger(amount) && amount >= 0) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${field}: expected a whole number ≥ 0, got ${amount}`, {
    hint: 'Costs are counted in millionths of a dollar, payments in the minor unit of their currency.',
    details: { field },
  })
}
