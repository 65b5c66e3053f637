// The record of one plan's approval, and its legal moves: waiting → granted → used, or waiting → denied. Pure.
import { type Clock, FabricError, optional, shortId } from '../foundation/index.ts'
import {
  type ApprovalNeed,
  type ApproverRolls,
  areMet,
  checkMayDecide,
  needsText,
  ONE_APPROVER,
} from './approvals-needs.ts'

/** One person's yes. */
export type ApprovalYes = { by: string; session: string; at: string; why?: string }

export type ApprovalRecord = {
  plan: string
  state: 'waiting' | 'granted' | 'denied' | 'used'
  requestedBy: string
  requestedAt: string
  expiresAt: string
  /** What would happen, in one line. */
  summary: string
  /** Who has to say yes. Absent: one approver. */
  needs?: ApprovalNeed[]
  /** Who has said yes so far. */
  yes?: ApprovalYes[]
  /** Who completed or denied it. */
  decidedBy?: string
  decidedAt?: string
  why?: string
}

/** Who decides, uses or tries something, and why. */
export interface ApprovalActor {
  actor: string
  session: string
  why?: string
}

export const needsIn = ({ needs }: Pick<ApprovalRecord, 'needs'>): readonly ApprovalNeed[] =>
  needs && needs.length > 0 ? needs : ONE_APPROVER

export const hasExpired = (record: ApprovalRecord, clock: Clock): boolean => Date.parse(record.expiresAt) <= clock.now()

/** Refuses a decision of somebody who may not, or about something that is not open any more. */
export function checkOpen(record: ApprovalRecord, actor: string, rolls: ApproverRolls, clock: Clock): void {
  const { plan, state, requestedBy } = record
  checkMayDecide(actor, { requestedBy, needs: needsIn(record) }, rolls)
  if (state !== 'waiting') {
    const message = `plan ${shortId(plan)} is ${state} already, by ${record.decidedBy}`
    throw new FabricError('IF_ERR_CONFLICT', message, { retryable: false })
  }
  if (hasExpired(record, clock)) throw planExpired(record)
}

export const withNo = (record: ApprovalRecord, by: ApprovalActor, at: string): ApprovalRecord => ({
  ...record,
  state: 'denied',
  decidedBy: by.actor,
  decidedAt: at,
  ...optional('why', by.why || undefined),
})

/** One yes more, and granted if it was the last one needed; nobody counts twice. */
export function withYes(record: ApprovalRecord, by: ApprovalActor, at: string, rolls: ApproverRolls): ApprovalRecord {
  const { plan, requestedBy, yes: before = [] } = record
  if (before.some((earlier) => earlier.by === by.actor)) {
    throw new FabricError('IF_ERR_CONFLICT', `${by.actor} said yes to plan ${shortId(plan)} before`, {
      retryable: false,
      hint: `It needs ${needsText(needsIn(record))}: somebody else has to.`,
    })
  }
  const why = optional('why', by.why || undefined)
  const yes = [...before, { by: by.actor, session: by.session, at, ...why }]
  const isMet = areMet(needsIn(record), { by: yes.map((each) => each.by), requestedBy }, rolls)
  if (!isMet) return { ...record, yes }
  return { ...record, yes, state: 'granted', decidedBy: by.actor, decidedAt: at, ...why }
}

/** Why an approval that once was there can't be used; undefined where it can, or where there never was one. */
export function whyUnusable(value: ApprovalRecord, clock: Clock): FabricError | undefined {
  if (value.state === 'used')
    return new FabricError('IF_ERR_CONFLICT', `the approval of plan ${shortId(value.plan)} was used before`)
  return value.state === 'granted' && hasExpired(value, clock) ? planExpired(value) : undefined
}

export const approvalDenied = ({ plan, decidedBy, why }: ApprovalRecord): FabricError =>
  new FabricError(
    'IF_ERR_APPROVAL_DENIED',
    `${decidedBy ?? 'somebody'} denied plan ${shortId(plan)}${why ? `: ${why}` : ''}`,
    { details: { plan, ...optional('decidedBy', decidedBy) } },
  )

export const planExpired = ({ plan, expiresAt }: ApprovalRecord): FabricError =>
  new FabricError('IF_ERR_PLAN_EXPIRED', `plan ${shortId(plan)} expired at ${expiresAt}`, { hint: 'Plan again.' })
