// What the spree pays from: one budget of all, four more that nest in it, and one of what payments carry out.
import { type Budget, type BudgetFacts, type BudgetRule, budgetsFor } from '../../../src/governor/index.ts'
import type { Chance } from '../../support/chance.ts'

/** One action of the spree, as its step record keeps it. */
export type SpreeAction = {
  facts: Required<BudgetFacts>
  maxMicroUsd: number
  actualMicroUsd: number
  /** In pence; all of it is paid where the action is done. */
  outflowMinor: number
}

/** What stands under the owner of each hold. */
export type SpreeStep = SpreeAction & { state: 'begun' | 'ended' }

export const stepsPrefix = 'step/'

const MOST = 60

/** Limits such that about half of so many actions fit. */
export function rulesFor(actions: number): BudgetRule[] {
  const likely = (actions * MOST) / 4
  const rule = (name: string, share: number, each: BudgetRule['each']): BudgetRule => ({
    name,
    kind: 'cost',
    currency: 'USD',
    limit: Math.ceil(likely * share),
    per: 'total',
    timeZone: 'UTC',
    hard: true,
    warnAt: [75, 90],
    of: {},
    each,
  })
  return [
    rule('fabric', 0.6, []),
    rule('swarm', 0.3, ['swarm']),
    rule('session', 0.16, ['swarm', 'session']),
    rule('task', 0.09, ['swarm', 'session', 'task']),
    rule('operation', 0.05, ['swarm', 'session', 'task', 'operation']),
    { ...rule('payouts', 0.2, []), kind: 'outflow', currency: 'GBP' },
  ]
}

export const budgetsOf = (rules: readonly BudgetRule[], { facts }: SpreeAction): Budget[] => budgetsFor(rules, facts)

export const outflowOf = ({ outflowMinor }: SpreeAction) =>
  outflowMinor > 0 ? { outflow: { currency: 'GBP', amountMinor: outflowMinor } } : {}

export function drawAction(chance: Chance): SpreeAction {
  const name = (scope: string, count: number) => `${scope}-${chance.between(1, count)}`
  const maxMicroUsd = chance.between(1, MOST)
  return {
    facts: {
      swarm: name('swarm', 2),
      session: name('session', 2),
      task: name('task', 2),
      operation: name('operation', 2),
      provider: 'stripe',
      instance: 'stripe',
      actor: 'if://agent/spree',
    },
    maxMicroUsd,
    actualMicroUsd: chance.between(0, maxMicroUsd),
    outflowMinor: chance.next() < 0.3 ? chance.between(1, MOST) : 0,
  }
}
