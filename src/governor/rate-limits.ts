// Rate limits: how often an instance, a swarm or a module may call. A bucket of `burst` calls that fills with `rps` a
// second, one for all processes of a store: its state is one record a name, moved by compare-and-swap. Who finds it empty
// has his place in the line reserved and waits for it; what would take too long is refused at once. When a provider
// answers that it was called too often, everybody pauses, and after repeated ones the rate is lower for a while.
import { type Clock, FabricError, type Logger, optional, silentLogger } from '../foundation/index.ts'
import { forgetUnmoved, keyOf, prefixOf, type Store } from '../store/index.ts'
import { changeRate } from './rate-limit-change.ts'
import { RateLine } from './rate-limit-line.ts'
import {
  leftOf,
  pausedAt,
  pauseOf,
  type RateLimit,
  type RateRecord,
  refusedAt,
  shareOf,
  standing,
} from './rate-limit-record.ts'
import { watchRecords } from './watched-records.ts'

export type RateKind = 'instance' | 'swarm' | 'module'

export interface RateSubject {
  kind: RateKind
  name: string
}

export interface TakeOptions {
  signal?: AbortSignal
  /** Longest wait. Default 30,000. */
  timeoutMs?: number
}

export interface RateLimits {
  /**
   * Resolves when the call may go out. IF_ERR_RATE_LIMIT_EXCEEDED at once where the wait would be longer than
   * `timeoutMs`, IF_ERR_CANCELLED when the signal aborts, IF_ERR_INVALID_INPUT for limits that are none.
   */
  take(subject: RateSubject, limit: RateLimit, options?: TakeOptions): Promise<void>
  /** What is left of the burst, 0–1; 0 also while others wait. From memory: what others took is in it when it was heard. */
  headroom(subject: RateSubject, limit: RateLimit): number
  /** How much of its rate is used: below 1 after repeated refusals. */
  share(subject: RateSubject): number
  /**
   * The provider refused a call as one too many. Nobody takes for `retryAfterMs` (at least a second, at most an hour), in
   * any process; a refusal within a minute after that halves the rate, which grows back by a twentieth each ten seconds.
   * `served`: it was no refusal, it only said that this was the last call until then; that halves nothing.
   */
  told(subject: RateSubject, answer: { retryAfterMs?: number; served?: true }): Promise<void>
  /** Forgets what has rested for a day; returns how many records went. */
  sweep(): Promise<number>
  /** Ends every wait with IF_ERR_CANCELLED. */
  close(): Promise<void>
}

export interface RateLimitsOptions {
  store: Store
  clock: Clock
  logger?: Logger
}

interface Turning {
  signal: AbortSignal | undefined
  timeoutMs: number
}

const DAY_MS = 86_400_000

/** Opens the rate limits of a home; resolves when they are known. */
export async function openRateLimits(options: RateLimitsOptions): Promise<RateLimits> {
  const { store, clock, logger = silentLogger } = options
  const lines = new Map<string, RateLine>()
  const records = await watchRecords<RateRecord>({
    store,
    prefix: prefixOf('rate'),
    logger,
    onChange: ({ key, after }) => lines.get(key)?.heard(after),
  })
  let isClosed = false

  const changes = (key: string) => changeRate({ store, clock, records }, key)

  const lineOf = (key: string, limit: RateLimit): RateLine => {
    const known = lines.get(key)
    if (known) return known
    const line = new RateLine({ clock, change: changes(key), limit, record: records.get(key)?.value })
    lines.set(key, line)
    return line
  }

  const wait = (subject: RateSubject, limit: RateLimit, line: RateLine, options: Turning) =>
    new Promise<void>((resolve, reject) => {
      const { signal, timeoutMs } = options
      const settle = (act: () => void) => {
        signal?.removeEventListener('abort', cancel)
        act()
      }
      const leave = line.join(limit, {
        timeoutMs,
        go: () => settle(resolve),
        fail: (thrown) => settle(() => reject(thrown)),
        refuse: (waitMs) => {
          const record = records.get(keyOfSubject(subject))?.value
          const isPaused = record !== undefined && standing(record, clock.now()).untilMs > clock.now()
          settle(() => reject(tooLong(subject, limit, { waitMs, timeoutMs, isPaused })))
        },
      })
      const cancel = () => {
        leave()
        reject(cancelled(subject, signal?.reason))
      }
      signal?.addEventListener('abort', cancel, { once: true })
    })

  return {
    async take(subject, limit, { signal, timeoutMs = 30_000 } = {}) {
      checkLimit(subject, limit)
      if (signal?.aborted || isClosed) throw cancelled(subject, signal?.reason)
      const line = lineOf(keyOfSubject(subject), limit)
      if (!line.takeReady(limit)) await wait(subject, limit, line, { signal, timeoutMs })
    },

    headroom(subject, limit) {
      checkLimit(subject, limit)
      const key = keyOfSubject(subject)
      const line = lines.get(key)
      if (line?.hasWaiting) return 0
      const left = leftOf(records.get(key)?.value, limit, clock.now())
      return Math.min(1, ((line?.ready ?? 0) + left) / limit.burst)
    },

    share(subject) {
      const record = records.get(keyOfSubject(subject))?.value
      return record ? shareOf(standing(record, clock.now()), clock.now()) : 1
    },

    async told(subject, { retryAfterMs, served = false }) {
      if (isClosed) return
      const key = keyOfSubject(subject)
      const pauseMs = pauseOf(retryAfterMs)
      lines.get(key)?.pause(pauseMs)
      try {
        await changes(key)((current) =>
          served ? pausedAt(current, pauseMs, clock.now()) : refusedAt(current, pauseMs, clock.now()),
        )
      } catch (thrown) {
        logger.warn('other processes were not told of a pause', { ...subject, pauseMs, error: String(thrown) })
      }
    },

    async sweep() {
      for (const [key, line] of lines) if (line.isIdle) lines.delete(key)
      const restingSinceMs = clock.now() - DAY_MS
      const resting = (await store.range<RateRecord>(prefixOf('rate'))).filter(
        ({ value: { paidAtMs, untilMs, shareAtMs } }) => Math.max(paidAtMs, untilMs, shareAtMs) < restingSinceMs,
      )
      // Together, so that thousands share a few commits.
      const swept = await Promise.all(resting.map((entry) => forgetUnmoved(store, entry)))
      return swept.filter((isGone) => isGone).length
    },

    async close() {
      isClosed = true
      const reason = new FabricError('IF_ERR_CANCELLED', 'the home was closed while a call waited for its turn', {
        details: { outcome: 'not-done' },
      })
      await Promise.all([...lines.values()].map((line) => line.end(reason)))
      lines.clear()
      records.close()
    },
  }
}

const keyOfSubject = ({ kind, name }: RateSubject): string => keyOf('rate', kind, name)

const textOf = ({ kind, name }: RateSubject): string => (kind === 'instance' ? name : `${kind} ${name}`)

function checkLimit(subject: RateSubject, { rps, burst }: RateLimit): void {
  if (Number.isFinite(rps) && rps > 0 && Number.isFinite(burst) && burst >= 1) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${textOf(subject)}: rps ${rps} with burst ${burst} is no rate limit`, {
    hint: 'rps is above 0, burst at least 1.',
  })
}

function tooLong(
  subject: RateSubject,
  { rps, burst }: RateLimit,
  { waitMs, timeoutMs, isPaused }: { waitMs: number; timeoutMs: number; isPaused: boolean },
): FabricError {
  const retryAfterMs = Math.ceil(waitMs)
  const why = isPaused
    ? `${textOf(subject)} has answered that it was called too often`
    : `${textOf(subject)} is called more than ${rps} times a second`
  const whose = subject.kind === 'instance' ? 'its manifest' : 'its limit'
  return new FabricError('IF_ERR_RATE_LIMIT_EXCEEDED', `${why}: the next call could go out in ${retryAfterMs} ms`, {
    hint: `Call it less often: ${whose} allows ${rps} a second and ${burst} at once.`,
    details: { [subject.kind]: subject.name, retryAfterMs, timeoutMs, outcome: 'not-done' },
  })
}

const cancelled = (subject: RateSubject, reason: unknown): FabricError =>
  new FabricError('IF_ERR_CANCELLED', `the wait for a call of ${textOf(subject)} was cancelled`, {
    ...optional('cause', reason),
    details: { outcome: 'not-done' },
  })
