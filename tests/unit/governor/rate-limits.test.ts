import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openRateLimits, type RateLimit, type RateLimits, type RateSubject } from '../../../src/governor/index.ts'
import type { RateRecord } from '../../../src/governor/rate-limit-record.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { openPrefixStore } from './prefix-store.ts'
import { busyWith, steppedClock } from './stepped-clock.ts'

const STRIPE: RateSubject = { kind: 'instance', name: 'stripe' }
const TEN = { rps: 10, burst: 3 }
const DAY = 86_400_000

const opened: RateLimits[] = []
afterEach(async () => {
  for (const limits of opened.splice(0)) await limits.close()
})

async function open(store: Store, clock = steppedClock()): Promise<RateLimits> {
  const limits = await openRateLimits({ store, clock })
  opened.push(limits)
  return limits
}

async function setUp(processes = 1) {
  const store = await openMemoryStore()
  const clock = steppedClock(busyWith(store))
  const all = await Promise.all(Array.from({ length: processes }, () => open(store, clock)))
  const [limits] = all
  if (!limits) throw new Error('no process')
  return { store, clock, limits, all, commits: vi.spyOn(store, 'commit') }
}

async function setUpHeld() {
  const clock = heldClock()
  const limits = await openRateLimits({ store: await openMemoryStore(), clock })
  opened.push(limits)
  return { clock, limits }
}

const recordOf = async (store: Store) => (await store.get<RateRecord>('rate/instance/stripe'))?.value

describe('a rate limit', () => {
  it('lets the burst out at once, then one after the other', async () => {
    const { clock, limits } = await setUpHeld()

    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)
    const burst = clock.monotonic()
    await limits.take(STRIPE, TEN)
    const fourth = clock.monotonic()
    await limits.take(STRIPE, TEN)

    expect([burst, fourth, clock.monotonic()]).toEqual([0, 100, 200])
  })

  it('fills up to the burst and no further', async () => {
    const { clock, limits } = await setUpHeld()
    await limits.take(STRIPE, TEN)
    const after = limits.headroom(STRIPE, TEN)

    clock.pass(50)
    const half = limits.headroom(STRIPE, TEN)
    clock.pass(1_000_000)

    expect(after).toBeCloseTo(2 / 3)
    expect(half).toBeCloseTo(2.5 / 3)
    expect(limits.headroom(STRIPE, TEN)).toBe(1)
  })

  it('counts each name of each kind by itself', async () => {
    const { limits } = await setUp()
    const one = { rps: 1, burst: 1 }

    await limits.take({ kind: 'instance', name: 'a' }, one)

    expect(limits.headroom({ kind: 'instance', name: 'a' }, one)).toBe(0)
    expect(limits.headroom({ kind: 'instance', name: 'b' }, one)).toBe(1)
    expect(limits.headroom({ kind: 'swarm', name: 'a' }, one)).toBe(1)
    expect(limits.headroom({ kind: 'module', name: 'a' }, one)).toBe(1)
  })

  it('refuses at once who would have to wait too long, and takes nothing from those who wait', async () => {
    const { clock, limits } = await setUpHeld()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)

    await expect(limits.take(STRIPE, TEN, { timeoutMs: 99 })).rejects.toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      message: 'stripe is called more than 10 times a second: the next call could go out in 100 ms',
      retryable: true,
      details: { instance: 'stripe', retryAfterMs: 100, timeoutMs: 99, outcome: 'not-done' },
    })
    await limits.take(STRIPE, TEN, { timeoutMs: 100 })

    expect(clock.monotonic()).toBe(100)
  })

  it('lets a call out that may not wait at all, where there is room', async () => {
    const { limits } = await setUp()

    await limits.take(STRIPE, TEN, { timeoutMs: 0 })

    expect(limits.headroom(STRIPE, TEN)).toBeCloseTo(2 / 3)
  })

  it('names a swarm or module as what it is', async () => {
    const { limits } = await setUp()
    const desk: RateSubject = { kind: 'swarm', name: 'desk' }
    await limits.take(desk, { rps: 1, burst: 1 })

    await expect(limits.take(desk, { rps: 1, burst: 1 }, { timeoutMs: 10 })).rejects.toMatchObject({
      message: 'swarm desk is called more than 1 times a second: the next call could go out in 1000 ms',
      details: { swarm: 'desk' },
    })
  })

  it.each([
    { rps: 0, burst: 1 },
    { rps: -1, burst: 1 },
    { rps: Number.NaN, burst: 1 },
    { rps: 1, burst: 0 },
    { rps: 1, burst: Number.POSITIVE_INFINITY },
  ])('is refused when it is none: %o', async (limit) => {
    const { limits } = await setUp()

    await expect(limits.take(STRIPE, limit)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(() => limits.headroom(STRIPE, limit)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
  })

  it('that was raised lets those in who come after, without forgetting what is owed', async () => {
    const { clock, limits } = await setUp()
    const slow = { rps: 0.01, burst: 1 }
    await limits.take(STRIPE, slow)
    const refused = limits.take(STRIPE, slow, { timeoutMs: 10_000 }).catch((thrown) => thrown)
    expect(await refused).toMatchObject({ details: { retryAfterMs: 100_000 } })

    const fast = limits.take(STRIPE, { rps: 10, burst: 1 })
    await clock.pass(100)

    await expect(fast).resolves.toBeUndefined()
  })
})

describe('a cancelled wait', () => {
  it('gives its place to the one behind', async () => {
    const { clock, limits } = await setUp()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)
    const giveUp = new AbortController()
    const first = limits.take(STRIPE, TEN, { signal: giveUp.signal }).catch((thrown) => thrown)
    const second = limits.take(STRIPE, TEN).then(() => clock.monotonic())
    await clock.settled()

    giveUp.abort(new Error('no more'))
    await clock.pass(1_000)

    expect(await first).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'not-done' } })
    expect(await second).toBe(100)
  })

  it('gives the last place back, to all processes', async () => {
    const { clock, store, limits, all } = await setUp(2)
    const slow = { rps: 0.001, burst: 1 }
    await limits.take(STRIPE, slow)
    const before = await recordOf(store)
    const giveUp = new AbortController()
    const waiting = Array.from({ length: 5 }, () =>
      limits.take(STRIPE, slow, { signal: giveUp.signal, timeoutMs: 1e9 }).catch((thrown) => thrown.code),
    )
    await clock.settled()
    expect((await recordOf(store))?.paidAtMs).toBeCloseTo((before?.paidAtMs ?? 0) + 5_000_000)

    giveUp.abort(new Error('no more'))
    await clock.settled()

    expect(await Promise.all(waiting)).toEqual(Array(5).fill('IF_ERR_CANCELLED'))
    expect((await recordOf(store))?.paidAtMs).toBeCloseTo(before?.paidAtMs ?? 0)
    await expect(all[1]?.take(STRIPE, slow, { timeoutMs: 1 })).rejects.toMatchObject({
      details: { retryAfterMs: 1_000_000 },
    })
  })

  it('is not given back after another process took the place behind it', async () => {
    const { store, clock, limits, all } = await setUp(2)
    const slow = { rps: 1, burst: 1 }
    await limits.take(STRIPE, slow)
    const giveUp = new AbortController()
    const left = limits.take(STRIPE, slow, { signal: giveUp.signal }).catch((thrown) => thrown.code)
    await clock.settled()
    const behind = all[1]?.take(STRIPE, slow).then(() => clock.monotonic())
    await clock.settled()
    const before = await recordOf(store)

    giveUp.abort(new Error('no more'))
    await clock.settled()
    const after = await recordOf(store)
    await clock.pass(3_000)

    expect(await left).toBe('IF_ERR_CANCELLED')
    expect(after?.paidAtMs).toBe(before?.paidAtMs)
    expect(await behind).toBe(2_000)
  })

  it('is refused before it began', async () => {
    const { limits } = await setUp()

    await expect(limits.take(STRIPE, TEN, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'IF_ERR_CANCELLED',
    })
  })

  it('is what the end of the home makes of each wait', async () => {
    const { clock, limits } = await setUp()
    await limits.take(STRIPE, { rps: 1, burst: 1 })
    const waiting = limits.take(STRIPE, { rps: 1, burst: 1 }).catch((thrown) => thrown)
    await clock.settled()

    await limits.close()

    expect(await waiting).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { outcome: 'not-done' } })
    expect(clock.sleepers).toBe(0)
    await expect(limits.take(STRIPE, TEN)).rejects.toMatchObject({ code: 'IF_ERR_CANCELLED' })
  })
})

describe('many at once', () => {
  it('go in the order in which they came, one commit for all', async () => {
    const { clock, limits, commits } = await setUp()
    const order: number[] = []
    const all = Array.from({ length: 20 }, (_, at) => limits.take(STRIPE, TEN).then(() => order.push(at)))

    await clock.pass(5_000)
    await Promise.all(all)

    expect(order).toEqual(Array.from({ length: 20 }, (_, at) => at))
    expect(commits.mock.calls.length).toBeLessThanOrEqual(2)
  })

  it('of two processes go in the order of their reservations: neither starves', async () => {
    const { clock, all } = await setUp(2)
    const order: string[] = []
    const taking: Promise<unknown>[] = []
    for (let round = 0; round < 10; round++) {
      for (const [at, limits] of all.entries()) {
        taking.push(limits.take(STRIPE, TEN).then(() => order.push(`${at}:${round}`)))
        await clock.settled()
      }
    }

    await clock.pass(5_000)
    await Promise.all(taking)

    expect(order).toEqual(Array.from({ length: 10 }, (_, round) => [`0:${round}`, `1:${round}`]).flat())
  })

  it('cost no commit each while the bucket has room', async () => {
    const { limits, commits } = await setUp()
    const wide = { rps: 100, burst: 200 }

    for (let at = 0; at < 100; at++) await limits.take(STRIPE, wide)

    expect(commits.mock.calls.length).toBeLessThan(15)
  })

  it('take nothing ahead of a bucket that is half empty', async () => {
    const { clock, store, limits } = await setUp()
    const limit = { rps: 1, burst: 8 }

    for (let at = 0; at < 8; at++) await limits.take(STRIPE, limit)

    expect((await recordOf(store))?.paidAtMs).toBe(clock.now() + 8_000)
  })

  it('have ten thousand names', async () => {
    const { clock, store, limits } = await setUp()
    const names = Array.from({ length: 10_000 }, (_, at): RateSubject => ({ kind: 'module', name: `m-${at}` }))

    await Promise.all(names.map((subject) => limits.take(subject, TEN)))
    const kept = (await store.range('rate/')).length
    const spared = await limits.sweep()
    await clock.pass(2 * DAY)

    expect(kept).toBe(10_000)
    expect(spared).toBe(0)
    expect(await limits.sweep()).toBe(10_000)
    expect(await store.range('rate/')).toEqual([])
  }, 120_000)
})

/** As many processes as there are numbers in the plan: who asks, and how long after the one before. */
async function goneOut(limit: RateLimit, asks: { process: number; after: number }[], processes: number) {
  const { clock, all } = await setUp(processes)
  const out: number[] = []
  const taking: Promise<unknown>[] = []
  for (const { process, after } of asks) {
    await clock.pass(after)
    taking.push(
      all[process]?.take(STRIPE, limit, { timeoutMs: 1e9 }).then(() => out.push(clock.monotonic())) ??
        Promise.resolve(),
    )
  }
  await clock.pass(1e7)
  await Promise.all(taking)
  return out
}

function expectWithin(limit: RateLimit, out: number[]): void {
  for (const [from, start] of out.entries()) {
    for (let until = from; until < out.length; until++) {
      // Waits are whole milliseconds, so that two calls may be one closer than they should.
      const allowed = limit.burst + (((out[until] ?? 0) - start + 1) * limit.rps) / 1_000
      expect(until - from + 1).toBeLessThanOrEqual(allowed + 1e-6)
    }
  }
}

describe('burst and rate', () => {
  it('are never exceeded, whenever whichever of three processes asks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ rps: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 24 }) }),
        fc.array(fc.record({ process: fc.nat(2), after: fc.oneof(fc.constant(0), fc.nat(300)) }), {
          minLength: 1,
          maxLength: 40,
        }),
        async (limit, asks) => {
          const out = await goneOut(limit, asks, 3)

          expect(out).toHaveLength(asks.length)
          expectWithin(limit, out)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('let nobody wait longer than the rate makes him', async () => {
    const asks = Array.from({ length: 30 }, (_, at) => ({ process: at % 3, after: 0 }))

    const out = await goneOut({ rps: 10, burst: 5 }, asks, 3)

    expect(out.at(-1)).toBeLessThanOrEqual(2_600)
  })
})

describe('a clock', () => {
  it('that is set back blocks nobody', async () => {
    const { clock, limits } = await setUp()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)

    clock.jump(-30 * DAY)
    const taken = limits.take(STRIPE, TEN)
    await clock.pass(100)

    await expect(taken).resolves.toBeUndefined()
  })

  it('that is set back does not give what was taken either', async () => {
    const { clock, limits } = await setUp()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)

    clock.jump(-30 * DAY)

    expect(limits.headroom(STRIPE, TEN)).toBe(0)
    await expect(limits.take(STRIPE, TEN, { timeoutMs: 99 })).rejects.toMatchObject({
      details: { retryAfterMs: 100 },
    })
  })

  it('that is set forward gives one burst and no more', async () => {
    const { clock, limits } = await setUp()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)

    clock.jump(30 * DAY)
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN, { timeoutMs: 0 })

    await expect(limits.take(STRIPE, TEN, { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    })
  })

  it('of a host that is a second behind lends nothing', async () => {
    const store = await openMemoryStore()
    const [right, behind] = [steppedClock(), steppedClock()]
    behind.jump(-1_000)
    const all = await Promise.all([open(store, right), open(store, behind)])
    for (let at = 0; at < 3; at++) await all[0].take(STRIPE, TEN, { timeoutMs: 0 })

    for (let round = 0; round < 5; round++) {
      for (const limits of all) {
        await expect(limits.take(STRIPE, TEN, { timeoutMs: 0 })).rejects.toMatchObject({
          code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
        })
      }
    }
  })
})

describe('a refusal of the provider', () => {
  it('stops everybody in every process until its time is over', async () => {
    const { clock, all } = await setUp(2)
    const limit = { rps: 10, burst: 20 }
    await all[0]?.take(STRIPE, limit)

    await all[0]?.told(STRIPE, { retryAfterMs: 5_000 })
    await clock.settled()

    for (const limits of all) {
      expect(limits.headroom(STRIPE, limit)).toBe(0)
      await expect(limits.take(STRIPE, limit, { timeoutMs: 4_999 })).rejects.toMatchObject({
        message: 'stripe has answered that it was called too often: the next call could go out in 5000 ms',
        details: { retryAfterMs: 5_000 },
      })
    }
    const [first, second] = all.map((limits) => limits.take(STRIPE, limit).then(() => clock.monotonic()))
    await clock.pass(10_000)
    expect([await first, await second]).toEqual([5_000, 5_100])
  })

  it('takes from a process what it had taken ahead', async () => {
    const { clock, all } = await setUp(2)
    const limit = { rps: 10, burst: 40 }
    for (let at = 0; at < 6; at++) await all[1]?.take(STRIPE, limit)

    await all[0]?.told(STRIPE, { retryAfterMs: 2_000 })
    await clock.settled()
    const late = all[1]?.take(STRIPE, limit).then(() => clock.monotonic())
    await clock.pass(3_000)

    expect(await late).toBe(2_000)
  })

  it('moves the line: who waits keeps his place, and nobody bursts out after it', async () => {
    const { clock, all } = await setUp(2)
    const out: number[] = []
    for (let at = 0; at < 3; at++) await all[0]?.take(STRIPE, TEN)
    const waiting = [0, 1, 0, 1].map(async (process, at) => {
      await all[process]?.take(STRIPE, TEN)
      out.push(at, clock.monotonic())
    })
    await clock.settled()

    await all[1]?.told(STRIPE, { retryAfterMs: 3_000 })
    await clock.pass(10_000)
    await Promise.all(waiting)

    // Both processes reserved for their two at once.
    expect(out.filter((_, at) => at % 2 === 1)).toEqual([3_100, 3_200, 3_300, 3_400])
  })

  it('refuses at once who would now have to wait too long', async () => {
    const { clock, limits } = await setUp()
    for (let at = 0; at < 3; at++) await limits.take(STRIPE, TEN)
    const patient = limits.take(STRIPE, TEN, { timeoutMs: 60_000 })
    const hasty = limits.take(STRIPE, TEN, { timeoutMs: 1_000 }).catch((thrown) => thrown)
    patient.catch(() => undefined)
    await clock.settled()

    await limits.told(STRIPE, { retryAfterMs: 30_000 })

    expect(await hasty).toMatchObject({ code: 'IF_ERR_RATE_LIMIT_EXCEEDED', details: { timeoutMs: 1_000 } })
    expect(limits.headroom(STRIPE, TEN)).toBe(0)
  })

  it.each([
    [undefined, 1_000],
    [0, 1_000],
    [Number.NaN, 1_000],
    [-5, 1_000],
    [Number.POSITIVE_INFINITY, 1_000],
    [1e12, 3_600_000],
  ])('that asks for %s ms is a pause of %i ms', async (retryAfterMs, pause) => {
    const { limits } = await setUp()

    await limits.told(STRIPE, retryAfterMs === undefined ? {} : { retryAfterMs })

    await expect(limits.take(STRIPE, TEN, { timeoutMs: 0 })).rejects.toMatchObject({
      details: { retryAfterMs: pause },
    })
  })

  it('once leaves the rate as it is; once more within a minute halves it, and it grows back', async () => {
    const { clock, limits } = await setUp()
    const shares: number[] = []
    const note = () => shares.push(Number(limits.share(STRIPE).toFixed(2)))

    await limits.told(STRIPE, { retryAfterMs: 1_000 })
    await limits.told(STRIPE, { retryAfterMs: 1_000 })
    note()
    await clock.pass(30_000)
    await limits.told(STRIPE, { retryAfterMs: 1_000 })
    note()
    await clock.pass(2_000)
    await limits.told(STRIPE, { retryAfterMs: 1_000 })
    note()
    await clock.pass(11_000)
    note()
    await clock.pass(90_000)
    note()
    await clock.pass(100_000)
    note()

    expect(shares).toEqual([1, 0.5, 0.25, 0.3, 0.75, 1])
  })

  it('does not slow anything down for good, however often it comes', async () => {
    const { clock, limits } = await setUp()

    for (let at = 0; at < 40; at++) {
      await limits.told(STRIPE, {})
      await clock.pass(2_000)
    }
    const least = limits.share(STRIPE)
    await clock.pass(200_000)

    expect(least).toBeGreaterThan(0.03)
    expect(limits.share(STRIPE)).toBe(1)
  })

  it('keeps the lower rate between calls', async () => {
    const { clock, limits } = await setUp()
    await limits.told(STRIPE, {})
    await clock.pass(1_500)
    await limits.told(STRIPE, {})
    const out: number[] = []

    const taking = Array.from({ length: 6 }, () => limits.take(STRIPE, TEN).then(() => out.push(clock.monotonic())))
    await clock.pass(5_000)
    await Promise.all(taking)

    expect(out.map((ms, at) => ms - (out[at - 1] ?? 2_500))).toEqual([0, 200, 200, 200, 200, 200])
  })

  it('stops this process also when the store cannot be written', async () => {
    const { clock, limits, commits } = await setUp()
    await limits.take(STRIPE, TEN)
    commits.mockRejectedValueOnce(new Error('disk full'))

    await limits.told(STRIPE, { retryAfterMs: 2_000 })
    const late = limits.take(STRIPE, TEN).then(() => clock.monotonic())
    await clock.pass(3_000)

    expect(await late).toBe(2_000)
  })
})

describe('a store', () => {
  it('that cannot be written lets nothing out, and the next one may go', async () => {
    const { limits, commits } = await setUp()
    commits.mockRejectedValueOnce(new Error('disk full'))

    await expect(limits.take(STRIPE, TEN)).rejects.toThrow('disk full')

    await expect(limits.take(STRIPE, TEN)).resolves.toBeUndefined()
  })

  it('that is a cluster of single keys keeps the same limit', async () => {
    const store = await openPrefixStore()
    const clock = steppedClock(busyWith(store))
    const all = await Promise.all([open(store, clock), open(store, clock)])
    const out: number[] = []

    const taking = all.flatMap((limits) =>
      Array.from({ length: 10 }, () => limits.take(STRIPE, TEN).then(() => out.push(clock.monotonic()))),
    )
    await clock.pass(10_000)
    await Promise.all(taking)

    expectWithin(TEN, out)
    expect(out).toHaveLength(20)
  })
})

it('a process that slept past its turn asks again', async () => {
  const { clock, limits, store } = await setUp()
  await limits.take(STRIPE, { rps: 10, burst: 1 })
  const late = limits.take(STRIPE, { rps: 10, burst: 1 })
  await clock.settled()
  const before = (await recordOf(store))?.paidAtMs ?? 0

  // The whole process stood still: its timer comes when all is over.
  const sleepThrough = vi.spyOn(clock, 'monotonic').mockReturnValue(60_000)
  clock.jump(60_000)
  await clock.pass(100)
  sleepThrough.mockRestore()
  await clock.settled()

  await expect(late).resolves.toBeUndefined()
  expect((await recordOf(store))?.paidAtMs).toBeGreaterThan(before + 50_000)
})

it('keeps to its rate on the real clock', async () => {
  const limits = await openRateLimits({ store: await openMemoryStore(), clock: systemClock })
  opened.push(limits)
  const startedAt = performance.now()

  for (let at = 0; at < 6; at++) await limits.take(STRIPE, { rps: 200, burst: 2 })

  // Four of them had to wait, 5 ms each; timers may ring a moment early.
  expect(performance.now() - startedAt).toBeGreaterThan(15)
})
