// The live tree of a run on a terminal: one line a step, redrawn in place, gone when the run has ended. It only draws;
// the result is printed by the command.
import type { PlanStep, RunEvent, StepRecord } from '../../runs/index.ts'
import type { TerminalOutput } from '../io.ts'
import { type Colours, cutTo } from './colours.ts'
import { spanText } from './phrases.ts'
import { type StepLayout, type StepRow, stepLine } from './step-line.ts'

const FRAME_MS = 100

export interface Progress {
  onEvent: (event: RunEvent) => void
  /** Rows as they stand, for the lines that stay. */
  rows: () => StepRow[]
  /** Clears what was drawn and stops drawing. */
  end: () => void
}

export interface FollowOptions {
  terminal: TerminalOutput | undefined
  layout: StepLayout
  paint: Colours
  /** Milliseconds. */
  now: () => number
  /** Witness entries of steps that were done before, by step. */
  witness?: Record<string, number>
  /** What has to be said at once; nothing is drawn where it is said. */
  onWarning?: (text: string) => void
  /** Each step that has ended. */
  onRow?: (row: StepRow) => void
}

/** Follows a run; draws on `terminal` where there is one. */
export function followRun(steps: readonly PlanStep[], options: FollowOptions): Progress {
  const { terminal, paint, now, layout } = options
  const rows = new Map<string, StepRow & { beganAt?: number }>(
    steps.map((step, at) => [step.id, { number: at + 1, step, state: 'pending', record: undefined }]),
  )
  let drawn = 0
  const clear = () => {
    if (drawn > 0) terminal?.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const draw = () => {
    if (!terminal) return
    const lines = visible([...rows.values()], (terminal.rows ?? 24) - 2).map((row) => {
      const activity = row.activity ?? (row.beganAt === undefined ? undefined : spanText(now() - row.beganAt))
      const text = stepLine(activity === undefined ? row : { ...row, activity }, layout, paint)
      return cutTo(text, (terminal.columns ?? 80) - 1)
    })
    clear()
    terminal.write(lines.map((line) => `${line}\n`).join(''))
    drawn = lines.length
  }
  let timer: NodeJS.Timeout | undefined
  const update = (id: string, change: Partial<StepRow> & { beganAt?: number }) => {
    const row = rows.get(id)
    if (row) rows.set(id, { ...row, ...change })
  }
  return {
    onEvent(event) {
      // Not before: until then a question may stand on the terminal.
      if (event.type === 'run.start' && terminal) timer ??= setInterval(draw, FRAME_MS)
      if (event.type === 'step.start') update(event.step, { state: 'running', beganAt: now() })
      if (event.type === 'step.retry') update(event.step, { activity: `try ${event.attempt}: ${event.reason}` })
      if (event.type === 'step.failover')
        update(event.step, { activity: `${event.from}: ${event.reason}; now ${event.to}` })
      if (event.type === 'budget.warning') {
        clear()
        options.onWarning?.(event.text)
      }
      const record = endedRecord(event)
      if (record) {
        update(record.id, { state: event.type === 'step.kept' ? 'kept' : record.state, record })
        const entry = options.witness?.[record.id]
        if (entry !== undefined) update(record.id, { witness: entry })
        const row = rows.get(record.id) ?? extraRow(record, rows.size + 1)
        rows.set(record.id, row)
        options.onRow?.(row)
      }
    },
    rows: () => [...rows.values()],
    end() {
      clearInterval(timer)
      clear()
    },
  }
}

const endedRecord = (event: RunEvent): StepRecord | undefined =>
  event.type === 'step.end' || event.type === 'step.kept' ? event.step : undefined

/** A step that the plan does not list: one that takes another back. */
const extraRow = (record: StepRecord, number: number): StepRow => ({
  number,
  step: { id: record.id, instance: record.instance, operation: record.operation, effect: record.effect, after: [] },
  state: record.state,
  record,
})

/** What fits: all of it, else what is under way or failed first, then the latest that ended. */
function visible<R extends StepRow>(rows: R[], height: number): R[] {
  if (rows.length <= height) return rows
  const rank = ({ state }: R) =>
    state === 'running' ? 0 : state === 'failed' || state === 'unknown' ? 1 : state === 'pending' ? 3 : 2
  const chosen = rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => rank(a.row) - rank(b.row) || (rank(a.row) === 2 ? b.at - a.at : a.at - b.at))
    .slice(0, Math.max(1, height))
  return chosen.sort((a, b) => a.at - b.at).map(({ row }) => row)
}
