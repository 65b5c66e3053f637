// The periods of budgets: calendar hours, days and months of a time zone, each with a name that sorts and never comes
// twice, also where clocks are set back.
import { FabricError } from '../foundation/index.ts'
import { keyOf } from '../store/index.ts'
import type { Budget } from './budget.ts'

export interface BudgetCalendar {
  /** Name of the period that a moment is in: `2026-06-15T14+0100`, `2026-06-15`, `2026-06`, `total`, `run`. IF_ERR_INVALID_INPUT for an unknown time zone. */
  periodOf(budget: Budget, nowMs: number): string
  /** The first moment that is not in it any more; undefined where it never ends. */
  endOf(budget: Budget, nowMs: number): number | undefined
  /** Key of the record of that period; undefined where each action is limited by itself and nothing is counted. */
  keyOf(budget: Budget, nowMs: number): string | undefined
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Longer than any such period, with its hour that comes twice, and shorter than two. */
const LONGEST_MS = { hour: 1.5 * HOUR_MS, day: 1.5 * DAY_MS, month: 32 * DAY_MS }

/** Keeps what it has made for each time zone: making it takes longer than paying. */
export function createCalendar(): BudgetCalendar {
  const formats = new Map<string, Intl.DateTimeFormat>()

  const hourIn = (timeZone: string, nowMs: number): string => {
    if (timeZone === 'UTC') return `${new Date(nowMs).toISOString().slice(0, 13)}+0000`
    const format = formats.get(timeZone) ?? formatOf(timeZone)
    formats.set(timeZone, format)
    const parts = Object.fromEntries(format.formatToParts(nowMs).map(({ type, value }) => [type, value]))
    const offset = (parts.timeZoneName ?? '').replace('GMT', '').replace(':', '') || '+0000'
    return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}${offset}`
  }

  const periodOf = ({ per, timeZone }: Budget, nowMs: number): string => {
    const hour = hourIn(timeZone, nowMs)
    return { call: 'call', hour, day: hour.slice(0, 10), month: hour.slice(0, 7), total: 'total', run: 'run' }[per]
  }

  return {
    periodOf,
    endOf(budget, nowMs) {
      const { per } = budget
      if (per === 'call' || per === 'total' || per === 'run') return undefined
      const now = periodOf(budget, nowMs)
      // Zones change by whole minutes: the last one inside and the first one outside close in on each other.
      let inside = Math.floor(nowMs / MINUTE_MS)
      let outside = Math.ceil((nowMs + LONGEST_MS[per]) / MINUTE_MS)
      while (outside - inside > 1) {
        const middle = Math.floor((inside + outside) / 2)
        if (periodOf(budget, middle * MINUTE_MS) === now) inside = middle
        else outside = middle
      }
      return outside * MINUTE_MS
    },
    keyOf: (budget, nowMs) =>
      budget.per === 'call' ? undefined : keyOf('budget', budget.name, periodOf(budget, nowMs)),
  }
}

/** Whether the period of that name was over everywhere on earth; those without an end never are. */
export function wasOver(period: string, atMs: number): boolean {
  const [year, month, day] = period.split(/[-T]/).map(Number)
  if (!year || !month) return false
  const end = day ? Date.UTC(year, month - 1, day + 1) : Date.UTC(year, month, 1)
  return end + DAY_MS <= atMs
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
  } catch (cause) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(timeZone)} is not a time zone`, {
      hint: 'Use an IANA name, such as Europe/London.',
      cause,
    })
  }
}
