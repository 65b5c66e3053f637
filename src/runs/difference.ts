// A plan that is applied later is made again first. What got worse in between refuses it: other bytes, a stricter verdict,
// a question that nobody was asked, a greater maximum cost. What got better or only moved is fine.
import { isSameRequest } from '../adapter/index.ts'
import { isStricter, type Reason } from '../guard/index.ts'
import type { Plan } from './plan.ts'

/** One sentence for each thing that got worse. */
export function whatGotWorse(before: Plan, after: Plan): string[] {
  const worse: string[] = []
  const again = new Map(after.steps.map((step) => [step.id, step]))
  for (const step of before.steps) {
    const now = again.get(step.id)
    again.delete(step.id)
    if (!now) worse.push(`step ${step.id} is gone`)
    else {
      if (!isSameRequest(step.request, now.request)) worse.push(`step ${step.id} would send another request`)
      if (exceeds(now.maxUsd, step.maxUsd))
        worse.push(`step ${step.id} may cost ${usd(now.maxUsd)} instead of ${usd(step.maxUsd)}`)
    }
  }
  for (const id of again.keys()) worse.push(`step ${id} is new`)
  if (isStricter(after.verdict.decision, before.verdict.decision)) {
    const rules = after.verdict.reasons.map((reason) => reason.rule).join(', ')
    worse.push(`the verdict is ${after.verdict.decision} instead of ${before.verdict.decision} (${rules})`)
  } else {
    // Whoever says yes to what was asked then says nothing to these.
    for (const { rule, text, step } of after.verdict.reasons.filter((reason) => isNewQuestion(reason, before)))
      worse.push(`${rule} asks${step ? ` of step ${step}` : ''}: ${text}`)
  }
  return worse
}

/** A rule that asks of another step, of other people or of more of them is another question. */
const isNewQuestion = ({ rule, decision, step, approvers, needed = 1 }: Reason, { verdict }: Plan): boolean =>
  decision === 'ask' &&
  !verdict.reasons.some(
    (asked) =>
      asked.rule === rule && asked.step === step && asked.approvers === approvers && (asked.needed ?? 1) >= needed,
  )

const exceeds = (now: number | null, before: number | null): boolean =>
  before !== null && (now === null || now > before)
const usd = (amount: number | null): string => (amount === null ? 'an unknown amount' : `$${amount}`)
