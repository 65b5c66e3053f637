// Carries out what is to be done about a blocker, step by step, until there is something to wait for. Each step is one
// compare-and-swap that does nothing where the record has moved meanwhile, so that any process may take any step at any
// time, and one that dies leaves the next step to the others. A notice is marked as on its way before it is sent: whoever
// finds the mark of a dead process treats it as possibly arrived and waits for the reminder.
import { assertNever, type Clock, isFabricError, type Logger, timestamp } from '../foundation/index.ts'
import type { Write } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import type { Budget } from './budget.ts'
import { changeRecord, type Kept } from './change-record.ts'
import { type EscalationSettings, type Next, nextOf } from './escalation-next.ts'
import { channelName, type Outcomes, sendNotice } from './escalation-notice.ts'
import type { Channel, EscalationTasks, FindHelpers, HelpSearch, Notify } from './escalation-ports.ts'
import {
  type Asked,
  type EscalationRecord,
  type EscalationStanding,
  escalationEntry,
  inviteIdOf,
  isStillStuck,
  withStanding,
} from './escalation-record.ts'
import type { InviteRecord } from './invite-record.ts'
import type { InviteBook } from './invites.ts'

export interface StepParts {
  kept: Kept<EscalationRecord>
  clock: Clock
  logger: Logger
  invites: InviteBook
  tasks: Pick<EscalationTasks, 'standing'>
  findHelpers: FindHelpers
  budgetsOf: (facts: { task: string; swarm: string }) => readonly Budget[]
  notify: Notify
  channels: readonly Channel[]
  settings: EscalationSettings
  signal: AbortSignal
}

type Person = EscalationRecord & { state: 'person' }

const GOVERNOR = 'if://service/governor'
/** More steps in a row than any blocker takes. */
const MOST_STEPS = 1_000

/** Does what is due for one record; returns when to look again, Infinity where it is over. */
export async function advance(parts: StepParts, key: string): Promise<number> {
  for (let step = 0; step < MOST_STEPS && !parts.signal.aborted; step++) {
    const entry = await parts.kept.store.get<EscalationRecord>(key)
    if (!entry) return Number.POSITIVE_INFINITY
    const { value: record, revision } = entry
    const next = await lookAt(parts, record)
    if (next.do === 'wait') return next.untilMs
    await carryOut({ ...parts, key, record, revision }, next)
  }
  return parts.clock.now()
}

async function lookAt(parts: StepParts, record: EscalationRecord): Promise<Next> {
  const { invites, tasks, clock, settings, channels } = parts
  const found = await Promise.all(record.asked.map(({ invite }) => invites.find(invite)))
  const made = found.filter((invite): invite is InviteRecord => invite !== undefined)
  const isStuck = record.state !== 'resolved' && isStillStuck(record, await tasks.standing(record.task))
  return nextOf({
    record,
    invites: new Map(made.map((invite) => [invite.id, invite])),
    isStuck,
    nowMs: clock.now(),
    settings,
    hasChannels: channels.length > 0,
  })
}

interface Step extends StepParts {
  key: string
  /** As it was when the step was chosen. */
  record: EscalationRecord
  revision: number
}

function carryOut(step: Step, next: Exclude<Next, { do: 'wait' }>): Promise<void> {
  const at = timestamp(step.clock.now())
  switch (next.do) {
    case 'resolve':
      return stand(step, 'resolve', { state: 'resolved', at, by: GOVERNOR, how: 'unblocked' })
    case 'end':
      return step.invites.end(next.invite, next.state)
    case 'free':
      return step.invites.free(next.invite)
    case 'search':
      return search(step, next)
    case 'invite':
      return invite(step, next.asked)
    case 'help':
      return stand(step, 'help', { state: 'helped', since: at })
    case 'reopen':
      return stand(step, 'reopen', { state: 'inviting' })
    case 'escalate': {
      const { because } = next
      return stand(step, 'person', { state: 'person', since: at, because, notices: 0, outcomes: {} }, { because })
    }
    case 'notify':
      return tell(step)
    case 'lose-notice':
      return loseNotice(step)
    default:
      return assertNever(next)
  }
}

/** Changes the record where nobody has changed it since it was looked at; returns whether it did. */
async function change(
  { kept, key, record, revision }: Step,
  make: (current: EscalationRecord) => EscalationRecord,
  log: (after: EscalationRecord) => WitnessEntry[],
): Promise<boolean> {
  const value = make(record)
  const write: Write = { key, value, expect: revision }
  try {
    const { revisions } = await kept.store.commit([write], log(value))
    kept.records.wrote(write, revisions[0] ?? 0)
    return true
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT') return false
    throw thrown
  }
}

async function stand(
  step: Step,
  kind: string,
  standing: EscalationStanding,
  detail?: WitnessEntry['detail'],
): Promise<void> {
  await change(
    step,
    (record) => withStanding(record, standing),
    (after) => [entryOf(step, kind, after, detail)],
  )
}

async function search(step: Step, wanted: Pick<HelpSearch, 'needs' | 'heldMicroUsd'>): Promise<void> {
  const { record, findHelpers, settings } = step
  const exclude = record.asked.map(({ swarm }) => swarm)
  const found = await findHelpers({ ...wanted, task: record.task, blockedSwarm: record.swarm, exclude })
  const fresh = found.filter(({ swarm }) => swarm !== record.swarm && !exclude.includes(swarm))
  const asked = fresh.slice(0, settings.maxAsked - exclude.length).map(
    ({ swarm, covers, shareMicroUsd }): Asked => ({
      invite: inviteIdOf(record, swarm),
      swarm,
      covers: [...covers],
      shareMicroUsd,
    }),
  )
  await change(
    step,
    (current) =>
      asked.length > 0
        ? { ...current, asked: [...current.asked, ...asked] }
        : withStanding(current, { state: 'inviting', isExhausted: true }),
    () => [],
  )
}

async function invite(step: Step, asked: Asked): Promise<void> {
  const { record, key, invites, budgetsOf, settings } = step
  const { task, token, swarm, description } = record
  const { invite: id, covers, shareMicroUsd } = asked
  try {
    const draft = {
      id,
      escalation: key,
      task,
      token,
      swarm: asked.swarm,
      capabilities: covers,
      description,
      shareMicroUsd,
    }
    await invites.invite(draft, { forMs: settings.inviteForMs, budgets: budgetsOf({ task, swarm }) })
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_BUDGET_EXCEEDED') throw thrown
    const refused = thrown.message
    await change(
      step,
      (current) => ({
        ...current,
        asked: current.asked.map((one) => (one.invite === id ? { ...one, refused } : one)),
      }),
      (after) => [entryOf(step, 'unaffordable', after, { swarm: asked.swarm, shareMicroUsd, refused })],
    )
  }
}

async function tell(step: Step): Promise<void> {
  const { clock, kept, key } = step
  const sendingSince = timestamp(clock.now())
  const isMine = await change(
    step,
    (record) => ({ ...(record as Person), sendingSince }), // only a record that stands there is told of
    () => [],
  )
  if (!isMine) return
  const outcomes = await sendNotice(step, step.record as Person)
  // Somebody may have acknowledged or resolved it meanwhile: that stays, and the notice is on record all the same.
  await changeRecord(kept, key, (current) => {
    if (!current) return undefined
    const told = current.state === 'person' && current.sendingSince === sendingSince
    const value = told ? afterNotice(current, outcomes, timestamp(clock.now())) : current
    return { value, log: [noticeEntry(step, value, outcomes)] }
  })
}

async function loseNotice(step: Step): Promise<void> {
  const { channels, record } = step
  if (record.state !== 'person' || record.sendingSince === undefined) return
  const { sendingSince } = record
  const outcomes: Outcomes = Object.fromEntries(channels.map((channel) => [channelName(channel), 'unknown']))
  await change(
    step,
    (current) => afterNotice(current as Person, outcomes, sendingSince), // unchanged since it was looked at
    (after) => [noticeEntry(step, after, outcomes)],
  )
}

/** The record once a notice is over, however it ended; the next one counts from then on. */
function afterNotice({ sendingSince, snoozed, ...record }: Person, outcomes: Outcomes, lastAt: string): Person {
  const isAhead = snoozed !== undefined && snoozed.until > lastAt // put off while the notice was on its way
  return { ...record, notices: record.notices + 1, lastAt, outcomes, ...(isAhead ? { snoozed } : {}) }
}

const noticeEntry = (step: Step, after: EscalationRecord, outcomes: Outcomes): WitnessEntry =>
  entryOf(step, 'notice', after, { reminder: step.record.state === 'person' ? step.record.notices : 0, outcomes })

const entryOf = ({ clock }: Step, kind: string, after: EscalationRecord, detail?: WitnessEntry['detail']) =>
  escalationEntry(kind, after, { actor: GOVERNOR, at: timestamp(clock.now()) }, detail)
