// Runs: a plan applied once, resumed after a fall, taken back, settled by a person. Every call either leaves a run that
// can go on or says why it can't.
import {
  FabricError,
  isFabricError,
  type JsonObject,
  optional,
  parseAddress,
  shortId,
  ulid,
} from '../foundation/index.ts'
import type { Fence } from '../pipeline/index.ts'
import { requestCancel } from './cancel.ts'
import { claimRun } from './claim.ts'
import { askedAgain, clear } from './clearance.ts'
import { dryRunSteps } from './dry-run.ts'
import { mayHaveHappened } from './earlier.ts'
import type { Plan } from './plan.ts'
import { appliedKey, findPlan } from './plan-store.ts'
import { isOver, type RunRecord, runKey, runsPrefix, type StepRecord, stepsPrefix } from './records.ts'
import { holdAgain } from './run-budget.ts'
import type { FinishedRun, RunOptions, RunsParts } from './runs-parts.ts'
import { checkPlan, storedPlan } from './standing-plan.ts'
import { type Clearance, startRun } from './start.ts'
import { fenceAgain, fenceOf } from './task-fence.ts'
import { adoptRun, findEarlierRun } from './task-runs.ts'
import { undoable } from './undo.ts'
import { type WorkOptions, workOnRun } from './work.ts'

export interface Runs {
  apply(plan: Plan, options?: RunOptions): Promise<FinishedRun>
  resume(run: string, options?: RunOptions): Promise<FinishedRun>
  undo(run: string, step: string | undefined, options?: RunOptions): Promise<FinishedRun>
  settle(
    run: string,
    step: string,
    as: 'done' | 'not-done',
    options: { why: string; result?: JsonObject },
  ): Promise<FinishedRun>
  cancel(run: string, options: { why?: string }): Promise<FinishedRun>
  list(): Promise<RunRecord[]>
  /** By id, a unique piece of it, or `last`. */
  find(reference: string): Promise<FinishedRun>
}

export function openRuns(parts: RunsParts): Runs {
  const { store, clock } = parts

  const load = async (id: string): Promise<FinishedRun> => {
    const run = await store.get<RunRecord>(runKey(id))
    if (!run) throw new FabricError('IF_ERR_NOT_FOUND', `there is no run ${shortId(id)}`, { next: 'ifab run list' })
    const steps = (await store.range<StepRecord>(stepsPrefix(id))).map((entry) => entry.value)
    const place = new Map(run.value.steps.map((name, at) => [name, at]))
    steps.sort((a, b) => (place.get(a.id) ?? place.size) - (place.get(b.id) ?? place.size))
    return { record: run.value, steps }
  }

  const list = async (): Promise<RunRecord[]> =>
    (await store.range<RunRecord>(runsPrefix, { reverse: true })).map((entry) => entry.value)

  const find = async (reference: string): Promise<FinishedRun> => {
    const piece = reference.replace(/^r-/i, '').toUpperCase()
    const runs = await list()
    const found =
      reference === 'last'
        ? runs.filter((run) => run.actor === parts.acting.actor).slice(0, 1)
        : runs.filter((run) => run.id.endsWith(piece) || run.id.startsWith(piece))
    const [run, second] = found
    if (!run || piece === '')
      throw new FabricError(
        'IF_ERR_NOT_FOUND',
        reference === 'last' ? 'there is no run yet' : `there is no run ${reference}`,
        { next: 'ifab run list' },
      )
    if (second)
      throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one run`, {
        hint: 'Write more of its id.',
      })
    return load(run.id)
  }

  const work = async (
    id: string,
    plan: Plan,
    options: RunOptions & { fence?: Fence | undefined },
    task: WorkOptions['task'],
  ): Promise<FinishedRun> => {
    const { fence } = options
    const claimed = await claimRun(store, clock, id, { evenOver: task.kind !== 'go', leaseMs: parts.leaseMs, fence })
    await workOnRun(parts, claimed, plan, { ...options, trace: parts.trace, task })
    return load(id)
  }

  const goOn = async (record: RunRecord, options: RunOptions & { fence: Fence | undefined }): Promise<FinishedRun> => {
    if (record.state === 'done') return load(record.id)
    const plan = await findPlan(store, record.plan, record.actor)
    if (plan.budgetUsd !== null) await holdAgain(parts, record.id, plan.budgetUsd)
    return work(record.id, plan, options, { kind: 'go' })
  }

  return {
    list,
    find,
    async apply(plan, options = {}) {
      const fence = await fenceOf(parts, options.claim)
      const earlier =
        fence && !options.dryRun ? await findEarlierRun(store, fence.claim, plan, parts.acting.actor) : undefined
      if (fence && earlier) {
        await adoptRun(store, fence, plan, earlier)
        return goOn(earlier.value, { ...options, fence })
      }
      const applied = await store.get<string>(appliedKey(plan.id))
      if (applied) return firstRun(await load(applied.value))
      const current = await checkPlan(parts, await storedPlan(parts, plan))
      // A rehearsal asks nobody and uses no approval up.
      if (options.dryRun && current.verdict.decision !== 'deny')
        return dryRunSteps(parts, current, { approved: true, ...options })
      const loop = await parts.loops.note(parts.acting.session, current.digest)
      const asked = loop.isLoop ? askedAgain(current, loop) : current
      const id = ulid()
      const start = async (): ReturnType<typeof startRun> => {
        const approval = await clear(parts, asked, options)
        try {
          return await startRun(parts, id, current, { approval, fence, why: options.why, noted: loop.write })
        } catch (thrown) {
          if (!isUsedMeanwhile(approval, thrown)) throw thrown
          return start()
        }
      }
      const started = await start()
      if (!started) return firstRun(await load((await store.get<string>(appliedKey(plan.id)))?.value ?? id))
      await workOnRun(parts, started, current, { ...options, fence, trace: parts.trace, task: { kind: 'go' } })
      return load(id)
    },
    async resume(reference, options = {}) {
      const { record } = await find(reference)
      if (record.state === 'done') return load(record.id)
      return goOn(record, { ...options, fence: await fenceAgain(parts, options.claim, record.claim) })
    },
    async undo(reference, step, options = {}) {
      const { record, steps } = await find(reference)
      if (step !== undefined && !steps.some((candidate) => candidate.id === step)) {
        throw new FabricError('IF_ERR_NOT_FOUND', `run ${shortId(record.id)} has no step ${step}`, {
          hint: `Its steps: ${record.steps.join(', ')}.`,
        })
      }
      if (undoable(steps).filter((candidate) => step === undefined || candidate.id === step).length === 0) {
        throw new FabricError(
          'IF_ERR_UNDO_IMPOSSIBLE',
          `run ${shortId(record.id)} has nothing${step ? ` in step ${step}` : ''} to take back`,
          {
            hint: 'Only steps that are done and changed something can be taken back.',
          },
        )
      }
      const plan = await findPlan(store, record.plan, record.actor)
      const fence = await fenceOf(parts, options.claim)
      return work(record.id, plan, { ...options, fence }, { kind: 'undo', ...optional('only', step) })
    },
    async settle(reference, step, as, options) {
      const { record, steps } = await find(reference)
      const target = steps.find((candidate) => candidate.id === step)
      if (!target)
        throw new FabricError('IF_ERR_NOT_FOUND', `run ${shortId(record.id)} has no step ${step}`, {
          hint: `Its steps: ${record.steps.join(', ')}.`,
        })
      if (!mayHaveHappened(target))
        throw new FabricError(
          'IF_ERR_CONFLICT',
          `step ${step} is ${target.state}; only an unknown outcome can be settled`,
          { retryable: false },
        )
      checkSettler(parts.acting.actor)
      if (!options.why.trim())
        throw new FabricError('IF_ERR_USAGE', 'settling needs a reason', {
          hint: "Say how you know: --why 'seen in the dashboard'.",
        })
      const plan = await findPlan(store, record.plan, record.actor)
      return work(
        record.id,
        plan,
        {},
        { kind: 'settle', step, as, why: options.why, ...(options.result ? { result: options.result } : {}) },
      )
    },
    async cancel(reference, options) {
      const { record } = await find(reference)
      if (isOver(record.state))
        throw new FabricError('IF_ERR_CONFLICT', `run ${shortId(record.id)} is ${record.state} already`, {
          retryable: false,
        })
      await requestCancel(parts, record.id, options.why)
      return load(record.id)
    },
  }
}

/** Another run with the same digest used the approval up first: it is asked for anew. */
const isUsedMeanwhile = (approval: Clearance, thrown: unknown): boolean =>
  approval !== 'none' &&
  isFabricError(thrown) &&
  thrown.code === 'IF_ERR_CONFLICT' &&
  thrown.details.key === approval.key

/** What a second apply of the same plan gets: the receipt of the first. */
function firstRun(run: FinishedRun): FinishedRun {
  const { record } = run
  if (record.state !== 'running') return run
  throw new FabricError('IF_ERR_RUN_ACTIVE', `this plan is being applied by run ${shortId(record.id)}`, {
    hint: 'If its process is gone, resume the run.',
    next: `ifab apply --resume ${shortId(record.id)}`,
    details: { run: record.id },
  })
}

function checkSettler(actor: string): void {
  if (parseAddress(actor).kind === 'person') return
  throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not settle an unknown outcome`, {
    hint: 'Only a person who has looked at the provider settles it.',
  })
}
