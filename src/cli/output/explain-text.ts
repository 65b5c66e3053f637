// --explain: the rules that decided, the sequence, the budgets and how the cost was reckoned.
import type { BudgetView } from '../../fabric/index.ts'
import type { Plan } from '../../runs/index.ts'
import { costText, usdText } from './phrases.ts'
import { table } from './table.ts'

export interface Explanation {
  topic: 'guard' | 'sequence' | 'budget' | 'cost' | 'passes' | 'entry'
  text: string
}

const WORDS = { allow: 'permit', ask: 'ask', deny: 'forbid' } as const

export function explainPlan(plan: Plan, budgets: readonly BudgetView[]): Explanation[] {
  const several = plan.steps.length > 1
  const reasons = plan.verdict.reasons.map(({ rule, decision, text, step }) => ({
    topic: /^sequence(\/|$)/.test(rule) ? ('sequence' as const) : ('guard' as const),
    text: `${several && step !== null ? `${step}: ` : ''}${WORDS[decision]} ${rule}: ${text}`,
  }))
  const costs = plan.steps
    .filter(({ estimateUsd, maxUsd }) => estimateUsd !== 0 || maxUsd !== 0)
    .map(({ id, estimateUsd, maxUsd, costBasis }) => ({
      topic: 'cost' as const,
      text: `${several ? `${id}: ` : ''}${costText(estimateUsd, maxUsd).replace(/^cost /, '')}${costBasis ? ` (${costBasis})` : ''}`,
    }))
  return [
    ...reasons,
    ...budgets.map((budget) => ({ topic: 'budget' as const, text: budgetText(budget) })),
    ...costs,
    ...wayOn(plan),
  ]
}

function wayOn({ verdict }: Plan): Explanation[] {
  if (verdict.decision === 'ask') return [{ topic: 'passes', text: 'with the approval of 1 person' }]
  if (verdict.decision === 'deny')
    return [{ topic: 'passes', text: 'not as it is; no approval lifts a rule that forbids' }]
  return []
}

const budgetText = ({ name, per, limitUsd, settledUsd, heldUsd }: BudgetView): string =>
  [
    `${name}${name === per ? '' : ` per ${per}`}: ${usdText(settledUsd)} ${limitUsd === null ? 'spent, no limit' : `of ${usdText(limitUsd)} spent`}`,
    ...(heldUsd > 0 ? [`${usdText(heldUsd)} reserved`] : []),
  ].join(' · ')

export const explanationText = (lines: readonly Explanation[]): string =>
  table(
    lines.map(({ topic, text }) => [topic, text]),
    '  ',
  )
