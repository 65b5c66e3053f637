// What apply, apply --resume, undo and demo share: live progress, Ctrl-C, and the one error that a run which did not
// end well becomes, with the commands that lead on.
import type { ApplyOptions, Run, TaskClaim } from '../../fabric/index.ts'
import { FabricError, shortId, toFabricError } from '../../foundation/index.ts'
import type { Plan, RunEvent } from '../../runs/index.ts'
import { type Interruption, listenForInterrupt } from '../interrupt.ts'
import type { Invocation } from '../invocation.ts'
import type { ErrorDetails } from '../output/error-text.ts'
import { followRun } from '../output/progress.ts'
import { layoutOf, type StepLayout, type StepRow, stepLine } from '../output/step-line.ts'
import { explained, withDetails } from './explain.ts'

export interface Performance {
  /** Steps that are known beforehand; others show as they come. */
  steps: Plan['steps']
  /** Columns for steps that are not known beforehand; their lines show even where there is only one. */
  layout?: StepLayout
  /** What --explain explains. */
  plan?: Plan
  /** Witness entries of steps that were done before, by step. */
  witness?: Record<string, number>
  /** The claim that it is done under. */
  claim?: TaskClaim
  /** Everything taken back is what was asked for. */
  undoing?: boolean
  start: (options: ApplyOptions & { stop: AbortSignal }) => Promise<Run>
  /** Told the exit code of the signal where it ended well all the same. */
  interrupted?: (exitCode: number) => void
}

/** Performs a run and prints its steps; throws where it did not end well. */
export async function performRun(invocation: Invocation, performance: Performance): Promise<Run> {
  const { io, console, flags } = invocation
  console.attach('way', (await invocation.fabric()).way)
  const interruption = listenForInterrupt(io, () =>
    console.note('stopping: nothing more is started, waiting for what is under way; Ctrl-C again ends at once'),
  )
  const lines = stepLines(invocation, performance)
  const timeoutMs = flags.duration('timeout')
  const parallelism = flags.count('parallelism')
  let runId: string | undefined
  try {
    const run = await performance.start({
      stop: interruption.stop,
      signal: interruption.abort,
      onEvent(event: RunEvent) {
        if (event.type === 'approval.wait') {
          const id = shortId(event.plan)
          console.note(`waiting for an approval of plan ${id}: ifab approval grant ${id}`)
          return
        }
        runId = event.run
        lines.onEvent(event)
      },
      ...(parallelism === undefined ? {} : { parallelism }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(invocation.why === undefined ? {} : { why: invocation.why }),
      ...(performance.claim === undefined ? {} : { claim: performance.claim }),
    })
    lines.end(run)
    if (interruption.exitCode !== undefined) performance.interrupted?.(interruption.exitCode)
    if (run.state === 'done' || (run.state === 'undone' && performance.undoing)) return run
    throw failureOf(run, performance)
  } catch (thrown) {
    lines.end()
    const error = stopped(toFabricError(thrown), interruption, runId)
    throw await explained(invocation, performance.plan, withWays(error, runId, performance.undoing))
  } finally {
    lines.end()
    interruption.end()
  }
}

/** Prints step lines as they end, or on a terminal after the live tree; none for a run of one step. */
function stepLines(invocation: Invocation, { steps, witness, layout }: Performance) {
  const { console, io } = invocation
  const several = steps.length > 1 || layout !== undefined
  const terminal = several && !console.json && io.stderr.isTTY ? io.stderr : undefined
  const columns = layout ?? layoutOf(steps)
  const printed = new Set<string>()
  const print = (row: StepRow) => {
    if (!several || printed.has(row.step.id)) return
    printed.add(row.step.id)
    console.line(stepLine(row, columns, console.out))
  }
  const progress = followRun(steps, {
    terminal,
    layout: columns,
    paint: console.err,
    now: io.now,
    witness: witness ?? {},
    onWarning: (text) => console.note(console.err.warn(`! ${text}`)),
    ...(terminal ? {} : { onRow: print }),
  })
  let ended = false
  let begun = false
  return {
    onEvent(event: RunEvent) {
      begun = true
      progress.onEvent(event)
    },
    end(run?: Run) {
      if (ended) return
      ended = true
      progress.end()
      // A run that was done before gives no events, its records tell.
      if (!begun && run) console.note(`this plan was applied before: nothing is repeated, here is its first run`)
      if (begun || run) for (const row of progress.rows()) print(withRecord(row, run))
    },
  }
}

function withRecord(row: StepRow, run: Run | undefined): StepRow {
  const record = row.record ?? run?.steps.find(({ id }) => id === row.step.id)
  return record && !row.record ? { ...row, record, state: record.state } : row
}

/** The error that a run in this state is. */
function failureOf(run: Run, { plan, undoing }: Pick<Performance, 'plan' | 'undoing'>): FabricError {
  const bad = run.steps.find(({ state }) => state === 'unknown') ?? run.steps.find(({ state }) => state === 'failed')
  const error = run.record.error ?? bad?.error
  const details = { run: run.id, state: run.state, ...(bad ? { step: bad.id } : {}) }
  if (run.state === 'unknown') {
    const step = bad?.id ?? 'STEP'
    const next = `ifab run settle ${shortId(run.id)} ${step} --as done|not-done --why '…'`
    const began = bad?.beganAt ? `, it began at ${bad.beganAt}` : ''
    return new FabricError('IF_ERR_OUTCOME_UNKNOWN', unknownText(run, step, error?.message), {
      hint:
        error?.hint ?? `Look at ${bad?.instance ?? 'the provider'} whether ${bad?.operation ?? 'it'} happened${began}.`,
      details,
      next,
    })
  }
  if (run.state === 'cancelled') {
    return new FabricError('IF_ERR_CANCELLED', 'the run was cancelled; what was done stays done', { details })
  }
  const code = error?.code ?? 'IF_ERR_RUN_FAILED'
  const done = run.steps.filter(({ state }) => state === 'done').length
  const rule = plan && !undoing ? ` (onFailure: ${plan.onFailure})` : ''
  if (run.state === 'undone') {
    return new FabricError(code, `${error?.message ?? 'a step failed'}; what was done is taken back${rule}`, {
      ...(error?.hint ? { hint: error.hint } : {}),
      details,
    })
  }
  const stays = done > 0 ? `; ${done === 1 ? '1 step stays' : `${done} steps stay`} done${rule}` : ''
  return new FabricError(code, `${error?.message ?? `the run is ${run.state}`}${stays}`, {
    ...(error?.hint ? { hint: error.hint } : {}),
    details,
  })
}

/** Of several steps the line of the step has told what happened. */
const unknownText = (run: Run, step: string, message: string | undefined): string =>
  message !== undefined && run.steps.length === 1 ? message : `nobody can tell whether step ${step} happened`

/** Says so where Ctrl-C ended it; an unknown outcome stays one, with the exit code of the signal. */
function stopped(error: FabricError, { exitCode }: Interruption, runId: string | undefined): FabricError {
  if (exitCode === undefined) return error
  const details = { ...error.details, exitCode, ...(runId === undefined ? {} : { run: runId }) }
  if (error.code === 'IF_ERR_OUTCOME_UNKNOWN') return withDetails(error, details)
  return new FabricError('IF_ERR_CANCELLED', 'stopped; nothing more was started', { details })
}

/** The commands that lead on from a run that began. */
function withWays(error: FabricError, runId: string | undefined, undoing = false): FabricError {
  const run = runId ?? (typeof error.details.run === 'string' ? error.details.run : undefined)
  if (run === undefined || error.code === 'IF_ERR_OUTCOME_UNKNOWN') return error
  const id = shortId(run)
  const step = typeof error.details.step === 'string' ? ` ${error.details.step}` : ''
  const see = `ifab run show ${id}${step}`
  const [next, ways]: [string, Record<string, string>] = undoing
    ? waysOfUndo(error, id, see)
    : [`ifab apply --resume ${id}`, { See: see, 'Go on': `ifab apply --resume ${id}`, 'Take back': `ifab undo ${id}` }]
  const details: ErrorDetails = { ways }
  return withDetails(error, { run, ...details }, { next })
}

/** What can't be taken back is not tried again. */
const waysOfUndo = ({ code }: FabricError, id: string, see: string): [string, Record<string, string>] =>
  code === 'IF_ERR_UNDO_IMPOSSIBLE'
    ? [see, { See: see }]
    : [`ifab undo ${id}`, { See: see, 'Try again': `ifab undo ${id}` }]
