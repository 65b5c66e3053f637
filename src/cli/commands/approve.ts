// The yes that a rule asks for, given at the terminal by a person. Swarms, sessions and agents can neither be asked nor
// use --approve.
import type { ApplyOptions } from '../../fabric/index.ts'
import { FabricError, parseAddress } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import { askYesNo } from '../input/prompt.ts'
import type { Invocation } from '../invocation.ts'
import { counted, movesText } from '../output/phrases.ts'
import { instanceText, type PlanContext, planText } from '../output/plan-text.ts'
import { planContext } from './plan-context.ts'

/** The `approve` of ApplyOptions for this command line; nothing where nobody can be asked. */
export async function approvalOptions(
  invocation: Invocation,
  options: { signal: AbortSignal; showPlan: boolean },
): Promise<Pick<ApplyOptions, 'approve'>> {
  const { flags, io, console } = invocation
  const { actor } = await invocation.fabric()
  const isPerson = parseAddress(actor).kind === 'person'
  if (flags.has('approve')) {
    if (!isPerson) throw forbidden(actor)
    return { approve: async () => true }
  }
  if (!invocation.canAsk || !isPerson) return {}
  return {
    approve: async (plan) => {
      const context = await planContext(invocation, console.err)
      if (options.showPlan) console.note(planText(plan, context))
      return askYesNo(io, questionOf(plan, context), options.signal)
    },
  }
}

const forbidden = (actor: string): FabricError =>
  new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not approve; only persons may`, {
    hint: 'Without --approve the plan waits, and a person decides it with `ifab approval grant PLAN`.',
    next: 'ifab approval list',
  })

const VERBS = {
  charge: 'Buy',
  delete: 'Delete',
  create: 'Create',
  update: 'Change',
  send: 'Send',
  read: 'Read',
} as const

/** `Take in GBP 25.00 through stripe [env=sandbox]? Your yes is the approval that the rule asks for.` */
export function questionOf(plan: Plan, context: PlanContext): string {
  return `${context.paint.strong(actText(plan, context))} Your yes is the approval that the rule asks for.`
}

function actText(plan: Plan, { tags, paint, where }: PlanContext): string {
  const moves = movesText(plan.steps.map((step) => step.moves))
  const [step] = plan.steps
  const instances = plan.steps.flatMap(({ instance, routed }) => [
    instance,
    ...(routed?.alternatives ?? []).map((other) => other.instance),
  ])
  const production = instances.some((instance) => tags[instance]?.env === 'production')
  const place = where === undefined ? '' : ` on ${paint.warn(where)}`
  const named = (text: string) => (production ? paint.warn(text) : text)
  if (!step || plan.steps.length > 1) {
    return `Apply ${counted(plan.steps.length, 'step')}${moves ? ` (${named(moves)})` : ''}${place}?`
  }
  const way = `through ${named(instanceText(step, { tags }))}${place}`
  if (moves) return `${moves.replace(/^takes in/, 'Take in').replace(/^pays out/, 'Pay out')} ${way}?`
  return `${VERBS[step.effect]} ${way} (${step.operation})?`
}
