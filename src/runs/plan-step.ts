// One step of a plan at one instance: the request that would leave, its cost, undo and verdict.
import {
  exampleOf,
  type Instance,
  type LoadedProvider,
  type OperationEntry,
  operationOf,
  parseInput,
  preparedFor,
} from '../adapter/index.ts'
import { FabricError, type JsonObject, usdOf } from '../foundation/index.ts'
import { type Action, type Verdict, withPlanned } from '../guard/index.ts'
import { type Acting, describeAction, planAction } from '../pipeline/index.ts'
import type { StepDraft } from './draft.ts'
import { isKnown, placeHoles, showHoles, showInText } from './holes.ts'
import type { PlanStep } from './plan.ts'
import type { PlannerParts } from './planner-parts.ts'
import { findReferences } from './references.ts'

/** An instance and what it is an instance of. */
export interface Place {
  instance: Instance
  provider: LoadedProvider
}

/** The plan that a step is planned for. */
export interface Planning {
  acting: Acting
  planSize: number
  /** What the steps before will have touched by then. */
  earlier: Pick<Action, 'instance' | 'operation' | 'labels' | 'input'>[]
}

export interface PlannedStep {
  step: PlanStep
  verdict: Verdict
  action: Action
}

/** Of a draft at one instance; errors name where the draft stands. */
export async function planStep(
  parts: PlannerParts,
  { acting, planSize, earlier }: Planning,
  draft: StepDraft,
  { instance, provider }: Place,
): Promise<PlannedStep> {
  try {
    const named = operationOf(provider, draft.operation)
    const placed = placeHoles(named, draft.input)
    const input = parseInput(named, placed.input, placed.holes.size > 0 ? { holes: placed.holes } : {})
    const entry = await preparedFor(named, input)
    const { built, cost: known, moves } = planAction({ provider, instance, entry, input })
    const cost =
      known.kind === 'priced' && placed.hasNumber
        ? ({ kind: 'unknown', why: 'depends on an earlier step' } as const)
        : known
    const action = await describeAction(parts, {
      acting,
      step: draft.id,
      instance,
      provider,
      entry,
      input,
      cost,
      planSize,
    })
    const sessionFacts = withPlanned(action.sessionFacts, action, earlier)
    const verdict = await parts.guard.judge({ ...action, sessionFacts })
    const step: PlanStep = {
      id: draft.id,
      instance: instance.name,
      provider: provider.definition.id,
      operation: entry.id,
      effect: entry.effect,
      input: placed.texts.length > 0 ? draft.input : input,
      request: showHoles(built.planned, placed.texts),
      around: await aroundOf(entry, input, provider, instance, placed.texts),
      estimateUsd: cost.kind === 'unknown' ? null : cost.kind === 'free' ? 0 : usdOf(cost.estimateMicroUsd),
      maxUsd: cost.kind === 'unknown' ? null : cost.kind === 'free' ? 0 : usdOf(cost.maxMicroUsd),
      costBasis: cost.kind === 'priced' ? cost.basis : cost.kind === 'free' ? 'free' : cost.why,
      ...(moves?.currency === undefined
        ? {}
        : {
            moves: {
              amount: [moves.amountMinor ?? 0, moves.currency].every(isKnown) ? (moves.amountMinor ?? null) : null,
              currency: showInText(moves.currency, placed.texts),
              direction: moves.direction,
            },
          }),
      undo: plannedUndo(entry),
      after: draft.after,
      ...(draft.when === undefined ? {} : { when: draft.when }),
      knownAfter: [...new Set(findReferences(draft.input).flatMap((reference) => reference.step ?? []))],
      unset: built.unset,
    }
    return { step, verdict, action }
  } catch (thrown) {
    throw located(thrown, draft)
  }
}

/** Reads that go with the step. */
async function aroundOf(
  entry: OperationEntry,
  input: JsonObject,
  provider: LoadedProvider,
  instance: Instance,
  texts: string[],
): Promise<PlanStep['around']> {
  const calls = [
    { purpose: 'before' as const, call: entry.operation.before?.(input) },
    { purpose: 'verify' as const, call: entry.operation.verify?.({ input, result: undefined }) },
  ]
  const around: PlanStep['around'] = []
  for (const { purpose, call } of calls) {
    if (!call) continue
    const named = operationOf(provider, call.operation)
    // A read-back may depend on what came back: its input is only as good as what is known now.
    const known = parseInput(named, call.input, { holes: new Set(Object.keys(call.input)) })
    const read = await preparedFor(named, known)
    const { planned } = planAction({ provider, instance, entry: read, input: known }).built
    around.push({ purpose, operation: read.id, method: planned.method, url: showInText(planned.url, texts) })
  }
  return around
}

/** Which operation takes it back; found by undoing the example. */
function plannedUndo(entry: OperationEntry): PlanStep['undo'] {
  const { undo, undoLabel, result, examples } = entry.operation
  if (!undo) return null
  if (typeof undo !== 'function') return { operation: null, note: undo.none }
  if (undoLabel) return { operation: undoLabel }
  const input = exampleOf(entry)
  const done = result(examples[0].response, { input, headers: {} })
  const call = done && undo({ input, result: done, before: {} })
  return { operation: call?.operation ?? entry.id }
}

/** The error with the place of the step in front, where the step has one. */
export function located(thrown: unknown, draft: StepDraft): unknown {
  if (!(thrown instanceof FabricError) || !draft.where) return thrown
  return new FabricError(thrown.code, `${draft.where}: ${thrown.message}`, {
    ...(thrown.hint ? { hint: thrown.hint } : {}),
    ...(thrown.next ? { next: thrown.next } : {}),
    details: { ...thrown.details, step: draft.id },
    cause: thrown,
  })
}
