// What a person says about a blocker: I have seen it, not now, it is settled. Only persons do, and it is on record.
import { type Clock, FabricError, parseAddress, timestamp } from '../foundation/index.ts'
import { changeRecord, type Kept } from './change-record.ts'
import {
  type EscalationRecord,
  escalationEntry,
  escalationKey,
  pickEscalation,
  withStanding,
} from './escalation-record.ts'

export interface EscalationAct {
  actor: string
  session: string
  why?: string
}

/** A reference is the id of an escalation, or its task. All fail with IF_ERR_NOT_FOUND, and IF_ERR_CONFLICT when it is resolved. */
export interface EscalationActs {
  /** No more reminders, also before people were told. */
  acknowledge(reference: string, by: EscalationAct): Promise<EscalationRecord>
  /** No reminder before a time, given in RFC 3339; the next one comes then. */
  snooze(reference: string, by: EscalationAct & { until: string }): Promise<EscalationRecord>
  /** Ends it with a note, which is the reason; invitations are withdrawn. The task itself stays where it is. */
  resolve(reference: string, by: EscalationAct): Promise<EscalationRecord>
}

const LONGEST_SNOOZE_MS = 30 * 24 * 3_600_000

export function escalationActs(kept: Kept<EscalationRecord>, clock: Clock): EscalationActs {
  type Decide = (record: EscalationRecord, at: string) => EscalationRecord

  async function act(kind: string, reference: string, by: EscalationAct, decide: Decide): Promise<EscalationRecord> {
    checkPerson(kind, by)
    const picked = pickEscalation(reference, kept.records.values())
    const after = await changeRecord(kept, escalationKey(picked), (current) => {
      if (!current) return undefined // forgotten just now
      if (current.state === 'resolved') throw resolvedError(current)
      const at = timestamp(clock.now())
      const value = decide(current, at)
      const { actor, session, why } = by
      return { value, log: [escalationEntry(kind, value, { actor, session, why, at })] }
    })
    return after ?? picked
  }

  return {
    acknowledge: (reference, by) =>
      act('acknowledge', reference, by, (record, at) => {
        const { snoozed, ...told } = toldOf(record, by, at)
        return { ...told, acknowledged: { by: by.actor, at } }
      }),
    snooze: async (reference, by) => {
      const until = checkUntil(by.until, clock.now())
      return act('snooze', reference, by, (record, at) => {
        const { acknowledged, ...told } = toldOf(record, by, at)
        return { ...told, snoozed: { by: by.actor, until } }
      })
    },
    resolve: async (reference, by) => {
      const note = by.why?.trim()
      if (!note) {
        throw new FabricError('IF_ERR_INVALID_INPUT', `the end of escalation ${reference} needs a note`, {
          hint: 'Say how it was settled, for whoever meets the same blocker.',
        })
      }
      return act('resolve', reference, by, (record, at) =>
        withStanding(record, { state: 'resolved', at, by: by.actor, how: 'person', note }),
      )
    },
  }
}

/** Who takes it up before anybody was told is the person it would have come to. */
function toldOf(
  record: EscalationRecord,
  { actor }: EscalationAct,
  at: string,
): EscalationRecord & { state: 'person' } {
  if (record.state === 'person') return record
  const because = `${actor} has taken it up.`
  return { ...withoutStanding(record), state: 'person', since: at, because, notices: 0, outcomes: {} }
}

type Fixed = Omit<EscalationRecord, 'state'>

function withoutStanding(record: EscalationRecord): Fixed {
  const { state, ...fixed } = withStanding(record, { state: 'inviting' })
  return fixed
}

function checkPerson(what: string, { actor }: EscalationAct): void {
  if (parseAddress(actor).kind === 'person') return
  throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not ${what} an escalation`, {
    hint: 'Only a person does; a swarm answers its invitations.',
  })
}

function checkUntil(text: string, nowMs: number): string {
  const untilMs = Date.parse(text)
  if (untilMs > nowMs && untilMs <= nowMs + LONGEST_SNOOZE_MS) return timestamp(untilMs)
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `until: expected a time in the next 30 days, got ${JSON.stringify(text)}`,
    {
      hint: 'Write it in RFC 3339, as in 2026-01-31T09:00:00Z.',
    },
  )
}

function resolvedError({ id, by, at }: EscalationRecord & { state: 'resolved' }): FabricError {
  return new FabricError('IF_ERR_CONFLICT', `escalation ${id} was resolved by ${by} at ${at}`, { retryable: false })
}
