// What a home forgets, once a day: runs that are over, plans that expired unapplied, tries, reservations that ended. The
// witness keeps what happened for good.
import { type Clock, ulidTime } from '../foundation/index.ts'
import type { BudgetLedger } from '../governor/index.ts'
import { keyOf, prefixOf, type Store, segmentsOf, type Write } from '../store/index.ts'
import { mayHaveHappened } from './earlier.ts'
import { attemptsKey } from './journal.ts'
import { sweepPlans } from './plan-store.ts'
import { isOver, type RunRecord, runKey, runsPrefix, type StepRecord, stepKey, stepsPrefix } from './records.ts'
import { taskRunsPrefix } from './task-runs.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const ATTEMPTS_KEPT_MS = 7 * DAY_MS
/** A hold younger than this may belong to an action that is just about to begin in another process. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000
const LAST = keyOf('swept')

export interface SweepParts {
  store: Store
  clock: Clock
  ledger: BudgetLedger
  /** Runs that ended longer ago are forgotten. */
  keepDays: number
}

/** Frees what crashed processes held, and forgets what is old; at most once a day, whoever opens the home first. */
export async function sweepDaily(parts: SweepParts): Promise<boolean> {
  const { store, clock, ledger } = parts
  const last = await store.get<number>(LAST)
  if (last && clock.now() - last.value < DAY_MS) return false
  await store.commit([{ key: LAST, value: clock.now(), expect: 'any' }])
  await ledger.recover((owner, id) => mayStillBegin(parts, owner, id))
  await sweepRuns(parts)
  await sweepAttempts(parts)
  await sweepPlans(store, clock)
  await ledger.forget(clock.now() - parts.keepDays * DAY_MS)
  return true
}

async function mayStillBegin({ store, clock }: SweepParts, owner: string, id: string): Promise<boolean> {
  if (clock.now() - ulidTime(id) < ABANDONED_AFTER_MS) return true
  const record = (await store.get<RunRecord | StepRecord>(owner))?.value
  if (record === undefined) return false
  return 'steps' in record ? !isOver(record.state) : record.state !== 'pending' && record.state !== 'skipped'
}

async function sweepRuns({ store, clock, keepDays }: SweepParts): Promise<void> {
  const limit = clock.now() - keepDays * DAY_MS
  for (const { value: run } of await store.range<RunRecord>(runsPrefix)) {
    const ended = isOver(run.state) || run.state === 'failed'
    if (!ended || run.holder || Date.parse(run.endedAt ?? run.startedAt) > limit) continue
    const steps = await store.range<StepRecord>(stepsPrefix(run.id))
    if (steps.some(({ value }) => mayHaveHappened(value))) continue // somebody has to settle it first
    await store.commit([
      ...steps.flatMap(({ value }): Write[] => [
        forget(stepKey(run.id, value.id)),
        forget(attemptsKey(run.id, value.id)),
      ]),
      forget(keyOf('budget', `run-${run.id}`, 'run')),
      forget(runKey(run.id)),
    ])
  }
  for (const { key, value } of await store.range<string>(prefixOf('applied'))) {
    if (!(await store.get(runKey(value)))) await store.commit([forget(key)])
  }
  for (const { key } of await store.range(taskRunsPrefix)) {
    if (!(await store.get(runKey(segmentsOf(key).at(-1) ?? '')))) await store.commit([forget(key)])
  }
}

async function sweepAttempts({ store, clock }: SweepParts): Promise<void> {
  const limit = clock.now() - ATTEMPTS_KEPT_MS
  for (const { key, value } of await store.range<{ at: string }>(prefixOf('attempts'))) {
    if (Date.parse(value.at) < limit) await store.commit([forget(key)])
  }
}

const forget = (key: string): Write => ({ key, value: undefined, expect: 'any' })
