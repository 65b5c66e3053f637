// A plan that is applied later is made again first. What got worse in between refuses it: other bytes, a stricter verdict,
// a question that nobody was asked, a greater maximum cost. What got better or only moved is fine.
import { isSameRequest } from '../adapter/index.ts'
import { isStricter, type Reason } from '../guard/index.ts'
import { targetsIn } from './alternatives.ts'
import type { Plan, PlanStep } from './plan.ts'

/** One sentence for each thing that got worse. */
export function whatGotWorse(before: Plan, after: Plan): string[] {
  const worse: string[] = []
  const again = new Map(after.steps.map((step) => [step.id, step]))
  for (const step of before.steps) {
    const now = again.get(step.id)
    again.delete(step.id)
    if (!now) worse.push(`step ${step.id} is gone`)
    else {
      worse.push(...otherRequests(step, now))
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

/** At each instance where the step may act now it would send what was shown for that instance, or it is another request. */
function otherRequests(before: PlanStep, now: PlanStep): string[] {
  if (!before.routed && !now.routed)
    return isSameRequest(before.request, now.request) ? [] : [`step ${before.id} would send another request`]
  const shown = new Map(targetsIn(before).map(({ instance, request }) => [instance, request]))
  return targetsIn(now).flatMap(({ instance, request }) => {
    const then = shown.get(instance)
    if (!then) return [`step ${before.id} may act at ${instance} too`]
    return isSameRequest(then, request) ? [] : [`step ${before.id} would send another request to ${instance}`]
  })
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
