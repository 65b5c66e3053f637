// How promises are kept: a row for each window, with the promise in the head line, and below what burns its error budget.
import type { PerformanceView } from '../../fabric/index.ts'
import type { BurnAlert } from '../../governor/index.ts'
import type { Colours } from './colours.ts'
import { counted, percentText, spanText } from './phrases.ts'
import { table } from './table.ts'

const HEAD = ['window', 'calls', 'success', 'available', 'p50', 'p95', 'p99', 'budget left']

export const performanceText = (views: readonly PerformanceView[], paint: Colours): string =>
  views.map((view) => viewText(view, paint)).join('\n')

function viewText({ kind, name, report }: PerformanceView, paint: Colours): string {
  const { targets: target, burning } = report
  const rows = report.windows.map((window) => [
    windowText(window.window),
    String(window.calls),
    shareText(window.successRate, target.successRate, paint),
    shareText(window.availability, target.availability, paint),
    timeText(window.p50LatencyMs),
    timeText(window.p95LatencyMs),
    late(window.p99LatencyMs, target.p99LatencyMs)
      ? paint.bad(timeText(window.p99LatencyMs))
      : timeText(window.p99LatencyMs),
    budgetText(window.budgetLeft, paint),
  ])
  const promises = `promises ${percentText(target.successRate)} success, ${percentText(target.availability)} available, p99 ${spanText(target.p99LatencyMs)}`
  return [
    `${paint.strong(name)} · ${kind} · ${promises}`,
    table([HEAD.map(paint.faint), ...rows], '  '),
    ...burning.map((alert) => `  ${burnText(alert, paint)}`),
  ].join('\n')
}

/** `! availability: its error budget burns 21 times as fast as it may over 1 h and 5 min, since 2026-11-01T00:00:00.000Z (page)`. */
function burnText({ objective, longRate, shortRate, long, short, severity, since }: BurnAlert, paint: Colours): string {
  const what = objective === 'availability' ? 'availability' : 'success'
  const rate = Number(Math.min(longRate, shortRate).toPrecision(2))
  const windows = `${windowText(long)} and ${windowText(short)}`
  const mark = severity === 'page' ? paint.bad('!') : paint.warn('!')
  return `${mark} ${what}: its error budget burns ${rate} times as fast as it may over ${windows}, since ${since} (${severity})`
}

const UNITS: Record<string, (count: number) => string> = {
  m: (count) => `${count} min`,
  h: (count) => `${count} h`,
  d: (count) => counted(count, 'day'),
}

/** `5m` is `5 min`. */
const windowText = (name: string): string => UNITS[name.slice(-1)]?.(Number(name.slice(0, -1))) ?? name

/** Null where nothing was called. */
const timeText = (ms: number | null): string => (ms === null ? '' : spanText(ms))

const late = (ms: number | null, target: number): boolean => ms !== null && ms > target

function shareText(share: number | null, target: number, paint: Colours): string {
  if (share === null) return ''
  return share < target ? paint.bad(percentText(share)) : percentText(share)
}

/** `40 %`, `used 2.5 times`. */
function budgetText(left: number | null, paint: Colours): string {
  if (left === null) return ''
  return left > 0
    ? percentText(left)
    : paint.bad(left === 0 ? 'used up' : `used ${Number((1 - left).toPrecision(2))} times`)
}
