// What an action may take, and out of which budgets. A playbook's own budget pays its run's calls: it was held in the
// budgets of the home as a whole when the run began, so of those only the ones that tell steps apart count here as well.
import { optional } from '../foundation/index.ts'
import {
  type Budget,
  type BudgetBook,
  type BudgetFacts,
  type BudgetRule,
  budgetsFor,
  rulesIn,
  type Spending,
  unlimited,
} from '../governor/index.ts'
import type { Passage } from './passage.ts'

/** The budgets that an action is paid from; undo is counted and never refused. */
export function budgetsOf(book: BudgetBook, passage: Passage): Budget[] {
  const { runBudget, free } = passage
  const facts = factsOf(passage)
  const rules = rulesIn(book, facts.swarm)
  const apply = runBudget ? rules.filter(tellsStepsApart) : rules
  const budgets = [...(runBudget ? [runBudget] : []), ...budgetsFor(apply, facts)]
  return free ? budgets.map(unlimited) : budgets
}

/** The budgets of the home that hold a run's own budget while it runs. */
export const budgetsOfRun = (
  book: BudgetBook,
  facts: Omit<BudgetFacts, 'provider' | 'instance' | 'operation'>,
): Budget[] =>
  budgetsFor(
    rulesIn(book, facts.swarm).filter((rule) => !tellsStepsApart(rule)),
    { ...facts, provider: '', instance: '', operation: '' }, // no rule that is left asks for them
  )

/** What it costs at most, and what it pays out; where that is unknown the guard has asked, and no budget holds it. */
export function spendingOf({ cost, entry, input }: Pick<Passage, 'cost' | 'entry' | 'input'>): Spending {
  const { amountMinor, currency, direction } = entry.operation.moves?.(input) ?? {}
  const isOutflow = direction === 'out' && amountMinor !== undefined && currency !== undefined
  return {
    microUsd: cost?.kind === 'priced' ? cost.maxMicroUsd : 0,
    ...(isOutflow ? { outflow: { currency, amountMinor } } : {}),
  }
}

const STEP_SCOPES: ReadonlySet<string> = new Set(['provider', 'instance', 'operation'])

const tellsStepsApart = ({ kind, per, of, each }: BudgetRule): boolean =>
  kind === 'outflow' || per === 'call' || [...Object.keys(of), ...each].some((scope) => STEP_SCOPES.has(scope))

const factsOf = ({ acting, fence, provider, instance, entry }: Passage): BudgetFacts => ({
  session: acting.session,
  actor: acting.actor,
  ...optional('swarm', acting.swarm ?? fence?.swarm),
  ...optional('task', fence?.claim.task),
  provider: provider.definition.id,
  instance: instance.name,
  operation: entry.id,
})
