// What an action may take, and out of which budgets. A playbook's own budget pays its run's calls: it was held in the
// budgets of the home as a whole when the run began, so of those only the ones that tell steps apart count here as well.
import { optional } from '../foundation/index.ts'
import {
  type Budget,
  type BudgetFacts,
  type BudgetRule,
  budgetsFor,
  type Spending,
  unlimited,
} from '../governor/index.ts'
import type { Passage } from './passage.ts'

/** The budgets that an action is paid from; undo is counted and never refused. */
export function budgetsOf(rules: readonly BudgetRule[], passage: Passage): Budget[] {
  const { runBudget, free } = passage
  const apply = runBudget ? rules.filter(tellsStepsApart) : rules
  const budgets = [...(runBudget ? [runBudget] : []), ...budgetsFor(apply, factsOf(passage))]
  return free ? budgets.map(unlimited) : budgets
}

/** The budgets of the home that hold a run's own budget while it runs. */
export const budgetsOfRun = (
  rules: readonly BudgetRule[],
  facts: Omit<BudgetFacts, 'provider' | 'instance' | 'operation'>,
): Budget[] =>
  budgetsFor(
    rules.filter((rule) => !tellsStepsApart(rule)),
    { ...facts, provider: '', instance: '', operation: '' }, // no rule that is left asks for them
  )

/** What it costs at most, and what it pays out. */
export function spendingOf({ cost, entry, input }: Pick<Passage, 'cost' | 'entry' | 'input'>): Spending {
  const moves = entry.operation.moves?.(input)
  return {
    microUsd: cost?.kind === 'priced' ? cost.maxMicroUsd : 0,
    ...(moves?.direction === 'out' ? { outflow: { currency: moves.currency, amountMinor: moves.amountMinor } } : {}),
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
