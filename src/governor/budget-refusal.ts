// Why a hold does not fit, and what would have.
import { FabricError } from '../foundation/index.ts'
import { formatCounted } from './budget.ts'
import type { BudgetLine } from './budget-lines.ts'

/** A line that does not fit. */
export interface Shortage {
  line: BudgetLine
  limit: number
  left: number
  /** By other actions. */
  held: number
}

/** Undefined where it fits. What takes nothing fits always, also where more was spent than the limit. */
export function shortageOf(line: BudgetLine, counted: { settled: number; held: number }): Shortage | undefined {
  const { limit, hard } = line.budget
  if (limit === null || !hard || line.max === 0) return undefined
  const left = Math.max(0, limit - counted.settled - counted.held)
  return line.max <= left ? undefined : { line, limit, left, held: counted.held }
}

/** One refusal for all that is short, which tells of the tightest; undefined where nothing is. */
export function refusalOf(shortages: readonly Shortage[]): FabricError | undefined {
  const [first] = shortages
  if (!first) return undefined
  const tightest = shortages
    .filter(({ line }) => line.budget.kind === first.line.budget.kind)
    .reduce((least, shortage) => (shortage.left < least.left ? shortage : least), first)
  const { line, limit, left, held } = tightest
  const { name, per, kind, currency } = line.budget
  const money = (amount: number) => formatCounted(line.budget, amount)
  const may = kind === 'cost' ? 'may cost' : 'pays out'
  const others = shortages.filter((shortage) => shortage !== tightest).map((shortage) => shortage.line.budget.name)
  return new FabricError(
    'IF_ERR_BUDGET_EXCEEDED',
    per === 'call'
      ? `budget ${name} allows ${money(limit)} a call, this ${may} ${money(line.max)}`
      : `budget ${name} (${per}) has ${money(left)} left of ${money(limit)}, this ${may} ${money(line.max)}`,
    {
      hint: `${fitting(money(left), left)} ${whatToDo(tightest, money)}`,
      details: {
        budget: name,
        kind,
        currency,
        per,
        ...(kind === 'cost'
          ? { leftMicroUsd: left, maxMicroUsd: line.max, heldMicroUsd: held }
          : { leftMinor: left, maxMinor: line.max, heldMinor: held }),
        ...(others.length > 0 ? { others } : {}),
      },
    },
  )
}

const fitting = (money: string, left: number): string => (left > 0 ? `At most ${money} would fit.` : 'Nothing fits.')

function whatToDo({ line, held }: Shortage, money: (amount: number) => string): string {
  if (held > 0) return `${money(held)} is held by actions under way or of unknown outcome.`
  const { per } = line.budget
  const wait = per === 'hour' || per === 'day' || per === 'month' ? ` or wait for the next ${per}` : ''
  return per === 'run' ? "Raise the playbook's budget." : `Raise the limit in config.yaml${wait}.`
}
