// Takes a run back: the undo operations of its steps in reverse order of their ends, each an action of its own through the
// pipeline. Approval of a plan covers its undo; a budget never refuses it.
import { operationOf, parseInput, undoOf } from '../adapter/index.ts'
import { type ErrorCode, FabricError, isFabricError, optional } from '../foundation/index.ts'
import { act, type Passage } from '../pipeline/index.ts'
import type { Entry } from '../store/index.ts'
import { actingOf } from './acting-of.ts'
import { mayGoOn } from './earlier.ts'
import type { ExecuteOptions, ExecutorParts } from './executor.ts'
import { timeoutOf } from './executor.ts'
import { freshStep, idempotencyKeyOf, openStepJournal, stepWrite } from './journal.ts'
import type { Plan } from './plan.ts'
import type { RunRecord, StepRecord } from './records.ts'

/** Without the store or the claim nothing else can be taken back either. */
const ENDS_ALL: ReadonlySet<ErrorCode> = new Set(['IF_ERR_STORE_UNAVAILABLE', 'IF_ERR_CLAIM_LOST'])

const undoId = (step: string): string => `undo.${step}`

/** Which steps can be taken back, last one first. */
export const undoable = (steps: StepRecord[]): StepRecord[] =>
  steps
    .filter((step) => step.state === 'done' && step.effect !== 'read' && step.undoOf === undefined)
    .sort((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? 1 : -1))

export interface UndoOutcome {
  /** Records of the undo steps. */
  steps: StepRecord[]
  /** Sequence numbers of their witness entries. */
  witness: Record<string, number>
  /** The first thing that could not be taken back. */
  error: FabricError | undefined
}

type UndoOptions = Pick<ExecuteOptions, 'abort' | 'trace' | 'onEvent' | 'timeoutMs' | 'fence'>

export async function undoSteps(
  parts: ExecutorParts,
  run: RunRecord,
  plan: Plan,
  entries: Entry<StepRecord>[],
  options: UndoOptions & { only?: string },
): Promise<UndoOutcome> {
  const records = entries.map((entry) => entry.value)
  const place = new Map(run.steps.map((id, at) => [id, at]))
  const targets = undoable(records)
    .filter((step) => options.only === undefined || step.id === options.only)
    // Ends may fall into one millisecond; a step never stands before those it waited for.
    .sort((a, b) => (a.endedAt === b.endedAt ? (place.get(b.id) ?? 0) - (place.get(a.id) ?? 0) : 0))
  options.onEvent({ type: 'undo.start', run: run.id, steps: targets.length })
  const outcome: UndoOutcome = { steps: [], witness: {}, error: undefined }
  for (const target of targets) {
    try {
      const undone = await undoStep(parts, run, plan, entries, target, options)
      outcome.steps.push(undone.record)
      if (undone.witness !== undefined) outcome.witness[undone.record.id] = undone.witness
      if (undone.error) outcome.error ??= undone.error
    } catch (thrown) {
      if (!isFabricError(thrown) || ENDS_ALL.has(thrown.code)) throw thrown
      outcome.error ??= thrown
    }
  }
  return outcome
}

async function undoStep(
  parts: ExecutorParts,
  run: RunRecord,
  plan: Plan,
  entries: Entry<StepRecord>[],
  target: StepRecord,
  options: UndoOptions,
): Promise<{ record: StepRecord; witness: number | undefined; error: FabricError | undefined }> {
  const instance = await parts.instanceOf(target.instance)
  const provider = await parts.providerOf(instance.provider)
  const done = operationOf(provider, target.operation)
  const impossible = (why: string) =>
    new FabricError(
      'IF_ERR_UNDO_IMPOSSIBLE',
      `step ${target.id} (${target.operation}) can't be taken back: ${why.replace(/\.$/, '')}`,
      {
        hint: `Do it at ${provider.definition.name} by hand where it matters.`,
      },
    )
  const call = await undoOf(done, { input: target.input ?? {}, result: target.result ?? {}, before: target.before })
  if (!call) throw impossible('what it needs was never received')
  if ('none' in call) throw impossible(call.none)

  const entry = operationOf(provider, call.operation)
  const existing = entries.find((candidate) => candidate.value.id === undoId(target.id))
  const step = existing ?? (await createUndoStep(parts, run, target, entry.id, entry.effect))
  const journal = openStepJournal(step, { request: () => undefined })
  options.onEvent({
    type: 'step.start',
    run: run.id,
    step: journal.record.id,
    instance: instance.name,
    operation: entry.id,
    again: existing !== undefined,
  })
  let error: FabricError | undefined
  if (journal.record.state !== 'done') {
    const passage: Passage = {
      acting: actingOf(run, plan),
      run: run.id,
      step: journal.record.id,
      plan: plan.digest,
      planSize: plan.steps.length,
      instance,
      provider,
      entry,
      input: parseInput(entry, call.input),
      planned: undefined,
      approved: true,
      free: true,
      ...optional('fence', options.fence),
      idempotencyKey: idempotencyKeyOf(run.id, journal.record.id),
      journal,
      timeoutMs: options.timeoutMs ?? timeoutOf(instance),
      signal: options.abort,
      trace: options.trace,
      onAttempt: (attempt) => journal.attempted(attempt),
    }
    if (await mayGoOn(parts, passage, journal)) error = (await act(parts, passage)).error
    else if (journal.record.state === 'unknown') error = stillUnknown(journal.record)
  }
  if (journal.record.state === 'done') await markUndone(parts, entries, target)
  options.onEvent({ type: 'step.end', run: run.id, step: journal.record })
  return { record: journal.record, witness: journal.witness, error }
}

const stillUnknown = ({ error }: StepRecord): FabricError =>
  new FabricError('IF_ERR_OUTCOME_UNKNOWN', error?.message ?? 'nobody can tell whether it was taken back', {
    ...(error?.hint ? { hint: error.hint } : {}),
  })

async function createUndoStep(
  parts: ExecutorParts,
  run: RunRecord,
  target: StepRecord,
  operation: string,
  effect: StepRecord['effect'],
): Promise<Entry<StepRecord>> {
  const record = freshStep({
    run: run.id,
    id: undoId(target.id),
    token: run.token,
    instance: target.instance,
    operation,
    effect,
    undoOf: target.id,
  })
  const write = stepWrite(record, 'absent')
  const committed = await parts.store.commit([write])
  return { key: write.key, value: record, revision: committed.revisions[0] ?? 0 }
}

async function markUndone(parts: ExecutorParts, entries: Entry<StepRecord>[], target: StepRecord): Promise<void> {
  const entry = entries.find((candidate) => candidate.value.id === target.id)
  if (!entry) return
  entry.value = { ...entry.value, state: 'undone' }
  const committed = await parts.store.commit([{ key: entry.key, value: entry.value, expect: entry.revision }])
  entry.revision = committed.revisions[0] ?? 0
}
