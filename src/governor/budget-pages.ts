// The budgets' records as one commit would leave them: read once, changed in memory, then written in key order, which is
// the same for everybody.
import type { Store, Write } from '../store/index.ts'
import { type BudgetMark, type BudgetRecord, budgetIn, heldIn } from './budget-record.ts'

export interface BudgetPage {
  readonly settled: number
  readonly warned: readonly BudgetMark[]
  /** By all reservations. */
  readonly held: number
  /** Held by others than this reservation. */
  heldBut(id: string): number
  hold(id: string, max: number): void
  /** Replaces the hold, where it stands, by what it took. */
  settle(id: string, actual: number): void
  markWarned(marks: readonly BudgetMark[]): void
}

export interface BudgetPages {
  at(key: string): Promise<BudgetPage>
  /** One compare-and-swap for each page that was changed. */
  writes(): Write[]
}

export function openPages(store: Store): BudgetPages {
  const opened = new Map<string, Promise<Page>>()
  const pages: Page[] = []

  async function read(key: string): Promise<Page> {
    const entry = await store.get<BudgetRecord>(key)
    const page = new Page(key, budgetIn(entry?.value), entry?.revision ?? 'absent')
    pages.push(page)
    return page
  }

  return {
    at(key) {
      const page = opened.get(key) ?? read(key)
      opened.set(key, page)
      return page
    },
    writes: () =>
      pages
        .filter((page) => page.isChanged)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map((page) => page.write()),
  }
}

class Page implements BudgetPage {
  readonly key: string
  isChanged = false
  readonly #expect: Write['expect']
  readonly #record: BudgetRecord
  #held: number

  constructor(key: string, record: BudgetRecord, expect: Write['expect']) {
    this.key = key
    this.#expect = expect
    this.#record = { ...record, holds: { ...record.holds } }
    this.#held = heldIn(record)
  }

  get settled(): number {
    return this.#record.settled
  }

  get warned(): readonly BudgetMark[] {
    return this.#record.warned ?? []
  }

  get held(): number {
    return this.#held
  }

  heldBut(id: string): number {
    return this.#held - (this.#record.holds[id] ?? 0)
  }

  hold(id: string, max: number): void {
    this.#held = this.heldBut(id) + max
    this.#record.holds[id] = max
    this.isChanged = true
  }

  settle(id: string, actual: number): void {
    const held = this.#record.holds[id]
    if (held === undefined) return
    delete this.#record.holds[id]
    this.#held -= held
    this.#record.settled += actual
    this.isChanged = true
  }

  markWarned(marks: readonly BudgetMark[]): void {
    if (marks.length === 0) return
    this.#record.warned = [...this.warned, ...marks]
    this.isChanged = true
  }

  write(): Write {
    return { key: this.key, value: this.#record, expect: this.#expect }
  }
}
