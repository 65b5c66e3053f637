// Warnings of budgets: so much of the limit is used, or a soft limit is passed. Each is given once a period, by the hold
// that got there; the budget's record keeps which were.
import { type Budget, formatCounted } from './budget.ts'
import type { BudgetMark } from './budget-record.ts'

export interface BudgetWarning {
  budget: string
  kind: Budget['kind']
  currency: string
  per: Budget['per']
  /** The percent that was reached; `over`: the limit of a soft budget is passed. */
  mark: BudgetMark
  /** Settled and held, with what was held just now. */
  used: number
  limit: number
  /** For people. */
  text: string
}

/** Those that are due and not in `given`. */
export function warningsOf(budget: Budget, used: number, given: readonly BudgetMark[]): BudgetWarning[] {
  const { name, kind, currency, per, limit, hard, warnAt } = budget
  if (limit === null || used === 0) return []
  const isOver = !hard && used > limit
  // A single call has no course that one could be warned of.
  const percents = per === 'call' ? [] : [...new Set(warnAt)].filter((percent) => used >= (limit * percent) / 100)
  const marks: BudgetMark[] = [...percents.sort((a, b) => a - b), ...(isOver ? ['over' as const] : [])]
  const money = (amount: number) => formatCounted(budget, amount)
  return marks
    .filter((mark) => !given.includes(mark))
    .map((mark) => ({
      budget: name,
      kind,
      currency,
      per,
      mark,
      used,
      limit,
      text:
        mark === 'over'
          ? `budget ${name} (${per}) is over its soft limit: ${money(used)} of ${money(limit)}`
          : `budget ${name} (${per}) has passed ${mark} %: ${money(used)} of ${money(limit)}`,
    }))
}
