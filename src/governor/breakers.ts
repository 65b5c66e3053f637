// Circuit breakers of instances and of swarms. Their state is in the store, so that what one process learns holds for all;
// each process answers from memory. A success costs no write unless it ends a row of failures. Who asks to be admitted
// tells in the end how it went: only the one probe closes an open breaker, whatever late answers say.
import {
  type Clock,
  FabricError,
  isFabricError,
  type Logger,
  silentLogger,
  timestamp,
  ulid,
} from '../foundation/index.ts'
import { keyOf, type LogEntry, prefixOf, type Store, type Write } from '../store/index.ts'
import {
  afterFailure,
  BREAKER_DEFAULTS,
  type BreakerKind,
  type BreakerRecord,
  type BreakerSettings,
  breakerOpen,
  isShut,
  probing,
  reopened,
} from './breaker-record.ts'
import { type BreakerReset, resetOf } from './breaker-reset.ts'
import { watchRecords } from './watched-records.ts'

/** How a call went, as a breaker sees it. `none`: it tells nothing (cancelled, denied, too many requests). */
export type BreakerOutcome = 'ok' | 'fault' | 'none'

/** The leave to make one call. */
export interface Admission {
  /** It is the one call that finds out whether an open breaker may close. */
  readonly probe: boolean
  /** To be told once, however the call ended; never rejects. */
  ended(outcome: BreakerOutcome, why?: string): Promise<void>
}

export interface BreakerChange {
  kind: BreakerKind
  name: string
  before: BreakerRecord['state']
  after: BreakerRecord['state']
  record: BreakerRecord | undefined
}

export interface Breakers {
  /** As everybody knows it, from memory; `half-open` also where the next call would be the probe. */
  state(kind: BreakerKind, name: string): BreakerRecord['state']
  /** IF_ERR_BREAKER_OPEN while it is shut; from memory. */
  check(kind: BreakerKind, name: string): void
  /** Lets a call pass, as the probe where one is due; IF_ERR_BREAKER_OPEN. `forMs`: how long the probe may take. */
  admit(kind: BreakerKind, name: string, options?: { forMs?: number }): Promise<Admission>
  /** Opens the breaker of a swarm whose budget is used up. */
  exhausted(swarm: string, why: string): Promise<void>
  /**
   * A person closes it, and says why: IF_ERR_APPROVAL_FORBIDDEN for anybody else, IF_ERR_INVALID_INPUT without a reason,
   * or without a new budget where the old one is used up, IF_ERR_NOT_FOUND where nothing is to be reset.
   */
  reset(kind: BreakerKind, name: string, reset: BreakerReset): Promise<void>
  /** All that count failures, are open or half-open. */
  list(): BreakerRecord[]
  close(): void
}

export interface BreakersOptions {
  store: Store
  clock: Clock
  /** Read at each use, so that an object that follows a policy may be passed. */
  settings?: Partial<BreakerSettings>
  /** Told of each change of state, whichever process made it. */
  onChange?: (change: BreakerChange) => void
  logger?: Logger
}

/** What a breaker moves to, and what the witness hears of it; no record: closed. */
interface Move {
  record: BreakerRecord | undefined
  log?: LogEntry[]
  writes?: readonly Write[]
}

/** Others move the same breaker, never so often. */
const MOST_TRIES = 50

/** Opens the breakers of a home; resolves when their state is known. */
export async function openBreakers(options: BreakersOptions): Promise<Breakers> {
  const { store, clock, logger = silentLogger, onChange } = options
  const settings = (): BreakerSettings => ({ ...BREAKER_DEFAULTS, ...options.settings })
  const records = await watchRecords<BreakerRecord>({
    store,
    prefix: prefixOf('breaker'),
    logger,
    onChange({ before, after }) {
      const record = after ?? before
      const change = { before: before?.state ?? 'closed', after: after?.state ?? 'closed' } as const
      if (record && change.before !== change.after)
        onChange?.({ kind: record.kind, name: record.name, ...change, record: after })
    },
  })
  const known = (kind: BreakerKind, name: string) => records.get(keyOf('breaker', kind, name))

  async function move(
    kind: BreakerKind,
    name: string,
    decide: (current: BreakerRecord | undefined) => Move | undefined,
  ): Promise<Move | undefined> {
    const key = keyOf('breaker', kind, name)
    let current = records.get(key)
    for (let tries = 1; ; tries++) {
      const next = decide(current?.value)
      if (!next) return undefined
      const write: Write = { key, value: next.record, expect: current?.revision ?? 'absent' }
      try {
        const { revisions } = await store.commit([write, ...(next.writes ?? [])], next.log)
        records.wrote(write, revisions[0] ?? 0)
        return next
      } catch (thrown) {
        const isRace = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && thrown.details.key === key
        if (!isRace || tries === MOST_TRIES) throw thrown
        current = await store.get<BreakerRecord>(key)
      }
    }
  }

  async function ended(kind: BreakerKind, name: string, outcome: BreakerOutcome, why: string): Promise<void> {
    if (outcome === 'none' || (outcome === 'ok' && !known(kind, name))) return
    await move(kind, name, (current) => {
      if (outcome === 'ok') return current?.state === 'closed' ? { record: undefined } : undefined
      const record = afterFailure(current, { kind, name, why, nowMs: clock.now(), settings: settings() })
      return record && { record }
    })
  }

  async function probeEnded(probe: BreakerRecord & { state: 'half-open' }, outcome: BreakerOutcome, why: string) {
    await move(probe.kind, probe.name, (current) => {
      // Somebody took over from a probe that took too long, or a person closed it.
      if (current?.state !== 'half-open' || current.probe !== probe.probe) return undefined
      if (outcome === 'ok') return { record: undefined }
      const nowMs = clock.now()
      const retryAtMs = outcome === 'fault' ? nowMs + settings().openMs : nowMs
      return { record: reopened(current, { retryAtMs, nowMs, failure: outcome === 'fault' ? why : undefined }) }
    })
  }

  const admission = (probe: boolean, kept: (outcome: BreakerOutcome, why: string) => Promise<void>): Admission => ({
    probe,
    ended: (outcome, why = 'it failed') =>
      kept(outcome, why).catch((thrown: unknown) =>
        logger.warn('a breaker could not be told how a call went', { outcome, error: String(thrown) }),
      ),
  })

  return {
    state(kind, name) {
      const record = known(kind, name)?.value
      if (!record || record.state === 'closed') return 'closed'
      return record.state === 'open' && isShut(record, clock.now()) ? 'open' : 'half-open'
    },

    check(kind, name) {
      const record = known(kind, name)?.value
      if (record && isShut(record, clock.now())) throw breakerOpen(record)
    },

    async admit(kind, name, { forMs } = {}) {
      const plain = admission(false, (outcome, why) => ended(kind, name, outcome, why))
      const record = known(kind, name)?.value
      if (!record || record.state === 'closed') return plain
      const moved = await move(kind, name, (current) => {
        if (!current || current.state === 'closed') return undefined
        const nowMs = clock.now()
        if (isShut(current, nowMs)) throw breakerOpen(current)
        return { record: probing(current, { probe: ulid(), nowMs, forMs: forMs ?? settings().openMs }) }
      })
      const probe = moved?.record
      if (probe?.state !== 'half-open') return plain
      return admission(true, (outcome, why) => probeEnded(probe, outcome, why))
    },

    async exhausted(name, why) {
      await move('swarm', name, (current) => {
        if (current?.state === 'open' && current.cause === 'budget') return undefined
        const at = timestamp(clock.now())
        const failures = current?.failures ?? 0
        const opened = { state: 'open', openedAt: at, cause: 'budget', retryAtMs: null } as const
        return { record: { kind: 'swarm', name, failures, why, at, ...opened } }
      })
    },

    async reset(kind, name, reset) {
      await move(kind, name, (current) => {
        if (!current) throw nothingToReset(kind, name)
        const { log, writes } = resetOf(current, reset, timestamp(clock.now()))
        return { record: undefined, log: [log], writes }
      })
    },

    list: () => records.values(),
    close: () => records.close(),
  }
}

const nothingToReset = (kind: BreakerKind, name: string): FabricError =>
  new FabricError('IF_ERR_NOT_FOUND', `the breaker of ${kind} ${name} is closed and counts no failure`, {
    hint: 'Only a breaker that is open, or on its way there, can be reset.',
    next: 'ifab governor breakers',
  })
