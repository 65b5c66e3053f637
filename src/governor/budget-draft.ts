// One commit for a batch of orders, reckoned on what the store says now; changes nothing itself.
//
// Order of the writes of a hold: reservation `pending`, each budget with the hold added, reservation `held`, then what the
// caller attached (its begin). Every prefix is safe on an engine that applies only a prefix: nothing leaves before `held`.
// Of a settlement: the reservation `settled` or `released`, then the budgets, so that whoever finds it cut short knows.
import { FabricError } from '../foundation/index.ts'
import type { LogEntry, Store, Write } from '../store/index.ts'
import type { BudgetLine } from './budget-lines.ts'
import type { Order, Refused, Waiting } from './budget-order.ts'
import { type BudgetPage, type BudgetPages, openPages } from './budget-pages.ts'
import { type ReservationLine, type ReservationRecord, reservationKey } from './budget-record.ts'
import { refusalOf, shortageOf } from './budget-refusal.ts'
import { type BudgetWarning, warningsOf } from './budget-warnings.ts'

export interface Accepted {
  waiting: Waiting
  warnings: BudgetWarning[]
  /** Where what it attached lies in the commit. */
  firstWrite: number
  firstLog: number
}

export interface Draft {
  writes: Write[]
  log: LogEntry[]
  /** Records of the ledger itself: a conflict there is no loss, only a reason to reckon again. */
  ownKeys: ReadonlySet<string>
  accepted: Accepted[]
  refused: Refused[]
}

interface Parts {
  store: Store
  pages: BudgetPages
  /** Reservation ids that the batch has dealt with. */
  seen: Set<string>
  before: Write[]
  after: Write[]
}

export async function draftCommit(batch: readonly Waiting[], store: Store): Promise<Draft> {
  const parts: Parts = { store, pages: openPages(store), seen: new Set(), before: [], after: [] }
  const placed: { waiting: Waiting; warnings: BudgetWarning[] }[] = []
  const refused: Refused[] = []
  for (const waiting of batch) {
    const { order } = waiting
    const outcome = order.kind === 'hold' ? await placeHold(parts, order) : await placeSettlement(parts, order)
    if (outcome instanceof FabricError) refused.push({ waiting, reason: outcome })
    else placed.push({ waiting, warnings: outcome })
  }
  const writes = [...parts.before, ...parts.pages.writes(), ...parts.after]
  const ownKeys = new Set(writes.map(({ key }) => key))
  const log: LogEntry[] = []
  const accepted = placed.map(({ waiting, warnings }) => {
    const place = { waiting, warnings, firstWrite: writes.length, firstLog: log.length }
    writes.push(...waiting.order.writes)
    log.push(...waiting.order.log)
    return place
  })
  return { writes, log, ownKeys, accepted, refused }
}

/** A line, and the record that it is written into; a limit on each call has none. */
interface Place {
  line: BudgetLine
  page: BudgetPage | undefined
}

async function placeHold(parts: Parts, order: Order & { kind: 'hold' }): Promise<BudgetWarning[] | FabricError> {
  const { store, pages, seen } = parts
  const { id, lines } = order
  const known = await store.get<ReservationRecord>(reservationKey(id))
  if (seen.has(id) || (known && !isRemains(known.value, store))) return usedTwice(id)

  const places: Place[] = []
  for (const line of lines) places.push({ line, page: line.key === undefined ? undefined : await pages.at(line.key) })
  const refusal = whyNot(places, id)
  if (refusal) return refusal

  seen.add(id)
  reserve(parts, order, known?.revision ?? 'absent')
  return places.flatMap((place) => take(place, id))
}

function whyNot(places: readonly Place[], id: string): FabricError | undefined {
  const shortages = places
    .map(({ line, page }) => shortageOf(line, { settled: page?.settled ?? 0, held: page?.heldBut(id) ?? 0 }))
    .filter((shortage) => shortage !== undefined)
  const uncounted = places.find(
    ({ line, page }) => page && !Number.isSafeInteger(page.settled + page.heldBut(id) + line.max),
  )
  return refusalOf(shortages) ?? (uncounted && beyondCounting(uncounted.line))
}

function take({ line, page }: Place, id: string): BudgetWarning[] {
  if (!page) return warningsOf(line.budget, line.max, [])
  page.hold(id, line.max)
  const due = warningsOf(line.budget, page.settled + page.held, page.warned)
  page.markWarned(due.map(({ mark }) => mark))
  return due
}

function reserve({ store, before, after }: Parts, order: Order & { kind: 'hold' }, expect: Write['expect']): void {
  const { id, owner, lines } = order
  const key = reservationKey(id)
  const kept = lines.flatMap(({ budget, key, max }): ReservationLine[] =>
    key === undefined ? [] : [{ budget: budget.name, kind: budget.kind, key, max }],
  )
  const held: ReservationRecord = { state: 'held', owner, lines: kept }
  if (store.capabilities.atomic) {
    after.push({ key, value: held, expect })
    return
  }
  before.push({ key, value: { ...held, state: 'pending' }, expect })
  after.push({ key, value: held, expect: 'mine' })
}

/** Whether it is what a commit that was cut short, and maybe recovered, has left of the very hold that is tried again. */
const isRemains = ({ state }: ReservationRecord, { capabilities }: Store): boolean =>
  !capabilities.atomic && (state === 'pending' || state === 'released')

/** Settling what is settled, or what nobody held, changes nothing and is no error. */
async function placeSettlement(
  { store, pages, seen, before }: Parts,
  { id, actualMicroUsd, actualOutflowMinor }: Order & { kind: 'settle' },
): Promise<BudgetWarning[]> {
  const key = reservationKey(id)
  const entry = await store.get<ReservationRecord>(key)
  if (!entry || seen.has(id)) return []
  seen.add(id)
  const { value: known, revision } = entry
  const isOpen = known.state === 'held' || known.state === 'pending'
  const ended = isOpen ? endOf(known, { actualMicroUsd, actualOutflowMinor }) : known
  // The record first: whoever recovers later sees that the holds are to go, and at which cost.
  if (isOpen) before.push({ key, value: ended, expect: revision })
  for (const line of known.lines) {
    const actual = line.kind === 'outflow' ? ended.actualOutflowMinor : ended.actualMicroUsd
    const page = await pages.at(line.key)
    page.settle(id, actual ?? 0)
  }
  return []
}

/** A pending one never got to act, whatever is said of its cost. */
function endOf(
  known: ReservationRecord,
  actual: { actualMicroUsd: number; actualOutflowMinor: number },
): ReservationRecord {
  const took = known.state === 'held' && (actual.actualMicroUsd > 0 || actual.actualOutflowMinor > 0)
  if (!took) return { ...known, state: 'released' }
  return { ...known, state: 'settled', ...actual }
}

const beyondCounting = ({ budget, max }: BudgetLine): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `budget ${budget.name}: with ${max} more it can't be counted exactly`, {
    details: { budget: budget.name },
  })

const usedTwice = (id: string): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `reservation ${id} was made before; each hold has an id of its own`)
