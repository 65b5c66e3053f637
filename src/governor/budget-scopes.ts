// Which budgets an action counts against: those whose filters fit it, each for the group that the action belongs to.
import { type BudgetScope, isMadeOf } from '../foundation/index.ts'
import type { Budget, BudgetRule } from './budget.ts'

/** What is known of an action before it is paid for. */
export interface BudgetFacts {
  task?: string
  session: string
  swarm?: string
  provider: string
  instance: string
  operation: string
  actor: string
}

/** The budgets of a home: rows of its config, and what each registered swarm may cost by its own profile. */
export interface BudgetBook {
  readonly rules: readonly BudgetRule[]
  ofSwarm(swarm: string): BudgetRule | undefined
}

/** The rules that may count an action of this swarm. */
export function rulesIn({ rules, ofSwarm }: BudgetBook, swarm: string | undefined): readonly BudgetRule[] {
  const own = swarm === undefined ? undefined : ofSwarm(swarm)
  return own ? [...rules, own] : rules
}

/** An action without a value for a scope is outside a filter on it, and shares one group with all others without. */
export function budgetsFor(rules: readonly BudgetRule[], facts: BudgetFacts): Budget[] {
  return rules
    .filter(({ of }) => Object.entries(of).every(([scope, glob]) => fits(facts[scope as BudgetScope], glob)))
    .map(({ of: _of, each, ...budget }) => ({ ...budget, name: budget.name + groupOf(each, facts) }))
}

/** Where a scope has no value, the place of the value says so: no name is a lone `-`. */
function groupOf(each: readonly BudgetScope[], facts: BudgetFacts): string {
  if (each.length === 0) return ''
  return `[${[...new Set(each)].map((scope) => `${scope}=${escaped(facts[scope] ?? '-')}`).join(',')}]`
}

/** Two groups never share a name, whatever their values hold. */
const escaped = (value: string): string => value.replace(/[%,=[\]]/g, encodeURIComponent)

/** `*` stands for any run of characters. */
const fits = (value: string | undefined, glob: string): boolean =>
  value !== undefined && isMadeOf(value, glob.split('*'))
