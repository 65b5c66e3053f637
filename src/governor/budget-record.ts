// What the store keeps of budgets: one record a budget and period, one record a reservation.
import { keyOf, type Store } from '../store/index.ts'
import type { Budget } from './budget.ts'

/** Amounts are micro-USD of a cost, minor units of an outflow. */
export type BudgetRecord = {
  settled: number
  /** Reserved, by reservation id. */
  holds: Record<string, number>
  /** Warnings that were given. */
  warned?: BudgetMark[]
}

/** A percent of the limit, or `over` the limit. */
export type BudgetMark = number | 'over'

export type ReservationRecord = {
  state: 'pending' | 'held' | 'settled' | 'released'
  /** Key of the step that it is for. */
  owner: string
  lines: ReservationLine[]
  actualMicroUsd?: number
  actualOutflowMinor?: number
}

export type ReservationLine = { budget: string; kind: Budget['kind']; key: string; max: number }

export const EMPTY_BUDGET: BudgetRecord = { settled: 0, holds: {} }

export const reservationKey = (id: string): string => keyOf('reservation', id)

export async function readBudget(store: Store, key: string): Promise<BudgetRecord> {
  return budgetIn((await store.get<BudgetRecord>(key))?.value)
}

/** As it is read: a record that says its sum in another way must not count as nothing, nor as NaN. */
export function budgetIn(value: (BudgetRecord & { settledMicroUsd?: number }) | undefined): BudgetRecord {
  if (!value || Number.isSafeInteger(value.settled)) return value ?? EMPTY_BUDGET
  const { settledMicroUsd = 0, ...rest } = value
  return { ...rest, settled: settledMicroUsd }
}

/** What actions under way, or of unknown outcome, hold. */
export const heldIn = ({ holds }: BudgetRecord): number => Object.values(holds).reduce((sum, hold) => sum + hold, 0)
