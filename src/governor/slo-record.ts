// What is kept of the calls of one name: a record that changes all the time (the last hour or two, and the alarms that
// stand) and one that changes once an hour (28 days). What moves from the first into the second is named by the time up
// to which it did, so that a process that dies in between counts nothing twice. Both are compare-and-swapped.
import { keyOf, retryConflict, type Store, type Write } from '../store/index.ts'
import { compact, LASTING_MS, merge, type SloBucket } from './slo-buckets.ts'
import type { StandingBurns } from './slo-burn.ts'
import { areMany, type Histograms } from './slo-latencies.ts'

export type SloKind = 'instance' | 'module'

export interface SloSubject {
  kind: SloKind
  name: string
}

export type RecentSlo = { kind: SloKind; name: string; buckets: SloBucket[]; burning: StandingBurns }
export type LastingSlo = { buckets: SloBucket[]; upToMs: number }

export const recentKey = ({ kind, name }: SloSubject): string => keyOf('slo', kind, name)
export const lastingKey = ({ kind, name }: SloSubject): string => keyOf('slo-lasting', kind, name)

/** All buckets of a name, each call in one of them. */
export async function readBuckets(store: Store, subject: SloSubject, nowMs: number) {
  const [recent, lasting] = await Promise.all([
    store.get<RecentSlo>(recentKey(subject)),
    store.get<LastingSlo>(lastingKey(subject)),
  ])
  const upToMs = upTo(lasting?.value, nowMs)
  const unmoved = (recent?.value.buckets ?? []).filter(({ startMs }) => startMs >= upToMs)
  return { recent, lasting, upToMs, buckets: [...(lasting?.value.buckets ?? []), ...unmoved] }
}

/** A clock that was set back makes the time to come count again. */
const upTo = (lasting: LastingSlo | undefined, nowMs: number): number =>
  lasting && lasting.upToMs <= nowMs ? lasting.upToMs : 0

export interface SloChange {
  store: Store
  subject: SloSubject
  nowMs: number
  /** Called where there is much to put together. */
  histograms: () => Promise<Histograms>
  /** What is added. */
  more: readonly SloBucket[]
  /** What becomes of the alarms; called again after a conflict. */
  judge: (buckets: readonly SloBucket[], burning: StandingBurns) => StandingBurns
}

/** Adds calls to the records of a name and moves its alarms. */
export function changeSlo({ store, subject, nowMs, histograms, more, judge }: SloChange): Promise<void> {
  return retryConflict(async () => {
    const { recent, lasting, upToMs, buckets } = await readBuckets(store, subject, nowMs)
    // What comes an hour late counts as soon as it can.
    const late = more.map((bucket) => ({ ...bucket, startMs: Math.max(bucket.startMs, upToMs) }))
    const all = await shortened(compact(merge([...buckets, ...late]), nowMs), histograms)
    const isLasting = ({ sizeMs }: SloBucket): boolean => sizeMs >= LASTING_MS
    const burning = judge(all, recent?.value.burning ?? {})
    const changed: RecentSlo = { ...subject, buckets: all.filter((bucket) => !isLasting(bucket)), burning }
    const kept: LastingSlo = { buckets: all.filter(isLasting), upToMs: 0 }
    for (const { startMs, sizeMs } of kept.buckets) kept.upToMs = Math.max(kept.upToMs, startMs + sizeMs)
    const writes: Write[] = [{ key: recentKey(subject), value: changed, expect: recent?.revision ?? 'absent' }]
    if (differs(kept, lasting?.value)) {
      writes.unshift({ key: lastingKey(subject), value: kept, expect: lasting?.revision ?? 'absent' })
    }
    await store.commit(writes)
  })
}

async function shortened(buckets: SloBucket[], histograms: () => Promise<Histograms>): Promise<SloBucket[]> {
  if (!buckets.some(({ latencies }) => areMany(latencies))) return buckets
  const { asOne } = await histograms()
  return buckets.map((bucket) =>
    areMany(bucket.latencies) ? { ...bucket, latencies: asOne(bucket.latencies) } : bucket,
  )
}

/** What did not change is the same object. */
const differs = (after: LastingSlo, before: LastingSlo | undefined): boolean =>
  after.buckets.length !== (before?.buckets.length ?? 0) ||
  after.buckets.some((bucket, at) => bucket !== before?.buckets[at])
