// Several processes spend from the same budgets as fast as they can, while some of them are killed. Looked at from one
// more process all the time, and held against the steps' own records in the end.
import type { ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { systemClock } from '../../../src/foundation/index.ts'
import { type BudgetRecord, type BudgetRule, heldIn, openBudgetLedger } from '../../../src/governor/index.ts'
import { openEmbeddedStore, prefixOf, type Store, segmentsOf } from '../../../src/store/index.ts'
import { type Chance, seededChance } from '../../support/chance.ts'
import { buildChild, type Child } from '../child-process.ts'
import { budgetsOf, rulesFor, type SpreeStep, stepsPrefix } from './spree-budgets.ts'

/** Tests and soaks run in the root of the repository, a soak as a bundle that lies elsewhere. */
const CHILD = pathToFileURL(resolve('tests/integration/governor/spree-child.ts'))

export interface SpreeOptions {
  folder: string
  seed: number
  processes: number
  /** At once, of all processes together; who takes the place of a killed one does its share again. */
  actions: number
  kills: number
}

export interface SpreeReport {
  violations: string[]
  settled: number
  /** By processes that were not killed. */
  refused: number
  kills: number
  /** Holds that kills left behind: those whose step never began, and those that may have happened. */
  freed: number
  kept: number
}

export async function runSpree(options: SpreeOptions): Promise<SpreeReport> {
  const { folder, seed, processes, actions, kills } = options
  const path = join(folder, `spree-${seed}.db`)
  const chance = seededChance(seed)
  const rules = rulesFor(actions)
  const program = await buildChild(CHILD)
  const store = await openEmbeddedStore({ path })
  const watching = new AbortController()
  const violations: string[] = []
  const running: Child[] = []
  const start = (): Child => {
    const share = Math.ceil(actions / processes)
    const child = program.start(path, ...[chance.between(1, 1e9), share, actions].map(String))
    running.push(child)
    return child
  }
  try {
    const watched = watchLimits(store, rules, { violations, signal: watching.signal })
    const places = Array.from({ length: processes }, start)
    const killed = await killSome(places, { chance, kills, start })
    const lines = (await Promise.all(places.map((child) => child.rest()))).flat()
    const { settled, freed, kept } = await checkBooks(store, rules, violations)
    watching.abort()
    await watched
    const refused = lines.filter((line) => line === 'IF_ERR_BUDGET_EXCEEDED').length
    const strange = lines.filter((line) => !['ready', 'settled', 'IF_ERR_BUDGET_EXCEEDED'].includes(line))
    violations.push(...strange.map((line) => `a child ended an action with ${line}`))
    return { violations, settled, refused, kills: killed, freed, kept }
  } finally {
    watching.abort()
    for (const child of running) endOf(child.process)
    await store.close()
    program.remove()
  }
}

const endOf = (child: ChildProcess): boolean => child.kill('SIGKILL')

/** Kills at moments that nobody plans, and fills the place. */
async function killSome(
  places: Child[],
  { chance, kills, start }: { chance: Chance; kills: number; start: () => Child },
): Promise<number> {
  let killed = 0
  for (let at = 0; at < kills; at++) {
    const place = chance.between(0, places.length - 1)
    const child = places[place]
    if (!child || (await child.line()) === undefined) continue
    await pause(chance.between(0, 120))
    if (child.process.exitCode === null) killed++
    await child.kill()
    places[place] = start()
  }
  return killed
}

/** Held and settled together never pass the limit, at no moment that anybody can see. */
async function watchLimits(
  store: Store,
  rules: readonly BudgetRule[],
  { violations, signal }: { violations: string[]; signal: AbortSignal },
): Promise<void> {
  for await (const { key, value } of store.watch(prefixOf('budget'), { signal }))
    if (value !== undefined) checkLimit(key, value as BudgetRecord, rules, violations) // nothing else is under it
}

function checkLimit(key: string, record: BudgetRecord, rules: readonly BudgetRule[], violations: string[]): void {
  const name = segmentsOf(key)[1] ?? ''
  const limit = rules.find((rule) => rule.name === name.split('[')[0])?.limit ?? 0
  const used = record.settled + heldIn(record)
  if (used > limit) violations.push(`${name}: ${used} of ${limit}`)
}

/** After recovery each record says what the steps say: what ended is settled, what began is held, nothing else is. */
async function checkBooks(store: Store, rules: readonly BudgetRule[], violations: string[]) {
  const ledger = openBudgetLedger({ store, clock: systemClock })
  const steps = new Map<string, SpreeStep>()
  for (const { key, value } of await store.range<SpreeStep>(stepsPrefix)) steps.set(segmentsOf(key)[1] ?? '', value)
  const freed = await ledger.recover(async (_owner, id) => steps.has(id))
  await compare()

  const kept = [...steps].filter(([, { state }]) => state === 'begun')
  for (const [id, step] of kept) {
    const { actualMicroUsd, outflowMinor } = step
    await ledger.settle({ id, actualMicroUsd, actualOutflowMinor: outflowMinor, writes: [], log: [] })
    steps.set(id, { ...step, state: 'ended' })
  }
  await compare()
  return { settled: steps.size - kept.length, freed: freed.length, kept: kept.length }

  async function compare(): Promise<void> {
    const expected = booksOf(rules, steps)
    for (const { key, value } of await store.range<BudgetRecord>(prefixOf('budget'))) {
      checkLimit(key, value, rules, violations)
      const name = segmentsOf(key)[1] ?? ''
      const { settled, holds } = expected.get(name) ?? { settled: 0, holds: {} }
      const sorted = (all: Record<string, number>) => JSON.stringify(Object.entries(all).sort())
      if (value.settled !== settled) violations.push(`${name}: settled ${value.settled}, its steps say ${settled}`)
      if (sorted(value.holds) !== sorted(holds))
        violations.push(`${name}: holds ${sorted(value.holds)}, its steps say ${sorted(holds)}`)
      expected.delete(name)
    }
    for (const [name, { settled }] of expected) if (settled > 0) violations.push(`${name} has no record`)
  }
}

function booksOf(rules: readonly BudgetRule[], steps: ReadonlyMap<string, SpreeStep>): Map<string, BudgetRecord> {
  const books = new Map<string, BudgetRecord>()
  for (const [id, step] of steps) {
    for (const { name, kind } of budgetsOf(rules, step)) {
      if (kind === 'outflow' && step.outflowMinor === 0) continue
      const book = books.get(name) ?? { settled: 0, holds: {} }
      books.set(name, book)
      if (step.state === 'ended') book.settled += kind === 'cost' ? step.actualMicroUsd : step.outflowMinor
      else book.holds[id] = kind === 'cost' ? step.maxMicroUsd : step.outflowMinor
    }
  }
  return books
}
