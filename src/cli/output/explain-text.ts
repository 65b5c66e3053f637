// --explain: the rules that decided, the sequence, the budgets and how the cost was reckoned.
import type { BudgetView } from '../../fabric/index.ts'
import type { TouchedView } from '../../guard/index.ts'
import type { Plan } from '../../runs/index.ts'
import { budgetLine } from './budget-text.ts'
import { neededBy, needsText } from './needs-text.ts'
import { costText } from './phrases.ts'
import { table } from './table.ts'
import { isSequenceRule, sequenceText } from './touched-text.ts'

export interface Explanation {
  topic: 'guard' | 'sequence' | 'budget' | 'cost' | 'passes' | 'entry'
  text: string
}

type Reason = Plan['verdict']['reasons'][number]

const WORDS = { allow: 'permit', ask: 'ask', deny: 'forbid' } as const

export function explainPlan(
  plan: Plan,
  { budgets, touched }: { budgets: readonly BudgetView[]; touched: TouchedView },
): Explanation[] {
  const several = plan.steps.length > 1
  const { reasons } = plan.verdict
  const costs = plan.steps
    .filter(({ estimateUsd, maxUsd }) => estimateUsd !== 0 || maxUsd !== 0)
    .map(({ id, estimateUsd, maxUsd, costBasis }) => ({
      topic: 'cost' as const,
      text: `${several ? `${id}: ` : ''}${costText(estimateUsd, maxUsd).replace(/^cost /, '')}${costBasis ? ` (${costBasis})` : ''}`,
    }))
  return [
    ...reasons.map((reason) => ({
      topic: isSequenceRule(reason.rule) ? ('sequence' as const) : ('guard' as const),
      text: reasonText(reason, several),
    })),
    { topic: 'sequence', text: sequenceText(touched, reasons) },
    ...budgets.map((budget) => ({ topic: 'budget' as const, text: budgetLine(budget) })),
    ...costs,
    ...wayOn(plan),
  ]
}

/** `forbid refund-cap: 250000 > 5000, policies/support.cedar:14 (overrules permit support-refunds)`. */
function reasonText({ rule, decision, text, step, file, line, overruled }: Reason, several: boolean): string {
  const place = file === undefined ? '' : `, ${file}:${line ?? 1}`
  const over = overruled && overruled.length > 0 ? ` (overrules permit ${overruled.join(', ')})` : ''
  return `${several && step !== null ? `${step}: ` : ''}${WORDS[decision]} ${rule}: ${text}${place}${over}`
}

function wayOn({ verdict: { decision, reasons } }: Plan): Explanation[] {
  if (decision === 'ask') return [{ topic: 'passes', text: `with the yes of ${needsText(neededBy(reasons))}` }]
  if (decision === 'allow') return []
  const forbids = [...new Set(reasons.filter((reason) => reason.decision === 'deny').map(({ rule }) => rule))]
  return [{ topic: 'passes', text: `not as it is; no approval lifts ${forbids.join(', ') || 'a rule that forbids'}` }]
}

export const explanationText = (lines: readonly Explanation[]): string =>
  table(
    lines.map(({ topic, text }) => [topic, text]),
    '  ',
  )
