// An invitation to help with a stuck task: open until it is answered, has expired, or is withdrawn because the task goes
// on. While `reservation` is there, a share of the budget is held for the helper. Pure.
import { FabricError, type MicroUsd, parseAddress, timestamp } from '../foundation/index.ts'
import { keyOf } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'

export type InviteState = 'open' | 'accepted' | 'declined' | 'expired' | 'withdrawn'

export type InviteRecord = {
  id: string
  /** Key of the escalation it belongs to. */
  escalation: string
  task: string
  token: number
  /** Who is invited. */
  swarm: string
  /** What is needed that the invited one has. */
  capabilities: string[]
  description: string
  shareMicroUsd: MicroUsd
  /** Held in the ledger; gone once it is free again. */
  reservation?: string
  invitedAt: string
  /** RFC 3339. An accepted one does not expire. */
  expiresAt: string
  state: InviteState
  answeredBy?: string
  answeredAt?: string
  why?: string
}

/** Who answers an invitation. */
export interface Answerer {
  actor: string
  session: string
  /** The swarm that the actor works for, where its address does not say it. */
  swarm?: string
  why?: string
}

export const inviteKey = (id: string): string => keyOf('invite', id)

export const isEnded = ({ state }: InviteRecord): boolean => state !== 'open' && state !== 'accepted'

export const isOverdue = (invite: InviteRecord, nowMs: number): boolean =>
  invite.state === 'open' && Date.parse(invite.expiresAt) <= nowMs

/** The record after a yes; undefined where it was given before. */
export function afterYes(invite: InviteRecord, by: Answerer, nowMs: number): InviteRecord | undefined {
  checkMayAnswer(invite, by)
  if (invite.state === 'accepted') return undefined
  if (invite.state !== 'open' || isOverdue(invite, nowMs)) throw overError(invite, nowMs)
  return answered(invite, 'accepted', by, nowMs)
}

/** The record after a no, which may come after a yes: the helper can't after all. Undefined where it was given before. */
export function afterNo(invite: InviteRecord, by: Answerer, nowMs: number): InviteRecord | undefined {
  checkMayAnswer(invite, by)
  if (invite.state === 'declined') return undefined
  if (isEnded(invite) || isOverdue(invite, nowMs)) throw overError(invite, nowMs)
  return answered(invite, 'declined', by, nowMs)
}

const answered = (invite: InviteRecord, state: InviteState, by: Answerer, nowMs: number): InviteRecord => ({
  ...invite,
  state,
  answeredBy: by.actor,
  answeredAt: timestamp(nowMs),
  ...(by.why ? { why: by.why } : {}),
})

function checkMayAnswer({ id, swarm }: InviteRecord, by: Answerer): void {
  const { kind, name } = parseAddress(by.actor)
  if (kind === 'person') return
  const own = by.swarm ?? (kind === 'swarm' ? name.split('/')[0] : undefined)
  if (own === swarm) return
  throw new FabricError('IF_ERR_SCOPE_MISSING', `invitation ${id} is for swarm ${swarm}, not for ${by.actor}`, {
    hint: 'Only the invited swarm or a person answers it.',
    details: { invite: id, swarm },
  })
}

function overError(invite: InviteRecord, nowMs: number): FabricError {
  const { id, swarm, state, expiresAt, task, answeredAt } = invite
  const what = isOverdue(invite, nowMs) || state === 'expired' ? `expired at ${expiresAt}` : `was ${state}`
  const when = answeredAt && state === 'declined' ? ` at ${answeredAt}` : ''
  return new FabricError('IF_ERR_CONFLICT', `invitation ${id} of swarm ${swarm} to task ${task} ${what}${when}`, {
    hint: state === 'withdrawn' ? 'The task goes on without it.' : 'Somebody else is asked meanwhile.',
    retryable: false,
    details: { invite: id, state, expiresAt },
  })
}

/** What the log says of an invitation. */
export function inviteEntry(
  kind: string,
  invite: InviteRecord,
  by: { actor: string; session?: string | undefined; why?: string | undefined; at: string },
): WitnessEntry {
  const { id, task, token, swarm, capabilities, shareMicroUsd, state } = invite
  return {
    kind: `invite.${kind}`,
    at: by.at,
    actor: by.actor,
    ...(by.session === undefined ? {} : { session: by.session }),
    ...(by.why ? { why: by.why } : {}),
    outcome: state,
    detail: { invite: id, task, token, swarm, capabilities, shareMicroUsd },
  }
}
