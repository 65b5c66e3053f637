// The ledger of budgets that are never overspent: the most that an action may take is held before it leaves, what it took
// replaces the hold afterwards, in all budgets that apply or in none. A hold whose step has begun never expires: it counts
// whole until the outcome is known.
import type { Clock, FabricError, MicroUsd } from '../foundation/index.ts'
import type { CommitResult, Store } from '../store/index.ts'
import { type Budget, checkAmount, type Spending } from './budget.ts'
import { createCalendar } from './budget-calendar.ts'
import { type BudgetLine, linesOf } from './budget-lines.ts'
import type { Hold, HoldResult, Settlement } from './budget-order.ts'
import { openBudgetQueue, releaseOf } from './budget-queue.ts'
import { type BudgetRecord, EMPTY_BUDGET, heldIn, readBudget } from './budget-record.ts'
import { abandonedIn, forgetEnded } from './budget-recovery.ts'
import { refusalOf, shortageOf } from './budget-refusal.ts'

/** How a budget stands in the period of now. */
export interface BudgetStanding {
  budget: Budget
  record: BudgetRecord
  /** When its period ends; null where it never does. */
  endsAtMs: number | null
}

export interface BudgetLedger {
  /**
   * Holds the maximum in every budget and commits what is attached, or neither. IF_ERR_BUDGET_EXCEEDED names what would
   * have fitted, IF_ERR_INVALID_INPUT an amount that can't be counted, IF_ERR_ALREADY_EXISTS an id that was used.
   */
  hold(hold: Hold): Promise<HoldResult>
  /** Replaces a hold by what it took. Settling twice is settling once. IF_ERR_INVALID_INPUT. */
  settle(settlement: Settlement): Promise<CommitResult>
  /** What would be refused now, without holding anything. */
  check(
    maxMicroUsd: MicroUsd,
    budgets: readonly Budget[],
    outflow?: Spending['outflow'],
  ): Promise<FabricError | undefined>
  /** Ends reservations that were left `pending` or whose step never began; returns their ids. */
  recover(hasBegun: (owner: string, id: string) => Promise<boolean>): Promise<string[]>
  /** Forgets reservations that ended before a moment, and periods that were over; returns how many reservations. */
  forget(endedBeforeMs: number): Promise<number>
  view(budget: Budget): Promise<BudgetRecord>
  views(budgets: readonly Budget[]): Promise<BudgetStanding[]>
}

/** Several ledgers on one store, in one process or in many, keep the same books. */
export function openBudgetLedger({ store, clock }: { store: Store; clock: Clock }): BudgetLedger {
  const calendar = createCalendar()
  const queue = openBudgetQueue(store)

  const linesNow = (budgets: readonly Budget[], microUsd: MicroUsd, outflow: Spending['outflow']): BudgetLine[] =>
    linesOf(budgets, outflow ? { microUsd, outflow } : { microUsd }, { calendar, nowMs: clock.now() })

  const viewOf = async (key: string | undefined): Promise<BudgetRecord> =>
    key === undefined ? EMPTY_BUDGET : readBudget(store, key)

  const view = (budget: Budget): Promise<BudgetRecord> => viewOf(calendar.keyOf(budget, clock.now()))

  return {
    async hold({ id, owner, maxMicroUsd, outflow, budgets, writes, log }) {
      const lines = linesNow(budgets, maxMicroUsd, outflow)
      return queue.submit({ kind: 'hold', id, owner, lines, writes, log })
    },
    async settle({ id, actualMicroUsd, actualOutflowMinor = 0, writes, log }) {
      checkAmount('actualMicroUsd', actualMicroUsd)
      checkAmount('actualOutflowMinor', actualOutflowMinor)
      return queue.submit({ kind: 'settle', id, actualMicroUsd, actualOutflowMinor, writes, log })
    },
    async check(maxMicroUsd, budgets, outflow) {
      const shortages = await Promise.all(
        linesNow(budgets, maxMicroUsd, outflow).map(async (line) => {
          const record = await viewOf(line.key)
          return shortageOf(line, { settled: record.settled, held: heldIn(record) })
        }),
      )
      return refusalOf(shortages.filter((shortage) => shortage !== undefined))
    },
    async recover(hasBegun) {
      const abandoned = await abandonedIn(store, hasBegun)
      await Promise.all(abandoned.map((id) => queue.submit(releaseOf(id))))
      return abandoned
    },
    forget: (endedBeforeMs) => forgetEnded(store, endedBeforeMs),
    view,
    views: (budgets) =>
      Promise.all(
        budgets.map(async (budget) => ({
          budget,
          record: await view(budget),
          endsAtMs: calendar.endOf(budget, clock.now()) ?? null,
        })),
      ),
  }
}
