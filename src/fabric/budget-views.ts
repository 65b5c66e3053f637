// Budgets as people see them: those of the home, each group of one that is kept apart, in the period of now.
import { timestamp, usdOf } from '../foundation/index.ts'
import {
  type Budget,
  type BudgetRule,
  type BudgetStanding,
  budgetsFor,
  heldIn,
  type MoneyState,
  moneyModeOf,
} from '../governor/index.ts'
import { budgetsOfRun } from '../pipeline/index.ts'
import { prefixOf, segmentsOf } from '../store/index.ts'
import type { Composition } from './acting.ts'
import { swarmBudget } from './compose-governor.ts'
import type { BudgetView, MoneyView } from './port.ts'
import { SESSION_SPENT } from './rules.ts'

/** All budgets; of those kept apart by scope each group that was ever used. */
export async function listBudgets(parts: Composition): Promise<BudgetView[]> {
  const { ledger, budgets: book, store, registry } = parts
  const own = registry.list().flatMap((profile) => swarmBudget(profile) ?? [])
  const rules = book.rules.filter((rule) => rule !== SESSION_SPENT)
  const names = new Set(
    (await store.range(prefixOf('budget'))).map(({ key }) => segmentsOf(key)[1] ?? ''), // budget/<name>/<period>
  )
  const budgets = rules.flatMap((rule): Budget[] => {
    if (rule.each.length === 0) return [plain(rule)]
    return [...names].filter((name) => name.startsWith(`${rule.name}[`)).map((name) => ({ ...plain(rule), name }))
  })
  const ofSwarms = own.flatMap((rule) => budgetsFor([rule], { swarm: rule.of.swarm ?? '', ...NOBODY }))
  return (await ledger.views([...budgets, ...ofSwarms])).map(viewOf)
}

/** How the actor should go about with what is left for it: of the budgets that hold whatever it does. */
export async function moneyOf({ ledger, budgets: book, acting }: Composition, task?: string): Promise<MoneyView> {
  const { actor, session, swarm } = acting
  const facts = { actor, session, ...(swarm ? { swarm } : {}), ...(task ? { task } : {}) }
  return moneyView(moneyModeOf(await ledger.views(budgetsOfRun(book, facts))))
}

const moneyView = ({ mode, budget, leftMicroUsd, limitMicroUsd }: MoneyState): MoneyView => ({
  mode,
  budget,
  leftUsd: leftMicroUsd === null ? null : usdOf(leftMicroUsd),
  limitUsd: limitMicroUsd === null ? null : usdOf(limitMicroUsd),
})

const NOBODY = { session: '', actor: '', provider: '', instance: '', operation: '' }

const plain = ({ of: _of, each: _each, ...budget }: BudgetRule): Budget => budget

function viewOf({ budget, record, endsAtMs }: BudgetStanding): BudgetView {
  const { name, kind, currency, per, hard, limit, timeZone } = budget
  const held = heldIn(record)
  const money = (amount: number): number | null => (kind === 'cost' ? usdOf(amount) : null)
  return {
    name,
    kind,
    currency,
    per,
    timeZone,
    hard,
    limitUsd: limit === null ? null : money(limit),
    settledUsd: money(record.settled),
    heldUsd: money(held),
    limit,
    settled: record.settled,
    held,
    mode: kind === 'cost' ? moneyModeOf([{ budget, record, endsAtMs }]).mode : null,
    resetsAt: endsAtMs === null ? null : timestamp(endsAtMs),
  }
}
