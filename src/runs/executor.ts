// Carries out the steps of a claimed run: each as soon as what it waits for has ended, several at a time. It stops starting
// when a step fails, the run is cancelled, the caller aborts, or another process takes the run over.
import type { Instance, LoadedProvider } from '../adapter/index.ts'
import { operationOf, parseInput } from '../adapter/index.ts'
import {
  type FabricError,
  isFabricError,
  type JsonObject,
  type JsonValue,
  optional,
  type Trace,
  timestamp,
} from '../foundation/index.ts'
import type { Budget } from '../governor/index.ts'
import { act, type Fence, type Outcome, type Passage, type PipelineParts } from '../pipeline/index.ts'
import type { Entry } from '../store/index.ts'
import { actingOf } from './acting-of.ts'
import { mayFailOver, type Target, targetsOf } from './alternatives.ts'
import { type ConditionScope, holds } from './condition.ts'
import { mayGoOn, mayHaveHappened } from './earlier.ts'
import type { OnRunEvent, OnStepPiece, StepPiece } from './events.ts'
import { idempotencyKeyOf, openStepJournal, type StepJournalOf } from './journal.ts'
import type { Plan, PlanStep } from './plan.ts'
import { isSettled, type RunRecord, type StepRecord } from './records.ts'
import { fillReferences, valueAt } from './references.ts'

export interface ExecutorParts extends PipelineParts {
  instanceOf: (name: string) => Promise<Instance>
  providerOf: (id: string) => Promise<LoadedProvider>
  /** Who is at work now, which may be another than who started the run. */
  actorOf: () => string
  /** How long the holder of a run may be silent before it is taken for dead. Default 30 s. */
  leaseMs?: number | undefined
}

export interface ExecuteOptions {
  parallelism: number
  /** Start nothing more; what is under way is waited for. */
  stop: AbortSignal
  /** Give up what is under way as well. */
  abort: AbortSignal | undefined
  trace: Trace
  onEvent: OnRunEvent
  /** Gets the answers that stream, piece by piece. */
  onPiece?: OnStepPiece
  /** Of the run, where its playbook sets one: then steps are paid from it alone. */
  runBudget: Budget | undefined
  /** The claim of the task that the run is done for. */
  fence: Fence | undefined
  /** Of each call, instead of the instance's own. */
  timeoutMs?: number
}

/** Works through the plan until nothing more can start; resolves with the last witness entry of each step it moved. */
export async function executeSteps(
  parts: ExecutorParts,
  run: RunRecord,
  plan: Plan,
  entries: Entry<StepRecord>[],
  options: ExecuteOptions,
): Promise<Record<string, number>> {
  const journals = new Map<string, StepJournalOf>()
  const requests = new Map<string, JsonObject>()
  for (const entry of entries)
    journals.set(entry.value.id, openStepJournal(entry, { request: () => requests.get(entry.value.id) }))
  const order = plan.steps.filter((step) => journals.has(step.id))
  const waiting = new Map<string, number>()
  const dependents = new Map<string, PlanStep[]>()
  for (const step of order) {
    for (const name of step.after) dependents.set(name, [...(dependents.get(name) ?? []), step])
    waiting.set(step.id, step.after.filter((name) => !isSettled(stateOf(name))).length)
  }
  const ready = order.filter((step) => waiting.get(step.id) === 0 && !isSettled(stateOf(step.id)))
  const underWay = new Set<Promise<void>>()
  const places = new Map<string, Promise<{ instance: Instance; provider: LoadedProvider }>>()
  const approvedRules = new Set(plan.verdict.reasons.map(({ rule }) => rule))
  let halted = false
  let broken: unknown

  for (;;) {
    while (
      ready.length > 0 &&
      underWay.size < options.parallelism &&
      !halted &&
      broken === undefined &&
      !options.stop.aborted
    ) {
      const step = ready.shift()
      if (!step) break
      const work: Promise<void> = advance(step)
        .catch((thrown: unknown) => {
          broken ??= thrown
        })
        .finally(() => underWay.delete(work))
      underWay.add(work)
    }
    if (underWay.size === 0) break
    await Promise.race(underWay)
  }
  if (broken !== undefined) throw broken
  const witness: Record<string, number> = {}
  for (const [id, journal] of journals) if (journal.witness !== undefined) witness[id] = journal.witness
  return witness

  function stateOf(id: string): StepRecord['state'] {
    return journals.get(id)?.record.state ?? 'pending'
  }

  /** Read once a run: the plan is bound to the instance as it was. */
  function placeOf(name: string): Promise<{ instance: Instance; provider: LoadedProvider }> {
    const known = places.get(name) ?? findPlace(parts, name)
    places.set(name, known)
    return known
  }

  async function advance(step: PlanStep): Promise<void> {
    const journal = journals.get(step.id)
    if (!journal) return
    await decide(step, journal)
    options.onEvent({ type: 'step.end', run: run.id, step: journal.record })
    const { state } = journal.record
    if ((state === 'failed' || state === 'unknown') && plan.onFailure !== 'continue') halted = true
    for (const next of dependents.get(step.id) ?? []) {
      const left = (waiting.get(next.id) ?? 1) - 1
      waiting.set(next.id, left)
      if (left === 0 && !isSettled(stateOf(next.id))) ready.push(next)
    }
  }

  async function decide(step: PlanStep, journal: StepJournalOf): Promise<void> {
    let skip: ReturnType<typeof whySkip>
    try {
      skip = whySkip(step)
      if (!skip) await placeOf(step.instance)
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      await failStep(journal, thrown)
      return
    }
    if (skip) await skipStep(journal, skip)
    else await actOn(step, journal)
  }

  function whySkip(step: PlanStep): Pick<StepRecord, 'note' | 'skippedFor'> | undefined {
    const missing = step.after.find((name) => {
      const state = stateOf(name)
      return state === 'failed' || state === 'unknown' || (state === 'skipped' && step.knownAfter.includes(name))
    })
    if (missing) {
      const note = `${missing} ${stateOf(missing) === 'skipped' ? 'was skipped' : 'did not succeed'}`
      return { note, skippedFor: 'dependency' }
    }
    if (step.when === undefined || holds(step.when, scope(), `step ${step.id}`)) return undefined
    return { note: `not when ${step.when}`, skippedFor: 'condition' }
  }

  function scope(): ConditionScope {
    const steps: ConditionScope['steps'] = {}
    for (const [id, { record }] of journals) steps[id] = { state: record.state, result: record.result ?? null }
    return { inputs: plan.source.kind === 'playbook' ? plan.source.inputs : {}, steps }
  }

  async function skipStep(journal: StepJournalOf, skip: Pick<StepRecord, 'note' | 'skippedFor'>): Promise<void> {
    const committed = await parts.store.commit([
      journal.move({ state: 'skipped', ...skip, endedAt: timestamp(parts.clock.now()) }),
    ])
    journal.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
  }

  /** At the instance, or at one after the other of those that the plan ranked. */
  async function actOn(step: PlanStep, journal: StepJournalOf): Promise<void> {
    const targets = targetsOf(step, journal.record)
    for (const [at, target] of targets.entries()) {
      const outcome = await actAt(step, target, journal)
      const next = targets[at + 1]
      if (!next || !outcome || !mayFailOver(outcome) || options.stop.aborted) return
      const reason = outcome.error?.message ?? ''
      options.onEvent({
        type: 'step.failover',
        run: run.id,
        step: step.id,
        from: target.instance,
        to: next.instance,
        reason,
      })
    }
  }

  /** Undefined where it could not even begin; its record says why. */
  async function actAt(step: PlanStep, target: Target, journal: StepJournalOf): Promise<Outcome | undefined> {
    const { instance, provider } = await placeOf(target.instance)
    journal.at(target.instance)
    const entry = operationOf(provider, step.operation)
    const { record } = journal
    options.onEvent({
      type: 'step.start',
      run: run.id,
      step: step.id,
      instance: target.instance,
      operation: step.operation,
      again: record.beganAt !== undefined,
    })
    const passage: Passage = {
      acting: actingOf(run, plan),
      run: run.id,
      step: step.id,
      plan: plan.digest,
      planSize: plan.steps.length,
      instance,
      provider,
      entry,
      input: {},
      planned: target.request,
      approved: run.approved,
      approvedRules,
      ...optional('runBudget', options.runBudget),
      onWarning: ({ text }) => options.onEvent({ type: 'budget.warning', run: run.id, step: step.id, text }),
      ...optional('fence', options.fence),
      idempotencyKey: idempotencyKeyOf(run.id, step.id),
      journal,
      timeoutMs: options.timeoutMs ?? timeoutOf(instance),
      signal: options.abort,
      trace: options.trace,
      ...optional('onPiece', piecesTo(options.onPiece, { run: run.id, step: step.id })),
      onAttempt: (attempt) => {
        journal.attempted(attempt)
        if (attempt.retry.retry) {
          options.onEvent({
            type: 'step.retry',
            run: run.id,
            step: step.id,
            attempt: attempt.number,
            reason: attempt.retry.reason,
          })
        }
      },
    }
    try {
      passage.input = parseInput(entry, fill(step))
      requests.set(step.id, target.request as unknown as JsonObject) // planned requests are plain data
      if (!(await mayGoOn(parts, passage, journal))) return undefined
    } catch (thrown) {
      if (!isFabricError(thrown) || thrown.code === 'IF_ERR_STORE_UNAVAILABLE') throw thrown
      await failStep(journal, thrown)
      return undefined
    }
    return act(parts, passage)
  }

  /** The step's input with the results of earlier steps in place. */
  function fill(step: PlanStep): JsonObject {
    if (step.knownAfter.length === 0) return step.input
    return fillReferences(step.input, (reference) => {
      if (reference.root !== 'steps') return undefined
      const result: JsonValue | undefined = journals.get(reference.step ?? '')?.record.result
      return valueAt(result, reference, `step ${step.id}`)
    }) as JsonObject
  }

  async function failStep(journal: StepJournalOf, error: FabricError): Promise<void> {
    const at = timestamp(parts.clock.now())
    const writes = journal.end(
      {
        state: 'failed',
        uncertain: mayHaveHappened(journal.record),
        error,
        costMicroUsd: 0,
        durationMs: 0,
        attempts: 0,
        witness: -1,
      },
      at,
    )
    const committed = await parts.store.commit(writes)
    journal.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
  }
}

const piecesTo = (onPiece: OnStepPiece | undefined, of: Omit<StepPiece, 'piece'>) =>
  onPiece && ((piece: JsonObject) => onPiece({ ...of, piece }))

async function findPlace(
  parts: ExecutorParts,
  name: string,
): Promise<{ instance: Instance; provider: LoadedProvider }> {
  const instance = await parts.instanceOf(name)
  return { instance, provider: await parts.providerOf(instance.provider) }
}

/** `500ms`, `30s`, `2m` in milliseconds; the schema of the instance has checked the form. */
export function timeoutOf(instance: Instance): number {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(instance.timeout) ?? []
  return Number(amount) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000)
}
