import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type BurnNews,
  openSlo,
  SLO_DEFAULTS,
  type Slo,
  type SloCall,
  type SloOptions,
  type SloReport,
  type SloWindowName,
} from '../../../src/governor/index.ts'
import type { SloBucket } from '../../../src/governor/slo-buckets.ts'
import type { LastingSlo, RecentSlo } from '../../../src/governor/slo-record.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { openPrefixStore } from './prefix-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const OK: SloCall = { ok: true, available: true, latencyMs: 100 }
const REFUSED: SloCall = { ok: false, available: true, latencyMs: 50 }
const DOWN: SloCall = { ok: false, available: false, latencyMs: 900 }

const opened: Slo[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const slo of opened.splice(0)) await slo.close()
})

async function setUp(store?: Store, options: Partial<SloOptions> = {}) {
  const kept = store ?? (await openMemoryStore())
  const clock = options.clock ? (options.clock as ReturnType<typeof heldClock>) : heldClock()
  const news: BurnNews[] = []
  const slo = openSlo({ store: kept, clock, onBurn: (some) => news.push(some), ...options })
  opened.push(slo)
  const record = (call: SloCall, times = 1) => {
    for (let at = 0; at < times; at++) slo.record('instance', 'stripe', call)
  }
  return { store: kept, clock, slo, news, record }
}

const report = (slo: Slo) => slo.report('instance', 'stripe')
const windowOf = (from: SloReport, name: SloWindowName) => from.windows.find(({ window }) => window === name)
const callsOf = ({ windows }: SloReport) => Object.fromEntries(windows.map(({ window, calls }) => [window, calls]))
const heard = (news: BurnNews[]) =>
  news.map(({ state, alert: { objective, severity, long } }) => `${state} ${objective} ${severity} ${long}`)

describe('the windows of a name', () => {
  it('say nothing before anything was called', async () => {
    const { slo } = await setUp()

    const { windows, burning, targets } = await report(slo)

    expect(windows.map(({ window }) => window)).toEqual(['5m', '1h', '24h', '28d'])
    expect(windows[0]).toEqual({
      window: '5m',
      calls: 0,
      successRate: null,
      availability: null,
      p50LatencyMs: null,
      p95LatencyMs: null,
      p99LatencyMs: null,
      budgetLeft: null,
    })
    expect(burning).toEqual([])
    expect(targets).toEqual(SLO_DEFAULTS)
  })

  it('count success, availability and latency', async () => {
    const { slo, record } = await setUp()
    for (let at = 1; at <= 96; at++) record({ ok: true, available: true, latencyMs: at })
    record(REFUSED, 3)
    record(DOWN)

    const seen = windowOf(await report(slo), '5m')

    expect(seen).toMatchObject({ calls: 100, successRate: 0.96, availability: 0.99 })
    expect(seen?.p50LatencyMs).toBeCloseTo(50, 0)
    expect(seen?.p99LatencyMs).toBeCloseTo(96, 0)
    expect(seen?.budgetLeft).toBeCloseTo(0)
  })

  it('tell calls of a module apart that take a hundredth of a millisecond', async () => {
    const { slo } = await setUp()
    for (let at = 0; at < 10; at++) slo.record('module', 'echo', { ok: true, available: true, latencyMs: 0.06 })

    expect(windowOf(await slo.report('module', 'echo'), '1h')?.p99LatencyMs).toBe(0.06)
  })

  it('hold each call until it is older than they are, and 28 days at most', async () => {
    const { slo, clock, record } = await setUp()
    const seen: Record<string, number>[] = []
    record(OK, 3)

    for (const ms of [0, 7 * MINUTE, HOUR, 24 * HOUR, 26 * DAY, 3 * DAY]) {
      clock.pass(ms)
      await slo.flush()
      seen.push(callsOf(await report(slo)))
    }

    expect(seen).toEqual([
      { '5m': 3, '1h': 3, '24h': 3, '28d': 3 },
      { '5m': 0, '1h': 3, '24h': 3, '28d': 3 },
      { '5m': 0, '1h': 0, '24h': 3, '28d': 3 },
      { '5m': 0, '1h': 0, '24h': 0, '28d': 3 },
      { '5m': 0, '1h': 0, '24h': 0, '28d': 3 },
      { '5m': 0, '1h': 0, '24h': 0, '28d': 0 },
    ])
  })

  it('lose no call when fine buckets become coarse ones', async () => {
    const { slo, clock, record, store } = await setUp()
    let calls = 0
    for (let hour = 0; hour < 5 * 24; hour++) {
      for (let at = 0; at < 3; at++) {
        clock.pass(20 * MINUTE)
        record(at === 0 ? REFUSED : OK, 2)
        calls += 2
      }
      await slo.flush()
    }

    const seen = windowOf(await report(slo), '28d')
    const recent = (await store.get<RecentSlo>('slo/instance/stripe'))?.value
    const lasting = (await store.get<LastingSlo>('slo-lasting/instance/stripe'))?.value

    expect(seen).toMatchObject({ calls, successRate: expect.closeTo(2 / 3), availability: 1 })
    expect(seen?.p50LatencyMs).toBeCloseTo(100, 0)
    expect(recent?.buckets.length).toBeLessThan(40)
    expect(lasting?.buckets.length).toBeLessThan(110)
  })

  it('keep three digits of each latency, whether few or many were counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.01, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 250 }),
        async (latencies) => {
          const { slo } = await setUp(undefined, { flushEvery: 40 })
          for (const latencyMs of latencies) slo.record('instance', 'stripe', { ok: true, available: true, latencyMs })
          await slo.flush()
          const exact = latencies.toSorted((a, b) => a - b)[Math.ceil(latencies.length * 0.95) - 1] ?? 0

          const p95 = windowOf(await report(slo), '5m')?.p95LatencyMs ?? 0

          expect(Math.abs(p95 - exact)).toBeLessThanOrEqual(exact / 1_000 + 0.02)
        },
      ),
      { numRuns: 15 },
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e12, -5])('count a latency of %s', async (latencyMs) => {
    const { slo, record } = await setUp()
    record({ ok: true, available: true, latencyMs })

    expect(windowOf(await report(slo), '5m')).toMatchObject({
      calls: 1,
      p99LatencyMs: latencyMs < 0 ? 0 : expect.closeTo(3_600_000, -4),
    })
  })
})

describe('what is kept', () => {
  it('is compact: tens of thousands of calls take some kilobytes', async () => {
    const { slo, clock, store } = await setUp(undefined, { flushEvery: 100_000 })
    for (let at = 0; at < 8 * 12; at++) {
      clock.pass(5 * MINUTE)
      for (let call = 0; call < 350; call++) {
        slo.record('instance', 'stripe', { ok: true, available: true, latencyMs: 80 + ((call * 7_919) % 300) })
      }
      await slo.flush()
    }

    const size = async (key: string) => JSON.stringify((await store.get(key))?.value).length

    expect(await size('slo/instance/stripe')).toBeLessThan(30_000)
    expect(await size('slo-lasting/instance/stripe')).toBeLessThan(20_000)
    expect(callsOf(await report(slo))['24h']).toBe(350 * 8 * 12)
  })

  it('changes seldom where it is of long ago', async () => {
    const { slo, clock, record, store } = await setUp()
    for (let at = 0; at < 4 * 60; at++) {
      clock.pass(MINUTE)
      record(OK)
      await slo.flush()
    }
    const commit = vi.spyOn(store, 'commit')

    for (let at = 0; at < 60; at++) {
      clock.pass(MINUTE)
      record(OK)
      await slo.flush()
    }

    const withLasting = commit.mock.calls.filter(([writes]) => writes.length === 2)
    expect(commit.mock.calls).toHaveLength(60)
    expect(withLasting).toHaveLength(1)
  })

  it('is one of all processes', async () => {
    const store = await openMemoryStore()
    const clock = heldClock()
    const all = await Promise.all([setUp(store, { clock }), setUp(store, { clock }), setUp(store, { clock })])

    for (const { record } of all) record(OK, 20)
    await Promise.all(all.map(({ slo }) => slo.flush()))

    for (const { slo } of all) expect(callsOf(await report(slo))['5m']).toBe(60)
    expect(await all[0].slo.names()).toEqual([{ kind: 'instance', name: 'stripe' }])
  })

  it('is written by and by, and at the end', async () => {
    const { slo, store, record } = await setUp()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    record(OK)
    const before = await store.get('slo/instance/stripe')
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    await expect.poll(() => store.get('slo/instance/stripe')).toBeDefined()
    record(OK)
    await slo.close()

    const after = await setUp(store)

    expect(before).toBeUndefined()
    expect(callsOf(await report(after.slo))['5m']).toBe(2)
  })

  it('is written at once when it is much', async () => {
    const { store, record } = await setUp(undefined, { flushEvery: 10 })

    record(OK, 10)

    await expect.poll(() => store.get('slo/instance/stripe')).toBeDefined()
  })

  it('loses nothing to a store that fails for a while', async () => {
    const { slo, store, record } = await setUp()
    vi.spyOn(store, 'commit').mockRejectedValueOnce(new Error('disk full'))
    record(OK, 3)

    await slo.flush()
    record(OK, 2)
    const meanwhile = callsOf(await report(slo))['5m']
    await slo.flush()

    expect(meanwhile).toBe(5)
    expect(callsOf(await report(slo))['5m']).toBe(5)
    expect((await store.get<RecentSlo>('slo/instance/stripe'))?.value.buckets[0]?.calls).toBe(5)
  })

  it('counts nothing twice when a process dies between its two writes', async () => {
    const store = await openPrefixStore()
    const { slo, clock, record } = await setUp(store)
    record(OK, 4)
    await slo.flush()
    clock.pass(3 * HOUR)
    record(OK)
    store.dieAfter(1)
    await slo.flush()
    const halfway = await store.get('slo-lasting/instance/stripe')
    store.dieAfter(undefined)

    const heir = await setUp(store, { clock })
    const seen = callsOf(await report(heir.slo))

    expect(halfway).toBeDefined()
    expect(seen).toMatchObject({ '24h': 4, '5m': 0 })
  })

  it('is forgotten after 29 days without a call', async () => {
    const { slo, clock, store, record } = await setUp()
    record(OK)
    await slo.flush()
    clock.pass(5 * HOUR)
    slo.record('module', 'echo', OK)
    record(OK)
    await slo.flush()

    clock.pass(20 * DAY)
    const early = await slo.sweep()
    clock.pass(12 * DAY)
    const late = await slo.sweep()

    expect(early).toBe(0)
    expect(late).toBe(2)
    expect([...(await store.range('slo/')), ...(await store.range('slo-lasting/'))]).toEqual([])
  })

  it.each([-2 * DAY, -90 * DAY, 90 * DAY])('outlives a clock that jumps by %i ms', async (jump) => {
    const { slo, clock, record, store } = await setUp()
    record(OK, 3)
    clock.pass(5 * HOUR)
    record(OK, 3)
    await slo.flush()

    clock.pass(jump)
    record(OK, 2)
    await slo.flush()
    const seen = callsOf(await report(slo))
    const starts = (await store.get<RecentSlo>('slo/instance/stripe'))?.value.buckets.map(
      ({ startMs }: SloBucket) => startMs <= clock.now() + DAY,
    )

    expect(seen).toMatchObject({ '5m': 2 })
    expect(starts).not.toContain(false)
  })
})

describe('a burn alarm', () => {
  it('is told once when all fails, and once when it is over', async () => {
    const { slo, clock, news, record } = await setUp()
    record(OK, 100)
    await slo.flush()
    for (let minute = 0; minute < 10; minute++) {
      clock.pass(MINUTE)
      record(REFUSED, 60)
      await slo.flush()
    }
    const during = heard(news)
    const standing = (await report(slo)).burning.map(({ objective, since }) => [objective, since])
    for (let minute = 0; minute < 60; minute++) {
      clock.pass(MINUTE)
      record(OK, 60)
      await slo.flush()
    }

    expect(during).toEqual(['began successRate page 6h'])
    expect(standing).toEqual([['successRate', expect.stringMatching(/^2026-06-15T12:0/)]])
    // What is left of it is a ticket: the budget of three days is gone all the same.
    expect(heard(news)).toEqual([
      'began successRate page 6h',
      'ended successRate page 6h',
      'began successRate ticket 3d',
    ])
  })

  it('tells of a slow burn by a ticket, and by a page where it is faster', async () => {
    const { slo, clock, news } = await setUp()
    for (let minute = 0; minute < 12 * 6; minute++) {
      clock.pass(5 * MINUTE)
      for (let call = 0; call < 100; call++) {
        slo.record('instance', 'slow', call < 8 ? REFUSED : OK)
        slo.record('instance', 'faster', call < 40 ? REFUSED : OK)
      }
      await slo.flush()
    }

    const of = (name: string) => heard(news.filter((some) => some.name === name))
    expect(of('slow')).toEqual(['began successRate ticket 3d'])
    expect(of('faster')).toEqual(['began successRate page 6h'])
  })

  it('is of availability too', async () => {
    const { slo, news, record } = await setUp()

    record(DOWN, 20)
    await slo.flush()

    expect(heard(news)).toEqual(['began successRate page 1h', 'began availability page 1h'])
    expect(news[1]?.alert).toMatchObject({
      factor: 14.4,
      longRate: expect.closeTo(100),
      shortRate: expect.closeTo(100),
    })
  })

  it('is not told for a few calls', async () => {
    const { slo, news, record } = await setUp()

    record(DOWN, 9)
    await slo.flush()

    expect(news).toEqual([])
  })

  it('is not told for what the budget allows', async () => {
    const { slo, clock, news, record } = await setUp()

    for (let hour = 0; hour < 30; hour++) {
      clock.pass(HOUR)
      record(OK, 96)
      record(REFUSED, 4)
      await slo.flush()
    }

    expect(news).toEqual([])
  })

  it('goes off also where the target lets so much fail that the rate is never reached', async () => {
    const targets = { ...SLO_DEFAULTS, successRate: 0.5 }
    const { slo, news, record } = await setUp(undefined, { targetsOf: () => targets })

    record(REFUSED, 20)
    await slo.flush()

    expect(heard(news)).toEqual(['began successRate page 1h'])
  })

  it('keeps to the targets of each name; one that may never fail pages at the first failures', async () => {
    const strict = { ...SLO_DEFAULTS, successRate: 1 }
    const { slo, news } = await setUp(undefined, { targetsOf: ({ name }) => (name === 'strict' ? strict : undefined) })

    for (const name of ['strict', 'usual']) {
      for (let at = 0; at < 100; at++) slo.record('module', name, at === 0 ? REFUSED : OK)
    }
    await slo.flush()

    expect(news.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['module strict'])
    expect((await slo.report('module', 'strict')).targets).toEqual(strict)
  })

  it('does not end in silence, but when the long window has forgotten', async () => {
    const { slo, clock, news, record } = await setUp()
    record(REFUSED, 20)
    await slo.flush()

    clock.pass(30 * MINUTE)
    await slo.flush()
    const inSilence = heard(news)
    clock.pass(45 * MINUTE)
    await slo.flush()

    expect(inSilence).toEqual(['began successRate page 1h'])
    expect(heard(news).slice(1)).toContain('ended successRate page 1h')
  })

  it('is told by one of several processes, and survives the one that told it', async () => {
    const store = await openMemoryStore()
    const clock = heldClock()
    const [first, second] = [await setUp(store, { clock }), await setUp(store, { clock })]
    first.record(REFUSED, 20)
    second.record(REFUSED, 20)
    await Promise.all([first.slo.flush(), second.slo.flush()])
    await first.slo.close()

    clock.pass(5 * DAY)
    const third = await setUp(store, { clock })
    await third.slo.sweep()

    expect([...heard(first.news), ...heard(second.news)].filter((text) => text.startsWith('began'))).toEqual([
      'began successRate page 1h',
    ])
    expect(heard(third.news)).toEqual(['ended successRate page 1h'])
  })

  it('whose listener fails costs no call', async () => {
    const { slo, record } = await setUp(undefined, {
      onBurn: () => {
        throw new Error('no one listens')
      },
    })
    record(REFUSED, 20)

    await slo.flush()

    expect(callsOf(await report(slo))['5m']).toBe(20)
  })

  it('is looked at again when nothing is called any more', async () => {
    const { slo, clock, news, record } = await setUp()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    record(REFUSED, 20)
    await slo.flush()

    clock.pass(80 * MINUTE)
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()

    await expect.poll(() => heard(news)).toContain('ended successRate page 1h')
  })
})
