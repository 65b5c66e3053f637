// ifab run: what was done, and what a person may still say about it.
import { didYouMean, FabricError, type JsonObject, shortId } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { agoText, counted, usdText } from '../output/phrases.ts'
import { runEndText, runText, stateText, stepText } from '../output/run-text.ts'
import { table } from '../output/table.ts'

export const runListCommand: CommandHandler = async ({ fabric, flags, console, io }) => {
  const since = flags.duration('since')
  const limit = flags.count('limit') ?? 20
  const failed = flags.has('failed')
  const all = await (await fabric()).runs({
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(failed ? {} : { limit }),
  })
  const runs = (failed ? all.filter(({ state }) => state === 'failed' || state === 'unknown') : all).slice(0, limit)
  const rows = runs.map((run) => [
    shortId(run.id),
    stateText(run.state, console.out),
    run.name,
    counted(run.steps.length, 'step'),
    run.costMicroUsd > 0 ? usdText(run.costMicroUsd / 1e6) : '',
    agoText(run.startedAt, io.now()),
    run.error?.message ?? '',
  ])
  console.result(runs, rows.length === 0 ? 'no runs' : table(rows))
  const [first] = runs
  if (first) console.note(`Next: ifab run show ${shortId(first.id)}`)
}

export const runShowCommand: CommandHandler = async ({ fabric, args, console }) => {
  const [reference = '', step] = args // required by the command tree
  const open = await fabric()
  const run = await open.run(reference)
  if (step === undefined) {
    console.result(run, runText(run, console.out))
    if (run.state === 'failed')
      console.note(`Go on: ifab apply --resume ${shortId(run.id)}    Take back: ifab undo ${shortId(run.id)}`)
    return
  }
  const record = run.steps.find(({ id }) => id === step)
  if (!record)
    throw unknownStep(
      run.id,
      step,
      run.steps.map(({ id }) => id),
    )
  const attempts = await open.attempts(run.id, step)
  console.result(
    { ...record, attemptLog: attempts ?? null },
    stepText(record, { witness: run.record.witness[step], attempts }),
  )
}

export const runCancelCommand: CommandHandler = async ({ fabric, args, console, why }) => {
  const [reference = ''] = args
  const run = await (await fabric()).cancel(reference, why === undefined ? {} : { why })
  console.result(run, runEndText(run, console.out))
  console.note(`Next: ifab run show ${shortId(run.id)}`)
}

export const runSettleCommand: CommandHandler = async ({ fabric, args, flags, console, why }) => {
  const [reference = '', step = ''] = args
  const outcome = flags.text('as')
  if (outcome !== 'done' && outcome !== 'not-done') {
    throw new FabricError('IF_ERR_USAGE', '--as done or --as not-done is needed', {
      hint: 'Look at the provider first; your word ends the doubt and is witnessed.',
    })
  }
  if (why === undefined) throw new FabricError('IF_ERR_USAGE', '--why is needed: say what you saw, and where')
  const result = parseResult(flags.text('result'))
  const run = await (await fabric()).settle(reference, step, outcome, { why, ...(result ? { result } : {}) })
  console.result(run, `${console.out.good('✓')} ${step} settled as ${outcome} · ${runEndText(run, console.out)}`)
  const id = shortId(run.id)
  console.note(`Next: ${run.state === 'done' ? `ifab run show ${id}` : `ifab apply --resume ${id}`}`)
}

function parseResult(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Not JSON: refused below, like JSON that is no object.
  }
  throw new FabricError('IF_ERR_USAGE', '--result expects a JSON object, as in \'{"id":"…"}\'')
}

function unknownStep(run: string, step: string, known: string[]): FabricError {
  return new FabricError('IF_ERR_NOT_FOUND', `run ${shortId(run)} has no step ${JSON.stringify(step)}`, {
    hint: didYouMean(step, known) ?? `It has ${known.join(', ')}.`,
  })
}
