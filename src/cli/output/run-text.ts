// How a run reads when it has ended, and when somebody looks at it later.
import type { Receipt, Run } from '../../fabric/index.ts'
import { formatUsd, type JsonObject, shortId } from '../../foundation/index.ts'
import type { StepRecord } from '../../runs/index.ts'
import { attemptRows } from './attempts-text.ts'
import type { Colours } from './colours.ts'
import { counted, spanText, usdText } from './phrases.ts'
import { costWord, layoutOf, resultName, stepLine } from './step-line.ts'
import { table } from './table.ts'
import { taskName } from './task-text.ts'

/** The one line of a run of one step. */
/** `isRouted`: the fabric chose the instance, so it is named. */
export function receiptText(receipt: Receipt, run: Run, paint: Colours, isRouted = false): string {
  const status = receipt.result?.status ?? receipt.result?.state
  const name = resultName(receipt.result) ?? `${receipt.instance} ${receipt.operation}`
  const parts = [
    `${paint.good('✓')} ${name}${typeof status === 'string' ? ` ${status}` : ''}`,
    ...(isRouted && resultName(receipt.result) !== undefined ? [`at ${receipt.instance}`] : []),
    spanText(receipt.durationMs),
    ...costWord(receipt.costUsd),
    ...(receipt.verified === null ? [] : [`read back: ${receipt.verified}`]),
    `run ${shortId(run.id)}`,
    ...(receipt.witness > 0 ? [`witness #${receipt.witness}`] : []),
  ]
  return parts.join(' · ')
}

/** The last line of a run of several steps. */
export function runEndText(run: Run, paint: Colours): string {
  const took = run.endedAt === null ? [] : [`in ${spanText(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`]
  const done = run.receipts.filter(({ state }) => state === 'done').length
  return [
    [`run ${paint.strong(shortId(run.id))}`, stateText(run.state, paint), ...took].join(' '),
    counted(done, 'receipt'),
    ...(run.costUsd > 0 ? [`cost ${usdText(run.costUsd)}`] : []),
  ].join(' · ')
}

export function stateText(state: Run['state'], paint: Colours): string {
  if (state === 'done' || state === 'undone') return paint.good(state)
  return state === 'failed' ? paint.bad(state) : state === 'unknown' ? paint.warn('outcome unknown') : state
}

/** `ifab run show`: the steps as they stand. */
export function runText(run: Run, paint: Colours): string {
  const { claim } = run.record
  const rows = run.steps.map((record) => ({ ...record, after: [] }))
  const layout = layoutOf(rows)
  const lines = rows.map((step, at) =>
    stepLine({ number: at + 1, step, state: step.state, record: step }, layout, paint),
  )
  const about = table(
    [
      ['plan', shortId(run.plan)],
      ['actor', run.actor],
      ['why', run.record.why ?? ''],
      ['task', claim ? `${taskName(claim.task)}, token ${claim.token}` : ''],
      ['began', run.startedAt],
    ].filter(([, value]) => value !== ''),
    '  ',
  )
  return [runEndText(run, paint), about, ...lines].join('\n')
}

/** `ifab run show RUN STEP`. */
export function stepText(
  record: StepRecord,
  { witness, attempts }: { witness: number | undefined; attempts: JsonObject | undefined },
): string {
  const facts: [string, string | undefined][] = [
    ['operation', `${record.instance} ${record.operation} (${record.effect})`],
    ['state', `${record.state}${record.note ? `: ${record.note}` : ''}`],
    ...(record.tried ?? []).map(({ instance, code, message }): [string, string] => [
      'before',
      `${instance}: ${code}: ${message}`,
    ]),
    ['began', record.beganAt],
    ['took', record.durationMs === undefined ? undefined : spanText(record.durationMs)],
    ['tries', record.attempts === undefined ? undefined : String(record.attempts)],
    ['cost', record.costMicroUsd > 0 ? formatUsd(record.costMicroUsd) : undefined],
    ['key', record.key],
    ['request id', record.vendorRequestId ?? record.error?.vendorRequestId],
    ['read back', record.verified],
    ['witness', witness === undefined ? undefined : `#${witness}`],
    ['input', record.input === undefined ? undefined : JSON.stringify(record.input)],
    ['before', record.before === undefined ? undefined : JSON.stringify(record.before)],
    ['result', record.result === undefined ? undefined : JSON.stringify(record.result)],
    ['error', record.error ? `${record.error.code}: ${record.error.message}` : undefined],
    ['hint', record.error?.hint],
    ...attemptRows(attempts),
  ]
  return `${record.id}\n${table(
    facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    '  ',
  )}`
}
