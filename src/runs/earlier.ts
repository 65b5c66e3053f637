// A step that an earlier attempt began, and whose outcome nobody recorded: may it be sent again? Only where that is
// harmless (by its nature, or inside the vendor's idempotency window) or where reading back shows that it did not happen.
// Otherwise its end is recorded here, as done or as unknown, and nothing leaves.
import { type LoadedProvider, preparedFor } from '../adapter/index.ts'
import { FabricError, timestamp } from '../foundation/index.ts'
import { isRepeatable, lookForEffect, type Passage, type PipelineParts, planAction } from '../pipeline/index.ts'
import type { LogEntry } from '../store/index.ts'
import type { StepJournalOf } from './journal.ts'
import type { StepRecord } from './records.ts'

/** Whether a step may have had its effect although its record doesn't say so. */
export const mayHaveHappened = (record: StepRecord): boolean =>
  record.state === 'begun' || record.state === 'unknown' || record.uncertain === true

/** Whether the step may go its way; where it may not, its record says why. */
export async function mayGoOn(parts: PipelineParts, passage: Passage, journal: StepJournalOf): Promise<boolean> {
  const { record } = journal
  if (!mayHaveHappened(record)) return true
  passage.entry = await preparedFor(passage.entry, passage.input)
  passage.built = planAction(passage).built
  if (record.reservation) passage.reservation = record.reservation
  if (record.outflowMinor) passage.outflowMinor = record.outflowMinor
  if (isRepeatable(passage) && withinWindow(passage, record, parts.clock.now())) {
    passage.begunBefore = true
    return true
  }
  const seen = await lookForEffect(parts, passage)
  if (seen !== 'did-not-happen') await recordEnd(parts, passage, journal, seen === 'happened')
  return seen === 'did-not-happen'
}

async function recordEnd(
  parts: PipelineParts,
  passage: Passage,
  journal: StepJournalOf,
  happened: boolean,
): Promise<void> {
  const { record } = journal
  const at = timestamp(parts.clock.now())
  const costMicroUsd = happened ? (record.estimateMicroUsd ?? 0) : 0
  const writes = journal.end(
    {
      state: happened ? 'done' : 'unknown',
      uncertain: false,
      costMicroUsd,
      durationMs: 0,
      attempts: record.attempts ?? 0,
      witness: -1,
      ...(happened ? { result: {}, verified: 'confirmed' as const } : { error: noAnswer(passage, record) }),
    },
    at,
  )
  const log = [entryOf(passage, at, happened)]
  const committed =
    happened && record.reservation
      ? await parts.ledger.settle({
          id: record.reservation,
          actualMicroUsd: costMicroUsd,
          actualOutflowMinor: record.outflowMinor ?? 0,
          writes,
          log,
        })
      : await parts.store.commit(writes, log)
  journal.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
}

const entryOf = (
  { acting, run, step, instance, entry, trace, fence }: Passage,
  at: string,
  happened: boolean,
): LogEntry => ({
  kind: 'step.end',
  at,
  actor: acting.actor,
  session: acting.session,
  ...(run ? { run } : {}),
  step,
  instance: instance.name,
  operation: entry.id,
  effect: entry.effect,
  outcome: happened ? 'done' : 'unknown',
  trace: trace.traceId,
  detail: { ...fence?.claim, found: happened ? 'by reading back' : 'began before, no answer recorded' },
})

const noAnswer = (passage: Passage, record: StepRecord): FabricError =>
  new FabricError(
    'IF_ERR_OUTCOME_UNKNOWN',
    `step ${record.id} began at ${record.beganAt ?? 'an unknown time'} and no answer was recorded`,
    {
      hint: `Look at ${passage.provider.definition.name} whether it happened, then settle the step.`,
      next: `ifab run settle ${record.run.slice(-8).toLowerCase()} ${record.id} --as done|not-done --why '…'`,
    },
  )

/** An idempotency key is worth something only as long as the vendor remembers it. */
function withinWindow({ provider, built }: Passage, record: StepRecord, nowMs: number): boolean {
  if (built?.keyed !== true) return true // repeatable by its nature
  return record.beganAt !== undefined && nowMs - Date.parse(record.beganAt) < windowMs(provider)
}

const windowMs = (provider: LoadedProvider): number =>
  (provider.definition.idempotency?.windowHours ?? 0) * 60 * 60 * 1000
