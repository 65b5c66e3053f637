// The way of one action, in order: plan → judge → admit → look → begin → execute → end → read back. CLI, library, playbooks, and
// later agents and sandboxed code, all come through `act`; nothing else calls a provider.
//
// What it promises: nothing leaves unless the guard allowed it, its greatest cost is held, and one durable write says that
// it begins; what leaves is what was planned; whatever happened is written down with what it cost. What it can't know it
// says: an effect without an answer is `unknown` unless repeating it is provably harmless. What is done for a task begins
// and leaves only while the task's claim stands.
import { differsFromPlanned, perform, preparedFor } from '../adapter/index.ts'
import { FabricError, isFabricError, optional, toFabricError } from '../foundation/index.ts'
import { isStricter } from '../guard/index.ts'
import { describeAction, endedAction, planAction } from './action.ts'
import { admitStage, dismiss, noteExhausted } from './admission.ts'
import { beginStage } from './begin.ts'
import { leaseOver, withinLease } from './fence.ts'
import { watchLease } from './lease-watch.ts'
import { doorOf, read } from './look-around.ts'
import { failure, refusal, success } from './outcome.ts'
import type { Outcome, Passage, PipelineParts } from './passage.ts'
import { handOut } from './pieces.ts'
import { recordClaimLost, recordOutcome } from './record.ts'
import { approvalMissing, askedSince, claimLost, cutByLease, denied } from './refusals.ts'

type Stage = (parts: PipelineParts, passage: Passage) => void | Promise<void>

/** The way. Until `begin` a failure leaves nothing behind but its witness entry. */
const WAY: readonly (readonly [name: string, stage: Stage])[] = [
  ['plan', planStage],
  ['judge', judgeStage],
  ['admit', admitStage],
  ['look', lookStage],
  ['begin', beginStage],
  ['execute', executeStage],
  ['end', endStage],
  ['read back', readBackStage],
]

/**
 * Takes one action all the way. Resolves with its outcome, refusals included; rejects when the store fails, and with
 * IF_ERR_CLAIM_LOST when the run or the task that it belongs to is another's by now.
 */
export async function act(parts: PipelineParts, passage: Passage): Promise<Outcome> {
  try {
    return await goTheWay(parts, passage)
  } finally {
    await dismiss(parts, passage)
  }
}

async function goTheWay(parts: PipelineParts, passage: Passage): Promise<Outcome> {
  for (const [name, stage] of WAY) {
    try {
      await passage.trace.span(name, { step: passage.step, operation: passage.entry.id }, async () =>
        stage(parts, passage),
      )
    } catch (thrown) {
      if (name === 'begin' && isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT')
        throw claimLost(passage, thrown)
      if (passage.outcome || !isFabricError(thrown) || thrown.code === 'IF_ERR_STORE_UNAVAILABLE') throw thrown
      if (thrown.code === 'IF_ERR_CLAIM_LOST') {
        await recordClaimLost(parts, passage, thrown)
        throw thrown
      }
      passage.outcome = refusal(passage, thrown)
      await recordOutcome(parts, passage, 'step.denied')
      if (thrown.code === 'IF_ERR_BUDGET_EXCEEDED') await noteExhausted(parts, passage, thrown)
    }
    if (passage.outcome && (passage.outcome.state !== 'done' || passage.dryRun)) break
  }
  const { outcome } = passage
  if (!outcome) throw new FabricError('IF_ERR_INTERNAL', `step ${passage.step} left the pipeline without an outcome`)
  if (outcome.error?.code === 'IF_ERR_CLAIM_LOST') throw outcome.error
  return outcome
}

async function planStage(_parts: PipelineParts, passage: Passage): Promise<void> {
  passage.entry = await preparedFor(passage.entry, passage.input)
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
  const { acting } = passage
  const action = await describeAction(parts, passage)
  const verdict = await parts.guard.judge(action)
  const { run, step, dryRun } = passage
  if (!dryRun) passage.judgement = parts.judged.write({ run, step }, action, verdict, parts.guard.digest)
  if (verdict.decision === 'deny') throw denied(verdict)
  if (!isStricter(verdict.decision, 'allow')) return
  // A run's plan was cleared as a whole: what asks now did not ask then.
  if (!passage.approved)
    throw run === undefined ? approvalMissing(verdict, passage.plan) : askedSince(verdict.reasons, acting.session)
  const since = verdict.reasons.filter(({ rule }) => passage.approvedRules?.has(rule) === false)
  if (since.length > 0) throw askedSince(since, acting.session)
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

/** Out through the door; under a claim only as long as that certainly stands. */
async function executeStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { fence, heldUntil } = passage
  const open = doorOf(parts, passage)
  const way =
    fence && heldUntil !== undefined ? withinLease(open, parts.clock, { claim: fence.claim, heldUntil }) : open
  const streams = passage.built?.planned.streams === true
  const lease = streams && fence && heldUntil !== undefined ? watchLease(parts, fence, heldUntil) : undefined
  const started = parts.clock.monotonic()
  try {
    if (fence && way.timeoutMs <= 0) throw leaseOver(fence.claim)
    passage.performed = await perform({
      ...way,
      entry: passage.entry,
      input: passage.input,
      ...optional('built', passage.built),
      idempotencyKey: passage.idempotencyKey,
      ...optional('onAttempt', passage.onAttempt),
      ...optional('onPiece', handOut(parts, passage)),
      ...optional('over', lease?.over),
    })
  } catch (thrown) {
    const failure = toFabricError(thrown)
    passage.failure = fence && !lease && way.timeoutMs < open.timeoutMs ? cutByLease(failure, fence.claim) : failure
  } finally {
    lease?.end()
  }
  passage.tookMs = parts.clock.monotonic() - started
}

/** Outcome, actual cost and the log entry in one commit. A cost stays held while the outcome is unknown. */
async function endStage(parts: PipelineParts, passage: Passage): Promise<void> {
  passage.outcome = passage.performed
    ? success(passage, passage.performed)
    : await failure(parts, passage, passage.failure)
  // On record before the result is: no kill lets anybody have the data without the mark.
  const touch =
    passage.outcome.state === 'done' && !passage.unmarked
      ? await parts.sequences.touch(endedAction(passage))
      : undefined
  await recordOutcome(parts, passage, 'step.end')
  await passage.touch?.placed(passage.outcome.witness)
  await touch?.placed(passage.outcome.witness)
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
