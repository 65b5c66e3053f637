// What is to be done about a blocker now, and when to look again: a pure function of the record, its invitations, whether
// the task is still stuck, and the time. Timers are nowhere kept, so nothing is lost with a process.
import { type MicroUsd, matchOf } from '../foundation/index.ts'
import type { Asked, EscalationRecord } from './escalation-record.ts'
import { type InviteRecord, isEnded, isOverdue } from './invite-record.ts'

export interface EscalationSettings {
  /** How long a helper may think about an invitation. Default 5 minutes. */
  inviteForMs: number
  /** How long a blocker may stay unanswered, or an acceptance without effect, before people are told. Default 15 minutes. */
  afterMs: number
  /** How often people are reminded until somebody acknowledges. Default 15 minutes. */
  remindEveryMs: number
  /** The share of what is needed that is enough, 0 to 1. Default 0.7. */
  minMatch: number
  /** Swarms asked for one blocker at most. Default 10. */
  maxAsked: number
}

export const ESCALATION_DEFAULTS: EscalationSettings = {
  inviteForMs: 5 * 60_000,
  afterMs: 15 * 60_000,
  remindEveryMs: 15 * 60_000,
  minMatch: 0.7,
  maxAsked: 10,
}

/** A notice takes no longer; one that is on its way for longer was lost with its process. */
export const NOTICE_LIMIT_MS = 30_000
const NOTICE_LOST_MS = 2 * NOTICE_LIMIT_MS
/** After a notice that reached nobody. */
const NOTICE_RETRY_MS = 60_000

export type Next =
  /** Nothing before that moment; Infinity where only news changes anything. */
  | { do: 'wait'; untilMs: number }
  | { do: 'resolve' }
  | { do: 'end'; invite: string; state: 'expired' | 'withdrawn' }
  | { do: 'free'; invite: string }
  /** Finds more helpers for what nobody covers yet. */
  | { do: 'search'; needs: string[]; heldMicroUsd: MicroUsd }
  | { do: 'invite'; asked: Asked }
  | { do: 'help' }
  /** Somebody who had accepted can't help after all. */
  | { do: 'reopen' }
  | { do: 'escalate'; because: string }
  | { do: 'notify' }
  | { do: 'lose-notice' }

export interface EscalationFacts {
  record: EscalationRecord
  /** Those that were made, by id. */
  invites: ReadonlyMap<string, InviteRecord>
  isStuck: boolean
  nowMs: number
  settings: EscalationSettings
  /** Whether there is anybody to be told. */
  hasChannels: boolean
}

export function nextOf(facts: EscalationFacts): Next {
  const { record, isStuck } = facts
  if (record.state !== 'resolved' && !isStuck) return { do: 'resolve' }
  const tidying = tidy(facts)
  if (tidying) return tidying
  switch (record.state) {
    case 'inviting':
      return nextInviting(record, facts)
    case 'helped':
      return nextHelped(record, facts)
    case 'person':
      return withExpiry(nextTold(record, facts), facts)
    case 'resolved':
      return { do: 'wait', untilMs: Number.POSITIVE_INFINITY }
  }
}

/** Invitations that are over. */
function tidy({ record, invites, nowMs }: EscalationFacts): Next | undefined {
  for (const invite of invites.values()) {
    if (isEnded(invite)) {
      if (invite.reservation !== undefined) return { do: 'free', invite: invite.id }
    } else if (record.state === 'resolved') return { do: 'end', invite: invite.id, state: 'withdrawn' }
    else if (isOverdue(invite, nowMs)) return { do: 'end', invite: invite.id, state: 'expired' }
  }
  return undefined
}

function nextInviting(record: EscalationRecord & { state: 'inviting' }, facts: EscalationFacts): Next {
  const { invites, nowMs, settings } = facts
  const { needs, asked } = record
  if (needs.length === 0) return { do: 'escalate', because: 'It names no capability that a helper could have.' }
  const escalateMs = Date.parse(record.openedAt) + settings.afterMs
  if (isEnough(accepted(facts), facts)) return { do: 'help' }
  if (nowMs >= escalateMs) {
    return { do: 'escalate', because: `Unanswered for ${minutes(settings.afterMs)}; ${askedText(record, invites)}.` }
  }
  const missing = asked.find(({ invite, refused }) => refused === undefined && !invites.has(invite))
  if (missing) return { do: 'invite', asked: missing }
  const hopeful = [...invites.values()].filter((invite) => !isEnded(invite))
  if (isEnough(hopeful, facts)) {
    const expiries = hopeful.filter(({ state }) => state === 'open').map(({ expiresAt }) => Date.parse(expiresAt))
    return { do: 'wait', untilMs: Math.min(escalateMs, ...expiries) }
  }
  if (record.isExhausted || asked.length >= settings.maxAsked) {
    return { do: 'escalate', because: `${sentence(askedText(record, invites))}, and there is nobody else to ask.` }
  }
  const met = new Set(hopeful.flatMap(({ capabilities }) => capabilities))
  return {
    do: 'search',
    needs: needs.filter((need) => !met.has(need)),
    heldMicroUsd: hopeful.reduce((sum, { shareMicroUsd }) => sum + shareMicroUsd, 0),
  }
}

function nextHelped(record: EscalationRecord & { state: 'helped' }, facts: EscalationFacts): Next {
  const helpers = accepted(facts)
  if (!isEnough(helpers, facts)) return { do: 'reopen' }
  const untilMs = Date.parse(record.since) + facts.settings.afterMs
  if (facts.nowMs < untilMs) return { do: 'wait', untilMs }
  const names = helpers.map(({ swarm }) => swarm).join(', ')
  return { do: 'escalate', because: `Still stuck ${minutes(facts.settings.afterMs)} after ${names} accepted to help.` }
}

function nextTold(record: EscalationRecord & { state: 'person' }, facts: EscalationFacts): Next {
  const { nowMs, settings, hasChannels } = facts
  const due = (untilMs: number): Next => (nowMs < untilMs ? { do: 'wait', untilMs } : { do: 'notify' })
  if (record.sendingSince !== undefined) {
    const lostMs = Date.parse(record.sendingSince) + NOTICE_LOST_MS
    return nowMs < lostMs ? { do: 'wait', untilMs: lostMs } : { do: 'lose-notice' }
  }
  if (record.acknowledged || !hasChannels) return { do: 'wait', untilMs: Number.POSITIVE_INFINITY }
  if (record.snoozed) return due(Date.parse(record.snoozed.until))
  if (record.lastAt === undefined) return { do: 'notify' }
  const outcomes = Object.values(record.outcomes)
  const hasArrived = outcomes.length === 0 || outcomes.some((outcome) => outcome !== 'failed')
  const pauseMs = hasArrived ? settings.remindEveryMs : Math.min(NOTICE_RETRY_MS, settings.remindEveryMs)
  return due(Date.parse(record.lastAt) + pauseMs)
}

/** Invitations that are still open end in their time, whoever else is told. */
function withExpiry(next: Next, { invites }: EscalationFacts): Next {
  if (next.do !== 'wait') return next
  const open = [...invites.values()].filter(({ state }) => state === 'open')
  return { do: 'wait', untilMs: Math.min(next.untilMs, ...open.map(({ expiresAt }) => Date.parse(expiresAt))) }
}

const accepted = ({ invites }: EscalationFacts): InviteRecord[] =>
  [...invites.values()].filter(({ state }) => state === 'accepted')

function isEnough(helpers: readonly InviteRecord[], { record, settings }: EscalationFacts): boolean {
  if (helpers.length === 0) return false
  const met = helpers.flatMap(({ capabilities }) => capabilities)
  return matchOf(met, record.needs) >= settings.minMatch
}

function askedText({ asked }: EscalationRecord, invites: ReadonlyMap<string, InviteRecord>): string {
  if (asked.length === 0) return 'nobody who can help is registered'
  const said = asked.map(({ swarm, invite, refused }) => {
    const state = invites.get(invite)?.state
    return `${swarm} (${refused === undefined ? (state === 'open' ? 'has not answered' : state) : 'could not be paid'})`
  })
  return `asked were ${said.join(', ')}`
}

const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} seconds` : `${Math.round(ms / 60_000)} minutes`

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
