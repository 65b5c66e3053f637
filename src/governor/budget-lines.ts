// What one action takes out of each budget that applies. Reckoned once, when the hold is asked for, so that a hold that
// has to be tried again past midnight stays in its day.
import { currencyCode, FabricError } from '../foundation/index.ts'
import { type Budget, checkAmount, countedBy, type Spending } from './budget.ts'
import type { BudgetCalendar } from './budget-calendar.ts'

export interface BudgetLine {
  budget: Budget
  /** Of the budget's record; undefined where each action is limited by itself and nothing is counted. */
  key: string | undefined
  max: number
}

/** IF_ERR_INVALID_INPUT for an amount, a currency, a limit or a time zone that is none. */
export function linesOf(
  budgets: readonly Budget[],
  spending: Spending,
  { calendar, nowMs }: { calendar: BudgetCalendar; nowMs: number },
): BudgetLine[] {
  const { microUsd, outflow } = spending
  checkAmount('maxMicroUsd', microUsd)
  if (outflow) checkAmount('outflow.amountMinor', outflow.amountMinor)
  const counted: Spending = outflow
    ? { microUsd, outflow: { ...outflow, currency: currencyCode(outflow.currency) } }
    : { microUsd }
  return budgets.flatMap((budget) => {
    checkBudget(budget)
    const max = countedBy(budget, counted)
    return max === undefined ? [] : [{ budget, key: calendar.keyOf(budget, nowMs), max }]
  })
}

function checkBudget({ name, kind, currency, limit }: Budget): void {
  if (limit !== null) checkAmount(`limit of budget ${name}`, limit)
  const isKnown = currencyCode(currency) === currency && (kind === 'outflow' || currency === 'USD')
  if (isKnown) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `budget ${name}: ${currency} is not what a ${kind} is counted in`, {
    hint: 'Costs are counted in USD, outflows in an ISO 4217 code in upper case.',
  })
}
