// The governor: for how much. Budgets by reservation.
export {
  type Attached,
  type Budget,
  type BudgetLedger,
  type BudgetRecord,
  budgetKey,
  openBudgetLedger,
} from './budgets.ts'
