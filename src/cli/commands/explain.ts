// --explain: gathers rules and figures behind a plan and shows them, or puts them into the error that is to be shown.
import { FabricError } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import type { Invocation } from '../invocation.ts'
import { type Explanation, explainPlan, explanationText } from '../output/explain-text.ts'

/** After a result. */
export async function explain(invocation: Invocation, plan: Plan): Promise<void> {
  if (!invocation.explain) return
  const explanation = await explanationOf(invocation, plan)
  invocation.console.attach('explanation', explanation)
  invocation.console.note(explanationText(explanation))
}

/** The error with the explanation in its details, where --explain asks for it. */
export async function explained(
  invocation: Invocation,
  plan: Plan | undefined,
  error: FabricError,
): Promise<FabricError> {
  if (!invocation.explain || !plan) return error
  const { witness } = error.details
  const entry = typeof witness === 'number' ? [{ topic: 'entry' as const, text: `ifab witness log ${witness}` }] : []
  const explanation = [...(await explanationOf(invocation, plan)), ...entry]
  return withDetails(error, { explanation })
}

/** The same error with more details, and other hints where given. */
export function withDetails(
  error: FabricError,
  details: Record<string, unknown>,
  other: { hint?: string; next?: string } = {},
): FabricError {
  const hint = other.hint ?? error.hint
  const next = other.next ?? error.next
  return new FabricError(error.code, error.message, {
    details: { ...error.details, ...details },
    retryable: error.retryable,
    cause: error.cause,
    ...(hint === undefined ? {} : { hint }),
    ...(next === undefined ? {} : { next }),
  })
}

async function explanationOf(invocation: Invocation, plan: Plan): Promise<Explanation[]> {
  const fabric = await invocation.fabric()
  const [budgets, touched] = await Promise.all([fabric.budgets(), fabric.touched({ session: plan.session })])
  return explainPlan(plan, { budgets, touched })
}
