// What an action came to. What can't be known is said: an effect without an answer is `unknown` unless repeating it is
// provably harmless.
import type { Cost, Performed, PerformFailure } from '../adapter/index.ts'
import { FabricError, type MicroUsd, optional } from '../foundation/index.ts'
import { lookForEffect } from './look-around.ts'
import type { Outcome, Passage, PipelineParts } from './passage.ts'
import { outcomeUnknown } from './refusals.ts'

/** An answer came and was read. */
export function success(passage: Passage, performed: Performed): Outcome {
  return {
    state: 'done',
    uncertain: false,
    result: performed.result,
    ...optional('before', passage.before),
    costMicroUsd: costOf(performed.cost) ?? costOf(passage.cost) ?? 0,
    durationMs: passage.tookMs ?? 0,
    attempts: performed.attempts.length,
    ...optional('vendorRequestId', performed.vendorRequestId),
    witness: -1,
  }
}

/** Certain failures free the cost; an answer that never came is repeatable, read back, or unknown. */
export async function failure(
  parts: PipelineParts,
  passage: Passage,
  error: FabricError | undefined,
): Promise<Outcome> {
  const thrown = error ?? new FabricError('IF_ERR_INTERNAL', 'an action without result and without error')
  const details = thrown.details as Partial<PerformFailure>
  const base = {
    ...optional('before', passage.before),
    costMicroUsd: 0,
    durationMs: passage.tookMs ?? 0,
    attempts: details.attempts?.length ?? 0,
    ...optional('vendorRequestId', details.vendorRequestId),
    witness: -1,
  }
  const certain =
    passage.entry.effect === 'read' ||
    (details.outcome === 'not-done' && (!passage.begunBefore || speaksForEarlier(passage, details.status)))
  if (certain) return { state: 'failed', uncertain: false, error: thrown, ...base }
  const { partial } = details
  if (partial && passage.entry.effect === 'send') {
    const { result } = partial
    return {
      ...base,
      state: 'failed',
      uncertain: false,
      result,
      error: thrown,
      costMicroUsd: costOfPart(passage, partial),
    }
  }
  if (isRepeatable(passage)) return { state: 'failed', uncertain: true, error: thrown, ...base }
  const seen = await lookForEffect(parts, passage)
  if (seen === 'happened') {
    const costMicroUsd = passage.cost?.kind === 'priced' ? passage.cost.estimateMicroUsd : 0
    return { ...base, state: 'done', uncertain: false, result: {}, verified: 'confirmed', costMicroUsd }
  }
  if (seen === 'did-not-happen') return { state: 'failed', uncertain: false, error: thrown, ...base }
  return { state: 'unknown', uncertain: false, error: outcomeUnknown(passage, thrown), ...base }
}

/** Undefined where it is not known. */
function costOf(cost: Cost | undefined): MicroUsd | undefined {
  if (cost?.kind === 'priced') return cost.estimateMicroUsd
  return cost?.kind === 'free' ? 0 : undefined
}

/** What was used of metered use; where nobody can tell, the most that it may have been. */
function costOfPart({ cost }: Passage, partial: NonNullable<PerformFailure['partial']>): MicroUsd {
  return costOf(partial.cost) ?? (cost?.kind === 'priced' ? cost.maxMicroUsd : 0)
}

/** Stopped before anything left. */
export function refusal(passage: Passage, error: FabricError): Outcome {
  return {
    state: 'failed',
    uncertain: passage.begunBefore === true,
    error,
    ...optional('before', passage.before),
    costMicroUsd: 0,
    durationMs: 0,
    attempts: 0,
    witness: -1,
  }
}

/** Whether sending it again can do no harm: by the vendor's idempotency key, or by the operation's nature. */
export const isRepeatable = (passage: Pick<Passage, 'entry' | 'built'>): boolean =>
  passage.entry.effect === 'read' || passage.entry.operation.idempotent === true || passage.built?.keyed === true

/** A refusal under the same key is the vendor's word on every attempt; one that comes before the vendor looked is not. */
const speaksForEarlier = (passage: Passage, status: number | undefined): boolean =>
  passage.built?.keyed === true && status !== undefined && JUDGED.has(status)

const JUDGED: ReadonlySet<number> = new Set([400, 402, 404, 410, 422])
