import { describe, expect, it } from 'vitest'
import { createCalendar, wasOver } from '../../../src/governor/budget-calendar.ts'
import { type BudgetPer, costBudget } from '../../../src/governor/index.ts'

const calendar = createCalendar()
const budgetOf = (per: BudgetPer, timeZone = 'UTC') => ({
  ...costBudget({ name: 'a/b', limitMicroUsd: 1, per }),
  timeZone,
})
const at = (text: string): number => Date.parse(text)
const textOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString()

const SUMMER_EVENING = at('2026-06-30T23:30:00Z')

describe('a period', () => {
  it.each([
    ['hour', 'UTC', '2026-06-30T23+0000'],
    ['day', 'UTC', '2026-06-30'],
    ['month', 'UTC', '2026-06'],
    ['day', 'Europe/London', '2026-07-01'],
    ['month', 'Europe/London', '2026-07'],
    ['hour', 'Europe/London', '2026-07-01T00+0100'],
    ['hour', 'America/St_Johns', '2026-06-30T21-0230'],
    ['day', 'Pacific/Kiritimati', '2026-07-01'],
    ['total', 'UTC', 'total'],
    ['run', 'UTC', 'run'],
    ['call', 'UTC', 'call'],
  ] as const)('per %s in %s is %s', (per, timeZone, period) => {
    expect(calendar.periodOf(budgetOf(per, timeZone), SUMMER_EVENING)).toBe(period)
  })

  it('has a record of its own, and a call has none', () => {
    expect(calendar.keyOf(budgetOf('day'), SUMMER_EVENING)).toBe('budget/a%2Fb/2026-06-30')
    expect(calendar.keyOf(budgetOf('call'), SUMMER_EVENING)).toBeUndefined()
  })

  it.each([
    ['hour', 'UTC', '2026-06-30T23:30:00Z', '2026-07-01T00:00:00.000Z'],
    ['day', 'UTC', '2026-06-30T23:30:00Z', '2026-07-01T00:00:00.000Z'],
    ['month', 'UTC', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
    ['month', 'UTC', '2026-07-01T00:00:00Z', '2026-08-01T00:00:00.000Z'],
    ['day', 'Europe/London', '2026-06-30T23:30:00Z', '2026-07-01T23:00:00.000Z'],
    ['hour', 'Asia/Kolkata', '2026-06-30T23:40:00Z', '2026-07-01T00:30:00.000Z'],
    // 25 hours, and 23.
    ['day', 'Europe/London', '2026-10-24T23:00:00Z', '2026-10-26T00:00:00.000Z'],
    ['day', 'Europe/London', '2026-03-29T00:00:00Z', '2026-03-29T23:00:00.000Z'],
    ['month', 'America/New_York', '2026-02-01T05:00:00Z', '2026-03-01T05:00:00.000Z'],
  ] as const)('per %s in %s that holds %s ends at %s', (per, timeZone, now, end) => {
    const budget = budgetOf(per, timeZone)

    const endsAt = calendar.endOf(budget, at(now)) ?? 0

    expect(textOf(endsAt)).toBe(end)
    expect(calendar.periodOf(budget, endsAt - 1)).toBe(calendar.periodOf(budget, at(now)))
  })

  it.each(['total', 'run', 'call'] as const)('per %s never ends', (per) => {
    expect(calendar.endOf(budgetOf(per), SUMMER_EVENING)).toBeUndefined()
  })

  it('of an hour that comes twice when clocks are set back comes once', () => {
    const budget = budgetOf('hour', 'Europe/London')

    expect(calendar.periodOf(budget, at('2026-10-25T00:30:00Z'))).toBe('2026-10-25T01+0100')
    expect(calendar.periodOf(budget, at('2026-10-25T01:30:00Z'))).toBe('2026-10-25T01+0000')
  })

  it('in a time zone that is none is refused by its name', () => {
    expect(() => calendar.periodOf(budgetOf('day', 'Mars/Olympus'), SUMMER_EVENING)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining('Mars/Olympus') }),
    )
  })

  it.each([
    ['2026-06-30', '2026-07-02T00:00:00Z', true],
    ['2026-06-30', '2026-07-01T23:59:59Z', false],
    ['2026-06-30T23+0000', '2026-07-02T00:00:00Z', true],
    ['2026-12', '2027-01-02T00:00:00Z', true],
    ['2026-12', '2026-12-31T00:00:00Z', false],
    ['total', '2099-01-01T00:00:00Z', false],
    ['run', '2099-01-01T00:00:00Z', false],
  ])('%s was over by %s: %s', (period, moment, over) => {
    expect(wasOver(period, at(moment))).toBe(over)
  })
})
