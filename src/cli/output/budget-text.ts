// How budgets read: amounts in their own currency, what is left, how to go about with it.
import type { BudgetView, MoneyView } from '../../fabric/index.ts'
import { formatAmount, formatUsd } from '../../foundation/index.ts'
import type { Colours } from './colours.ts'
import { usdText } from './phrases.ts'
import { table } from './table.ts'

export function budgetTable(budgets: readonly BudgetView[], paint: Colours): string {
  const hasModes = budgets.some(({ mode }) => isTight(mode))
  const head = ['budget', 'per', 'limit', 'spent', 'reserved', 'left', ...(hasModes ? ['mode'] : []), 'resets']
  const rows = budgets.map((budget) => {
    const { name, per, limit, settled, held, hard, mode, resetsAt } = budget
    return [
      name,
      per,
      limit === null ? 'no limit' : `${amountText(budget, limit)}${hard ? '' : ' (soft)'}`,
      amountText(budget, settled),
      amountText(budget, held),
      limit === null ? '' : leftText(budget, limit, paint),
      ...(hasModes ? [isTight(mode) ? modeText(mode, paint) : ''] : []),
      resetsAt ?? '',
    ]
  })
  return table([head.map(paint.faint), ...rows])
}

/** Of a cost `$0.73`, of an outflow `GBP 25.00`. */
const amountText = ({ kind, currency }: BudgetView, amount: number): string =>
  kind === 'cost' ? formatUsd(amount) : formatAmount(amount, currency)

/** A soft one may be passed. */
function leftText(budget: BudgetView, limit: number, paint: Colours): string {
  const left = limit - budget.settled - budget.held
  return left >= 0 ? amountText(budget, left) : paint.warn(`${amountText(budget, -left)} over`)
}

/** `day: $4.10 of $50.00 spent · $1.00 reserved · focus`. */
export function budgetLine(budget: BudgetView): string {
  const { name, per, limit, settled, held, kind, hard, mode } = budget
  const spent = kind === 'cost' ? 'spent' : 'paid out'
  const amount = amountText(budget, settled)
  return [
    `${name}${name === per ? '' : ` per ${per}`}: ${limit === null ? `${amount} ${spent}, no limit` : `${amount} of ${amountText(budget, limit)} ${spent}`}`,
    ...(held > 0 ? [`${amountText(budget, held)} reserved`] : []),
    ...(hard ? [] : ['soft: it warns and refuses nothing']),
    ...(isTight(mode) ? [mode] : []),
  ].join(' · ')
}

type Mode = MoneyView['mode']

const isTight = (mode: Mode | null): mode is Exclude<Mode, 'normal'> => mode !== null && mode !== 'normal'

function modeText(mode: Mode, paint: Colours): string {
  if (mode === 'normal') return paint.good(mode)
  return mode === 'stop' ? paint.bad(mode) : paint.warn(mode)
}

const ADVICE: Record<Mode, string> = {
  normal: 'go on as usual',
  focus: 'half is left or less: what matters first',
  consolidate: 'a fifth is left or less: finish what has begun',
  stop: 'nothing is left: begin nothing more',
}

/** `focus: $8.20 of $20.00 left (budget support) · half is left or less: what matters first`. */
export function moneyText({ mode, budget, leftUsd, limitUsd }: MoneyView, paint: Colours): string {
  if (budget === null || leftUsd === null || limitUsd === null) return `${modeText(mode, paint)}: no budget limits you`
  return `${modeText(mode, paint)}: ${usdText(leftUsd)} of ${usdText(limitUsd)} left (budget ${budget}) · ${ADVICE[mode]}`
}

/** What is said after a run where money grows short; undefined where it does not. */
export const shortMoney = (money: MoneyView, paint: Colours): string | undefined =>
  isTight(money.mode) ? `! ${moneyText(money, paint)}` : undefined
