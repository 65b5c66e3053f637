// What paying costs: actions that hold and settle on six budgets at once, each commit durable, and one after the other.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, ulid } from '../../src/foundation/index.ts'
import {
  type BudgetLedger,
  type BudgetRule,
  budgetsFor,
  costBudget,
  openBudgetLedger,
} from '../../src/governor/index.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'

const AT_ONCE = 1_000
const IN_A_ROW = 300

export interface BudgetFigures {
  /** Holds and settlements of 1,000 actions at once. */
  ordersPerSecond: number
  /** Of one hold, with its commit, while nothing else goes on. */
  p50HoldMs: number
  p99HoldMs: number
  /** Which budgets apply to one action. */
  budgetsForNs: number
}

const rule = (name: string, each: BudgetRule['each']): BudgetRule => ({
  ...costBudget({ name, limitMicroUsd: 1e12, per: 'day' }),
  of: { operation: 'payment.*' },
  each,
})

const RULES: BudgetRule[] = [
  rule('fabric', []),
  rule('provider', ['provider']),
  rule('actor', ['actor']),
  rule('swarm', ['swarm']),
  rule('session', ['swarm', 'session']),
  rule('operation', ['swarm', 'session', 'operation']),
]

const FACTS = {
  session: 's-1',
  swarm: 'desk',
  provider: 'stripe',
  instance: 'shop',
  operation: 'payment.create',
  actor: 'if://agent/desk',
}

/** Prints what `measureBudgets` finds. */
export async function benchBudgets(): Promise<void> {
  const { ordersPerSecond, p50HoldMs, p99HoldMs, budgetsForNs } = await measureBudgets()
  console.log(`holding ${RULES.length} budgets, durable`)
  console.log(`  ${AT_ONCE} actions at once: ${Math.round(ordersPerSecond)} holds and settlements a second`)
  console.log(`  one after the other: hold p50 ${p50HoldMs.toFixed(2)} ms, p99 ${p99HoldMs.toFixed(2)} ms`)
  console.log(`  which budgets apply: ${(budgetsForNs / 1_000).toFixed(1)} µs`)
}

/** Measures for a few seconds. */
export async function measureBudgets(): Promise<BudgetFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-budgets-'))
  const store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  try {
    const ledger = openBudgetLedger({ store, clock: systemClock })
    await payOne(ledger)
    const start = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, () => payOne(ledger)))
    const ordersPerSecond = (2 * AT_ONCE * 1_000) / (performance.now() - start)
    const holds: number[] = []
    for (let at = 0; at < IN_A_ROW; at++) holds.push(await payOne(ledger))
    holds.sort((a, b) => a - b)
    return {
      ordersPerSecond,
      p50HoldMs: holds[Math.floor(IN_A_ROW * 0.5)] ?? 0,
      p99HoldMs: holds[Math.floor(IN_A_ROW * 0.99)] ?? 0,
      budgetsForNs: measureBudgetsFor(),
    }
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** How long its hold took. */
async function payOne(ledger: BudgetLedger): Promise<number> {
  const id = ulid()
  const start = performance.now()
  const budgets = budgetsFor(RULES, FACTS)
  await ledger.hold({ id, owner: `step/${id}`, maxMicroUsd: 200, budgets, writes: [], log: [] })
  const tookMs = performance.now() - start
  await ledger.settle({ id, actualMicroUsd: 150, writes: [], log: [] })
  return tookMs
}

function measureBudgetsFor(): number {
  const times = 20_000
  const start = performance.now()
  for (let at = 0; at < times; at++) budgetsFor(RULES, FACTS)
  return ((performance.now() - start) * 1e6) / times
}
