// What crashed processes and old periods have left: holds of actions that never began are freed, reservations that ended
// and periods that are over are forgotten.
import { ulidTime } from '../foundation/index.ts'
import { prefixOf, type Store, segmentsOf, type Write } from '../store/index.ts'
import { wasOver } from './budget-calendar.ts'
import { type BudgetRecord, heldIn, type ReservationRecord } from './budget-record.ts'

const idOf = (key: string): string => segmentsOf(key)[1] ?? ''

const readReservations = (store: Store) => store.range<ReservationRecord>(prefixOf('reservation'))

/** Ids of the reservations that were left `pending`, whose step never began, or whose end not every budget knows. */
export async function abandonedIn(
  store: Store,
  hasBegun: (owner: string, id: string) => Promise<boolean>,
): Promise<string[]> {
  const abandoned: string[] = []
  for (const { key, value } of await readReservations(store)) {
    const id = idOf(key)
    if (await isAbandoned(id, value)) abandoned.push(id)
  }
  return abandoned

  async function isAbandoned(id: string, { state, owner, lines }: ReservationRecord): Promise<boolean> {
    if (state === 'pending') return true
    if (state === 'held') return !(await hasBegun(owner, id))
    // An atomic engine can't leave an end that is half written.
    if (store.capabilities.atomic) return false
    const records = await Promise.all(lines.map((line) => store.get<BudgetRecord>(line.key)))
    return records.some((entry) => entry !== undefined && id in entry.value.holds)
  }
}

/** Deletes what ended before a moment; returns how many reservations went. */
export async function forgetEnded(store: Store, beforeMs: number): Promise<number> {
  const reservations = (await readReservations(store)).filter(
    ({ key, value: { state } }) => (state === 'settled' || state === 'released') && ulidTime(idOf(key)) < beforeMs,
  )
  const periods = (await store.range<BudgetRecord>(prefixOf('budget'))).filter(
    ({ key, value }) => wasOver(segmentsOf(key)[2] ?? '', beforeMs) && heldIn(value) === 0,
  )
  const forget = [...reservations, ...periods].map(
    ({ key, revision }): Write => ({ key, value: undefined, expect: revision }),
  )
  if (forget.length > 0) await store.commit(forget)
  return reservations.length
}
