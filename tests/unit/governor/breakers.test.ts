import { afterEach, describe, expect, it, vi } from 'vitest'
import { type BreakerChange, type Breakers, openBreakers } from '../../../src/governor/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { HELD_AT, heldClock } from '../../support/held-clock.ts'
import { entriesIn, openLoggedStore } from './logged-store.ts'
import { openPrefixStore } from './prefix-store.ts'

const ANA = { actor: 'if://person/ana', session: 's1', why: 'the provider is back' }

const opened: Breakers[] = []
afterEach(() => {
  for (const breakers of opened.splice(0)) breakers.close()
})

async function setUp(open: () => Promise<Store> = openLoggedStore) {
  const store = await open()
  const clock = heldClock()
  const changes: BreakerChange[] = []
  const start = async () => {
    const breakers = await openBreakers({ store, clock, onChange: (change) => changes.push(change) })
    opened.push(breakers)
    return breakers
  }
  return { store, clock, changes, start, breakers: await start() }
}

async function fail(breakers: Breakers, times: number, name = 'stripe', kind: 'instance' | 'swarm' = 'instance') {
  for (let at = 0; at < times; at++) {
    const admission = await breakers.admit(kind, name)
    await admission.ended('fault', 'stripe answered 503')
  }
}

describe.each([
  ['an atomic engine', openLoggedStore],
  ['an engine that applies a prefix', () => openPrefixStore()],
])('a breaker of an instance on %s', (_name, open) => {
  it('stays closed for four failures and opens at the fifth in a row', async () => {
    const { breakers } = await setUp(open)

    await fail(breakers, 4)
    const before = breakers.state('instance', 'stripe')
    await fail(breakers, 1)

    expect(before).toBe('closed')
    expect(breakers.state('instance', 'stripe')).toBe('open')
    await expect(breakers.admit('instance', 'stripe')).rejects.toMatchObject({
      code: 'IF_ERR_BREAKER_OPEN',
      retryable: true,
      message: 'the breaker of instance stripe is open: 5 failures in a row (stripe answered 503)',
      hint: 'It is tried again, by one call first, from 2026-06-15T12:01:00.000Z on.',
      next: 'ifab governor reset-breaker instance stripe --why "…"',
      details: { retryAt: '2026-06-15T12:01:00.000Z', failures: 5 },
    })
    expect(() => breakers.check('instance', 'stripe')).toThrow(expect.objectContaining({ code: 'IF_ERR_BREAKER_OPEN' }))
    expect(breakers.state('instance', 'slack')).toBe('closed')
  })

  it('counts anew after a success', async () => {
    const { breakers } = await setUp(open)

    await fail(breakers, 4)
    await (await breakers.admit('instance', 'stripe')).ended('ok')
    await fail(breakers, 4)

    expect(breakers.state('instance', 'stripe')).toBe('closed')
  })

  it('writes nothing for successes, and nothing for what tells nothing', async () => {
    const { breakers, store } = await setUp(open)
    const commit = vi.spyOn(store, 'commit')

    for (let at = 0; at < 20; at++) await (await breakers.admit('instance', 'stripe')).ended(at % 2 ? 'ok' : 'none')

    expect(commit).not.toHaveBeenCalled()
  })

  it('lets one probe out when the time is over, and closes with its success', async () => {
    const { breakers, clock } = await setUp(open)
    await fail(breakers, 5)

    clock.pass(59_999)
    await expect(breakers.admit('instance', 'stripe')).rejects.toMatchObject({ code: 'IF_ERR_BREAKER_OPEN' })
    clock.pass(1)
    const due = breakers.state('instance', 'stripe')
    const probe = await breakers.admit('instance', 'stripe')
    const second = breakers.admit('instance', 'stripe')

    expect(due).toBe('half-open')
    expect(probe.probe).toBe(true)
    await expect(second).rejects.toMatchObject({ hint: 'One call is out to see whether it works again.' })
    await probe.ended('ok')
    expect(breakers.list()).toEqual([])
    expect((await breakers.admit('instance', 'stripe')).probe).toBe(false)
  })

  it('lets exactly one of many who ask at once be the probe, in several processes', async () => {
    const { breakers, clock, start } = await setUp(open)
    const others = await Promise.all([start(), start(), start()])
    await fail(breakers, 5)
    clock.pass(60_000)

    const asked = await Promise.allSettled(
      [breakers, ...others].flatMap((each) => Array.from({ length: 10 }, () => each.admit('instance', 'stripe'))),
    )

    const admitted = asked.filter((one) => one.status === 'fulfilled')
    expect(admitted).toMatchObject([{ value: { probe: true } }])
  })

  it('stays open for as long again when the probe fails', async () => {
    const { breakers, clock } = await setUp(open)
    await fail(breakers, 5)
    clock.pass(60_000)

    await (await breakers.admit('instance', 'stripe')).ended('fault', 'stripe timed out')

    await expect(breakers.admit('instance', 'stripe')).rejects.toMatchObject({
      message: expect.stringContaining('6 failures in a row (stripe timed out)'),
      details: { retryAt: '2026-06-15T12:02:00.000Z' },
    })
  })

  it('lets the next one be the probe when a probe came to nothing', async () => {
    const { breakers, clock } = await setUp(open)
    await fail(breakers, 5)
    clock.pass(60_000)

    await (await breakers.admit('instance', 'stripe')).ended('none')

    expect((await breakers.admit('instance', 'stripe')).probe).toBe(true)
  })

  it('lets another probe out when the first one never said how it went, and hears the first no more', async () => {
    const { breakers, clock } = await setUp(open)
    await fail(breakers, 5)
    clock.pass(60_000)
    const lost = await breakers.admit('instance', 'stripe', { forMs: 5_000 })

    clock.pass(5_000)
    const second = await breakers.admit('instance', 'stripe', { forMs: 5_000 })
    await lost.ended('ok')

    expect(second.probe).toBe(true)
    expect(breakers.state('instance', 'stripe')).toBe('half-open')
    await expect(breakers.admit('instance', 'stripe')).rejects.toMatchObject({ code: 'IF_ERR_BREAKER_OPEN' })
  })

  it('is not moved by late answers of calls that began before it opened', async () => {
    const { breakers, clock } = await setUp(open)
    const early = await Promise.all([1, 2].map(() => breakers.admit('instance', 'stripe')))
    await fail(breakers, 5)
    clock.pass(60_000)
    await breakers.admit('instance', 'stripe')

    await early[0]?.ended('ok')
    await early[1]?.ended('fault')

    expect(breakers.list()).toMatchObject([{ state: 'half-open', failures: 5 }])
  })

  it('counts each of many failures that come at once, and opens once', async () => {
    const { breakers, changes } = await setUp(open)
    const calls = await Promise.all(Array.from({ length: 40 }, () => breakers.admit('instance', 'stripe')))

    await Promise.all(calls.map((call) => call.ended('fault')))

    expect(breakers.list()).toMatchObject([{ state: 'open', failures: 5 }])
    expect(changes).toMatchObject([{ before: 'closed', after: 'open', name: 'stripe' }])
  })

  it('opened by one process is open in all, those that start later too', async () => {
    const { breakers, start } = await setUp(open)
    const other = await start()

    await fail(breakers, 5)

    await expect.poll(() => other.state('instance', 'stripe')).toBe('open')
    expect((await start()).state('instance', 'stripe')).toBe('open')
  })
})

describe('a breaker of a swarm', () => {
  it('opens after the failures of the policy, and stays open however long', async () => {
    const { breakers, clock } = await setUp()

    await fail(breakers, 3, 'desk', 'swarm')
    clock.pass(365 * 86_400_000)

    await expect(breakers.admit('swarm', 'desk')).rejects.toMatchObject({
      code: 'IF_ERR_BREAKER_OPEN',
      retryable: false,
      hint: 'Only a person closes it, who says why.',
      details: { retryAt: null },
    })
  })

  it('opens when its budget is used up, and is reset only with a new one', async () => {
    const { breakers, store } = await setUp()
    await breakers.exhausted('desk', '20 USD of 20 USD')
    await breakers.exhausted('desk', 'again')

    expect(() => breakers.check('swarm', 'desk')).toThrow(
      'the breaker of swarm desk is open: its budget is used up (20 USD of 20 USD)',
    )
    await expect(breakers.reset('swarm', 'desk', ANA)).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      next: expect.stringContaining('--budget'),
    })
    const profile = { key: 'swarm-profile/desk', value: { budget: 5 }, expect: 'absent' as const }
    await breakers.reset('swarm', 'desk', { ...ANA, newBudgetMicroUsd: 5_000_000, writes: [profile] })

    expect(breakers.state('swarm', 'desk')).toBe('closed')
    expect((await store.get('swarm-profile/desk'))?.value).toEqual({ budget: 5 })
    expect(await entriesIn(store)).toMatchObject([{ kind: 'breaker.reset', actor: 'if://person/ana', why: ANA.why }])
  })
})

describe('a reset', () => {
  it('closes the breaker at once and is on record with who and why', async () => {
    const { breakers, store, start } = await setUp()
    const other = await start()
    await fail(breakers, 5)

    await breakers.reset('instance', 'stripe', ANA)

    expect((await breakers.admit('instance', 'stripe')).probe).toBe(false)
    await expect.poll(() => other.state('instance', 'stripe')).toBe('closed')
    expect(await entriesIn(store)).toEqual([
      {
        kind: 'breaker.reset',
        at: new Date(HELD_AT).toISOString(),
        ...ANA,
        detail: { kind: 'instance', name: 'stripe', state: 'open', failures: 5 },
      },
    ])
  })

  it.each([
    ['an agent', { actor: 'if://agent/refunds' }, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['nobody in particular', { actor: 'ana' }, 'IF_ERR_INVALID_INPUT'],
    ['somebody without a reason', { why: ' ' }, 'IF_ERR_INVALID_INPUT'],
    ['somebody with a budget below nothing', { newBudgetMicroUsd: -1 }, 'IF_ERR_INVALID_INPUT'],
    ['somebody with a budget that is no number', { newBudgetMicroUsd: Number.NaN }, 'IF_ERR_INVALID_INPUT'],
  ])('by %s is refused', async (_who, change, code) => {
    const { breakers, store } = await setUp()
    await fail(breakers, 5)

    await expect(breakers.reset('instance', 'stripe', { ...ANA, ...change })).rejects.toMatchObject({ code })
    expect(breakers.state('instance', 'stripe')).toBe('open')
    expect(await entriesIn(store)).toEqual([])
  })

  it('of a breaker that counts nothing is refused', async () => {
    const { breakers } = await setUp()

    await expect(breakers.reset('instance', 'stripe', ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

it('a call is not failed by a store that cannot keep how it went', async () => {
  const { breakers, store } = await setUp()
  const admission = await breakers.admit('instance', 'stripe')
  vi.spyOn(store, 'commit').mockRejectedValue(new Error('disk full'))

  await expect(admission.ended('fault')).resolves.toBeUndefined()
})
