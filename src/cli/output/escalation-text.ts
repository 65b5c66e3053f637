// How blockers and invitations read: what stops a task, whom it went to, what came of it.
import { shortId } from '../../foundation/index.ts'
import type { EscalationRecord, InviteRecord } from '../../governor/index.ts'
import type { Colours } from './colours.ts'
import { agoText, counted, usdText } from './phrases.ts'
import { table } from './table.ts'
import { taskName, whenText } from './task-text.ts'

/** `4gz8k2m1/3/needs-capability`: a piece of its id. */
export const escalationName = ({ task, token, type }: EscalationRecord): string => `${taskName(task)}/${token}/${type}`

export const inviteName = ({ id }: InviteRecord): string => shortId(id)

export const escalationTable = (records: readonly EscalationRecord[], paint: Colours, now: number): string =>
  table(
    records.map((record) => [
      paint.strong(escalationName(record)),
      stateText(record, paint),
      record.severity,
      `swarm ${record.swarm}`,
      standingText(record, now),
      record.description,
    ]),
  )

/** `4gz8k2m1/3/needs-capability · person: told 2 times, last 5 min ago`. */
export const escalationLine = (record: EscalationRecord, paint: Colours, now: number): string =>
  [
    `${escalationName(record)} ${stateText(record, paint)}`,
    ...[standingText(record, now), record.description].filter((text) => text !== ''),
  ].join(' · ')

export function escalationText(
  record: EscalationRecord,
  { invites, paint, now }: { invites: readonly InviteRecord[]; paint: Colours; now: number },
): string {
  const told = record.state === 'person' ? record : undefined
  const facts: [string, string | undefined][] = [
    ['task', `${taskName(record.task)} ${record.kind} of swarm ${record.swarm}`],
    ['held by', record.heldBy],
    ['stopped by', `${record.type}, ${record.severity}: ${record.description}`],
    ['to go on', record.needs.length === 0 ? undefined : record.needs.join(', ')],
    ['since', `${record.blockedAt} (${agoText(record.blockedAt, now)})`],
    ['now', standingText(record, now)],
    ['because', told?.because],
    ['notices', told && Object.keys(told.outcomes).length > 0 ? outcomesText(told.outcomes) : undefined],
    ['seen by', told?.acknowledged && `${told.acknowledged.by}, ${agoText(told.acknowledged.at, now)}`],
    ['quiet', told?.snoozed && `until ${told.snoozed.until}, said ${told.snoozed.by}`],
    ['note', record.state === 'resolved' ? record.note : undefined],
  ]
  const asked = record.asked.map(({ invite, swarm, covers, shareMicroUsd, refused }) => [
    paint.faint('asked'),
    swarm,
    answerText(
      refused,
      invites.find(({ id }) => id === invite),
      now,
    ),
    shareText(shareMicroUsd),
    covers.join(', '),
  ])
  const known = facts.flatMap(([name, text]) => (text === undefined || text === '' ? [] : [[paint.faint(name), text]]))
  return [
    `${paint.strong(escalationName(record))} ${stateText(record, paint)}`,
    table(known, '  '),
    ...(asked.length === 0 ? [] : [table(asked, '  ')]),
  ].join('\n')
}

function stateText({ state }: EscalationRecord, paint: Colours): string {
  if (state === 'resolved') return paint.good(state)
  return state === 'person' ? paint.bad(state) : state === 'inviting' ? paint.warn(state) : state
}

/** What there is to say of where it stands, in a few words. */
function standingText(record: EscalationRecord, now: number): string {
  const invited = record.asked.filter(({ refused }) => refused === undefined).map(({ swarm }) => swarm)
  switch (record.state) {
    case 'inviting': {
      const who = invited.length === 0 ? 'nobody is asked yet' : `asked ${invited.join(', ')}`
      return record.isExhausted ? `${who}; there is nobody else` : who
    }
    case 'helped':
      return `helpers are found ${agoText(record.since, now)}`
    case 'person': {
      const { notices, lastAt, acknowledged, snoozed } = record
      if (acknowledged) return `seen by ${acknowledged.by}`
      if (snoozed && Date.parse(snoozed.until) > now) return `quiet, again ${whenText(snoozed.until, now)}`
      return `people told ${counted(notices, 'time')}${lastAt === undefined ? '' : `, last ${agoText(lastAt, now)}`}`
    }
    case 'resolved':
      return record.how === 'unblocked'
        ? `the task went on ${agoText(record.at, now)}`
        : `settled by ${record.by} ${agoText(record.at, now)}${record.note === undefined ? '' : `: ${record.note}`}`
  }
}

const outcomesText = (outcomes: Record<string, string>): string =>
  Object.entries(outcomes)
    .map(([channel, outcome]) => `${channel} ${outcome === 'unknown' ? 'may have arrived' : outcome}`)
    .join(', ')

function answerText(refused: string | undefined, invite: InviteRecord | undefined, now: number): string {
  if (refused !== undefined) return `not invited: ${refused}`
  return invite ? inviteStanding(invite, now) : 'about to be invited'
}

const shareText = (microUsd: number): string => (microUsd === 0 ? '' : usdText(microUsd / 1e6))

export const inviteTable = (invites: readonly InviteRecord[], paint: Colours, now: number): string =>
  table(
    invites.map((invite) => [
      paint.strong(inviteName(invite)),
      `swarm ${invite.swarm}`,
      inviteStanding(invite, now),
      shareText(invite.shareMicroUsd),
      `task ${taskName(invite.task)}`,
      invite.capabilities.join(', '),
      invite.description,
    ]),
  )

/** `invitation 5f2c81aa of swarm refunds to task 4gz8k2m1: accepted by if://swarm/refunds`. */
export const inviteLine = (invite: InviteRecord, now: number): string =>
  `invitation ${inviteName(invite)} of swarm ${invite.swarm} to task ${taskName(invite.task)}: ${inviteStanding(invite, now)}`

function inviteStanding({ state, expiresAt, answeredBy, why }: InviteRecord, now: number): string {
  const because = why === undefined ? '' : `: ${why}`
  switch (state) {
    case 'open':
      return Date.parse(expiresAt) > now ? `open, expires ${whenText(expiresAt, now)}` : 'expired'
    case 'accepted':
    case 'declined':
      return `${state}${answeredBy === undefined ? '' : ` by ${answeredBy}`}${because}`
    case 'expired':
    case 'withdrawn':
      return `${state}${because}`
  }
}
