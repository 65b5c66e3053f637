import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/foundation/index.ts'
import { systemClock } from '../../../src/foundation/index.ts'
import { costBudget, openBudgetLedger } from '../../../src/governor/index.ts'
import { sweepDaily } from '../../../src/runs/index.ts'
import { keyOf, openMemoryStore } from '../../../src/store/index.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW = Date.parse('2026-11-01T12:00:00Z')

async function home() {
  const store = await openMemoryStore({})
  let now = NOW
  const clock: Clock = { ...systemClock, now: () => now }
  const ledger = openBudgetLedger({ store, clock })
  const sweep = () => sweepDaily({ store, clock, ledger, keepDays: 30 })
  const put = (key: string, value: object | string) => store.commit([{ key, value: value as never, expect: 'any' }])
  const has = async (key: string) => (await store.get(key)) !== undefined
  return { store, ledger, sweep, put, has, later: (ms: number) => (now += ms) }
}

const run = (id: string, state: string, endedAt: number) => ({
  id,
  state,
  startedAt: new Date(endedAt).toISOString(),
  endedAt: new Date(endedAt).toISOString(),
  holder: null,
  steps: ['a'],
})

describe('a home', () => {
  it('forgets runs that ended before the kept days, with steps, tries and what points at them', async () => {
    const { sweep, put, has } = await home()
    await put(keyOf('run', 'OLD'), run('OLD', 'done', NOW - 31 * DAY_MS))
    await put(keyOf('step', 'OLD', 'a'), { run: 'OLD', id: 'a', state: 'done' })
    await put(keyOf('attempts', 'OLD', 'a'), { at: new Date(NOW).toISOString() })
    await put(keyOf('applied', 'PLAN'), 'OLD')
    await put(keyOf('task-run', 'task', 'OLD'), 'digest')
    await put(keyOf('task-run', 'task', 'NEW'), 'digest')
    await put(keyOf('run', 'NEW'), run('NEW', 'done', NOW - 29 * DAY_MS))

    await sweep()

    for (const key of [
      keyOf('run', 'OLD'),
      keyOf('step', 'OLD', 'a'),
      keyOf('attempts', 'OLD', 'a'),
      keyOf('applied', 'PLAN'),
      keyOf('task-run', 'task', 'OLD'),
    ])
      expect(await has(key)).toBe(false)
    expect(await has(keyOf('run', 'NEW'))).toBe(true)
    expect(await has(keyOf('task-run', 'task', 'NEW'))).toBe(true)
  })

  it('keeps a failed run while one of its steps may have happened', async () => {
    const { sweep, put, has } = await home()
    await put(keyOf('run', 'OLD'), run('OLD', 'failed', NOW - 90 * DAY_MS))
    await put(keyOf('step', 'OLD', 'a'), { run: 'OLD', id: 'a', state: 'failed', uncertain: true })

    await sweep()

    expect(await has(keyOf('run', 'OLD'))).toBe(true)
  })

  it('forgets tries after seven days', async () => {
    const { sweep, put, has } = await home()
    await put(keyOf('attempts', 'R', 'old'), { at: new Date(NOW - 8 * DAY_MS).toISOString() })
    await put(keyOf('attempts', 'R', 'new'), { at: new Date(NOW - 6 * DAY_MS).toISOString() })

    await sweep()

    expect(await has(keyOf('attempts', 'R', 'old'))).toBe(false)
    expect(await has(keyOf('attempts', 'R', 'new'))).toBe(true)
  })

  it('frees a hold whose step never began, and keeps one whose step did', async () => {
    const { sweep, put, ledger } = await home()
    const budget = costBudget({ name: 'day', limitMicroUsd: 1_000, per: 'total' })
    const hold = (id: string, step: string) =>
      ledger.hold({ id, owner: keyOf('step', 'R', step), maxMicroUsd: 100, budgets: [budget], writes: [], log: [] })
    await hold('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'never')
    await hold('01ARZ3NDEKTSV4RRFFQ69G5FAW', 'begun')
    await put(keyOf('step', 'R', 'never'), { state: 'pending' })
    await put(keyOf('step', 'R', 'begun'), { state: 'begun' })

    await sweep()

    expect((await ledger.view(budget)).holds).toEqual({ '01ARZ3NDEKTSV4RRFFQ69G5FAW': 100 })
  })

  it('sweeps once a day', async () => {
    const { sweep, later } = await home()

    expect([await sweep(), await sweep()]).toEqual([true, false])
    later(DAY_MS)
    expect(await sweep()).toBe(true)
  })
})
