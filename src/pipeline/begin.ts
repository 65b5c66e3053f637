// The begin of an action: its greatest cost is held, and one durable write says that it begins, in the same commit.
import { requestDigestOf } from '../adapter/index.ts'
import { optional, timestamp, ulid } from '../foundation/index.ts'
import type { Hold } from '../governor/index.ts'
import { type CommitResult, keyOf, type Write } from '../store/index.ts'
import { commitUnder } from './fence.ts'
import type { Passage, PipelineParts } from './passage.ts'
import { entryOf } from './record.ts'
import { budgetsOf, spendingOf } from './spending.ts'

/** An older token, of the run or of the task, loses here. */
export async function beginStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const effectful = passage.entry.effect !== 'read'
  if (passage.dryRun) return rehearseHold(parts, passage)
  const { journal } = passage
  const { committed, heldUntil } = await commitUnder(effectful ? passage.fence : undefined, (conditions) =>
    commitBegin(parts, passage, conditions, effectful),
  )
  if (heldUntil !== undefined) passage.heldUntil = heldUntil
  if (!committed) return
  if (committed.reservation) passage.reservation = committed.reservation
  if (committed.revision !== undefined) journal?.wrote(committed.revision, committed.sequence)
}

/** What begins, in one commit behind its conditions; undefined where a read costs nothing. */
async function commitBegin(parts: PipelineParts, passage: Passage, conditions: Write[], effectful: boolean) {
  const { cost, journal, reservation: earlier } = passage
  const at = timestamp(parts.clock.now())
  // A step that begins again keeps the hold of its earlier attempt.
  const hold = earlier === undefined ? holdOf(parts, passage) : undefined
  const reservation = earlier ?? hold?.id
  if (hold?.outflow) passage.outflowMinor = hold.outflow.amountMinor
  const begin = effectful
    ? journal?.begin({
        at,
        input: passage.input,
        estimateMicroUsd: cost?.kind === 'priced' ? cost.estimateMicroUsd : 0,
        ...optional('before', passage.before),
        ...optional('reservation', reservation),
        ...optional('outflowMinor', passage.outflowMinor),
      })
    : undefined
  const judgement = effectful && passage.judgement ? [passage.judgement] : []
  const writes = [...conditions, ...judgement, ...(begin ? [begin] : [])]
  const request = passage.built && requestDigestOf(passage.built)
  const log = effectful ? [entryOf(passage, 'step.begin', at, optional('request', request))] : []
  let committed: CommitResult
  if (hold) {
    const held = await parts.ledger.hold({ ...hold, writes, log })
    for (const warning of held.warnings) passage.onWarning?.(warning)
    committed = held
  } else if (log.length > 0) committed = await parts.store.commit(writes, log)
  else return undefined
  return {
    reservation,
    revision: begin && committed.revisions.at(-1),
    sequence: committed.sequences[0],
  }
}

/** A dry run ends here. It only asks whether there is room: a hold would use up the warnings of the real one. */
async function rehearseHold(parts: PipelineParts, passage: Passage): Promise<void> {
  const hold = holdOf(parts, passage)
  const refusal = hold && (await parts.ledger.check(hold.maxMicroUsd, hold.budgets, hold.outflow))
  if (refusal) throw refusal
  passage.outcome = { state: 'done', uncertain: false, costMicroUsd: 0, durationMs: 0, attempts: 0, witness: -1 }
}

/** What the action may take at most, out of every budget that applies; undefined where it takes nothing. */
function holdOf({ budgets: book }: PipelineParts, passage: Passage): Omit<Hold, 'writes' | 'log'> | undefined {
  const { microUsd: maxMicroUsd, outflow } = spendingOf(passage)
  if (maxMicroUsd === 0 && !outflow) return undefined
  const { run, step } = passage
  return {
    id: ulid(),
    owner: keyOf('step', run ?? 'call', step),
    maxMicroUsd,
    ...optional('outflow', outflow),
    budgets: budgetsOf(book, passage),
  }
}
