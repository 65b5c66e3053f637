// ifab budget: what may still be spent.
import type { CommandHandler } from '../invocation.ts'
import { usdText } from '../output/phrases.ts'
import { table } from '../output/table.ts'

export const budgetListCommand: CommandHandler = async ({ fabric, console }) => {
  const budgets = await (await fabric()).budgets()
  const rows = budgets.map(({ name, per, limitUsd, settledUsd, heldUsd, resetsAt }) => [
    name,
    per,
    limitUsd === null ? 'no limit' : usdText(limitUsd),
    usdText(settledUsd),
    usdText(heldUsd),
    limitUsd === null ? '' : usdText(Math.max(0, limitUsd - settledUsd - heldUsd)),
    resetsAt ?? '',
  ])
  const head = ['budget', 'per', 'limit', 'spent', 'reserved', 'left', 'resets'].map(console.out.faint)
  console.result(budgets, rows.length === 0 ? 'no budgets' : table([head, ...rows]))
}
