// The way of one action, in order: plan → judge → look → begin → execute → end → read back. CLI, library, playbooks, and
// later agents and sandboxed code, all come through `act`; nothing else calls a provider.
//
// What it promises: nothing leaves unless the guard allowed it, its greatest cost is held, and one durable write says that
// it begins; what leaves is what was planned; whatever happened is written down with what it cost. What it can't know it
// says: an effect without an answer is `unknown` unless repeating it is provably harmless.
import { differsFromPlanned, perform, requestDigestOf } from '../adapter/index.ts'
import { FabricError, isFabricError, optional, timestamp, toFabricError, ulid } from '../foundation/index.ts'
import { isStricter } from '../guard/index.ts'
import { type CommitResult, keyOf } from '../store/index.ts'
import { describeAction, planAction } from './action.ts'
import { doorOf, read } from './look-around.ts'
import { failure, refusal, success } from './outcome.ts'
import type { Outcome, Passage, PipelineParts } from './passage.ts'
import { entryOf, recordOutcome } from './record.ts'
import { approvalMissing, claimLost, denied } from './refusals.ts'

type Stage = (parts: PipelineParts, passage: Passage) => void | Promise<void>

/** The way. Until `begin` a failure leaves nothing behind but its witness entry. */
const WAY: readonly (readonly [name: string, stage: Stage])[] = [
  ['plan', planStage],
  ['judge', judgeStage],
  ['look', lookStage],
  ['begin', beginStage],
  ['execute', executeStage],
  ['end', endStage],
  ['read back', readBackStage],
]

/** Takes one action all the way. Resolves with its outcome, refusals included; rejects only when the store fails. */
export async function act(parts: PipelineParts, passage: Passage): Promise<Outcome> {
  const started = parts.clock.monotonic()
  for (const [name, stage] of WAY) {
    try {
      await passage.trace.span(name, { step: passage.step, operation: passage.entry.id }, async () =>
        stage(parts, passage),
      )
    } catch (thrown) {
      if (name === 'begin' && isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT')
        throw claimLost(passage, thrown)
      if (passage.outcome || !isFabricError(thrown) || thrown.code === 'IF_ERR_STORE_UNAVAILABLE') throw thrown
      passage.outcome = refusal(passage, thrown)
      await recordOutcome(parts, passage, 'step.denied')
    }
    if (passage.outcome) passage.outcome.durationMs = parts.clock.monotonic() - started
    if (passage.outcome && (passage.outcome.state !== 'done' || passage.dryRun)) break
  }
  if (!passage.outcome)
    throw new FabricError('IF_ERR_INTERNAL', `step ${passage.step} left the pipeline without an outcome`)
  return passage.outcome
}

function planStage(_parts: PipelineParts, passage: Passage): void {
  const { built, cost } = planAction(passage)
  if (built.unset.length > 0) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `${passage.instance.name} has no value for ${built.unset.join(', ')}`,
      {
        hint: `Add the instance again with ${built.unset.map((name) => `--set ${name}=…`).join(' ')}.`,
      },
    )
  }
  const difference = passage.planned && differsFromPlanned(passage.planned, built.planned)
  if (difference) {
    throw new FabricError(
      'IF_ERR_PLAN_MOVED',
      `step ${passage.step} would send another request than was planned: ${difference}`,
      {
        hint: 'Plan again.',
      },
    )
  }
  passage.built = built
  passage.cost = cost
}

async function judgeStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const moves = passage.entry.operation.moves?.(passage.input)
  const action = await describeAction(parts.store, { ...passage, cost: passage.cost ?? { kind: 'free' }, moves })
  const verdict = parts.guard.judge(action)
  if (verdict.decision === 'deny') throw denied(verdict)
  if (isStricter(verdict.decision, 'allow') && !passage.approved) throw approvalMissing(verdict, passage.plan)
}

/**
 * What is there before the effect, for the undo. A credential that may act but not look acts without: its undo then says
 * what it lacks. Any other failure refuses the action, as it would have failed as well or could not be taken back.
 */
async function lookStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const call = passage.entry.operation.before?.(passage.input)
  if (!call || passage.dryRun) return
  try {
    passage.before = await read(parts, passage, call)
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_AUTH_FAILED') throw thrown
  }
}

/** Holds the greatest cost and says durably that the step begins, in one commit; an older token loses here. */
async function beginStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { entry, cost, journal } = passage
  const at = timestamp(parts.clock.now())
  const maxMicroUsd = cost?.kind === 'priced' ? cost.maxMicroUsd : 0
  // A step that begins again keeps the hold of its earlier attempt.
  const earlier = passage.reservation
  const reservation = earlier ?? (maxMicroUsd > 0 ? ulid() : undefined)
  const effectful = entry.effect !== 'read'
  const begin =
    effectful && !passage.dryRun
      ? journal?.begin({
          at,
          input: passage.input,
          estimateMicroUsd: cost?.kind === 'priced' ? cost.estimateMicroUsd : 0,
          ...optional('before', passage.before),
          ...optional('reservation', reservation),
        })
      : undefined
  const attached = {
    writes: begin ? [begin] : [],
    log:
      effectful && !passage.dryRun
        ? [entryOf(passage, 'step.begin', at, optional('request', passage.built && requestDigestOf(passage.built)))]
        : [],
  }
  let committed: CommitResult | undefined
  if (reservation && !earlier) {
    const owner = keyOf('step', passage.run ?? 'call', passage.step)
    const budgets = passage.free
      ? passage.budgets.map((budget) => ({ ...budget, limitMicroUsd: null }))
      : passage.budgets
    committed = await parts.ledger.hold({ id: reservation, owner, maxMicroUsd, budgets, ...attached })
    passage.reservation = reservation
  } else if (attached.log.length > 0) committed = await parts.store.commit(attached.writes, attached.log)
  if (begin && committed) journal?.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
  if (passage.dryRun) {
    if (reservation) await parts.ledger.settle({ id: reservation, actualMicroUsd: 0, writes: [], log: [] })
    passage.outcome = { state: 'done', uncertain: false, costMicroUsd: 0, durationMs: 0, attempts: 0, witness: -1 }
  }
}

async function executeStage(parts: PipelineParts, passage: Passage): Promise<void> {
  try {
    passage.performed = await perform({
      ...doorOf(parts, passage),
      entry: passage.entry,
      input: passage.input,
      ...optional('built', passage.built),
      idempotencyKey: passage.idempotencyKey,
      ...optional('onAttempt', passage.onAttempt),
    })
  } catch (thrown) {
    passage.failure = toFabricError(thrown)
  }
}

/** Outcome, actual cost and the log entry in one commit. A cost stays held while the outcome is unknown. */
async function endStage(parts: PipelineParts, passage: Passage): Promise<void> {
  passage.outcome = passage.performed
    ? success(passage, passage.performed)
    : await failure(parts, passage, passage.failure)
  await recordOutcome(parts, passage, 'step.end')
}

/** Reads the effect back where the definition can. What happened is on record already: this only adds to it. */
async function readBackStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { outcome, entry, input } = passage
  if (!outcome || entry.effect === 'read') return
  const check = entry.operation.verify?.({ input, result: outcome.result })
  if (!check) return
  outcome.verified = await read(parts, passage, check).then(
    (seen) => (check.holds(seen) ? 'confirmed' : check.consistency === 'immediate' ? 'refuted' : 'unknown'),
    () => 'unknown' as const,
  )
  await recordOutcome(parts, passage, 'step.verify')
}
