// The errors of the way, each with what to do about it.
import { FabricError } from '../foundation/index.ts'
import type { Verdict } from '../guard/index.ts'
import type { TaskClaim } from './fence.ts'
import type { Passage } from './passage.ts'

/** What to say when a rule asks and nobody has answered. */
export function approvalMissing(verdict: Verdict, plan: string | undefined): FabricError {
  const rules = verdict.reasons.map((reason) => reason.rule).join(', ')
  return new FabricError(
    'IF_ERR_APPROVAL_REQUIRED',
    `${rules} ask${verdict.reasons.length === 1 ? 's' : ''} for an approval`,
    {
      hint: 'A person grants it; then apply the same plan again.',
      ...(plan ? { next: `ifab approval grant ${plan.slice(0, 8)}` } : {}),
      details: { reasons: verdict.reasons, ...(plan ? { plan } : {}) },
    },
  )
}

/** A rule asks that did not when the plan was approved: what the session has touched since then, mostly. */
export const askedSince = (reasons: Verdict['reasons'], session: string): FabricError =>
  new FabricError(
    'IF_ERR_APPROVAL_REQUIRED',
    `${reasons.map(({ rule, text }) => `${rule} (${text})`).join(', ')} asks since the plan was approved`,
    {
      hint: `Plan what is left again, so that a person sees it; or a person clears session ${session}.`,
      details: { reasons, session },
    },
  )

export function denied(verdict: Verdict): FabricError {
  const text = verdict.reasons.map((reason) => `${reason.rule}: ${reason.text}`).join('; ')
  return new FabricError('IF_ERR_POLICY_DENIED', text, { details: { reasons: verdict.reasons } })
}

export const claimLost = (passage: Passage, cause: FabricError): FabricError =>
  new FabricError(
    'IF_ERR_CLAIM_LOST',
    `another process took over run ${passage.run ?? ''}; step ${passage.step} was not sent`,
    { cause },
  )

/** A call whose own limit was longer than what was left of the claim. */
export function cutByLease(error: FabricError, { task }: TaskClaim): FabricError {
  if (error.code !== 'IF_ERR_TIMEOUT') return error
  return new FabricError(error.code, `${error.message}: the lease of task ${task} ended`, {
    hint: 'Claim the task with a longer lease, or extend it before a call that takes so long.',
    details: error.details,
    cause: error.cause,
    retryable: error.retryable,
  })
}

export function outcomeUnknown(passage: Passage, cause: FabricError): FabricError {
  const where = passage.run
    ? `ifab run settle ${passage.run.slice(-8).toLowerCase()} ${passage.step} --as done|not-done --why '…'`
    : undefined
  return new FabricError(
    'IF_ERR_OUTCOME_UNKNOWN',
    `${passage.entry.id} left for ${passage.instance.name} and no answer came: ${cause.message}`,
    {
      hint: `Look at ${passage.provider.definition.name} whether it happened, then settle the step.`,
      ...(where ? { next: where } : {}),
      cause,
      details: { ...cause.details, cause: cause.code },
    },
  )
}
