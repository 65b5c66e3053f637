// How instances and modules keep what they promise: latency, success and availability over rolling windows, what is left
// of their error budgets, and an alarm when one burns. Calls are gathered and written together, so that an action costs
// no write of its own; a process that is killed loses what it had gathered. All processes of a store count together, and
// each alarm is told by the one that found it, once an episode.
import { type Clock, type Logger, silentLogger } from '../foundation/index.ts'
import { forgetUnmoved, prefixOf, type Store } from '../store/index.ts'
import { FINEST_MS, merge, type SloBucket, startOf } from './slo-buckets.ts'
import { type BurnAlert, burnRates, moveBurns, SLO_DEFAULTS, type SloTargets, type StandingBurns } from './slo-burn.ts'
import { type Histograms, latencyOf, loadHistograms } from './slo-latencies.ts'
import { changeSlo, type RecentSlo, readBuckets, recentKey, type SloKind, type SloSubject } from './slo-record.ts'
import { reportOf, type SloReport } from './slo-report.ts'

export interface SloCall {
  ok: boolean
  /** False where the provider, or module, failed by its own fault or gave no answer in time. */
  available: boolean
  latencyMs: number
}

export interface Slo {
  /** Notes how a call went. */
  record(kind: SloKind, name: string, call: SloCall): void
  /** The calls of this process are in it at once, those of others when they are written. */
  report(kind: SloKind, name: string, targets?: SloTargets): Promise<SloReport>
  /** Everything that calls are kept of. */
  names(): Promise<SloSubject[]>
  /** Writes what was gathered, and looks at the alarms that this process knows of. */
  flush(): Promise<void>
  /** Looks at all alarms, and forgets who has not been called for 29 days; returns how many went. */
  sweep(): Promise<number>
  /** Flushes, as far as the store lets it. */
  close(): Promise<void>
}

export interface BurnNews extends SloSubject {
  state: 'began' | 'ended'
  alert: BurnAlert
}

export interface SloOptions {
  store: Store
  clock: Clock
  logger?: Logger
  /** What each should keep; default SLO_DEFAULTS. */
  targetsOf?: (subject: SloSubject) => SloTargets | undefined
  /** Called once when an alarm begins and once when it ends, by the process whose calls made it so. */
  onBurn?: (news: BurnNews) => void
  /** Calls of one name that are worth a write. Default 1,000. */
  flushEvery?: number
  /** Longest that a call stays unwritten. Default 5,000. */
  flushAfterMs?: number
}

interface Gathered {
  subject: SloSubject
  minutes: Map<number, SloBucket>
  calls: number
}

const DAY_MS = 86_400_000
/** An alarm that stands is looked at again after this time, also when nothing is called any more. */
const LOOK_MS = 60_000
/** Of one name, while the store can't be written. */
const MOST_GATHERED = 50_000

/** Opens the service levels of a home. */
export function openSlo(options: SloOptions): Slo {
  const { store, clock, logger = silentLogger, onBurn, flushEvery = 1_000, flushAfterMs = 5_000 } = options
  const gathered = new Map<string, Gathered>()
  /** Names with an alarm that stands. */
  const alarmed = new Map<string, SloSubject>()
  let timer: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()
  let loading: Promise<Histograms> | undefined
  let isClosed = false

  const histograms = (): Promise<Histograms> => {
    loading ??= loadHistograms()
    return loading
  }
  const targetsOf = (subject: SloSubject): SloTargets => options.targetsOf?.(subject) ?? SLO_DEFAULTS

  const gatheredOf = (subject: SloSubject): Gathered => {
    const key = recentKey(subject)
    const known = gathered.get(key) ?? nothingOf(subject)
    gathered.set(key, known)
    return known
  }

  /** What could not be written comes before what came since. */
  function putBack({ subject, minutes, calls }: Gathered): void {
    const since = gatheredOf(subject)
    for (const bucket of merge([...minutes.values(), ...since.minutes.values()]))
      since.minutes.set(bucket.startMs, bucket)
    since.calls += calls
  }

  async function write(more: Gathered): Promise<void> {
    const { subject } = more
    const nowMs = clock.now()
    let moved = { standing: {} as StandingBurns, began: [] as BurnAlert[], ended: [] as BurnAlert[] }
    const judge = (buckets: readonly SloBucket[], burning: StandingBurns): StandingBurns => {
      moved = moveBurns(burnRates(buckets, targetsOf(subject), nowMs), burning, nowMs)
      return moved.standing
    }
    await changeSlo({ store, subject, nowMs, histograms, more: [...more.minutes.values()], judge })
    if (Object.keys(moved.standing).length > 0) alarmed.set(recentKey(subject), subject)
    else alarmed.delete(recentKey(subject))
    for (const alert of moved.ended) tell({ ...subject, state: 'ended', alert })
    for (const alert of moved.began) tell({ ...subject, state: 'began', alert })
  }

  /** A listener that fails is no reason to count the calls again. */
  function tell(news: BurnNews): void {
    try {
      onBurn?.(news)
    } catch (thrown) {
      logger.error('a burn alarm was not told', { kind: news.kind, name: news.name, error: String(thrown) })
    }
  }

  async function writeAll(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = new Map(gathered)
    gathered.clear()
    for (const [key, subject] of alarmed) if (!batch.has(key)) batch.set(key, nothingOf(subject))
    await Promise.all(
      [...batch.values()].map(async (more) => {
        try {
          await write(more)
        } catch (thrown) {
          const isKept = more.calls < MOST_GATHERED
          if (more.calls > 0 && isKept) putBack(more)
          logger.warn('calls could not be counted', {
            ...more.subject,
            calls: more.calls,
            isKept,
            error: String(thrown),
          })
        }
      }),
    )
    if (gathered.size > 0) startTimer(flushAfterMs)
    else if (alarmed.size > 0) startTimer(LOOK_MS)
  }

  /** One after the other: two writes would count the same calls. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
  const flush = (): Promise<void> => inTurn(writeAll)

  function startTimer(afterMs: number): void {
    if (isClosed) return
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), afterMs).unref()
  }

  return {
    record(kind, name, { ok, available, latencyMs }) {
      if (gathered.size === 0) startTimer(flushAfterMs)
      const more = gatheredOf({ kind, name })
      const startMs = startOf(clock.now(), FINEST_MS)
      const bucket = more.minutes.get(startMs) ?? {
        startMs,
        sizeMs: FINEST_MS,
        calls: 0,
        ok: 0,
        available: 0,
        latencies: [],
      }
      more.minutes.set(startMs, bucket)
      bucket.calls++
      if (ok) bucket.ok++
      if (available) bucket.available++
      bucket.latencies.push(latencyOf(latencyMs))
      more.calls++
      if (more.calls % flushEvery === 0) void flush()
    },

    report(kind, name, targets = targetsOf({ kind, name })) {
      const subject = { kind, name }
      const report = async (): Promise<SloReport> => {
        const nowMs = clock.now()
        const { buckets, recent } = await readBuckets(store, subject, nowMs)
        const own = gathered.get(recentKey(subject))?.minutes.values() ?? []
        const standing = recent?.value.burning ?? {}
        return reportOf([...buckets, ...own], { targets, standing, nowMs, histograms: await histograms() })
      }
      // Never beside a write, which has calls that are neither here nor there.
      return inTurn(report)
    },

    async names() {
      const kept = (await store.range<RecentSlo>(prefixOf('slo'))).map(({ value: { kind, name } }) => ({ kind, name }))
      const fresh = [...gathered.values()].map(({ subject }) => subject)
      return [...new Map([...kept, ...fresh].map((subject) => [recentKey(subject), subject])).values()]
    },

    flush,

    async sweep() {
      let swept = 0
      for (const entry of await store.range<RecentSlo>(prefixOf('slo'))) {
        const { kind, name, burning } = entry.value
        const { buckets, lasting } = await readBuckets(store, { kind, name }, clock.now())
        const lastMs = Math.max(0, ...buckets.map(({ startMs, sizeMs }) => startMs + sizeMs))
        if (lastMs < clock.now() - 29 * DAY_MS) {
          if (lasting) await forgetUnmoved(store, lasting)
          if (await forgetUnmoved(store, entry)) swept++
          alarmed.delete(recentKey({ kind, name }))
        } else if (Object.keys(burning).length > 0) alarmed.set(recentKey({ kind, name }), { kind, name })
      }
      await flush()
      return swept
    },

    async close() {
      isClosed = true
      await flush()
      clearTimeout(timer)
    },
  }
}

const nothingOf = (subject: SloSubject): Gathered => ({ subject, minutes: new Map(), calls: 0 })
