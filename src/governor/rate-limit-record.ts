// The state of one rate limit as all processes share it, and its arithmetic. The limit is kept as the moment at which
// everything taken so far will have been paid for (GCRA): whoever takes moves it by 1 / rps, and may go out `burst / rps`
// before it. So a place in the line is a moment, and an earlier one is never given away twice. Pure; times are the wall
// clock's milliseconds.

export interface RateLimit {
  /** Calls a second in the long run; above 0, fractions too. */
  rps: number
  /** Calls at once after a rest; at least 1. */
  burst: number
}

export type RateRecord = {
  /** When all that was taken is paid for. */
  paidAtMs: number
  /** When it was last written, as the writer's clock said. */
  atMs: number
  /** The rate that `paidAtMs` was reckoned with. */
  rps?: number
  /** The provider asked for a pause until then. */
  untilMs: number
  /** How long all pauses took together: who waits adds what came after his place. */
  pausedMs: number
  /** How much of the rate is used after repeated refusals: 1 is all of it, at `shareAtMs`. */
  share: number
  shareAtMs: number
}

/** A place in the line: the call may go out from `dueMs` on; at `endMs` it is paid for and worth nothing any more. */
export interface RatePlace {
  startMs: number
  dueMs: number
  endMs: number
}

/** Clocks of hosts may differ by so much; a clock that is further behind was set back. */
const SKEW_MS = 2_000
/** A provider that wants to be left alone for longer is asked again all the same. */
export const MOST_PAUSE_MS = 3_600_000
/** A refusal that says no time. */
const PAUSE_MS = 1_000
/** Refusals that lie closer together than this halve the rate. */
const AGAIN_WITHIN_MS = 60_000
const LEAST_SHARE = 1 / 32
const GROWS_BY = 0.05
const GROWS_EACH_MS = 10_000

const FRESH: RateRecord = { paidAtMs: 0, atMs: 0, untilMs: 0, pausedMs: 0, share: 1, shareAtMs: 0 }

/** The record as of now: where the clock was set back, its times move along, so that nothing waits for them to come again. */
export function standing(record: RateRecord | undefined, nowMs: number): RateRecord {
  if (!record) return FRESH
  const backMs = record.atMs - nowMs
  if (backMs <= SKEW_MS) return record
  const { paidAtMs, untilMs, shareAtMs } = record
  return {
    ...record,
    atMs: nowMs,
    paidAtMs: paidAtMs - backMs,
    untilMs: untilMs - backMs,
    shareAtMs: shareAtMs - backMs,
  }
}

/** How much of the rate is used now: half after a repeated refusal, and a twentieth more each ten seconds. */
export function shareOf({ share, shareAtMs }: RateRecord, nowMs: number): number {
  const steps = Math.max(0, Math.floor((nowMs - shareAtMs) / GROWS_EACH_MS))
  return Math.min(1, share + GROWS_BY * steps)
}

/** When all is paid for, and the limit as it is used now. A bucket that was paused holds one call at the end of the pause. */
function reckon(record: RateRecord, limit: RateLimit, nowMs: number) {
  const share = shareOf(record, nowMs)
  const rps = limit.rps * share
  const burst = Math.max(1, limit.burst * share)
  const everyMs = 1_000 / rps
  // A limit that was changed keeps the calls that are owed, not the time that they would have taken.
  const owedMs = Math.max(0, record.paidAtMs - nowMs) * ((record.rps ?? limit.rps) / limit.rps)
  const emptiedMs = record.untilMs > 0 ? record.untilMs + (burst - 1) * everyMs : 0
  const floorMs = Math.max(nowMs, emptiedMs)
  return { paidAtMs: Math.max(nowMs + owedMs, floorMs), floorMs, everyMs, burst }
}

/** Calls that could go out at once, 0 to `burst`. */
export function leftOf(kept: RateRecord | undefined, limit: RateLimit, nowMs: number): number {
  const { paidAtMs, everyMs, burst } = reckon(standing(kept, nowMs), limit, nowMs)
  return Math.max(0, burst - (paidAtMs - nowMs) / everyMs)
}

export interface Reservation {
  /** How long each that asks would wait at most, in the order of the line; milliseconds. */
  waitsMs: readonly number[]
  /** So many more are taken ahead, as far as the bucket stays half full without them. */
  ahead: number
  /** Places that nobody needs any more, one after the other; they go back if none was given after them. */
  back?: Pick<RatePlace, 'startMs' | 'endMs'> | undefined
}

export interface Reserved {
  record: RateRecord
  /** For those that were not refused, in order, then those taken ahead. */
  places: RatePlace[]
  /** What each that asked would have to wait, where that is longer than it may be. */
  refusedMs: (number | undefined)[]
  isBack: boolean
}

/** Takes places for all that ask. */
export function reserve(kept: RateRecord | undefined, limit: RateLimit, order: Reservation, nowMs: number): Reserved {
  const record = standing(kept, nowMs)
  const reckoned = reckon(record, limit, nowMs)
  const { everyMs, burst } = reckoned
  const { back } = order
  const isBack = back !== undefined && record.rps === limit.rps && isLast(record, back)
  let paidAtMs = isBack ? Math.max(reckoned.floorMs, back.startMs) : reckoned.paidAtMs
  const next = (): RatePlace => {
    const endMs = paidAtMs + everyMs
    return { startMs: paidAtMs, dueMs: Math.max(nowMs, endMs - burst * everyMs), endMs }
  }
  const places: RatePlace[] = []
  const refusedMs = order.waitsMs.map((longestMs) => {
    const place = next()
    const waitMs = Math.round((place.dueMs - nowMs) * 1_000) / 1_000
    if (waitMs > longestMs) return waitMs
    places.push(place)
    paidAtMs = place.endMs
    return undefined
  })
  const room = Math.floor(burst / 2 - (paidAtMs - nowMs) / everyMs)
  for (let at = 0; at < Math.min(order.ahead, room); at++) {
    const place = next()
    places.push(place)
    paidAtMs = place.endMs
  }
  return {
    record: { ...record, paidAtMs, atMs: Math.max(record.atMs, nowMs), rps: limit.rps },
    places,
    refusedMs,
    isBack,
  }
}

/** Whether the place was the last one given; the sums of pauses leave fractions of a microsecond. */
const isLast = (record: RateRecord, place: { endMs: number }): boolean => Math.abs(record.paidAtMs - place.endMs) < 0.01

/** What a pause lasts that the provider asked for. */
export const pauseOf = (retryAfterMs: number | undefined): number =>
  Math.min(MOST_PAUSE_MS, Math.max(PAUSE_MS, Number.isFinite(retryAfterMs) ? (retryAfterMs ?? 0) : 0))

/**
 * The provider refused a call as one too many: nobody takes until the pause is over, and the line moves by as much. A
 * refusal during a pause belongs to the one before; one that follows within a minute halves the rate.
 */
export function refusedAt(kept: RateRecord | undefined, pauseMs: number, nowMs: number): RateRecord {
  const record = standing(kept, nowMs)
  const paused = pausedAt(record, pauseMs, nowMs)
  const isOngoing = record.untilMs > nowMs
  const isAgain = !isOngoing && record.untilMs > 0 && nowMs - record.untilMs < AGAIN_WITHIN_MS
  if (!isAgain) return paused
  return { ...paused, share: Math.max(LEAST_SHARE, shareOf(record, nowMs) / 2), shareAtMs: paused.untilMs }
}

/** Nobody takes for so long. */
export function pausedAt(kept: RateRecord | undefined, pauseMs: number, nowMs: number): RateRecord {
  const record = standing(kept, nowMs)
  const untilMs = Math.max(record.untilMs, nowMs + pauseMs)
  const moreMs = untilMs - Math.max(nowMs, record.untilMs)
  return {
    ...record,
    atMs: Math.max(record.atMs, nowMs),
    paidAtMs: Math.max(record.paidAtMs, nowMs) + moreMs,
    untilMs,
    pausedMs: record.pausedMs + moreMs,
  }
}
