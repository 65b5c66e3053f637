// The budget that a playbook sets for its run. It pays the steps; the budgets of the home hold the whole of it meanwhile.
import { microUsd, optional, ulid } from '../foundation/index.ts'
import { type Budget, costBudget } from '../governor/index.ts'
import { budgetsOfRun } from '../pipeline/index.ts'
import type { ExecutorParts } from './executor.ts'
import type { Plan } from './plan.ts'
import { isOver, type RunRecord, runKey } from './records.ts'

/** As a budget that steps are paid from; undefined where the playbook sets none. */
export function runBudgetOf(run: RunRecord, plan: Plan): Budget | undefined {
  return plan.budgetUsd === null
    ? undefined
    : costBudget({ name: `run-${run.id}`, limitMicroUsd: microUsd(plan.budgetUsd), per: 'run' })
}

/** The budget of a run that goes on after a failure: what is left of it is held again, in one commit with the note of it. */
export async function holdAgain(
  { store, ledger, budgets: book }: ExecutorParts,
  id: string,
  budgetUsd: number,
): Promise<void> {
  const entry = await store.get<RunRecord>(runKey(id))
  if (!entry || entry.value.reservation || isOver(entry.value.state)) return
  const reservation = ulid()
  await ledger.hold({
    id: reservation,
    owner: entry.key,
    maxMicroUsd: Math.max(0, microUsd(budgetUsd) - (entry.value.paidMicroUsd ?? 0)),
    budgets: budgetsOfRun(book, factsOfRun(entry.value)),
    writes: [{ key: entry.key, value: { ...entry.value, reservation }, expect: entry.revision }],
    log: [],
  })
}

/** Whose run it is, as budgets ask. */
export const factsOfRun = ({ actor, session, swarm, claim }: RunRecord) => ({
  actor,
  session,
  ...optional('swarm', swarm),
  ...optional('task', claim?.task),
})
