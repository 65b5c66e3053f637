// The ledger against a model that keeps the same books in a few lines: whatever is held, settled, cut short by a death,
// recovered and carried over midnight, both say the same of every budget.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FabricError, isFabricError } from '../../../src/foundation/index.ts'
import { type Budget, type BudgetRecord, costBudget, heldIn, openBudgetLedger } from '../../../src/governor/index.ts'
import { keyOf, openMemoryStore, segmentsOf } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { DEATH, openPrefixStore, type PrefixStore } from './prefix-store.ts'

const DAY: Budget = costBudget({ name: 'day', limitMicroUsd: 1_000, per: 'day' })
const BUDGETS: readonly Budget[] = [
  DAY,
  costBudget({ name: 'total', limitMicroUsd: 2_500, per: 'total' }),
  costBudget({ name: 'call', limitMicroUsd: 500, per: 'call' }),
  { ...DAY, name: 'soft', limit: 300, hard: false, warnAt: [50] },
  { ...DAY, name: 'payouts', kind: 'outflow', currency: 'GBP', limit: 800, per: 'month' },
  costBudget({ name: 'spent', limitMicroUsd: null, per: 'month' }),
]

/** In the middle of each hold's writes, and after all of them. */
const LONGEST_COMMIT = 10

type Step =
  | { kind: 'hold'; max: number; outflow: number; budgets: readonly Budget[]; dieAfter: number | undefined }
  | { kind: 'settle'; pick: number; actual: number; outflow: number; dieAfter: number | undefined }
  | { kind: 'pass'; hours: number }
  | { kind: 'recover' }

const dieAfter = fc.option(fc.integer({ min: 0, max: LONGEST_COMMIT }), { nil: undefined, freq: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      max: fc.integer({ min: 0, max: 600 }),
      outflow: fc.integer({ min: 0, max: 400 }),
      budgets: fc.subarray([...BUDGETS], { minLength: 1 }),
      dieAfter,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      pick: fc.nat(20),
      actual: fc.integer({ min: 0, max: 600 }),
      outflow: fc.integer({ min: 0, max: 400 }),
      dieAfter,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'recover' as const }) },
)

interface Lines {
  [key: string]: { kind: Budget['kind']; max: number }
}

class Model {
  readonly books = new Map<string, { settled: number; holds: Record<string, number> }>()
  /** Of holds that stand. */
  readonly open = new Map<string, Lines>()
  readonly #day: () => string

  constructor(day: () => string) {
    this.#day = day
  }

  linesOf({ budgets, max, outflow }: { budgets: readonly Budget[]; max: number; outflow: number }): Lines {
    const day = this.#day()
    const counted = budgets.filter(({ kind, per }) => per !== 'call' && (kind === 'cost' || outflow > 0))
    return Object.fromEntries(
      counted.map(({ name, kind, per }) => {
        const period = per === 'day' ? day : per === 'month' ? day.slice(0, 7) : 'total'
        return [keyOf('budget', name, period), { kind, max: kind === 'cost' ? max : outflow }]
      }),
    )
  }

  fits(hold: { budgets: readonly Budget[]; max: number; outflow: number }): boolean {
    const lines = this.linesOf(hold)
    const isCallFine = hold.max <= 500 || !hold.budgets.some(({ per }) => per === 'call')
    return (
      isCallFine && Object.entries(lines).every(([key, { max }]) => max === 0 || this.used(key) + max <= limitOf(key))
    )
  }

  used(key: string): number {
    const book = this.books.get(key)
    return book ? book.settled + heldIn(book) : 0
  }

  hold(id: string, lines: Lines): void {
    this.open.set(id, lines)
    for (const [key, { max }] of Object.entries(lines)) this.#book(key).holds[id] = max
  }

  settle(id: string, actual: { cost: number; outflow: number }): void {
    for (const [key, { kind }] of Object.entries(this.open.get(id) ?? {})) {
      const book = this.#book(key)
      delete book.holds[id]
      book.settled += actual[kind]
    }
    this.open.delete(id)
  }

  #book(key: string) {
    const book = this.books.get(key) ?? { settled: 0, holds: {} }
    this.books.set(key, book)
    return book
  }
}

const limitOf = (key: string): number => {
  const budget = BUDGETS.find(({ name }) => name === segmentsOf(key)[1])
  return budget?.hard ? (budget.limit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
}

async function play(steps: readonly Step[], mortal: PrefixStore | undefined): Promise<void> {
  const store = mortal ?? (await openMemoryStore())
  const clock = heldClock()
  const model = new Model(() => new Date(clock.now()).toISOString().slice(0, 10))
  let ledger = openBudgetLedger({ store, clock })
  let ids = 0
  const hasBegun = async (owner: string) => (await store.get(owner)) !== undefined

  /** The process dies in the middle, another one takes over and recovers. Whether the writes were all made. */
  async function tryToDie(
    writes: number | undefined,
    act: () => Promise<unknown>,
  ): Promise<'done' | FabricError | 'died'> {
    mortal?.dieAfter(writes)
    try {
      await act()
      return 'done'
    } catch (thrown) {
      if (isFabricError(thrown)) return thrown
      expect(thrown).toBe(DEATH)
      return 'died'
    } finally {
      mortal?.dieAfter(undefined)
    }
  }

  const reopen = async () => {
    ledger = openBudgetLedger({ store, clock })
    await ledger.recover(hasBegun)
  }

  for (const move of steps) {
    switch (move.kind) {
      case 'hold': {
        const id = `h${++ids}`
        const owner = keyOf('step', id)
        const lines = model.linesOf(move)
        const fits = model.fits(move)
        const outcome = await tryToDie(move.dieAfter, () =>
          ledger.hold({
            id,
            owner,
            maxMicroUsd: move.max,
            ...(move.outflow > 0 ? { outflow: { currency: 'GBP', amountMinor: move.outflow } } : {}),
            budgets: move.budgets,
            writes: [{ key: owner, value: 'begun', expect: 'absent' }],
            log: [],
          }),
        )
        if (outcome === 'died') await reopen()
        if (outcome === 'done') expect(fits).toBe(true)
        else if (outcome !== 'died') {
          expect(outcome.code).toBe('IF_ERR_BUDGET_EXCEEDED')
          expect(fits).toBe(false)
        }
        // The begin is the last write, so it tells whether all of them were made.
        if (await hasBegun(owner)) model.hold(id, lines)
        break
      }
      case 'settle': {
        const ids = [...model.open.keys()]
        const id = ids[move.pick % ids.length]
        if (id === undefined) break
        const { actual: actualMicroUsd, outflow: actualOutflowMinor } = move
        const settlement = { id, actualMicroUsd, actualOutflowMinor, writes: [], log: [] }
        if ((await tryToDie(move.dieAfter, () => ledger.settle(settlement))) === 'died') {
          await reopen()
          await ledger.settle(settlement) // its step has begun, so somebody settles it
        }
        model.settle(id, { cost: actualMicroUsd, outflow: actualOutflowMinor })
        break
      }
      case 'pass':
        clock.pass(move.hours * 3_600_000)
        break
      case 'recover':
        await reopen()
        break
    }
    const books = new Map<string, { settled: number; holds: Record<string, number> }>()
    for (const { key, value } of await store.range<BudgetRecord>('budget/'))
      if (value.settled > 0 || Object.keys(value.holds).length > 0)
        books.set(key, { settled: value.settled, holds: value.holds })
    const expected = [...model.books].filter(([, { settled, holds }]) => settled > 0 || Object.keys(holds).length > 0)
    expect(books).toEqual(new Map(expected))
  }
}

describe('the ledger and its model', () => {
  it('say the same on an atomic engine', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => play(steps, undefined)),
      { numRuns: 100 },
    )
  })

  it('say the same on an engine that applies a prefix, in whose commits processes die', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => play(steps, await openPrefixStore())),
      { numRuns: 150 },
    )
  })
})
