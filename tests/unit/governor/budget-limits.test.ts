// What the limits say beyond plain hard ones: outflows, single calls, soft limits and warnings, and input that is none.
import { describe, expect, it } from 'vitest'
import { type Budget, costBudget, type Hold, openBudgetLedger, unlimited } from '../../../src/governor/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { openPrefixStore } from './prefix-store.ts'

const nothing = { writes: [], log: [] }

const COST = costBudget({ name: 'day', limitMicroUsd: 1_000_000, per: 'day' })
const GBP: Budget = {
  ...COST,
  name: 'payouts',
  kind: 'outflow',
  currency: 'GBP',
  limit: 50_000,
}

const setUp = async () => {
  const store = await openMemoryStore()
  const clock = heldClock()
  const ledger = openBudgetLedger({ store, clock })
  let holds = 0
  const hold = (maxMicroUsd: number, budgets: Budget[], more: Partial<Hold> = {}) => {
    const id = `h${++holds}`
    return ledger.hold({ id, owner: `step/${id}`, maxMicroUsd, budgets, ...nothing, ...more })
  }
  return { store, clock, ledger, hold }
}

const pounds = (amountMinor: number) => ({ outflow: { currency: 'GBP', amountMinor } })

describe('an outflow budget', () => {
  it('counts what payments carry out, apart from what they cost', async () => {
    const { ledger, hold } = await setUp()

    await hold(200, [COST, GBP], pounds(1_250))
    const held = await Promise.all([ledger.view(COST), ledger.view(GBP)])
    await ledger.settle({ id: 'h1', actualMicroUsd: 150, actualOutflowMinor: 1_250, ...nothing })

    expect(held.map(({ holds }) => holds)).toEqual([{ h1: 200 }, { h1: 1_250 }])
    expect(await ledger.view(COST)).toEqual({ settled: 150, holds: {} })
    expect(await ledger.view(GBP)).toEqual({ settled: 1_250, holds: {} })
  })

  it('refuses a penny too much in its own currency, and says what would have fitted', async () => {
    const { ledger, hold } = await setUp()
    await hold(0, [GBP], pounds(20_000))

    await expect(hold(0, [COST, GBP], pounds(30_001))).rejects.toMatchObject({
      code: 'IF_ERR_BUDGET_EXCEEDED',
      message: 'budget payouts (day) has GBP 300.00 left of GBP 500.00, this pays out GBP 300.01',
      hint: 'At most GBP 300.00 would fit. GBP 200.00 is held by actions under way or of unknown outcome.',
      details: { kind: 'outflow', currency: 'GBP', leftMinor: 30_000, maxMinor: 30_001, heldMinor: 20_000 },
    })
    expect((await ledger.check(0, [GBP], pounds(30_001).outflow))?.code).toBe('IF_ERR_BUDGET_EXCEEDED')
    expect(await ledger.check(0, [GBP], pounds(30_000).outflow)).toBeUndefined()
  })

  it('counts no other currency, and nothing of an action that moves nothing', async () => {
    const { ledger, hold } = await setUp()

    await hold(10, [GBP], { outflow: { currency: 'EUR', amountMinor: 9_999_999 } })
    await hold(10, [GBP])

    expect(await ledger.view(GBP)).toEqual({ settled: 0, holds: {} })
  })

  it('takes a currency in any case', async () => {
    const { ledger, hold } = await setUp()

    await hold(0, [GBP], { outflow: { currency: 'gbp', amountMinor: 5 } })

    expect((await ledger.view(GBP)).holds).toEqual({ h1: 5 })
  })

  it('counts a free payment that was made, and none that failed', async () => {
    const { ledger, hold } = await setUp()
    await hold(0, [GBP], pounds(700))
    await hold(0, [GBP], pounds(800))

    await ledger.settle({ id: 'h1', actualMicroUsd: 0, actualOutflowMinor: 700, ...nothing })
    await ledger.settle({ id: 'h2', actualMicroUsd: 0, ...nothing })

    expect(await ledger.view(GBP)).toEqual({ settled: 700, holds: {} })
  })
})

describe('a limit', () => {
  it('on each call refuses the one that is too dear, and counts none', async () => {
    const { ledger, hold } = await setUp()
    const call = costBudget({ name: 'dear', limitMicroUsd: 500_000, per: 'call' })

    await hold(500_000, [call])
    await hold(500_000, [call])

    await expect(hold(500_001, [call])).rejects.toMatchObject({
      message: 'budget dear allows $0.50 a call, this may cost $0.500001',
      hint: expect.stringContaining('At most $0.50 would fit.'),
    })
    expect(await ledger.view(call)).toEqual({ settled: 0, holds: {} })
    await ledger.settle({ id: 'h1', actualMicroUsd: 3, ...nothing })
    expect(await ledger.recover(async () => false)).toEqual(['h2'])
  })

  it('that is passed by several budgets tells of the tightest and names the others', async () => {
    const { hold } = await setUp()
    const tight = costBudget({ name: 'tight', limitMicroUsd: 10, per: 'month' })
    const wide = costBudget({ name: 'wide', limitMicroUsd: 20, per: 'total' })

    await expect(hold(30, [wide, tight, COST])).rejects.toMatchObject({
      hint: 'At most $0.00001 would fit. Raise the limit in config.yaml or wait for the next month.',
      details: { budget: 'tight', leftMicroUsd: 10, others: ['wide'] },
    })
  })

  it('of nothing lets nothing through but what is free', async () => {
    const { hold } = await setUp()
    const none = costBudget({ name: 'none', limitMicroUsd: 0, per: 'run' })

    await expect(hold(1, [none])).rejects.toMatchObject({ hint: "Nothing fits. Raise the playbook's budget." })
    expect(await hold(0, [none])).toMatchObject({ warnings: [] })
  })

  it('that is passed by what it came to in the end refuses what costs, and nothing that is free', async () => {
    const { ledger, hold } = await setUp()
    await hold(900_000, [COST])
    await ledger.settle({ id: 'h1', actualMicroUsd: 1_100_000, ...nothing })

    await expect(hold(1, [COST])).rejects.toMatchObject({ details: { leftMicroUsd: 0 } })
    await expect(hold(0, [COST])).resolves.toBeDefined()
  })

  it('does not hold for what must go through, which is counted all the same', async () => {
    const { ledger, hold } = await setUp()

    await hold(5_000_000, [COST].map(unlimited))

    expect((await ledger.view(COST)).holds).toEqual({ h1: 5_000_000 })
  })

  it('of the hour has room again when the hour of its zone is over', async () => {
    const { clock, hold } = await setUp()
    const hour: Budget = { ...COST, per: 'hour', timeZone: 'Asia/Kolkata' } // half past
    await hold(1_000_000, [hour])

    clock.pass(29 * 60_000)
    await expect(hold(1, [hour])).rejects.toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED' })
    clock.pass(60_000)
    await expect(hold(1_000_000, [hour])).resolves.toBeDefined()
  })
})

describe('warnings', () => {
  const WARNED: Budget = { ...COST, warnAt: [75, 90] }

  it('are given by the hold that reaches a mark, once a period', async () => {
    const { clock, hold } = await setUp()
    const marks = async (max: number) => (await hold(max, [WARNED])).warnings.map(({ mark }) => mark)

    expect(await marks(749_999)).toEqual([])
    expect(await marks(1)).toEqual([75])
    expect(await marks(1)).toEqual([])
    expect(await marks(200_000)).toEqual([90])
    clock.pass(24 * 3_600_000)
    expect(await marks(950_000)).toEqual([75, 90])
  })

  it('say how much of what is used', async () => {
    const { hold } = await setUp()

    expect((await hold(800_000, [WARNED])).warnings).toEqual([
      {
        budget: 'day',
        kind: 'cost',
        currency: 'USD',
        per: 'day',
        mark: 75,
        used: 800_000,
        limit: 1_000_000,
        text: 'budget day (day) has passed 75 %: $0.80 of $1.00',
      },
    ])
  })

  it('are all that a soft limit does', async () => {
    const { ledger, hold } = await setUp()
    const soft: Budget = { ...GBP, hard: false, warnAt: [50] }

    const first = await hold(0, [soft], pounds(50_001))
    const second = await hold(0, [soft], pounds(1))

    expect(first.warnings.map(({ text }) => text)).toEqual([
      'budget payouts (day) has passed 50 %: GBP 500.01 of GBP 500.00',
      'budget payouts (day) is over its soft limit: GBP 500.01 of GBP 500.00',
    ])
    expect(second.warnings).toEqual([])
    expect((await ledger.view(soft)).holds).toEqual({ h1: 50_001, h2: 1 })
  })

  it('of a soft limit on calls come with each call that passes it', async () => {
    const { hold } = await setUp()
    const soft: Budget = { ...COST, per: 'call', hard: false, warnAt: [75] }

    const marks = [await hold(1_000_001, [soft]), await hold(1_000_001, [soft]), await hold(999_999, [soft])].map(
      ({ warnings }) => warnings.map(({ mark }) => mark),
    )

    expect(marks).toEqual([['over'], ['over'], []])
  })

  it('are given to one of many that hold at once', async () => {
    const { hold } = await setUp()

    const results = await Promise.all(Array.from({ length: 10 }, () => hold(100_000, [WARNED])))

    expect(results.flatMap(({ warnings }) => warnings.map(({ mark }) => mark))).toEqual([75, 90])
  })

  it('are not given where the hold is refused', async () => {
    const { hold } = await setUp()
    const other = costBudget({ name: 'other', limitMicroUsd: 1, per: 'total' })

    await expect(hold(800_000, [WARNED, other])).rejects.toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED' })
    expect((await hold(800_000, [WARNED])).warnings.map(({ mark }) => mark)).toEqual([75])
  })
})

describe('input that is none', () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'is refused before anything is written: %d',
    async (amount) => {
      const { store, ledger, hold } = await setUp()
      await hold(10, [COST])
      const before = await store.range('')
      const refused = { code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining(String(amount)) }

      await expect(hold(amount, [COST])).rejects.toMatchObject(refused)
      await expect(hold(1, [GBP], pounds(amount))).rejects.toMatchObject(refused)
      await expect(hold(1, [{ ...COST, limit: amount }])).rejects.toMatchObject(refused)
      await expect(ledger.settle({ id: 'h1', actualMicroUsd: amount, ...nothing })).rejects.toMatchObject(refused)
      await expect(
        ledger.settle({ id: 'h1', actualMicroUsd: 0, actualOutflowMinor: amount, ...nothing }),
      ).rejects.toMatchObject(refused)
      await expect(ledger.check(amount, [COST])).rejects.toMatchObject(refused)

      expect(await store.range('')).toEqual(before)
    },
  )

  it.each([
    ['a currency that nobody has', [GBP], { outflow: { currency: 'XXQ', amountMinor: 1 } }],
    ['a budget in a currency that nobody has', [{ ...GBP, currency: 'XXQ' }], pounds(1)],
    ['costs that are counted in pounds', [{ ...COST, currency: 'GBP' }], {}],
    ['a time zone that is none', [{ ...COST, timeZone: 'Mars/Olympus' }], {}],
  ] as const)('is refused: %s', async (_title, budgets, more) => {
    const { store, hold } = await setUp()

    await expect(hold(1, [...budgets], more)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })

    expect(await store.range('')).toEqual([])
  })

  it('is a sum that can no longer be counted exactly; what shares its commit goes through', async () => {
    const { ledger, hold } = await setUp()
    const count = unlimited(COST)
    await hold(Number.MAX_SAFE_INTEGER - 1, [count])

    const outcomes = await Promise.allSettled([hold(2, [count]), hold(1, [count])])

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(outcomes[0]).toMatchObject({ reason: { code: 'IF_ERR_INVALID_INPUT' } })
    expect((await ledger.view(count)).holds).toMatchObject({ h3: 1 })
  })

  it.each([
    ['an atomic engine', openMemoryStore],
    ['an engine that applies a prefix', openPrefixStore],
  ])('is an id that was used, which leaves what it holds, on %s', async (_title, open) => {
    const ledger = openBudgetLedger({ store: await open(), clock: heldClock() })
    const again = { id: 'h1', owner: 'step/h1', budgets: [COST], ...nothing }

    const outcomes = await Promise.allSettled([
      ledger.hold({ ...again, maxMicroUsd: 10 }),
      ledger.hold({ ...again, maxMicroUsd: 20 }),
    ])
    await expect(ledger.hold({ ...again, maxMicroUsd: 30 })).rejects.toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((await ledger.view(COST)).holds).toEqual({ h1: 10 })
  })
})

describe('the ledger', () => {
  it('shows how each budget stands and when its period ends', async () => {
    const { ledger, hold } = await setUp()
    const total = costBudget({ name: 'total', limitMicroUsd: null, per: 'total' })
    await hold(5, [COST, total])

    expect(await ledger.views([COST, total])).toEqual([
      { budget: COST, record: { settled: 0, holds: { h1: 5 } }, endsAtMs: Date.parse('2026-06-16T00:00:00Z') },
      { budget: total, record: { settled: 0, holds: { h1: 5 } }, endsAtMs: null },
    ])
  })

  it('forgets periods that are over, and none that still holds something or never ends', async () => {
    const { store, clock, ledger } = await setUp()
    const total = costBudget({ name: 'total', limitMicroUsd: null, per: 'total' })
    const [first, second] = ['01KV4D6R00AAAAAAAAAAAAAAAA', '01KV4D6R00BBBBBBBBBBBBBBBB']
    await ledger.hold({ id: first, owner: 'a', maxMicroUsd: 5, budgets: [COST, total], ...nothing })
    await ledger.settle({ id: first, actualMicroUsd: 5, ...nothing })
    const held = { ...COST, name: 'held' }
    await ledger.hold({ id: second, owner: 'b', maxMicroUsd: 5, budgets: [held], ...nothing })

    clock.pass(40 * 24 * 3_600_000)
    const forgotten = await ledger.forget(clock.now() - 10 * 24 * 3_600_000)

    expect(forgotten).toBe(1)
    expect((await store.range('budget/')).map(({ key }) => key)).toEqual([
      'budget/held/2026-06-15',
      'budget/total/total',
    ])
    expect((await store.range('reservation/')).map(({ key }) => key)).toEqual([`reservation/${second}`])
  })
})
