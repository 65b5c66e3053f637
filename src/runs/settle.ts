// A person ends an unknown outcome: they have looked at the provider and say whether it happened. Witnessed with the reason;
// the cost that was held is settled or freed.
import { FabricError, type JsonObject, shortId, timestamp } from '../foundation/index.ts'
import type { Entry, LogEntry } from '../store/index.ts'
import { mayHaveHappened } from './earlier.ts'
import type { ExecutorParts } from './executor.ts'
import type { RunRecord, StepRecord } from './records.ts'

export async function settleStep(
  parts: ExecutorParts,
  run: RunRecord,
  steps: Entry<StepRecord>[],
  how: { step: string; as: 'done' | 'not-done'; why: string; result?: JsonObject },
): Promise<void> {
  const entry = steps.find((candidate) => candidate.value.id === how.step)
  if (!entry) throw new FabricError('IF_ERR_NOT_FOUND', `run ${shortId(run.id)} has no step ${how.step}`)
  const { value: record } = entry
  if (!mayHaveHappened(record)) {
    throw new FabricError(
      'IF_ERR_CONFLICT',
      `step ${how.step} is ${record.state}; only an unknown outcome can be settled`,
      { retryable: false },
    )
  }
  const at = timestamp(parts.clock.now())
  const done = how.as === 'done'
  const costMicroUsd = done ? (record.estimateMicroUsd ?? 0) : 0
  const { error: _error, uncertain: _uncertain, ...kept } = record
  const settled: StepRecord = {
    ...kept,
    state: done ? 'done' : 'failed',
    costMicroUsd,
    endedAt: at,
    note: `settled as ${how.as} by ${parts.actorOf()}: ${how.why}`,
    ...(done
      ? { result: how.result ?? {} }
      : { error: { code: 'IF_ERR_ACTION_FAILED', message: `settled as not done: ${how.why}` } }),
  }
  const writes = [{ key: entry.key, value: settled, expect: entry.revision }]
  const log: LogEntry = {
    kind: 'run.settle',
    at,
    actor: parts.actorOf(),
    session: run.session,
    run: run.id,
    step: how.step,
    instance: record.instance,
    operation: record.operation,
    effect: record.effect,
    why: how.why,
    outcome: how.as,
    costMicroUsd,
  }
  if (record.reservation)
    await parts.ledger.settle({
      id: record.reservation,
      actualMicroUsd: costMicroUsd,
      actualOutflowMinor: done ? (record.outflowMinor ?? 0) : 0,
      writes,
      log: [log],
    })
  else await parts.store.commit(writes, [log])
}
