// A step's record as this process sees it: each move is one compare-and-swap against what it last wrote or read.
import type { Attempt } from '../egress/index.ts'
import { type JsonObject, sha256Hex, timestamp } from '../foundation/index.ts'
import type { BeginFacts, Outcome, StepJournal } from '../pipeline/index.ts'
import { type Entry, keyOf, type Write } from '../store/index.ts'
import { type StepError, type StepRecord, stepKey } from './records.ts'

/** Where the tries of a step are kept for the night's questions; redacted. */
export const attemptsKey = (run: string, step: string): string => keyOf('attempts', run, step)

export interface StepJournalOf extends StepJournal {
  readonly record: StepRecord
  /** Sequence number of the last witness entry that this process wrote of it. */
  readonly witness: number | undefined
  attempted(attempt: Attempt): void
  /** Which instance it acts at from now on. */
  at(instance: string): void
  /** Any other move of the record. */
  move(change: Partial<StepRecord>): Write
}

export function openStepJournal(
  entry: Entry<StepRecord>,
  options: { request: () => JsonObject | undefined },
): StepJournalOf {
  let { value: record, revision } = entry
  let next = record
  let witness: number | undefined
  const tries: Attempt[] = []
  const swap = (value: StepRecord): Write => {
    next = value
    return { key: entry.key, value, expect: revision }
  }
  return {
    get record() {
      return record
    },
    get witness() {
      return witness
    },
    attempted: (attempt) => void tries.push(attempt),
    at(instance) {
      if (record.instance === instance) return
      const { error, tried = [], instance: before } = record
      const here = error ? [...tried, { instance: before, code: error.code, message: error.message }] : tried
      record = { ...record, instance, ...(here.length > 0 ? { tried: here } : {}) }
    },
    move: (change) => swap({ ...record, ...change }),
    begin: (facts: BeginFacts) => {
      const { error: _error, uncertain: _uncertain, ...kept } = record
      const { at, ...rest } = facts
      return swap({ ...kept, ...rest, state: 'begun', beganAt: record.beganAt ?? at })
    },
    end(outcome: Outcome, at: string) {
      const moved = swap({ ...record, ...endOf(outcome), endedAt: at })
      const request = options.request()
      // One try that succeeded tells nothing that the plan and the record don't.
      const isPlain = tries.length < 2 && outcome.state === 'done'
      if (isPlain || !request) return [moved]
      const attempts = tries.map((attempt) => ({ ...attempt, startedAt: timestamp(attempt.startedAt) }))
      const value = { at, request, attempts } as unknown as JsonObject // plain data all through
      return [moved, { key: attemptsKey(record.run, record.id), value, expect: 'any' }]
    },
    wrote(written, sequence) {
      record = next
      revision = written
      witness = sequence ?? witness
    },
  }
}

function endOf(outcome: Outcome): Partial<StepRecord> {
  return {
    state: outcome.state,
    costMicroUsd: outcome.costMicroUsd,
    durationMs: Math.round(outcome.durationMs * 10) / 10,
    attempts: outcome.attempts,
    ...(outcome.before ? { before: outcome.before } : {}),
    ...(outcome.result ? { result: outcome.result } : {}),
    ...(outcome.verified ? { verified: outcome.verified } : {}),
    ...(outcome.vendorRequestId ? { vendorRequestId: outcome.vendorRequestId } : {}),
    ...(outcome.uncertain ? { uncertain: true } : {}),
    ...(outcome.error ? { error: stepErrorOf(outcome.error) } : {}),
  }
}

export const stepErrorOf = (error: NonNullable<Outcome['error']>): StepError => {
  const { vendorCode, vendorRequestId } = error.details
  return {
    code: error.code,
    message: error.message,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(typeof vendorCode === 'string' ? { vendorCode } : {}),
    ...(typeof vendorRequestId === 'string' ? { vendorRequestId } : {}),
  }
}

/** The same step of the same run always has the same key, so that a vendor recognises the repeat. */
export const idempotencyKeyOf = (run: string, step: string): string =>
  `ifab-${sha256Hex(`${run}/${step}`).slice(0, 40)}`

/** A step that nothing has happened to. */
export const freshStep = (
  step: Pick<StepRecord, 'run' | 'id' | 'token' | 'instance' | 'operation' | 'effect'> & { undoOf?: string },
): StepRecord => ({
  ...step,
  state: 'pending',
  costMicroUsd: 0,
})

export const stepWrite = (record: StepRecord, expect: Write['expect']): Write => ({
  key: stepKey(record.run, record.id),
  value: record,
  expect,
})
