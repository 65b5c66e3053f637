// ifab budget list, governor budgets, governor money: what may still be spent.
import { taskId } from '../input/task-reference.ts'
import type { CommandHandler } from '../invocation.ts'
import { budgetTable, moneyText } from '../output/budget-text.ts'

export const budgetListCommand: CommandHandler = async ({ fabric, console }) => {
  const budgets = await (await fabric()).budgets()
  console.result(budgets, budgets.length === 0 ? 'no budgets' : budgetTable(budgets, console.out))
}

export const moneyCommand: CommandHandler = async ({ fabric, flags, console }) => {
  const opened = await fabric()
  const reference = flags.text('task')
  const task = reference === undefined ? undefined : await taskId(await opened.coordinator(), reference)
  const money = await opened.money(task === undefined ? {} : { task })
  console.result(money, moneyText(money, console.out))
  console.note('Next: ifab budget list')
}
