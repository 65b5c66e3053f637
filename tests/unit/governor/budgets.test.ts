import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/foundation/index.ts'
import { type BudgetLedger, costBudget, openBudgetLedger } from '../../../src/governor/index.ts'
import { keyOf, openMemoryStore, type Store, type Write } from '../../../src/store/index.ts'
import { openPrefixStore } from './prefix-store.ts'

const NOON = Date.parse('2026-06-15T12:00:00Z')
const clockAt = (now: number): Clock => ({ now: () => now, monotonic: () => now, sleep: async () => undefined })
const clock = clockAt(NOON)

const DAY = costBudget({ name: 'day', limitMicroUsd: 1_000, per: 'day' })
const TOTAL = costBudget({ name: 'total', limitMicroUsd: 1_500, per: 'total' })
const COUNT = costBudget({ name: 'spent', limitMicroUsd: null, per: 'month' })
const ALL = [DAY, TOTAL, COUNT]
const nothing = { writes: [] as Write[], log: [] }

const sumOf = (holds: Record<string, number>): number => Object.values(holds).reduce((sum, hold) => sum + hold, 0)

const holdOf = (id: string, maxMicroUsd: number, more: Partial<Parameters<BudgetLedger['hold']>[0]> = {}) => ({
  id,
  owner: keyOf('step', 'r', id),
  maxMicroUsd,
  budgets: ALL,
  ...nothing,
  ...more,
})

const ENGINES: [name: string, open: () => Promise<Store>][] = [
  ['an atomic engine', () => openMemoryStore()],
  ['an engine that applies a prefix', () => openPrefixStore()],
]

describe.each(ENGINES)('budgets on %s', (_name, open) => {
  const setUp = async () => {
    const store = await open()
    return { store, ledger: openBudgetLedger({ store, clock }) }
  }

  it('hold the maximum in every budget, then count what it cost', async () => {
    const { ledger } = await setUp()

    await ledger.hold(holdOf('a', 700))
    const held = await Promise.all(ALL.map((budget) => ledger.view(budget)))
    await ledger.settle({ id: 'a', actualMicroUsd: 250, ...nothing })

    expect(held).toEqual(Array(3).fill({ settled: 0, holds: { a: 700 } }))
    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 250, holds: {} })
  })

  it('are held up to the limit exactly and not a millionth beyond', async () => {
    const { ledger } = await setUp()
    await ledger.hold(holdOf('a', 600))

    await expect(ledger.hold(holdOf('b', 401))).rejects.toMatchObject({
      code: 'IF_ERR_BUDGET_EXCEEDED',
      details: { budget: 'day', per: 'day', leftMicroUsd: 400, maxMicroUsd: 401, heldMicroUsd: 600 },
      hint: expect.stringContaining('is held'),
    })
    await ledger.hold(holdOf('c', 400))
    expect(sumOf((await ledger.view(DAY)).holds)).toBe(1_000)
  })

  it('are left as they were by a refusal, in the budgets that had room too', async () => {
    const { store, ledger } = await setUp()
    const attached = [{ key: 'begin', value: 1, expect: 'absent' as const }]

    await expect(ledger.hold(holdOf('a', 1_200, { writes: attached }))).rejects.toMatchObject({
      code: 'IF_ERR_BUDGET_EXCEEDED',
    })

    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 0, holds: {} })
    expect(await store.get('begin')).toBeUndefined()
    expect(await ledger.recover(async () => false)).toEqual([])
  })

  it('count a settlement once, however often and at once it is made', async () => {
    const { ledger } = await setUp()
    await ledger.hold(holdOf('a', 700))
    const settle = () => ledger.settle({ id: 'a', actualMicroUsd: 300, ...nothing })

    await Promise.all([settle(), settle()])
    await settle()

    expect(await ledger.view(DAY)).toEqual({ settled: 300, holds: {} })
  })

  it('are freed whole by a settlement of nothing', async () => {
    const { ledger } = await setUp()
    await ledger.hold(holdOf('a', 700))

    await ledger.settle({ id: 'a', actualMicroUsd: 0, ...nothing })
    await ledger.settle({ id: 'a', actualMicroUsd: 500, ...nothing })

    expect(await ledger.view(DAY)).toEqual({ settled: 0, holds: {} })
  })

  it('carry what is attached in the same commit, with its own revisions', async () => {
    const { store, ledger } = await setUp()
    await store.commit([{ key: 'step/1', value: 'pending', expect: 'absent' }])

    const results = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        ledger.hold(holdOf(id, 10, { writes: [{ key: `begin/${id}`, value: id, expect: 'absent' }] })),
      ),
    )
    await ledger.settle({ id: 'a', actualMicroUsd: 1, writes: [{ key: 'end/a', value: 1, expect: 'absent' }], log: [] })

    for (const [at, id] of ['a', 'b', 'c'].entries())
      expect(results[at]?.revisions).toEqual([(await store.get(`begin/${id}`))?.revision])
    expect((await store.get('end/a'))?.value).toBe(1)
  })

  it('refuse only the one whose attached write has lost its race', async () => {
    const { store, ledger } = await setUp()
    await store.commit([{ key: 'begin/b', value: 'another was faster', expect: 'absent' }])

    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((id) =>
        ledger.hold(holdOf(id, 10, { writes: [{ key: `begin/${id}`, value: id, expect: 'absent' }] })),
      ),
    )

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'IF_ERR_CONFLICT' } })
    expect((await ledger.view(DAY)).holds).toEqual({ a: 10, c: 10 })
  })

  it('tell what would be refused without holding it', async () => {
    const { ledger } = await setUp()
    await ledger.hold(holdOf('a', 900))

    expect((await ledger.check(101, ALL))?.code).toBe('IF_ERR_BUDGET_EXCEEDED')
    expect(await ledger.check(100, ALL)).toBeUndefined()
    expect(await ledger.check(1e12, [COUNT])).toBeUndefined()
  })

  it('are freed of what never began, and keep what did', async () => {
    const { ledger } = await setUp()
    await ledger.hold(holdOf('a', 100))
    await ledger.hold(holdOf('b', 200))

    const ended = await ledger.recover(async (owner) => owner.endsWith('b'))

    expect(ended).toEqual(['a'])
    expect((await ledger.view(DAY)).holds).toEqual({ b: 200 })
  })

  it('never hold and count more than the limit, whatever several processes do at once', async () => {
    const step = fc.record({
      ledger: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom('hold', 'settle', 'release'),
      id: fc.integer({ min: 0, max: 9 }),
      amount: fc.integer({ min: 0, max: 600 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 8 }), async (rounds) => {
        const store = await open()
        const ledgers = Array.from({ length: 3 }, () => openBudgetLedger({ store, clock }))
        const maxima = new Map<string, number>()
        let next = 0
        let settled = 0
        for (const round of rounds) {
          const ended = new Set<string>()
          await Promise.all(
            round.map(async ({ ledger: at, kind, id: pick, amount }) => {
              const ledger = ledgers[at] ?? ledgers[0]
              if (!ledger) return
              if (kind === 'hold') {
                const id = `h${next++}`
                await ledger.hold(holdOf(id, amount)).then(
                  () => maxima.set(id, amount),
                  (thrown: { code?: string }) => expect(thrown.code).toBe('IF_ERR_BUDGET_EXCEEDED'),
                )
                return
              }
              const id = [...maxima.keys()][pick]
              if (id === undefined || ended.has(id)) return
              ended.add(id)
              const actual = kind === 'settle' ? Math.min(amount, maxima.get(id) ?? 0) : 0
              maxima.delete(id)
              await ledger.settle({ id, actualMicroUsd: actual, ...nothing })
              settled += actual
            }),
          )
          for (const budget of ALL) {
            const view = await (ledgers[0] as BudgetLedger).view(budget)
            expect(view.settled).toBe(settled)
            expect(view.holds).toEqual(Object.fromEntries(maxima))
            expect(view.settled + sumOf(view.holds)).toBeLessThanOrEqual(budget.limit ?? Number.POSITIVE_INFINITY)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a process that dies in the middle of a commit', () => {
  // A hold is: reservation pending, three budgets, reservation held, the begin that is attached.
  it.each([0, 1, 2, 3, 4, 5])('after %i writes of a hold leaves nothing held once it is recovered', async (writes) => {
    const store = await openPrefixStore()
    const begin = [{ key: 'begin', value: 1, expect: 'absent' as const }]
    store.dieAfter(writes)
    await expect(openBudgetLedger({ store, clock }).hold(holdOf('a', 700, { writes: begin }))).rejects.toThrow()
    store.dieAfter(undefined)

    const ledger = openBudgetLedger({ store, clock })
    await ledger.recover(async () => (await store.get('begin')) !== undefined)

    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 0, holds: {} })
    await ledger.hold(holdOf('b', 1_000))
  })

  // A settlement is: reservation settled, three budgets.
  it.each([0, 1, 2, 3])('after %i writes of a settlement counts the cost once, after recovery', async (writes) => {
    const store = await openPrefixStore()
    const before = openBudgetLedger({ store, clock })
    await before.hold(holdOf('a', 700))
    store.dieAfter(writes)
    await expect(before.settle({ id: 'a', actualMicroUsd: 300, ...nothing })).rejects.toThrow()
    store.dieAfter(undefined)

    const ledger = openBudgetLedger({ store, clock })
    await ledger.recover(async () => true)
    await ledger.settle({ id: 'a', actualMicroUsd: 300, ...nothing })

    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 300, holds: {} })
    expect(await ledger.recover(async () => true)).toEqual([])
  })

  it.each([1, 2, 3])('after %i writes of a settlement counts in all budgets what was said first', async (writes) => {
    const store = await openPrefixStore()
    const ledger = openBudgetLedger({ store, clock })
    await ledger.hold(holdOf('a', 700))
    store.dieAfter(writes)
    await ledger.settle({ id: 'a', actualMicroUsd: 300, ...nothing }).catch(() => undefined)
    store.dieAfter(undefined)

    await ledger.settle({ id: 'a', actualMicroUsd: 500, ...nothing })

    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 300, holds: {} })
  })

  it('before it held everything has not acted, and costs nothing whatever is said of it', async () => {
    const store = await openPrefixStore()
    store.dieAfter(3)
    await expect(openBudgetLedger({ store, clock }).hold(holdOf('a', 700))).rejects.toThrow()
    store.dieAfter(undefined)

    const ledger = openBudgetLedger({ store, clock })
    await ledger.settle({ id: 'a', actualMicroUsd: 300, ...nothing })

    for (const budget of ALL) expect(await ledger.view(budget)).toEqual({ settled: 0, holds: {} })
  })

  it('never lets two that recover at once count twice', async () => {
    const store = await openPrefixStore()
    const before = openBudgetLedger({ store, clock })
    await before.hold(holdOf('a', 700))
    store.dieAfter(2)
    await before.settle({ id: 'a', actualMicroUsd: 300, ...nothing }).catch(() => undefined)
    store.dieAfter(undefined)

    await Promise.all([1, 2].map(() => openBudgetLedger({ store, clock }).recover(async () => true)))

    for (const budget of ALL) expect(await before.view(budget)).toEqual({ settled: 300, holds: {} })
  })
})

describe('a period', () => {
  it('that begins anew has room again, and what was held before is settled where it was held', async () => {
    const store = await openMemoryStore()
    const today = openBudgetLedger({ store, clock })
    await today.hold(holdOf('a', 1_000, { budgets: [DAY] }))
    const tomorrow = openBudgetLedger({ store, clock: clockAt(NOON + 24 * 3_600_000) })

    await tomorrow.hold(holdOf('b', 1_000, { budgets: [DAY] }))
    await tomorrow.settle({ id: 'a', actualMicroUsd: 40, ...nothing })

    expect(await today.view(DAY)).toEqual({ settled: 40, holds: {} })
    expect(await tomorrow.view(DAY)).toEqual({ settled: 0, holds: { b: 1_000 } })
  })
})

it('a store that fails fails all who wait for it, and the ledger works on afterwards', async () => {
  const store = await openMemoryStore()
  let failing: 'get' | 'commit' | undefined
  const broken: Store = {
    ...store,
    capabilities: store.capabilities,
    get: async (key) => {
      if (failing === 'get') throw new Error('closed')
      return store.get(key)
    },
    range: (prefix, options) => store.range(prefix, options),
    commit: async (writes, log) => {
      if (failing === 'commit') throw new Error('disk full')
      return store.commit(writes, log)
    },
  }
  const ledger = openBudgetLedger({ store: broken, clock })

  const holdTwo = () => Promise.allSettled([ledger.hold(holdOf('a', 1)), ledger.hold(holdOf('b', 1))])

  failing = 'commit'
  const unwritten = await holdTwo()
  failing = 'get'
  const unread = await holdTwo()
  failing = undefined
  await ledger.hold(holdOf('c', 1))

  for (const outcomes of [unwritten, unread])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect((await ledger.view(DAY)).holds).toEqual({ c: 1 })
})
