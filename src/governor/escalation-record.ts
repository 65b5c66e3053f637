// What is known of one blocker and of what was done about it. Its key is the blocker's identity, so that whoever hears of
// it, in whichever process and however often, finds the record of the first. Pure.
import { FabricError, type MicroUsd, sha256Hex, timestamp } from '../foundation/index.ts'
import { keyOf, prefixOf } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import type { BlockedTask } from './escalation-ports.ts'

export type EscalationRecord = {
  /** `<task>/<token>/<type>`. */
  id: string
  task: string
  token: number
  /** Of the blocker: `needs-capability`, `attempts-exhausted`. */
  type: string
  kind: string
  /** Whose task it is. */
  swarm: string
  /** Who held it, as `swarm/worker`. */
  heldBy?: string
  description: string
  severity: string
  needs: string[]
  blockedAt: string
  openedAt: string
  /** Everybody who is to be asked so far; their invitations have these ids. */
  asked: Asked[]
} & EscalationStanding

export type EscalationStanding =
  /** Helpers are asked. `isExhausted`: there is nobody else. */
  | { state: 'inviting'; isExhausted?: true }
  /** Enough of them have accepted. */
  | { state: 'helped'; since: string }
  /** People are told. */
  | ({ state: 'person'; since: string } & Told)
  | { state: 'resolved'; at: string; by: string; how: 'unblocked' | 'person'; note?: string }

export type Asked = {
  invite: string
  swarm: string
  covers: string[]
  shareMicroUsd: MicroUsd
  /** Why it could not be invited: the budget had no room for its share. */
  refused?: string
}

export type Told = {
  /** Why it came to this. */
  because: string
  /** Notices given. */
  notices: number
  lastAt?: string
  /** A notice is on its way since. */
  sendingSince?: string
  /** What became of the last notice, by channel. */
  outcomes: { [channel: string]: NoticeOutcome }
  acknowledged?: { by: string; at: string }
  snoozed?: { by: string; until: string }
}

/** `unknown`: it may have arrived. */
export type NoticeOutcome = 'sent' | 'failed' | 'unknown'

export type EscalationState = EscalationRecord['state']

export const escalationPrefix = prefixOf('escalation')

export const escalationKey = ({ task, token, type }: Pick<EscalationRecord, 'task' | 'token' | 'type'>): string =>
  keyOf('escalation', task, String(token), type)

/** The coordinator hands these on by itself. */
const PASSING = 'heartbeat-missed'
/** It comes and goes with no claim, so its token says nothing. */
const DEADLINE = 'deadline-at-risk'

/** The record of a blocker that nobody has heard of before; undefined where there is nothing to do about it. */
export function newEscalation(blocked: BlockedTask, nowMs: number): EscalationRecord | undefined {
  const { task, kind, swarm, at, blocker, by } = blocked
  // A task that was refused when it was added has no kind: whoever wanted to add it was told.
  if (blocker.type === PASSING || kind === '') return undefined
  const token = blocker.type === DEADLINE ? 0 : blocked.token
  return {
    id: `${task}/${token}/${blocker.type}`,
    task,
    token,
    type: blocker.type,
    kind,
    swarm,
    ...(by ? { heldBy: by } : {}),
    description: blocker.description,
    severity: blocker.severity,
    needs: [...new Set(blocker.requiredCapabilities)],
    blockedAt: at,
    openedAt: timestamp(nowMs),
    asked: [],
    state: 'inviting',
  }
}

/** The same blocker standing elsewhere: what belonged to where it stood goes. */
export function withStanding(record: EscalationRecord, standing: EscalationStanding): EscalationRecord {
  const { id, task, token, type, kind, swarm, heldBy, description, severity, needs, blockedAt, openedAt, asked } =
    record
  const held = heldBy === undefined ? {} : { heldBy }
  const fixed = {
    id,
    task,
    token,
    type,
    kind,
    swarm,
    ...held,
    description,
    severity,
    needs,
    blockedAt,
    openedAt,
    asked,
  }
  return { ...fixed, ...standing }
}

/** The same whoever works it out, so that two processes can't invite twice. */
export const inviteIdOf = ({ id }: EscalationRecord, swarm: string): string => sha256Hex(`${id}\n${swarm}`).slice(0, 26)

/** Whether the task still stands where the blocker stopped it. */
export function isStillStuck(
  { type, token }: Pick<EscalationRecord, 'type' | 'token'>,
  standing: { state: string; token: number } | undefined,
): boolean {
  if (!standing) return false
  if (type === DEADLINE) return ['open', 'claimed', 'blocked'].includes(standing.state)
  return (standing.state === 'blocked' || standing.state === 'dead') && standing.token === token
}

/** Whom one finds by the id of an escalation, or by its task where only one of that task is open. */
export function pickEscalation(reference: string, records: readonly EscalationRecord[]): EscalationRecord {
  const exact = records.find(({ id }) => id === reference)
  if (exact) return exact
  const open = records.filter(({ task, state }) => task === reference && state !== 'resolved')
  const [only] = open
  if (only && open.length === 1) return only
  if (only) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `task ${reference} has ${open.length} open escalations`, {
      hint: `Say which: ${open.map(({ id }) => id).join(', ')}.`,
    })
  }
  throw new FabricError('IF_ERR_NOT_FOUND', `no escalation is open for ${JSON.stringify(reference)}`)
}

/** What the log says of an escalation. */
export function escalationEntry(
  kind: string,
  record: EscalationRecord,
  by: { actor: string; session?: string | undefined; why?: string | undefined; at: string },
  detail: NonNullable<WitnessEntry['detail']> = {},
): WitnessEntry {
  const { id, task, token, type, swarm, state } = record
  return {
    kind: `escalation.${kind}`,
    at: by.at,
    actor: by.actor,
    ...(by.session === undefined ? {} : { session: by.session }),
    ...(by.why ? { why: by.why } : {}),
    outcome: state,
    detail: { escalation: id, task, token, type, swarm, ...detail },
  }
}
