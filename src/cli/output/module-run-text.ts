// What a module's run leaves for people beside its answer: what it logged, what it had done, what it used.
import type { ModuleCall, ModuleRun } from '../../fabric/index.ts'
import { shortId } from '../../foundation/index.ts'
import type { Colours } from './colours.ts'
import { bytesText, counted, groupedText, spanText } from './phrases.ts'
import { printable, printableLine } from './printable.ts'
import { table } from './table.ts'

type LogLine = ModuleRun['log'][number]

/** `warn  no answer yet`; a module's text never reaches the terminal as control characters. */
export const logText = ({ level, text }: LogLine, paint: Colours): string => {
  const mark = level === 'error' ? paint.bad(level) : level === 'warn' ? paint.warn(level) : paint.faint(level)
  return `${mark}${' '.repeat(7 - level.length)}${printable(text).replaceAll('\n', `\n${' '.repeat(7)}`)}`
}

/** `12 ms · 2 calls · triage 1.0.0`. */
export const runLine = ({ module, wallMs, calls }: ModuleRun): string =>
  [
    spanText(wallMs),
    ...(calls.length > 0 ? [counted(calls.length, 'call')] : []),
    `${module.id} ${module.version}`,
  ].join(' · ')

/** Fuel, memory, time, and each call with its run. */
export function usageText({ usage, wallMs, calls, export: of, module }: ModuleRun, paint: Colours): string {
  const head = [
    `${of} of ${module.id} ${module.version} (sha256 ${module.digest.slice(0, 12)})`,
    `fuel ${groupedText(usage.fuel)}`,
    `memory ${bytesText(usage.memoryBytes)}`,
    `CPU ${spanText(usage.cpuMs)} of ${spanText(wallMs)}`,
    counted(usage.hostCalls, 'host call'),
  ].join(' · ')
  return calls.length === 0 ? head : `${head}\n${callsText(calls, paint)}`
}

/** A line each: what it called where, and the run that `ifab run show` knows. */
export const callsText = (calls: readonly ModuleCall[], paint: Colours): string =>
  table(
    calls.map(({ instance, operation, run, state, error }, at) => [
      String(at + 1),
      paint.strong(printableLine(instance)),
      printableLine(operation),
      error === null ? state : paint.bad(state),
      run !== null ? `run ${shortId(run)}` : error === null ? 'read' : '',
      error === null ? '' : printableLine(error),
    ]),
    '  ',
  )
