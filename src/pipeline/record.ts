// What the log and the step's record say of an action, in one commit with what it cost.
import { type FabricError, optional, timestamp } from '../foundation/index.ts'
import type { LogEntry } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import { madeMarks } from './made.ts'
import type { Outcome, Passage, PipelineParts } from './passage.ts'

/** Outcome, cost and log entry in one commit. */
export async function recordOutcome(
  parts: PipelineParts,
  passage: Passage,
  kind: 'step.denied' | 'step.end' | 'step.verify',
): Promise<void> {
  const { outcome, journal, reservation } = passage
  if (!outcome) return
  const at = timestamp(parts.clock.now())
  const log: LogEntry[] = [entryOf(passage, kind, at, endFacts(passage, outcome))]
  const end = journal?.end(outcome, at) ?? []
  const { judgement } = passage
  const writes = [
    ...end,
    ...(judgement && kind === 'step.denied' ? [judgement] : []),
    ...(kind === 'step.end' ? madeMarks(passage, outcome, at) : []),
  ]
  const mayHaveHappened = outcome.state === 'unknown' || outcome.uncertain
  const settles = reservation !== undefined && kind === 'step.end' && !mayHaveHappened
  const paidOut = outcome.state === 'done' ? optional('actualOutflowMinor', passage.outflowMinor) : {}
  const committed = settles
    ? await parts.ledger.settle({ id: reservation, actualMicroUsd: outcome.costMicroUsd, ...paidOut, writes, log })
    : await parts.store.commit(writes, log)
  outcome.witness = committed.sequences[0] ?? outcome.witness
  if (end.length > 0) journal?.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
}

/** Somebody else's claim kept it from beginning: the record is theirs, only the log is told. */
export async function recordClaimLost(parts: PipelineParts, passage: Passage, error: FabricError): Promise<void> {
  const at = timestamp(parts.clock.now())
  const detail = { code: error.code, message: error.message }
  await parts.store.commit([], [entryOf(passage, 'step.denied', at, { outcome: 'failed', detail })])
}

/** A log entry of this action. */
export function entryOf(passage: Passage, kind: string, at: string, facts: Partial<WitnessEntry>): LogEntry {
  const { acting, run, step, plan, instance, provider, entry, trace, fence } = passage
  const detail = { ...fence?.claim, ...facts.detail }
  return {
    kind,
    at,
    actor: acting.actor,
    session: acting.session,
    trace: trace.traceId,
    ...optional('why', acting.why),
    ...optional('onBehalfOf', acting.onBehalfOf),
    ...optional('run', run),
    ...optional('plan', plan),
    step,
    instance: instance.name,
    provider: provider.definition.id,
    operation: entry.id,
    effect: entry.effect,
    ...facts,
    ...(Object.keys(detail).length > 0 ? { detail } : {}),
  } as LogEntry // optional members are left out above, never undefined
}

function endFacts(passage: Passage, outcome: Outcome): Partial<WitnessEntry> {
  const moves = outcome.state === 'done' ? passage.entry.operation.moves?.(passage.input) : undefined
  return {
    outcome: outcome.state,
    costMicroUsd: outcome.costMicroUsd,
    ...optional('request', passage.performed?.requestDigest),
    ...optional('response', passage.performed?.responseDigest),
    ...optional('vendorRequestId', outcome.vendorRequestId),
    ...optional('verified', outcome.verified),
    ...(moves?.amountMinor !== undefined && moves.currency !== undefined
      ? { moves: { amount: moves.amountMinor, currency: moves.currency, direction: moves.direction } }
      : {}),
    ...(outcome.error ? { detail: { code: outcome.error.code, message: outcome.error.message } } : {}),
  }
}
