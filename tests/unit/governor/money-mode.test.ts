import { describe, expect, it } from 'vitest'
import { type Budget, type BudgetStanding, costBudget, moneyModeOf } from '../../../src/governor/index.ts'

const standing = (
  name: string,
  limit: number | null,
  used: { settled?: number; held?: number; more?: Partial<Budget> } = {},
): BudgetStanding => ({
  budget: { ...costBudget({ name, limitMicroUsd: limit, per: 'day' }), ...used.more },
  record: { settled: used.settled ?? 0, holds: { a: used.held ?? 0 } },
  endsAtMs: null,
})

describe('the money mode', () => {
  it.each([
    [0, 'normal'],
    [499, 'normal'],
    [500, 'focus'],
    [799, 'focus'],
    [800, 'consolidate'],
    [999, 'consolidate'],
    [1_000, 'stop'],
    [1_200, 'stop'],
  ])('with %i of 1,000 spent is %s', (settled, mode) => {
    expect(moneyModeOf([standing('day', 1_000, { settled })])).toEqual({
      mode,
      budget: 'day',
      leftMicroUsd: Math.max(0, 1_000 - settled),
      limitMicroUsd: 1_000,
    })
  })

  it('counts what is held as spent', () => {
    expect(moneyModeOf([standing('day', 1_000, { settled: 400, held: 400 })]).mode).toBe('consolidate')
  })

  it('is that of the budget with the least share left', () => {
    const standings = [standing('big', 10_000, { settled: 6_000 }), standing('small', 100, { settled: 90 })]

    expect(moneyModeOf(standings)).toMatchObject({ mode: 'consolidate', budget: 'small', leftMicroUsd: 10 })
  })

  it('asks nothing of budgets that refuse nobody, of outflows, or of what limits each call by itself', () => {
    const full = { settled: 1_000 }

    const state = moneyModeOf([
      standing('soft', 1_000, { ...full, more: { hard: false } }),
      standing('count', null, full),
      standing('payouts', 1_000, { ...full, more: { kind: 'outflow', currency: 'GBP' } }),
      standing('call', 1_000, { ...full, more: { per: 'call' } }),
    ])

    expect(state).toEqual({ mode: 'normal', budget: null, leftMicroUsd: null, limitMicroUsd: null })
  })

  it('is stop where the limit is nothing', () => {
    expect(moneyModeOf([standing('none', 0)]).mode).toBe('stop')
  })
})
