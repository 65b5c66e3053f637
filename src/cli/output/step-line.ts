// One line for one step of a run: mark, number, what, how it ended. The same in the live tree and in plain output.
import { formatUsd, type JsonObject } from '../../foundation/index.ts'
import type { PlanStep, StepRecord } from '../../runs/index.ts'
import { type Colours, padTo } from './colours.ts'
import { spanText, usdText } from './phrases.ts'

export interface StepLayout {
  number: number
  id: number
  instance: number
  operation: number
  effect: number
}

/** Widths of the columns, known from the plan before anything happens. */
export function layoutOf(steps: readonly Pick<PlanStep, 'id' | 'instance' | 'operation' | 'effect'>[]): StepLayout {
  const widest = (pick: (step: Pick<PlanStep, 'id' | 'instance' | 'operation' | 'effect'>) => string) =>
    Math.max(0, ...steps.map((step) => pick(step).length))
  return {
    number: String(steps.length).length,
    id: widest(({ id }) => id),
    instance: widest(({ instance }) => instance),
    operation: widest(({ operation }) => operation),
    effect: widest(({ effect }) => effect),
  }
}

export interface StepRow {
  number: number
  step: Pick<PlanStep, 'id' | 'instance' | 'operation' | 'effect' | 'after'>
  /** `running` and `kept` are states of this run only; the others are the record's. */
  state: StepRecord['state'] | 'running' | 'kept'
  record: StepRecord | undefined
  /** Its entry in the witness log, where it was done before. */
  witness?: number
  /** What goes on now: `try 2: answered 503`. */
  activity?: string
}

export function stepLine(row: StepRow, layout: StepLayout, paint: Colours): string {
  const { step } = row
  const head = [
    `${markOf(row, paint)} ${String(row.number).padStart(layout.number)} ${padTo(step.id, layout.id)}`,
    `${padTo(step.instance, layout.instance)} ${padTo(step.operation, layout.operation)}`,
  ].join('  ')
  return `${head}  ${endText(row, layout, paint)}`.trimEnd()
}

function markOf({ state }: StepRow, paint: Colours): string {
  if (state === 'done') return paint.good('✓')
  if (state === 'failed') return paint.bad('✗')
  if (state === 'unknown') return paint.warn('?')
  if (state === 'kept') return '='
  if (state === 'undone') return '↩'
  return state === 'running' || state === 'begun' ? '›' : '·'
}

function endText(row: StepRow, layout: StepLayout, paint: Colours): string {
  const { state, record, step, witness } = row
  if (state === 'running' || state === 'begun')
    return `${padTo(step.effect, layout.effect)}  ${row.activity ?? 'under way'}`
  if (state === 'pending') return `not started${step.after.length > 0 ? ` (after ${step.after.join(', ')})` : ''}`
  if (state === 'skipped') return `skipped${record?.note ? `: ${record.note}` : ''}`
  if (state === 'kept') {
    return `done before${witness === undefined ? '' : ` (witness #${witness})`}, not repeated`
  }
  if (state === 'failed' || state === 'unknown') return failureText(record)
  return doneText(row, layout, paint)
}

function failureText(record: StepRecord | undefined): string {
  const error = record?.error
  if (!error) return record?.state === 'unknown' ? 'began, and nobody can tell whether it happened' : 'failed'
  const request = error.vendorRequestId ?? record.vendorRequestId
  const retries = (record.attempts ?? 1) > 1 ? [`${record.attempts} tries`] : []
  return [`${error.message}  ${error.code}`, ...retries, ...(request ? [`request id ${request}`] : [])].join(' · ')
}

function doneText({ step, state, record }: StepRow, layout: StepLayout, paint: Colours): string {
  const cost = record && record.costMicroUsd > 0 ? formatUsd(record.costMicroUsd) : ''
  const verified = record?.verified === undefined ? '' : record.verified
  const cells = [
    padTo(step.effect, layout.effect),
    (record?.durationMs === undefined ? '' : spanText(record.durationMs)).padStart(7),
    padTo(cost, 6),
    padTo(verified === 'refuted' ? paint.bad(verified) : verified, 9),
    resultName(record?.result) ?? '',
    state === 'undone' ? 'taken back' : '',
    step.after.length > 0 ? paint.faint(`after ${step.after.join(', ')}`) : '',
  ]
  return cells.filter((cell, at) => at < 4 || cell !== '').join('  ')
}

/** What the provider calls the thing that came into being. */
export function resultName(result: JsonObject | null | undefined): string | undefined {
  const id = result?.id
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

/** `$0.73`, or nothing where it was free. */
export const costWord = (usd: number): string[] => (usd > 0 ? [`cost ${usdText(usd)}`] : [])
