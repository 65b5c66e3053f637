import { afterEach, describe, expect, it, vi } from 'vitest'
import { openReputations, type Reputations, type ReputationsOptions } from '../../../src/governor/index.ts'
import type { RunsRecord } from '../../../src/governor/reputations.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { openPrefixStore } from './prefix-store.ts'

const KEY = 'outcomes/instance/stripe'
const OK = { ok: true, latencyMs: 100 }

const opened: Reputations[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const reputations of opened.splice(0)) await reputations.close()
})

async function setUp(store: Store, options: Partial<ReputationsOptions> = {}) {
  const clock = heldClock()
  const reputations = await openReputations({ store, clock, ...options })
  opened.push(reputations)
  return { clock, reputations }
}

const kept = async (store: Store) => (await store.get<RunsRecord>(KEY))?.value.runs.length

describe.each([
  ['an atomic engine', () => openMemoryStore()],
  ['an engine that applies a prefix', () => openPrefixStore()],
])('reputations on %s', (_name, open) => {
  it('know a run at once and write it with others', async () => {
    const store = await open()
    const { reputations } = await setUp(store, { flushEvery: 4 })

    for (let at = 0; at < 3; at++) reputations.record('instance', 'stripe', OK)
    const before = { known: reputations.of('instance', 'stripe').runs, kept: await kept(store) }
    reputations.record('instance', 'stripe', OK)
    await reputations.flush()

    expect(before).toEqual({ known: 3, kept: undefined })
    expect(reputations.of('instance', 'stripe').runs).toBe(4)
    expect(await kept(store)).toBe(4)
  })

  it('keep the last thousand runs and no more', async () => {
    const store = await open()
    const { reputations } = await setUp(store)

    for (let at = 0; at < 1_200; at++) reputations.record('instance', 'stripe', { ok: at >= 200, latencyMs: 10 })
    await reputations.flush()

    expect(reputations.of('instance', 'stripe')).toMatchObject({ score: 1, runs: 1_000, successRate: 1, p99Ms: 10 })
    expect(await kept(store)).toBe(1_000)
  })

  it('gather the runs of several processes in one record', async () => {
    const store = await open()
    const all = await Promise.all([setUp(store), setUp(store), setUp(store)])

    for (const { reputations } of all) for (let at = 0; at < 20; at++) reputations.record('instance', 'stripe', OK)
    await Promise.all(all.map(({ reputations }) => reputations.flush()))

    expect(await kept(store)).toBe(60)
    for (const { reputations } of all) await expect.poll(() => reputations.of('instance', 'stripe').runs).toBe(60)
  })

  it('write what is left at the close, and are there again afterwards', async () => {
    const store = await open()
    const first = await setUp(store)
    for (let at = 0; at < 12; at++) first.reputations.record('swarm', 'desk', { ok: at % 2 === 0, latencyMs: 1_000 })

    await first.reputations.close()
    const { reputations } = await setUp(store)

    expect(reputations.of('swarm', 'desk')).toMatchObject({
      score: expect.closeTo(0.25, 12),
      runs: 12,
      successRate: 0.5,
      p99Ms: 1_000,
    })
  })
})

it('a run is written after five seconds at the latest', async () => {
  const store = await openMemoryStore()
  const { reputations } = await setUp(store)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

  reputations.record('instance', 'stripe', OK)
  await vi.advanceTimersByTimeAsync(5_000)

  vi.useRealTimers()
  await expect.poll(() => kept(store)).toBe(1)
})

it('a store that fails loses no run', async () => {
  const store = await openMemoryStore()
  const failing = vi.spyOn(store, 'commit').mockRejectedValueOnce(new Error('disk full'))
  const { reputations } = await setUp(store)

  reputations.record('instance', 'stripe', OK)
  await reputations.flush()
  const meanwhile = reputations.of('instance', 'stripe').runs
  await reputations.flush()

  expect(failing).toHaveBeenCalledTimes(2)
  expect(meanwhile).toBe(1)
  expect(await kept(store)).toBe(1)
})

it('idleness counts from the last run, day by day', async () => {
  const { reputations, clock } = await setUp(await openMemoryStore())
  for (let at = 0; at < 10; at++) reputations.record('instance', 'stripe', OK)

  const fresh = reputations.of('instance', 'stripe').score
  clock.pass(3 * 86_400_000)

  expect(fresh).toBe(1)
  expect(reputations.of('instance', 'stripe').score).toBeCloseTo(0.97, 12)
  expect(reputations.of('instance', 'stripe')).toBe(reputations.of('instance', 'stripe'))
})

it('a module is held to what its contract promises, also when that is changed', async () => {
  let p99Ms = 50
  const { reputations } = await setUp(await openMemoryStore(), {
    targetsOf: (kind) => (kind === 'module' ? { p99Ms } : undefined),
  })
  for (const kind of ['module', 'instance'] as const) {
    for (let at = 0; at < 10; at++) reputations.record(kind, 'mail', OK)
  }

  const strict = reputations.of('module', 'mail')
  p99Ms = 100
  const eased = reputations.of('module', 'mail')

  expect(strict).toMatchObject({ score: 0.8, reasons: [{ what: 'slowness' }] })
  expect(eased).toMatchObject({ score: 1, reasons: [] })
  expect(reputations.of('instance', 'mail').score).toBe(1)
})

it('the names that runs are kept of are those of all processes, written or not', async () => {
  const store = await openMemoryStore()
  const [first, second] = [await setUp(store), await setUp(store)]
  first.reputations.record('instance', 'stripe', OK)
  await first.reputations.flush()
  await expect.poll(() => second.reputations.of('instance', 'stripe').runs).toBe(1)

  second.reputations.record('instance', 'stripe', OK)
  second.reputations.record('module', 'mail', OK)

  expect(second.reputations.names()).toEqual([
    { kind: 'instance', name: 'stripe' },
    { kind: 'module', name: 'mail' },
  ])
})
