// What is asked of the ledger: hold the most that an action may take, or replace the hold by what it took.
import type { FabricError, MicroUsd } from '../foundation/index.ts'
import type { CommitResult, LogEntry, Write } from '../store/index.ts'
import type { Budget, Spending } from './budget.ts'
import type { BudgetLine } from './budget-lines.ts'
import type { BudgetWarning } from './budget-warnings.ts'

/** What goes into the same commit. */
export interface Attached {
  writes: Write[]
  log: LogEntry[]
}

export interface Hold extends Attached {
  /** A ULID, used once. */
  id: string
  /** Key of the record that says whether it has begun. */
  owner: string
  maxMicroUsd: MicroUsd
  /** What a payment carries out. Default: nothing. */
  outflow?: Spending['outflow']
  budgets: readonly Budget[]
}

/** Revisions and sequences of what was attached, and what this hold gives reason to warn of. */
export interface HoldResult extends CommitResult {
  warnings: BudgetWarning[]
}

export interface Settlement extends Attached {
  id: string
  actualMicroUsd: MicroUsd
  /** In the currency that was held. Default: nothing was moved. */
  actualOutflowMinor?: number
}

export type Order =
  | ({ kind: 'hold'; id: string; owner: string; lines: readonly BudgetLine[] } & Attached)
  | ({ kind: 'settle'; id: string; actualMicroUsd: number; actualOutflowMinor: number } & Attached)

/** An order and whoever waits for it. */
export interface Waiting {
  order: Order
  resolve: (result: HoldResult) => void
  reject: (reason: unknown) => void
}

export interface Refused {
  waiting: Waiting
  reason: FabricError
}
