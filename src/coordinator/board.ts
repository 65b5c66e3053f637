// Everything this process knows of the tasks, indexed: by state, by what they wait for (dependencies, time, a worker) and
// by who holds them. It follows the store: it changes when a record changed, by this process or another, never before.
import type { HostTime } from '../foundation/index.ts'
import { Ages } from './ages.ts'
import { Bag } from './bag.ts'
import { circleThrough, entangled } from './circles.ts'
import { Entry, newTimerHeap, type Timer } from './entry.ts'
import type { Heap } from './heap.ts'
import { Line, Place } from './line.ts'
import type { Matching } from './matching.ts'
import type { ListOptions } from './options.ts'
import { dependenciesOf, needsOf, type StandingOf, type TaskRecord } from './record.ts'
import type { TaskState } from './states.ts'
import { isEnded } from './states.ts'

export interface BoardListener {
  /** An open task can be claimed from now on. */
  ready(entry: Entry): void
  /** A record was seen; `known` moves of it had been seen before. Undefined: removed. */
  changed(entry: Entry, record: TaskRecord | undefined, known: number): void
  /** An open task can never begin: some of its dependencies aren't there. */
  stranded(entry: Entry): void
  /** The deadline is near, or over. */
  pressed(entry: Entry): void
  /** Something is due at this monotonic moment. */
  due(moment: number): void
}

export interface BoardTimes {
  /** Wall clock, milliseconds. */
  now(): number
  monotonic(): number
  /** Moment of a holder's last sign, where it can be told; see Beats. */
  momentOf(beatAt: HostTime | undefined): number | undefined
}

/** The wall clock may jump, so that dates are looked at this often. */
export const DATES_EVERY_MS = 1_000
/** A deadline is at risk when so much of the time from enqueueing to it is left. */
const RISK_SHARE = 0.2

export class Board {
  readonly entries = new Map<string, Entry>()
  readonly counts: Record<TaskState, number> = { open: 0, claimed: 0, done: 0, failed: 0, blocked: 0, dead: 0 }
  /** Claimed tasks by when their record was last seen to change. */
  readonly leases = new Ages('leasePlace')
  /** Tasks by the worker that holds them. */
  readonly held = new Map<string, Bag<Entry>>()
  /** Ended tasks that may be removed one day, first ended first. */
  readonly ended = new Line<Entry>()
  /** Waiting for an attempt's backoff, by the monotonic clock. */
  readonly delays: Heap<Timer> = newTimerHeap()
  /** notBefore and deadlines, by the wall clock. */
  readonly dates: Heap<Timer> = newTimerHeap()
  readonly #matching: Matching
  readonly #times: BoardTimes
  readonly #listener: BoardListener
  readonly #dependents = new Map<string, Set<Entry>>()
  readonly #needed = new Map<string, number>()
  #isLoading = false

  constructor(matching: Matching, times: BoardTimes, listener: BoardListener) {
    this.#matching = matching
    this.#times = times
    this.#listener = listener
  }

  /** Takes over all records of the store. Every task is known before any is ready: dependencies may come in any order. */
  load(records: Iterable<{ value: TaskRecord; revision: number }>): void {
    const fresh: [Entry, TaskRecord][] = []
    for (const { value, revision } of records) {
      const entry = new Entry(value, revision)
      this.entries.set(entry.id, entry)
      fresh.push([entry, value])
    }
    this.#isLoading = true
    for (const [entry, record] of fresh) this.#putIn(entry, record)
    this.#isLoading = false
    this.#loadLeases(fresh)
    this.#loadEnded(fresh)
    const waiting = new Map<string, string[]>()
    for (const [entry] of fresh) if (entry.waitsFor > 0) waiting.set(entry.id, this.unmet(entry))
    for (const id of entangled(waiting)) this.#listener.stranded(this.entries.get(id) as Entry) // one of `fresh`
  }

  /** Takes over one record; an older one than known changes nothing. Undefined: it was removed. */
  apply(id: string, record: TaskRecord | undefined, revision: number): Entry | undefined {
    const entry = this.entries.get(id)
    if (!entry) return record && this.#enter(record, revision)
    if (revision <= entry.revision) return entry
    const known = entry.moves
    this.#takeOut(entry)
    if (record) {
      entry.see(record, revision)
      this.#putIn(entry, record)
    } else {
      entry.revision = revision
      this.entries.delete(id)
    }
    entry.onChange?.(record)
    this.#listener.changed(entry, record, known)
    return record && entry
  }

  /** The first tasks of such a kind, in the order of their ids. */
  select({ state, swarm, kind, idPart, newestFirst }: Omit<ListOptions, 'limit'>, limit: number): Entry[] {
    const piece = idPart?.toLowerCase()
    const found: Entry[] = []
    for (const entry of this.entries.values()) {
      if (state !== undefined && entry.state !== state) continue
      if (swarm !== undefined && entry.swarm !== swarm) continue
      if (kind !== undefined && entry.kind !== kind) continue
      if (piece === undefined || entry.id.toLowerCase().includes(piece)) found.push(entry)
    }
    return found.sort(newestFirst ? byNewest : byId).slice(0, limit)
  }

  /** Whether an unfinished task names this one as a dependency, met or not: it would miss it after a restart. */
  isNeeded(id: string): boolean {
    return this.#needed.has(id)
  }

  /** Dependencies of an open task that aren't done. */
  unmet(entry: Entry): string[] {
    const { record } = entry
    if (!record || entry.waitsFor === 0) return []
    return dependenciesOf(record.spec).filter((id) => this.entries.get(id)?.state !== 'done')
  }

  /** The circle of waiting that a task is part of, its id first and last; undefined when there is none. */
  circleOf(entry: Entry): string[] | undefined {
    // A circle through this task needs a task that waits for it.
    if (!this.#dependents.has(entry.id)) return undefined
    return circleThrough(entry.id, (id) => {
      const other = this.entries.get(id)
      return other ? this.unmet(other) : []
    })
  }

  /** Ended tasks by when they ended, which for those of an earlier process only their history tells. */
  #loadEnded(fresh: readonly [Entry, TaskRecord][]): void {
    const ended = fresh.filter(([entry]) => entry.state === 'done' || entry.state === 'failed')
    const times = ended.map(([entry, { history }]) => [entry, history.at(-1)?.at ?? ''] as const)
    const now = this.#times.now()
    const monotonic = this.#times.monotonic()
    for (const [entry, at] of times.sort(([, a], [, b]) => (a < b ? -1 : 1))) {
      this.#putEnded(entry, monotonic - Math.max(0, now - Date.parse(at)))
    }
  }

  #enter(record: TaskRecord, revision: number): Entry {
    const entry = new Entry(record, revision)
    this.entries.set(entry.id, entry)
    this.#putIn(entry, record)
    this.#listener.changed(entry, record, 0)
    return entry
  }

  #putIn(entry: Entry, record: TaskRecord): void {
    const { standing } = record
    this.counts[standing.state]++
    switch (standing.state) {
      case 'open':
        this.#putOpen(entry, record, standing)
        break
      case 'claimed':
        if (!this.#isLoading) this.#lease(entry, standing.leaseMs, this.#times.monotonic())
        this.#hold(standing.holder.worker, entry)
        break
      case 'done':
        this.#meetDependents(entry.id)
        this.#end(entry)
        break
      case 'failed':
        this.#end(entry)
        break
    }
    if (record.spec.after && !isEnded(standing.state)) this.#need(record.spec.after, 1)
    if (record.spec.deadline !== undefined && !isEnded(standing.state))
      this.#warnOf(entry, record, record.spec.deadline)
  }

  #takeOut(entry: Entry): void {
    this.counts[entry.state]--
    if (entry.endedPlace) {
      this.ended.remove(entry.endedPlace)
      entry.endedPlace = undefined
    }
    if (entry.warning) this.dates.remove(entry.warning)
    const standing = entry.record?.standing
    if (entry.record?.spec.after) this.#need(entry.record.spec.after, -1)
    if (standing?.state === 'claimed') {
      this.leases.forget(entry)
      this.#letGo(standing.holder.worker, entry)
    }
    if (standing?.state !== 'open') return
    this.#matching.leave(entry)
    if (entry.delay) {
      this.delays.remove(entry.delay)
      this.dates.remove(entry.delay)
      entry.delay = undefined
    }
    if (entry.waitsFor === 0) return
    for (const id of entry.record?.spec.after ?? []) this.#dropDependent(id, entry)
    entry.waitsFor = 0
  }

  #putOpen(entry: Entry, { spec }: TaskRecord, standing: StandingOf<'open'>): void {
    entry.isFirst = standing.isFirst === true
    this.#matching.join(entry, needsOf(spec))
    if (spec.after && !standing.ignoresAfter && this.#dependsOn(entry, spec.after)) return
    this.#whenDue(entry)
  }

  /** Dependencies are met: ready now, or when its time has come. */
  #whenDue(entry: Entry): void {
    const { record } = entry
    if (record?.standing.state !== 'open') return
    const { delayMs = 0, readyAt } = record.standing
    const { notBefore, deadline } = record.spec
    const now = this.#times.now()
    if (deadline !== undefined && Date.parse(deadline) <= now) return // given up in a moment
    const ring = () => {
      entry.delay = undefined
      this.#whenDue(entry)
    }
    const date = notBefore === undefined ? 0 : Date.parse(notBefore)
    if (date > now) {
      entry.delay = { at: date, place: -1, entry, ring }
      this.#addDate(entry.delay)
      return
    }
    // A wall clock that was set back can't make a backoff longer than it is.
    const left = readyAt === undefined ? 0 : Math.min(delayMs, Date.parse(readyAt) - now)
    if (left > 0 && !entry.hasWaited) {
      entry.hasWaited = true
      entry.delay = { at: this.#times.monotonic() + left, place: -1, entry, ring }
      this.delays.add(entry.delay)
      this.#listener.due(entry.delay.at)
      return
    }
    this.#listener.ready(entry)
  }

  #dependsOn(entry: Entry, after: readonly string[]): boolean {
    let isStranded = false
    for (const id of after) {
      const other = this.entries.get(id)
      if (other?.state === 'done') continue
      if (!other) isStranded = true
      entry.waitsFor++
      const dependents = this.#dependents.get(id)
      if (dependents) dependents.add(entry)
      else this.#dependents.set(id, new Set([entry]))
    }
    if (isStranded || (!this.#isLoading && entry.waitsFor > 0 && this.circleOf(entry))) this.#listener.stranded(entry)
    return entry.waitsFor > 0
  }

  #dropDependent(id: string, entry: Entry): void {
    const dependents = this.#dependents.get(id)
    if (dependents?.delete(entry) && dependents.size === 0) this.#dependents.delete(id)
  }

  #meetDependents(id: string): void {
    const dependents = this.#dependents.get(id)
    if (!dependents) return
    this.#dependents.delete(id)
    for (const entry of dependents) {
      entry.waitsFor--
      if (entry.waitsFor === 0) this.#whenDue(entry)
    }
  }

  #warnOf(entry: Entry, { spec }: TaskRecord, deadline: string): void {
    const end = Date.parse(deadline)
    // A holder that works past the deadline is left alone.
    if (entry.state === 'claimed' && this.#times.now() >= end) return
    const risky = end - RISK_SHARE * (end - Date.parse(spec.enqueuedAt))
    const ring = () => {
      if (this.#times.now() < end) {
        entry.warning = { at: end, place: -1, entry, ring }
        this.#addDate(entry.warning)
      }
      this.#listener.pressed(entry)
    }
    entry.warning = { at: this.#times.now() < risky ? risky : end, place: -1, entry, ring }
    this.#addDate(entry.warning)
  }

  #addDate(timer: Timer): void {
    this.dates.add(timer)
    this.#listener.due(this.#times.monotonic() + Math.min(DATES_EVERY_MS, timer.at - this.#times.now()))
  }

  #lease(entry: Entry, leaseMs: number, seenAt: number): void {
    this.leases.see(entry, seenAt, leaseMs)
    this.#listener.due(seenAt + leaseMs)
  }

  /** Claims from before, who was heard of longest ago first; of holders elsewhere nothing is known until now. */
  #loadLeases(fresh: readonly [Entry, TaskRecord][]): void {
    const now = this.#times.monotonic()
    const claimed: { entry: Entry; leaseMs: number; seenAt: number }[] = []
    for (const [entry, { standing }] of fresh) {
      if (standing.state !== 'claimed') continue
      claimed.push({ entry, leaseMs: standing.leaseMs, seenAt: this.#times.momentOf(standing.beatAt) ?? now })
    }
    claimed.sort((a, b) => a.seenAt - b.seenAt)
    for (const { entry, leaseMs, seenAt } of claimed) this.#lease(entry, leaseMs, seenAt)
  }

  #end(entry: Entry): void {
    if (!this.#isLoading) this.#putEnded(entry, this.#times.monotonic())
  }

  #putEnded(entry: Entry, at: number): void {
    entry.endedPlace ??= new Place(entry)
    this.ended.append(entry.endedPlace, at)
  }

  #need(ids: readonly string[], change: 1 | -1): void {
    for (const id of ids) {
      const count = (this.#needed.get(id) ?? 0) + change
      if (count > 0) this.#needed.set(id, count)
      else this.#needed.delete(id)
    }
  }

  #hold(worker: string, entry: Entry): void {
    const held = this.held.get(worker)
    if (held) held.add(entry)
    else {
      const fresh = new Bag<Entry>()
      fresh.add(entry)
      this.held.set(worker, fresh)
    }
  }

  #letGo(worker: string, entry: Entry): void {
    const held = this.held.get(worker)
    if (held?.delete(entry) && held.size === 0) this.held.delete(worker)
  }
}

const byId = (a: Entry, b: Entry): number => (a.id < b.id ? -1 : 1)
const byNewest = (a: Entry, b: Entry): number =>
  a.enqueuedAt === b.enqueuedAt ? byId(b, a) : a.enqueuedAt > b.enqueuedAt ? -1 : 1
