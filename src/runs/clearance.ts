// The approval that a plan needs before it is applied: found, given by who applies it, waited for, or asked for.
import {
  FabricError,
  formatAmount,
  formatUsd,
  isFabricError,
  microUsd,
  optional,
  shortId,
} from '../foundation/index.ts'
import type { LoopNote } from '../governor/index.ts'
import { type ApprovalRequest, combine, needsOf } from '../guard/index.ts'
import { approvalMissing } from '../pipeline/index.ts'
import type { Plan } from './plan.ts'
import type { RunOptions, RunsParts } from './runs-parts.ts'
import { type Clearance, planEntry } from './start.ts'

/** The approval that the verdict asks for, as the write that uses it up; `none` where none is needed. */
export async function clear(parts: RunsParts, plan: Plan, options: RunOptions): Promise<Clearance> {
  const { verdict, digest } = plan
  if (verdict.decision === 'allow') return 'none'
  if (verdict.decision === 'deny') {
    await parts.store.commit(
      [],
      [planEntry(parts, plan, 'plan.denied', { detail: { rules: verdict.reasons.map((reason) => reason.rule) } })],
    )
    throw new FabricError(
      'IF_ERR_POLICY_DENIED',
      verdict.reasons.map((reason) => `${reason.rule}: ${reason.text}`).join('; '),
      {
        hint: 'No approval lifts a rule that denies.',
        details: { reasons: verdict.reasons },
      },
    )
  }
  const granted = await parts.approvals.use(digest, parts.acting)
  if (granted) return granted
  const known = await parts.approvals.get(digest)
  if (known?.state === 'denied' && Date.parse(known.expiresAt) > parts.clock.now()) {
    throw new FabricError(
      'IF_ERR_APPROVAL_DENIED',
      `${known.decidedBy} denied plan ${shortId(digest)}${known.why ? `: ${known.why}` : ''}`,
    )
  }
  const request = {
    plan: digest,
    requestedBy: plan.actor,
    expiresAt: plan.expiresAt,
    summary: summaryOf(plan),
    needs: needsOf(verdict.reasons),
  }
  const answer = await options.approve?.(plan)
  if (answer === true) await checkMayApprove(parts, request)
  await parts.approvals.request(request)
  if (answer !== undefined) {
    const by = { ...parts.acting, ...optional('why', options.why) }
    const { state } = await parts.approvals.decide(digest, answer ? 'granted' : 'denied', by)
    if (state === 'denied')
      throw new FabricError('IF_ERR_APPROVAL_DENIED', `${parts.acting.actor} denied plan ${shortId(digest)}`)
  }
  // It may need the yes of others too.
  const cleared = await parts.approvals.use(digest)
  if (cleared) return cleared
  if (!options.waitForApproval) throw approvalMissing(verdict, digest)
  await waitForIt(parts, plan, options)
  return clear(parts, plan, options) // used by another in between: it is asked for anew
}

/** A plan that its session applies again and again: from then on somebody has to say yes. */
export function askedAgain(plan: Plan, { count }: LoopNote): Plan {
  const text = `the same plan is applied for the ${count}th time within a short time`
  const reason = { rule: 'default/loop', decision: 'ask' as const, step: null, text }
  return { ...plan, verdict: combine([...plan.verdict.reasons, reason]) }
}

/** Whoever may not is refused before anything is asked, and that they tried is on record. */
async function checkMayApprove({ approvals, acting }: RunsParts, request: ApprovalRequest): Promise<void> {
  try {
    approvals.check(acting.actor, request)
  } catch (thrown) {
    if (isFabricError(thrown)) await approvals.refused(request.plan, acting, thrown)
    throw thrown
  }
}

/** Until it is granted; who stops the run stops the waiting. */
async function waitForIt(parts: RunsParts, { digest }: Plan, options: RunOptions): Promise<void> {
  const signals = [options.stop, options.signal].filter((signal) => signal !== undefined)
  const { timeoutMs } = typeof options.waitForApproval === 'object' ? options.waitForApproval : {}
  options.onEvent?.({ type: 'approval.wait', plan: digest })
  await parts.approvals.wait(digest, {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
  })
}

/** `stripe payment.create, slack message.send (3 steps)`. */
export function summaryOf(plan: Plan): string {
  const [first] = plan.steps
  const name = plan.source.kind === 'playbook' ? plan.source.name : `${first?.instance ?? ''} ${first?.operation ?? ''}`
  const moved = plan.steps.flatMap((step) =>
    step.moves?.amount == null
      ? []
      : `${step.moves.direction === 'in' ? 'takes in' : 'pays out'} ${formatAmount(step.moves.amount, step.moves.currency)}`,
  )
  const cost = plan.maxUsd === null ? 'cost unknown' : `at most ${formatUsd(microUsd(plan.maxUsd))}`
  return [`${name}`, `${plan.steps.length} step${plan.steps.length === 1 ? '' : 's'}`, ...moved, cost].join(' · ')
}
