// Reputations as they are kept: one compact record of the last runs a name, shared by all processes. Runs are gathered and
// written together, so that an action costs no write of its own; a process that is killed loses what it had gathered.
import { type Clock, type Logger, silentLogger, timestamp } from '../foundation/index.ts'
import { keyOf, prefixOf, type Store } from '../store/index.ts'
import { changeRecord } from './change-record.ts'
import {
  REPUTATION_DEFAULTS,
  type Reputation,
  type ReputationTargets,
  RUNS_KEPT,
  type Run,
  reputationOf,
  runOf,
} from './reputation.ts'
import { watchRecords } from './watched-records.ts'

export type RunsKind = 'instance' | 'swarm' | 'module'

/** Oldest run first. */
export type RunsRecord = { kind: RunsKind; name: string; runs: Run[]; lastAt: string }

export interface Reputations {
  /** Notes how a run went. */
  record(kind: RunsKind, name: string, run: { ok: boolean; latencyMs: number }): void
  /** From memory; the runs of this process are in it at once, those of others when they are written. */
  of(kind: RunsKind, name: string): Reputation
  /** Everything that runs are kept of. */
  names(): { kind: RunsKind; name: string }[]
  /** Writes what was gathered. */
  flush(): Promise<void>
  /** Flushes, as far as the store lets it. */
  close(): Promise<void>
}

export interface ReputationsOptions {
  store: Store
  clock: Clock
  targets?: Partial<ReputationTargets>
  /** What each should keep, as its service contract says; where it says nothing, `targets`. */
  targetsOf?: (kind: RunsKind, name: string) => Partial<ReputationTargets> | undefined
  /** Runs of one name that are worth a write. Default 50. */
  flushEvery?: number
  /** Longest that a run stays unwritten. Default 5,000. */
  flushAfterMs?: number
  logger?: Logger
}

interface Gathered {
  kind: RunsKind
  name: string
  runs: Run[]
  lastMs: number
}

/** Opens the reputations of a home; resolves when they are known. */
export async function openReputations(options: ReputationsOptions): Promise<Reputations> {
  const { store, clock, flushEvery = 50, flushAfterMs = 5_000, logger = silentLogger } = options
  const usual = { ...REPUTATION_DEFAULTS, ...options.targets }
  /** Reputations of the moment: sorting a thousand runs is not worth repeating for each look. */
  const answers = new Map<string, { of: Reputation; day: number; targets: ReputationTargets }>()
  const records = await watchRecords<RunsRecord>({
    store,
    prefix: prefixOf('outcomes'),
    logger,
    onChange: ({ key }) => answers.delete(key),
  })
  const gathered = new Map<string, Gathered>()
  const writing = new Map<string, Gathered>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  let isClosed = false

  async function append(key: string, more: Gathered): Promise<void> {
    await changeRecord<RunsRecord>({ store, records }, key, (current) => ({
      value: {
        kind: more.kind,
        name: more.name,
        runs: [...(current?.runs ?? []), ...more.runs].slice(-RUNS_KEPT),
        lastAt: timestamp(Math.max(more.lastMs, current ? Date.parse(current.lastAt) : 0)),
      },
      log: [],
    }))
    writing.delete(key)
    answers.delete(key)
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = [...gathered]
    gathered.clear()
    for (const [key, more] of batch) writing.set(key, more)
    for (const [key, more] of batch) {
      try {
        await append(key, more)
      } catch (thrown) {
        logger.warn('runs could not be written; they are kept for the next time', { error: String(thrown) })
        writing.delete(key)
        const since = gathered.get(key)
        const runs = [...more.runs, ...(since?.runs ?? [])].slice(-RUNS_KEPT)
        gathered.set(key, { ...more, runs, lastMs: since?.lastMs ?? more.lastMs })
        startTimer()
      }
    }
  }

  // One after the other: two would append to the same records.
  const flush = (): Promise<void> => {
    flushing = flushing.then(write)
    return flushing
  }

  const startTimer = (): void => {
    if (isClosed) return
    timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
  }

  return {
    record(kind, name, run) {
      const key = keyOf('outcomes', kind, name)
      const more = gathered.get(key) ?? { kind, name, runs: [], lastMs: 0 }
      more.runs.push(runOf(run))
      if (more.runs.length > RUNS_KEPT) more.runs.shift()
      more.lastMs = clock.now()
      gathered.set(key, more)
      answers.delete(key)
      if (more.runs.length % flushEvery === 0) void flush()
      else startTimer()
    },

    of(kind, name) {
      const key = keyOf('outcomes', kind, name)
      const kept = records.get(key)?.value
      const own = [writing.get(key), gathered.get(key)].filter((some) => some !== undefined)
      const lastMs = Math.max(kept ? Date.parse(kept.lastAt) : 0, ...own.map((some) => some.lastMs))
      const idleMs = clock.now() - lastMs
      const day = Math.floor(idleMs / 86_400_000)
      const targets = { ...usual, ...options.targetsOf?.(kind, name) }
      const known = answers.get(key)
      if (known?.day === day && areSame(known.targets, targets)) return known.of
      const runs = [...(kept?.runs ?? []), ...own.flatMap((some) => some.runs)].slice(-RUNS_KEPT)
      const of = reputationOf(runs, targets, idleMs)
      answers.set(key, { of, day, targets })
      return of
    },

    names() {
      const all = [...records.values(), ...gathered.values()].map(({ kind, name }) => ({ kind, name }))
      return [...new Map(all.map((of) => [keyOf(of.kind, of.name), of])).values()]
    },

    flush,

    async close() {
      isClosed = true
      await flush()
      records.close()
    },
  }
}

const areSame = (a: ReputationTargets, b: ReputationTargets): boolean =>
  a.successRate === b.successRate && a.p99Ms === b.p99Ms
